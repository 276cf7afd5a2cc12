/*
 * From the folders into the database. A folder is written first and its rows follow; who was killed in between, or had no
 * database, leaves a folder without rows, which is taken in when its campaign is used next. Taking in again does nothing:
 * a trial is known by its campaign and number. For store/ alone.
 */
#ifndef QB_INGEST_H
#define QB_INGEST_H

#include "store/campaigns.h"
#include "store/trials.h"

/* How a campaign's folder differed from its rows. */
struct ingest_seen {
	unsigned taken;	     /* trials that had no rows */
	unsigned changed;    /* records that are not what was recorded */
	unsigned missing;    /* rows whose folder or record is not there */
	unsigned late;	     /* of those that had no rows: since the campaign ended */
	bool edited;	     /* the campaign's file, since it ended */
	char *example;	     /* folder of one that changed or is missing, or NULL */
	struct strv damaged; /* of trials that have no rows the records that cannot be read: what is wrong */
};
#define INGEST_SEEN_INIT                                                                                     \
	{                                                                                                    \
		.example = NULL                                                                              \
	}

/*
 * Takes in what is new in a campaign's folder. What was recorded of a trial, and of a campaign that ended, stays as it is,
 * and that a record says something else now is put into *seen alone. So is a record that cannot be read: it does not hide the others. Few hundred trials are a transaction, so that other processes get their turn. Not to be called
 * in a transaction. -1: ERR_HOST, of the database or (db_fault() is DB_FINE) of a folder.
 */
int ingest_campaign(struct db *db, const char *folder, int64_t *id, struct ingest_seen *seen,
		    struct err *err);

/* Takes in one trial that just ended; `trial` is its folder. */
int ingest_trial(struct db *db, const char *folder, const char *trial, struct err *err);

/* Takes in the campaign's own files, which this process just saved. `fresh`: rows of an earlier campaign of this name are
 * forgotten. */
int ingest_question(struct db *db, const char *folder, bool fresh, struct err *err);

void ingest_seen_release(struct ingest_seen *seen);
AUTO_DEFINE(ingest_seen, struct ingest_seen, ingest_seen_release);

#endif
