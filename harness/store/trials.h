/* Trials and what they share as rows (store/schema.c). For store/ alone. */
#ifndef QB_TRIALS_H
#define QB_TRIALS_H

#include "store/db.h"
#include "store/folders.h"
#include "store/record.h"

/* Inserts the trial's row and one for each file of its folder, `path`. 1; or 0 when the campaign has a trial of that
 * number already, which stays as it is. */
int trials_put(struct db *db, int64_t campaign, const struct trial_folder *folder, const char *path,
	       const struct record *record, struct err *err);

/* Appends the records of a campaign in the order of their numbers. */
int trials_get(struct db *db, int64_t campaign, struct record_list *list, struct err *err);

/* What was recorded of a trial's verdict.json. */
struct trial_row {
	int64_t id;
	unsigned number;
	char *folder, *sha256;
	struct stamp stamp;
};

struct trial_rows {
	struct trial_row *v;
	size_t n, cap;
};
#define TRIAL_ROWS_INIT                                                                                      \
	{                                                                                                    \
		NULL, 0, 0                                                                                   \
	}

/* Appends those of a campaign in the order of their numbers. */
int trials_list(struct db *db, int64_t campaign, struct trial_rows *rows, struct err *err);

/* The number of the last; 0: there is none. */
int trials_last(struct db *db, int64_t campaign, unsigned *number, struct err *err);

/* The files of a trial, as they were recorded. */
struct evidence_row {
	char name[64], sha256[65];
	int64_t bytes;
};

struct evidence_rows {
	struct evidence_row v[EVIDENCE_FILES];
	size_t n;
};

int trials_evidence(struct db *db, int64_t trial, struct evidence_rows *rows, struct err *err);

void trial_rows_release(struct trial_rows *rows);
AUTO_DEFINE(trial_rows, struct trial_rows, trial_rows_release);

#endif
