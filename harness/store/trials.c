#include "store/trials.h"

#include "base/fs.h"
#include "base/hash.h"
#include "store/record_fields.h"

_Static_assert(TRIAL_PHASE_N == 8,
	       "the table has a column for each phase: a new one is a step of the schema");

/* --- writing ------------------------------------------------------------------------------------------- */

/* Of one table, in the order of its columns. */
static void bind_fields(struct query *q, const struct record *record, enum record_table table)
{
	for (size_t i = 0; i < record_texts.n; i++)
		if (record_texts.v[i].table == table)
			query_text(q, *record_text(record, &record_texts.v[i]));
	for (size_t i = 0; i < record_numbers.n; i++)
		if (record_numbers.v[i].table == table)
			query_int(q, *record_number(record, &record_numbers.v[i]));
	for (size_t i = 0; i < record_lists.n; i++)
		if (record_lists.v[i].table == table)
			query_lines(q, record_strv(record, &record_lists.v[i]));
	for (size_t i = 0; i < record_maps.n; i++)
		if (record_maps.v[i].table == table)
			query_lines(q, record_strv(record, &record_maps.v[i]));
}

/* What trials share: its row is looked for, and made when it is not there. */
static int share(struct query *find, struct query *insert, const struct record *record,
		 enum record_table table, int64_t *id, struct err *err)
{
	int row;

	bind_fields(find, record, table);
	row = query_step(find, err);
	if (row > 0)
		*id = query_take_int(find);
	query_end(find);
	if (row)
		return row < 0 ? -1 : 0;
	bind_fields(insert, record, table);
	if (query_run(insert, err) < 0)
		return -1;
	*id = db_last_id(insert->db);
	return 0;
}

static int put_candidate(struct db *db, const struct record *record, int64_t *id, struct err *err)
{
	AUTO(query)
	find = QUERY(db, "SELECT id FROM candidates WHERE candidate = ? AND arch = ? AND release = ? "
			 "AND \"commit\" = ? AND pagesize = ?");
	AUTO(query)
	insert = QUERY(db, "INSERT INTO candidates (candidate, arch, release, \"commit\", pagesize) "
			   "VALUES (?, ?, ?, ?, ?)");

	return share(&find, &insert, record, IN_CANDIDATES, id, err);
}

static int put_environment(struct db *db, const struct record *record, int64_t *id, struct err *err)
{
	AUTO(query) find = QUERY(db, "SELECT id FROM environments WHERE environment = ?");
	AUTO(query) insert = QUERY(db, "INSERT INTO environments (environment) VALUES (?)");

	return share(&find, &insert, record, IN_ENVIRONMENTS, id, err);
}

static int put_machine(struct db *db, const struct record *record, int64_t *id, struct err *err)
{
	AUTO(query)
	find = QUERY(db, "SELECT id FROM machines WHERE accelerator = ? AND firmware = ? AND machine = ? "
			 "AND disk_tool = ?");
	AUTO(query)
	insert =
	    QUERY(db, "INSERT INTO machines (accelerator, firmware, machine, disk_tool) VALUES (?, ?, ?, ?)");

	return share(&find, &insert, record, IN_MACHINES, id, err);
}

static int put_trial(struct db *db, int64_t campaign, const struct trial_folder *folder,
		     const struct record *record, struct err *err)
{
	AUTO(query)
	q = QUERY(
	    db, "INSERT INTO trials (campaign, number, folder, candidate, environment, machine, verdict,"
		" started, scenario, candidate_name, environment_name, boot, class, title, agreement,"
		" evidence, host, build_ms, evidence_line, guest_pagesize, passed, failed, reasons, failures,"
		" facts, prepare_ms, start_ms, firmware_ms, kernel_ms, init_ms, test_ms, power_off_ms,"
		" judge_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
		" ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (campaign, number) DO NOTHING");
	int64_t candidate, environment, machine;

	if (put_candidate(db, record, &candidate, err) < 0 ||
	    put_environment(db, record, &environment, err) < 0 || put_machine(db, record, &machine, err) < 0)
		return -1;
	query_int(&q, campaign);
	query_int(&q, folder->number);
	query_text(&q, folder->name);
	query_int(&q, candidate);
	query_int(&q, environment);
	query_int(&q, machine);
	query_text(&q, verdict_name(record->verdict));
	bind_fields(&q, record, IN_TRIALS);
	for (int i = 0; i < TRIAL_PHASE_N; i++)
		query_int(&q, record->ms[i]);
	return query_run(&q, err);
}

struct hashed {
	char *hash[EVIDENCE_FILES]; /* NULL: there is no such file */
	struct stamp stamp[EVIDENCE_FILES];
};

static void hashed_release(struct hashed *hashed)
{
	for (size_t i = 0; i < EVIDENCE_FILES; i++)
		free(hashed->hash[i]);
}
AUTO_DEFINE(hashed, struct hashed, hashed_release);

static int hash_all(const char *path, struct hashed *hashed, struct err *err)
{
	for (size_t i = 0; i < EVIDENCE_FILES; i++) {
		AUTO_FREE char *file = path_join(path, evidence_files[i]);

		if (stamp_of(file, &hashed->stamp[i]) && !(hashed->hash[i] = hash_file(file, err)))
			return -1;
	}
	return 0;
}

static int put_evidence(struct db *db, int64_t trial, const struct hashed *hashed, struct err *err)
{
	AUTO(query)
	q = QUERY(db, "INSERT INTO evidence (trial, name, sha256, bytes, changed) VALUES (?, ?, ?, ?, ?)");

	for (size_t i = 0; i < EVIDENCE_FILES; i++) {
		if (!hashed->hash[i])
			continue;
		query_int(&q, trial);
		query_text(&q, evidence_files[i]);
		query_text(&q, hashed->hash[i]);
		query_int(&q, hashed->stamp[i].bytes);
		query_int(&q, hashed->stamp[i].changed);
		if (query_run(&q, err) < 0)
			return -1;
	}
	return 0;
}

/* The files are read first: one that cannot be must not leave half a trial. */
int trials_put(struct db *db, int64_t campaign, const struct trial_folder *folder, const char *path,
	       const struct record *record, struct err *err)
{
	AUTO(hashed) hashed = { { NULL }, { { 0, 0 } } };

	if (hash_all(path, &hashed, err) < 0 || put_trial(db, campaign, folder, record, err) < 0)
		return -1;
	if (!db_changes(db))
		return 0;
	return put_evidence(db, db_last_id(db), &hashed, err) < 0 ? -1 : 1;
}

/* --- reading ------------------------------------------------------------------------------------------- */

static int take_verdict(struct query *q, struct record *record, struct err *err)
{
	const char *name = query_take_text(q);

	for (int i = 0; i < VERDICT_N; i++)
		if (str_eq(name, verdict_name((enum verdict)i))) {
			record->verdict = (enum verdict)i;
			return 0;
		}
	return db_wrong(q->db, err, "a verdict '%s'", name);
}

static int take_record(struct query *q, struct record *record, struct err *err)
{
	record->number = (unsigned)query_take_int(q);
	if (take_verdict(q, record, err) < 0)
		return -1;
	for (size_t i = 0; i < record_texts.n; i++)
		*record_text(record, &record_texts.v[i]) = xstrdup(query_take_text(q));
	for (size_t i = 0; i < record_numbers.n; i++)
		*record_number(record, &record_numbers.v[i]) = (unsigned)query_take_int(q);
	for (size_t i = 0; i < record_lists.n; i++)
		query_take_lines(q, record_strv(record, &record_lists.v[i]));
	for (size_t i = 0; i < record_maps.n; i++)
		query_take_lines(q, record_strv(record, &record_maps.v[i]));
	for (int i = 0; i < TRIAL_PHASE_N; i++)
		record->ms[i] = query_take_int(q);
	return 0;
}

int trials_get(struct db *db, int64_t campaign, struct record_list *list, struct err *err)
{
	AUTO(query)
	q = QUERY(
	    db, "SELECT number, verdict, started, c.candidate, arch, release, \"commit\", scenario,"
		" candidate_name, environment_name, boot, accelerator, firmware, m.machine, disk_tool,"
		" class, title, agreement, evidence, host, pagesize, build_ms, evidence_line, guest_pagesize,"
		" passed, failed, reasons, failures, e.environment, facts, prepare_ms, start_ms,"
		" firmware_ms, kernel_ms, init_ms, test_ms, power_off_ms, judge_ms"
		" FROM trials t JOIN candidates c ON c.id = t.candidate"
		" JOIN environments e ON e.id = t.environment JOIN machines m ON m.id = t.machine"
		" WHERE campaign = ? ORDER BY number");
	int row;

	query_int(&q, campaign);
	while ((row = query_step(&q, err)) > 0) {
		GROW(list->v, list->n, list->cap);
		list->v[list->n] = (struct record)RECORD_INIT;
		if (take_record(&q, &list->v[list->n++], err) < 0)
			return -1;
	}
	return row;
}

int trials_list(struct db *db, int64_t campaign, struct trial_rows *rows, struct err *err)
{
	AUTO(query)
	q = QUERY(db, "SELECT id, number, folder, sha256, bytes, changed FROM trials"
		      " JOIN evidence ON trial = id AND name = 'verdict.json'"
		      " WHERE campaign = ? ORDER BY number");
	int row;

	query_int(&q, campaign);
	while ((row = query_step(&q, err)) > 0) {
		struct trial_row *to;

		GROW(rows->v, rows->n, rows->cap);
		to = &rows->v[rows->n++];
		to->id = query_take_int(&q);
		to->number = (unsigned)query_take_int(&q);
		to->folder = xstrdup(query_take_text(&q));
		to->sha256 = xstrdup(query_take_text(&q));
		to->stamp.bytes = query_take_int(&q);
		to->stamp.changed = query_take_int(&q);
	}
	return row;
}

int trials_last(struct db *db, int64_t campaign, unsigned *number, struct err *err)
{
	AUTO(query) q = QUERY(db, "SELECT coalesce(max(number), 0) FROM trials WHERE campaign = ?");
	int row;

	query_int(&q, campaign);
	row = query_step(&q, err);
	if (row > 0)
		*number = (unsigned)query_take_int(&q);
	return row < 0 ? -1 : 0;
}

int trials_evidence(struct db *db, int64_t trial, struct evidence_rows *rows, struct err *err)
{
	AUTO(query) q = QUERY(db, "SELECT name, sha256, bytes FROM evidence WHERE trial = ?");
	int row;

	rows->n = 0;
	query_int(&q, trial);
	while ((row = query_step(&q, err)) > 0 && rows->n < EVIDENCE_FILES) {
		struct evidence_row *to = &rows->v[rows->n++];

		snprintf(to->name, sizeof(to->name), "%s", query_take_text(&q));
		snprintf(to->sha256, sizeof(to->sha256), "%s", query_take_text(&q));
		to->bytes = query_take_int(&q);
	}
	return row < 0 ? -1 : 0;
}

void trial_rows_release(struct trial_rows *rows)
{
	for (size_t i = 0; i < rows->n; i++) {
		free(rows->v[i].folder);
		free(rows->v[i].sha256);
	}
	free(rows->v);
	*rows = (struct trial_rows)TRIAL_ROWS_INIT;
}
