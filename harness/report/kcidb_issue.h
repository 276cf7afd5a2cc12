/* Which issue of KCIDB a trial showed. Pure. */
#ifndef QB_KCIDB_ISSUE_H
#define QB_KCIDB_ISSUE_H

#include "store/record.h"

/* Of an issue as we describe it: to be raised when the same id is described in another way. */
#define KCIDB_ISSUE_VERSION 1

struct kcidb_issue {
	char *id;    /* "origin:signature/<hash of class and title>" */
	char *title; /* the record's, with "N" for each number that stands alone: "fsync gave EIO in N of N
			iterations" is one signature, however many there were */
};
#define KCIDB_ISSUE_INIT                                                                                     \
	{                                                                                                    \
		NULL, NULL                                                                                   \
	}

/* True, with *issue filled, when the trial showed a signature: the target, or a crash or error of the console.
 * A hang, another kernel than wanted, a failed build and the like are none, nor is what a good trial noted. */
bool kcidb_issue_of(const struct record *record, const char *origin, struct kcidb_issue *issue);

void kcidb_issue_release(struct kcidb_issue *issue);
AUTO_DEFINE(kcidb_issue, struct kcidb_issue, kcidb_issue_release);

#endif
