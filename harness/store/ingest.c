#include "store/ingest.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/hash.h"
#include "base/progress.h"

#define BATCH	    500	  /* trials in a transaction */
#define PROGRESS_MS 10000 /* a line each so often, where there is no live one */

/* A campaign's folder beside its rows. */
struct intake {
	struct db *db;
	const char *folder;
	struct campaign_row row;
	struct trial_rows rows;
	struct trial_folders folders;
	size_t *fresh; /* places in `folders` */
	size_t n, cap;
	struct touched *touched; /* rows whose file has another time, and the same content */
	size_t n_touched, cap_touched;
	bool had_ended; /* when it was read last */
	bool edited;	/* its own file is not the one with which it ended */
};

struct touched {
	int64_t trial;
	struct stamp stamp;
};

static void intake_release(struct intake *intake)
{
	campaign_row_release(&intake->row);
	trial_rows_release(&intake->rows);
	folders_release(&intake->folders);
	free(intake->fresh);
	free(intake->touched);
}
AUTO_DEFINE(intake, struct intake, intake_release);

static char *below(const struct intake *intake, const char *trial, const char *name)
{
	return xasprintf("%s/%s/%s", intake->folder, trial, name);
}

static void note(struct ingest_seen *seen, unsigned *count, const char *folder)
{
	++*count;
	if (!seen->example)
		seen->example = xstrdup(folder);
}

/* --- the campaign's own files -------------------------------------------------------------------------- */

/* In a transaction. `saved`: by this process, just now; else a campaign that ended is left as it was then. */
static int take_question(struct intake *intake, bool saved, struct err *err)
{
	AUTO_FREE char *path = path_join(intake->folder, CAMPAIGN_FILE);
	AUTO(campaign) campaign = CAMPAIGN_INIT;
	AUTO(buf) text = BUF_INIT;
	struct stamp stamp;

	if (!stamp_of(path, &stamp))
		return err_set(err, ERR_HOST, "%s is not there any more", path);
	if (stamp_equal(&stamp, &intake->row.file))
		return 0;
	campaign.folder = xstrdup(intake->folder);
	if (campaign_read(path, &text, &campaign, err) < 0)
		return -1;
	if (intake->row.id && str_eq(intake->row.started, campaign.started)) {
		if (*intake->row.ended && !saved) {
			AUTO_FREE char *hash = hash_bytes(text.s, text.len);

			intake->edited = !str_eq(hash, intake->row.sha256);
			return 0;
		}
	} else { /* somebody removed a campaign and gave its name to another one */
		campaign_row_release(&intake->row);
		if (campaigns_forget(intake->db, path_base(intake->folder), err) < 0)
			return -1;
	}
	return campaigns_put(intake->db, &campaign, &text, &stamp, &intake->row.id, err);
}

static bool question_is_old(const struct intake *intake)
{
	AUTO_FREE char *path = path_join(intake->folder, CAMPAIGN_FILE);
	struct stamp stamp;

	return !stamp_of(path, &stamp) || !stamp_equal(&stamp, &intake->row.file);
}

/* False: there is none, or its rows are up to date, or stay as they were when the campaign ended. */
static bool log_is_old(const struct intake *intake, const char *path, struct stamp *stamp)
{
	return stamp_of(path, stamp) && !stamp_equal(stamp, &intake->row.log) &&
	       (!intake->row.ended || !*intake->row.ended || !*intake->row.log_sha256);
}

/* One that is damaged explains nothing, but hides no trial: that is for who reads it, and for a check. */
static int take_log(struct intake *intake, struct err *err)
{
	AUTO_FREE char *path = path_join(intake->folder, DECISION_FILE), *hash = NULL;
	AUTO(decision_list) list = DECISION_LIST_INIT;
	AUTO(err) damaged = ERR_INIT;
	struct stamp stamp;

	if (!log_is_old(intake, path, &stamp))
		return 0;
	hash = hash_file(path, &damaged);
	if (!hash || decisions_load(intake->folder, false, &list, &damaged) < 0)
		return 0;
	return campaigns_put_decisions(intake->db, intake->row.id, &list, hash, &stamp, err);
}

/* In a transaction. The log goes with a campaign that ends: nobody writes to it any more. */
static int take_own_files(struct intake *intake, bool saved, struct err *err)
{
	const char *name = path_base(intake->folder);

	if (campaigns_find(intake->db, name, &intake->row, err) < 0 || take_question(intake, saved, err) < 0)
		return -1;
	return take_log(intake, err);
}

int ingest_question(struct db *db, const char *folder, bool fresh, struct err *err)
{
	AUTO(intake) intake = { .db = db, .folder = folder };

	if (db_begin(db, err) < 0 || (fresh && campaigns_forget(db, path_base(folder), err) < 0) ||
	    take_own_files(&intake, true, err) < 0)
		return -1;
	return db_commit(db, err);
}

/* --- trials -------------------------------------------------------------------------------------------- */

static int take_trial(struct intake *intake, const struct trial_folder *folder, struct err *err)
{
	AUTO_FREE char *path = path_join(intake->folder, folder->name);
	AUTO(record) record = RECORD_INIT;

	if (record_load(path, &record, err) < 0)
		return -1;
	return trials_put(intake->db, intake->row.id, folder, path, &record, err);
}

/* What the whole process has taken in, so that many small campaigns show as well. Under the store's lock. */
static void show_progress(const struct intake *intake, size_t i)
{
	static int64_t shown;
	static unsigned taken;

	if (!shown)
		shown = clock_ms();
	taken++;
	if (i % 100 == 0)
		progress_live("%s: taking in trial %zu of %zu", path_base(intake->folder), i + 1, intake->n);
	if (clock_ms() - shown < PROGRESS_MS)
		return;
	shown = clock_ms();
	progress_step("%u trials were taken into %s so far; %s has %zu more", taken, db_path(intake->db),
		      path_base(intake->folder), intake->n - i - 1);
}

/* So that their content is not looked at again each time. */
static int take_stamps(struct intake *intake, struct err *err)
{
	AUTO(query)
	q = QUERY(intake->db,
		  "UPDATE evidence SET bytes = ?, changed = ? WHERE trial = ? AND name = 'verdict.json'");

	for (size_t i = 0; i < intake->n_touched; i++) {
		query_int(&q, intake->touched[i].stamp.bytes);
		query_int(&q, intake->touched[i].stamp.changed);
		query_int(&q, intake->touched[i].trial);
		if (query_run(&q, err) < 0)
			return -1;
	}
	return 0;
}

static int take_trials(struct intake *intake, struct ingest_seen *seen, struct err *err)
{
	for (size_t i = 0; i < intake->n; i++) {
		AUTO(err) why = ERR_INIT;
		int status = take_trial(intake, &intake->folders.v[intake->fresh[i]], &why);

		if (status < 0 && db_fault(intake->db) != DB_FINE)
			return err_set(err, why.kind, "%s", why.text);
		if (status < 0)
			strv_add(&seen->damaged, why.text);
		seen->taken += status > 0;
		show_progress(intake, i);
		if (i % BATCH == BATCH - 1 &&
		    (db_commit(intake->db, err) < 0 || db_begin(intake->db, err) < 0))
			return -1;
	}
	return 0;
}

static int take_all(struct intake *intake, struct ingest_seen *seen, struct err *err)
{
	if (db_begin(intake->db, err) < 0 || take_log(intake, err) < 0 || take_stamps(intake, err) < 0 ||
	    take_trials(intake, seen, err) < 0)
		return -1;
	return db_commit(intake->db, err);
}

/* A file of another time or size: only its content tells. */
static int compare(struct intake *intake, const struct trial_row *row, const char *path,
		   const struct stamp *stamp, struct ingest_seen *seen, struct err *err)
{
	AUTO_FREE char *hash = hash_file(path, err);

	if (!hash)
		return -1;
	if (!str_eq(hash, row->sha256)) {
		note(seen, &seen->changed, row->folder);
		return 0;
	}
	GROW(intake->touched, intake->n_touched, intake->cap_touched);
	intake->touched[intake->n_touched++] = (struct touched){ row->id, *stamp };
	return 0;
}

/* Beside a row of its number. */
static int look_at_row(struct intake *intake, const struct trial_row *row, struct ingest_seen *seen,
		       struct err *err)
{
	AUTO_FREE char *path = below(intake, row->folder, RECORD_FILE);
	struct stamp stamp;

	if (!stamp_of(path, &stamp)) {
		note(seen, &seen->missing, row->folder);
		return 0;
	}
	return stamp_equal(&stamp, &row->stamp) ? 0 : compare(intake, row, path, &stamp, seen, err);
}

/* Folders whose number has no row. Both lists are in the order of numbers. */
static void find_fresh(struct intake *intake)
{
	const struct trial_rows *rows = &intake->rows;
	unsigned last = 0;
	size_t at = 0;

	for (size_t i = 0; i < intake->folders.n; i++) {
		const struct trial_folder *folder = &intake->folders.v[i];
		AUTO_FREE char *path = NULL;

		while (at < rows->n && rows->v[at].number < folder->number)
			at++;
		if ((at < rows->n && rows->v[at].number == folder->number) || folder->number == last)
			continue;
		path = below(intake, folder->name, RECORD_FILE);
		if (!fs_exists(path))
			continue;
		last = folder->number;
		GROW(intake->fresh, intake->n, intake->cap);
		intake->fresh[intake->n++] = i;
	}
}

static int look(struct intake *intake, struct ingest_seen *seen, struct err *err)
{
	if (trials_list(intake->db, intake->row.id, &intake->rows, err) < 0 ||
	    folders_list(intake->folder, &intake->folders, err) < 0)
		return -1;
	for (size_t i = 0; i < intake->rows.n; i++)
		if (look_at_row(intake, &intake->rows.v[i], seen, err) < 0)
			return -1;
	find_fresh(intake);
	return 0;
}

/* First of all, for the rows may be those of a campaign that had this name before. */
static int find_campaign(struct intake *intake, struct err *err)
{
	const char *name = path_base(intake->folder);

	if (campaigns_find(intake->db, name, &intake->row, err) < 0)
		return -1;
	intake->had_ended = intake->row.id && *intake->row.ended;
	if (!question_is_old(intake))
		return 0;
	campaign_row_release(&intake->row);
	if (db_begin(intake->db, err) < 0 || take_own_files(intake, false, err) < 0 ||
	    db_commit(intake->db, err) < 0)
		return -1;
	campaign_row_release(&intake->row);
	return campaigns_find(intake->db, name, &intake->row, err);
}

int ingest_campaign(struct db *db, const char *folder, int64_t *id, struct ingest_seen *seen, struct err *err)
{
	AUTO_FREE char *log = path_join(folder, DECISION_FILE);
	AUTO(intake) intake = { .db = db, .folder = folder };
	struct stamp stamp;

	if (find_campaign(&intake, err) < 0 || look(&intake, seen, err) < 0)
		return -1;
	seen->edited = intake.edited;
	if ((intake.n || intake.n_touched || log_is_old(&intake, log, &stamp)) &&
	    take_all(&intake, seen, err) < 0)
		return -1;
	seen->late = intake.had_ended ? seen->taken : 0;
	*id = intake.row.id;
	return 0;
}

int ingest_trial(struct db *db, const char *folder, const char *trial, struct err *err)
{
	AUTO(intake) intake = { .db = db, .folder = folder };
	struct trial_folder taken = { (unsigned)strtoul(path_base(trial), NULL, 10),
				      (char *)path_base(trial) };

	if (campaigns_find(db, path_base(folder), &intake.row, err) < 0 || db_begin(db, err) < 0 ||
	    (!intake.row.id && take_question(&intake, true, err) < 0) || take_trial(&intake, &taken, err) < 0)
		return -1;
	return db_commit(db, err);
}

void ingest_seen_release(struct ingest_seen *seen)
{
	free(seen->example);
	strv_release(&seen->damaged);
	*seen = (struct ingest_seen)INGEST_SEEN_INIT;
}
