/*
 * The database of a results folder, results/qbisect.db, as this process uses it.
 *
 * The folders of campaigns and trials are written first and stay what all else follows from; the database is what is
 * read, and can be made again from them (store/rebuild.h). So a campaign that runs never fails because of the database:
 * what is wrong with it is said once, and the evidence goes to the folders alone. Who only reads is told instead.
 *
 *	AUTO(store) store = STORE_INIT;
 *	int use = store_take(results, STORE_READS, &store, err);
 *	if (use > 0 && read_rows(store.db, ...) < 0)		1. in the database
 *		use = store_failed(&store, err);
 *	if (use == 0)
 *		...						2. in the folders, if that is what it takes
 *
 * A process has one connection to a database, and a lock that hands it from thread to thread: trials end seconds apart,
 * SQLite lets one write at a time in any case, and so statements are prepared once. Other processes are waited for. A
 * process that forks must take it anew.
 */
#ifndef QB_STORE_H
#define QB_STORE_H

#include "store/db.h"

#define STORE_FILE "qbisect.db"

/* What an error of the database means: for a reader it is one, for a writer it is said once and passed over. */
enum store_use { STORE_READS, STORE_WRITES };

struct store_shared;
struct store {
	struct store_shared *shared;
	struct db *db;
	enum store_use use;
};
#define STORE_INIT                                                                                           \
	{                                                                                                    \
		NULL, NULL, STORE_READS                                                                      \
	}

/* 1: store->db is this thread's until store_give(). 0: to go on without it, in the folders: because of an earlier error,
 * or because nothing can be written there. -1: ERR_HOST, it is damaged or a later qbisect's. */
int store_take(const char *results, enum store_use use, struct store *store, struct err *err);

/* The same for a campaign's folder; 0 when that is none of a campaign's. */
int store_take_campaign(const char *folder, enum store_use use, struct store *store, struct err *err);

/* For who reads many campaigns: -1, ERR_HOST, when store_take() would refuse the database to a reader. */
int store_try(const char *results, struct err *err);

/* After *err was set while the database was used: 0, *err is clear again and has been said; or -1. The database is given
 * back. An error of a folder stays one for a reader. */
int store_failed(struct store *store, struct err *err);

void store_give(struct store *store);
AUTO_DEFINE(store, struct store, store_give);

/* From now on this process does without the database of `results` where it must, in reading too: to be called by who
 * starts guests. */
void store_optional(const char *results);

/* Closes what this process has of it, and keeps other processes out until the descriptor that is returned is closed.
 * -1: ERR_HOST, another one works with it. */
int store_lock(const char *results, struct err *err);

/* Says something about the store on stderr, whatever --quiet says: once for each text. */
void store_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
