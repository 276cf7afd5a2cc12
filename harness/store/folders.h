/* What stands on the disk: the folders of a campaign's trials, and the files in them. */
#ifndef QB_FOLDERS_H
#define QB_FOLDERS_H

#include "base/buf.h"
#include "base/err.h"

struct trial_folder {
	unsigned number;
	char *name; /* "00012-6.12" */
};

struct trial_folders {
	struct trial_folder *v;
	size_t n, cap;
};
#define TRIAL_FOLDERS_INIT                                                                                   \
	{                                                                                                    \
		NULL, 0, 0                                                                                   \
	}

/* Appends the folders of a campaign's trials in the order of their numbers, those of killed trials too, and of one
 * number (a copy that somebody made) in that of their names. */
int folders_list(const char *campaign, struct trial_folders *folders, struct err *err);

void folders_release(struct trial_folders *folders);
AUTO_DEFINE(trial_folders, struct trial_folders, folders_release);

/* The files that a trial leaves: the record first. */
#define EVIDENCE_FILES 5
extern const char *const evidence_files[EVIDENCE_FILES];

/* By what a change of a file is noticed without reading it. */
struct stamp {
	int64_t bytes, changed; /* nanoseconds */
};

/* False: there is no such file. */
bool stamp_of(const char *path, struct stamp *stamp);

static inline bool stamp_equal(const struct stamp *a, const struct stamp *b)
{
	return a->bytes == b->bytes && a->changed == b->changed;
}

#endif
