/* Whether all that was recorded is still there, as it was. */
#ifndef QB_CHECK_H
#define QB_CHECK_H

#include "base/buf.h"
#include "base/err.h"

struct check_fault {
	char *where; /* "CAMPAIGN", "CAMPAIGN/TRIAL", "CAMPAIGN/TRIAL/FILE", or the database's name */
	char *what;
};

struct check {
	unsigned campaigns, trials, files;
	int64_t bytes;	/* of the files, which were all read */
	unsigned taken; /* trials that had no rows, and have now */
	struct check_fault *v;
	size_t n, cap;
};
#define CHECK_INIT                                                                                           \
	{                                                                                                    \
		.campaigns = 0                                                                               \
	}

/*
 * Takes in what is new in the folders; then looks at the database (SQLite's own check, and that no row refers to one that
 * is not there) and at each file of each campaign: that it is there with the hash that was recorded, and that the rows
 * say what it says. `only`: one campaign; NULL: all. Changes nothing else. -1: ERR_USAGE, there is no such campaign;
 * ERR_HOST, the database cannot be used.
 */
int check_store(const char *results, const char *only, struct check *check, struct err *err);

void check_release(struct check *check);
AUTO_DEFINE(check, struct check, check_release);

#endif
