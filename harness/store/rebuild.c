#include "store/rebuild.h"

#include <unistd.h>

#include "base/fs.h"
#include "store/ingest.h"
#include "store/store.h"

#define NEW_FILE STORE_FILE ".new"

/* A database is up to four files. */
static const char *const parts[] = { "", "-wal", "-shm", "-journal" };

static int remove_database(const char *results, const char *name, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		AUTO_FREE char *path = xasprintf("%s/%s%s", results, name, parts[i]);

		if (unlink(path) < 0 && errno != ENOENT)
			return err_errno(err, ERR_HOST, "cannot remove %s", path);
	}
	return 0;
}

static int move_database(const char *results, const char *from, const char *to, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		AUTO_FREE char *old = xasprintf("%s/%s%s", results, from, parts[i]);
		AUTO_FREE char *new = xasprintf("%s/%s%s", results, to, parts[i]);

		if (rename(old, new) < 0 && errno != ENOENT)
			return err_errno(err, ERR_HOST, "cannot rename %s", old);
	}
	return 0;
}

/* --- what only the old one had ------------------------------------------------------------------------- */

static int compare_campaign(const char *results, const struct campaign_row *row, struct db *old,
			    struct rebuild *rebuild, struct err *err)
{
	AUTO_FREE char *file = xasprintf("%s/%s/" CAMPAIGN_FILE, results, row->name);
	AUTO(trial_rows) trials = TRIAL_ROWS_INIT;

	if (trials_list(old, row->id, &trials, err) < 0)
		return -1;
	if (!fs_exists(file)) {
		strv_addf(&rebuild->lost, "%s: its " CAMPAIGN_FILE " is gone, %zu trials", row->name,
			  trials.n);
		return 0;
	}
	for (size_t i = 0; i < trials.n; i++) {
		AUTO_FREE char *record =
		    xasprintf("%s/%s/%s/" RECORD_FILE, results, row->name, trials.v[i].folder);

		if (!fs_exists(record))
			strv_addf(&rebuild->lost, "%s/%s: its " RECORD_FILE " is gone", row->name,
				  trials.v[i].folder);
	}
	return 0;
}

static int compare_all(const char *results, struct db *old, struct rebuild *rebuild, struct err *err)
{
	AUTO(campaign_rows) rows = CAMPAIGN_ROWS_INIT;

	if (campaigns_list(old, &rows, err) < 0)
		return -1;
	for (size_t i = 0; i < rows.n; i++)
		if (compare_campaign(results, &rows.v[i], old, rebuild, err) < 0)
			return -1;
	return 0;
}

/* As far as it can be read. */
static void look_at_old(const char *results, struct rebuild *rebuild)
{
	AUTO_FREE char *path = path_join(results, STORE_FILE);
	AUTO(err) why = ERR_INIT;
	enum db_fault fault;
	struct db *old;

	rebuild->had = fs_exists(path);
	if (!rebuild->had)
		return;
	old = db_open(path, &fault, &why);
	if (!old || compare_all(results, old, rebuild, &why) < 0)
		rebuild->unreadable = steal_pointer(&why.text);
	db_close(old);
}

/* --- the new one --------------------------------------------------------------------------------------- */

static int take_campaign(const char *results, const char *name, struct db *db, struct rebuild *rebuild,
			 struct err *err)
{
	AUTO_FREE char *folder = path_join(results, name);
	AUTO(ingest_seen) seen = INGEST_SEEN_INIT;
	AUTO(err) why = ERR_INIT;
	int64_t id;

	if (ingest_campaign(db, folder, &id, &seen, &why) < 0) {
		if (db_fault(db) != DB_FINE)
			return err_set(err, why.kind, "%s", why.text);
		db_rollback(db);
		strv_addf(&rebuild->lost, "%s: %s", name, why.text);
	} else {
		rebuild->campaigns++;
	}
	rebuild->trials += seen.taken;
	for (size_t i = 0; i < seen.damaged.n; i++)
		strv_addf(&rebuild->lost, "%s: %s", name, seen.damaged.v[i]);
	return 0;
}

static int take_all(const char *results, struct db *db, struct rebuild *rebuild, struct err *err)
{
	AUTO(strv) names = STRV_INIT;

	if (campaign_list(results, &names, err) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++)
		if (take_campaign(results, names.v[i], db, rebuild, err) < 0)
			return -1;
	return 0;
}

static int make_new(const char *results, struct rebuild *rebuild, struct err *err)
{
	AUTO_FREE char *path = path_join(results, NEW_FILE);
	enum db_fault fault;
	struct db *db;
	int status;

	if (remove_database(results, NEW_FILE, err) < 0 || !(db = db_open(path, &fault, err)))
		return -1;
	status = take_all(results, db, rebuild, err);
	/* closing puts all into the one file */
	db_close(db);
	return status;
}

int rebuild_store(const char *results, struct rebuild *rebuild, struct err *err)
{
	AUTO_CLOSE int lock = -1;
	AUTO(err) ignored = ERR_INIT;

	if (!fs_is_dir(results))
		return err_set(err, ERR_USAGE, "there is no campaign in %s yet: 'qbisect run' makes one",
			       results);
	lock = store_lock(results, err);
	if (lock < 0)
		return -1;
	look_at_old(results, rebuild);
	if (make_new(results, rebuild, err) < 0) {
		remove_database(results, NEW_FILE, &ignored);
		return -1;
	}
	if (remove_database(results, REBUILD_OLD, err) == 0 &&
	    move_database(results, STORE_FILE, REBUILD_OLD, err) == 0 &&
	    move_database(results, NEW_FILE, STORE_FILE, err) == 0)
		return 0;
	/* What the folders have is taken into another one when they are read next. */
	remove_database(results, NEW_FILE, &ignored);
	return -1;
}

void rebuild_release(struct rebuild *rebuild)
{
	free(rebuild->unreadable);
	strv_release(&rebuild->lost);
}
