#include "store/check.h"

#include "base/fs.h"
#include "base/hash.h"
#include "base/progress.h"
#include "config/json.h"
#include "store/gc.h"
#include "store/ingest.h"
#include "store/store.h"

/* What the parts of a check need. */
struct checker {
	struct db *db;
	const char *results;
	struct check *check;
};

static void fault(struct checker *c, const char *where, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static void fault(struct checker *c, const char *where, const char *fmt, ...)
{
	struct check *check = c->check;
	AUTO(buf) what = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&what, fmt, ap);
	va_end(ap);
	GROW(check->v, check->n, check->cap);
	check->v[check->n++] = (struct check_fault){ xstrdup(where), buf_steal(&what) };
}

/* --- the database -------------------------------------------------------------------------------------- */

static int check_rows(struct checker *c, struct query *q, const char *meaning, struct err *err)
{
	int row;

	while ((row = query_step(q, err)) > 0) {
		const char *text = query_take_text(q);

		if (!str_eq(text, "ok"))
			fault(c, STORE_FILE, "%s%s", meaning, text);
	}
	return row;
}

static int check_database(struct checker *c, struct err *err)
{
	AUTO(query) whole = QUERY(c->db, "PRAGMA integrity_check(20)");
	AUTO(query) keys = QUERY(c->db, "PRAGMA foreign_key_check");

	progress_live("checking %s", db_path(c->db));
	return check_rows(c, &whole, "", err) < 0 ||
		       check_rows(c, &keys, "rows refer to others that are not there: ", err) < 0
		   ? -1
		   : 0;
}

/* --- files --------------------------------------------------------------------------------------------- */

/* Whether the file is as it was recorded. */
static bool check_file(struct checker *c, const char *where, const char *recorded)
{
	AUTO_FREE char *path = path_join(c->results, where), *found = NULL;
	AUTO(err) why = ERR_INIT;
	struct stamp stamp;

	if (!stamp_of(path, &stamp)) {
		fault(c, where, "is gone");
		return false;
	}
	found = hash_file(path, &why);
	c->check->files++;
	c->check->bytes += stamp.bytes;
	if (!found)
		fault(c, where, "cannot be read: %s", why.text);
	else if (!str_eq(found, recorded))
		fault(c, where, "was changed: its SHA-256 was %.16s..., it is %.16s...", recorded, found);
	return found && str_eq(found, recorded);
}

/* The rows of a trial against the record that they were made from. */
static void check_record(struct checker *c, const char *where, const struct record *rows)
{
	AUTO_FREE char *folder = path_join(c->results, where);
	AUTO(json) left = json_new_object();
	AUTO(json) right = json_new_object();
	AUTO(buf) file_text = BUF_INIT, row_text = BUF_INIT;
	AUTO(record) file = RECORD_INIT;
	AUTO(err) why = ERR_INIT;

	if (record_load(folder, &file, &why) < 0) {
		fault(c, where, "cannot be read: %s", why.text);
		return;
	}
	record_put(&file, left);
	record_put(rows, right);
	json_write(left, JSON_LINE, &file_text);
	json_write(right, JSON_LINE, &row_text);
	if (!str_eq(file_text.s, row_text.s))
		fault(c, where, "the database says something else than " RECORD_FILE);
}

static int check_trial(struct checker *c, const char *campaign, const struct trial_row *row,
		       const struct record *record, struct err *err)
{
	AUTO_FREE char *where = xasprintf("%s/%s", campaign, row->folder),
		       *folder = path_join(c->results, where);
	struct evidence_rows files;
	bool same = true;

	c->check->trials++;
	if (!fs_is_dir(folder)) {
		fault(c, where, "the folder is gone");
		return 0;
	}
	if (trials_evidence(c->db, row->id, &files, err) < 0)
		return -1;
	for (size_t i = 0; i < files.n; i++) {
		AUTO_FREE char *file = xasprintf("%s/%s", where, files.v[i].name);

		if (!check_file(c, file, files.v[i].sha256) && str_eq(files.v[i].name, RECORD_FILE))
			same = false;
	}
	if (same)
		check_record(c, where, record);
	return 0;
}

/* --- campaigns ----------------------------------------------------------------------------------------- */

static int check_trials(struct checker *c, const struct campaign_row *campaign, struct err *err)
{
	AUTO(record_list) records = RECORD_LIST_INIT;
	AUTO(trial_rows) rows = TRIAL_ROWS_INIT;
	size_t at = 0;

	if (trials_list(c->db, campaign->id, &rows, err) < 0 ||
	    trials_get(c->db, campaign->id, &records, err) < 0)
		return -1;
	if (rows.n != records.n)
		fault(c, campaign->name, "the database has %zu trials, and the records of %zu of them",
		      records.n, rows.n);
	for (size_t i = 0; i < rows.n; i++) {
		while (at < records.n && records.v[at].number < rows.v[i].number)
			at++;
		progress_live("checking %s: trial %zu of %zu", campaign->name, i + 1, rows.n);
		if (at < records.n && check_trial(c, campaign->name, &rows.v[i], &records.v[at], err) < 0)
			return -1;
	}
	return 0;
}

/* Those that go on change their own files. */
static void check_own_files(struct checker *c, const struct campaign_row *row)
{
	AUTO_FREE char *file = xasprintf("%s/" CAMPAIGN_FILE, row->name);
	AUTO_FREE char *log = xasprintf("%s/" DECISION_FILE, row->name), *path = path_join(c->results, log);

	if (!*row->ended)
		return;
	check_file(c, file, row->sha256);
	if (*row->log_sha256)
		check_file(c, log, row->log_sha256);
	else if (fs_exists(path))
		fault(c, log, "is damaged: 'qbisect log %s' tells where", row->name);
}

static int check_campaign(struct checker *c, const struct campaign_row *row, struct err *err)
{
	AUTO_FREE char *folder = path_join(c->results, row->name);
	AUTO_FREE char *gone = xasprintf("%s/" GC_GONE "%s", c->results, row->name);

	if (fs_is_dir(gone) && !fs_is_dir(folder)) /* a gc that was killed: the next one goes on */
		return 0;
	c->check->campaigns++;
	if (!fs_is_dir(folder)) {
		fault(c, row->name, "the folder is gone");
		return 0;
	}
	check_own_files(c, row);
	return check_trials(c, row, err);
}

/* So that what nobody has read yet is no fault. */
static int take_in(struct checker *c, const char *only, struct err *err)
{
	AUTO(strv) names = STRV_INIT;

	if (campaign_list(c->results, &names, err) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		AUTO_FREE char *folder = path_join(c->results, names.v[i]);
		AUTO(ingest_seen) seen = INGEST_SEEN_INIT;
		AUTO(err) why = ERR_INIT;
		int64_t id;

		if (only && !str_eq(names.v[i], only))
			continue;
		if (ingest_campaign(c->db, folder, &id, &seen, &why) < 0) {
			if (db_fault(c->db) != DB_FINE)
				return err_set(err, why.kind, "%s", why.text);
			db_rollback(c->db);
			fault(c, names.v[i], "%s", why.text);
		}
		c->check->taken += seen.taken;
		for (size_t d = 0; d < seen.damaged.n; d++)
			fault(c, names.v[i], "%s", seen.damaged.v[d]);
	}
	return 0;
}

static int check_all(struct checker *c, const char *only, struct err *err)
{
	AUTO(campaign_rows) rows = CAMPAIGN_ROWS_INIT;

	if (check_database(c, err) < 0 || take_in(c, only, err) < 0 || campaigns_list(c->db, &rows, err) < 0)
		return -1;
	for (size_t i = 0; i < rows.n; i++)
		if ((!only || str_eq(rows.v[i].name, only)) && check_campaign(c, &rows.v[i], err) < 0)
			return -1;
	if (only && !c->check->campaigns && !c->check->n)
		return err_set(err, ERR_USAGE, "there is no campaign '%s' in %s", only, c->results);
	return 0;
}

int check_store(const char *results, const char *only, struct check *check, struct err *err)
{
	AUTO(store) store = STORE_INIT;
	int use = store_take(results, STORE_READS, &store, err);
	struct checker c = { store.db, results, check };

	if (use == 0)
		return err_set(err, ERR_USAGE,
			       "there is no database in %s that can be used: 'qbisect run' makes one",
			       results);
	if (use > 0 && check_all(&c, only, err) < 0) {
		db_rollback(store.db);
		return -1;
	}
	return use < 0 ? -1 : 0;
}

void check_release(struct check *check)
{
	for (size_t i = 0; i < check->n; i++) {
		free(check->v[i].where);
		free(check->v[i].what);
	}
	free(check->v);
	*check = (struct check)CHECK_INIT;
}
