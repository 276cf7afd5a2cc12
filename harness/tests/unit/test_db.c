/* The database beside the folders: that it holds what they hold, whatever happens to either. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/fs.h"
#include "report/report.h"
#include "store/check.h"
#include "store/gc.h"
#include "store/ingest.h"
#include "store/rebuild.h"
#include "store/schema.h"
#include "store/store.h"

static char *results;

static int set_up(void **state)
{
	AUTO(err) err = ERR_INIT;

	(void)state;
	results = fs_temp_dir("/tmp/qbisect-test-db-", &err);
	return results ? 0 : -1;
}

static int tear_down(void **state)
{
	AUTO(err) err = ERR_INIT;
	int failed = fs_remove_tree(results, &err);

	(void)state;
	free(results);
	return failed;
}

/* --- what the tests need ---------------------------------------------------------------------------------- */

static void make_campaign(struct campaign *campaign, const char *name)
{
	AUTO(err) err = ERR_INIT;

	campaign->name = xstrdup(name);
	str_replace(&campaign->kind, "run");
	assert_int_equal(campaign_create(campaign, results, &err), 0);
}

static void end(struct campaign *campaign)
{
	AUTO(err) err = ERR_INIT;

	str_replace(&campaign->ended, "2026-11-22T20:00:00Z");
	assert_int_equal(campaign_save(campaign, &err), 0);
}

/* Every field has something of its own in it. */
static void fill(struct record *r, unsigned number)
{
	char **const texts[] = {
		&r->candidate, &r->arch,      &r->release,     &r->commit,	   &r->scenario,
		&r->boot,      &r->class,     &r->title,       &r->candidate_name, &r->environment_name,
		&r->started,   &r->agreement, &r->accelerator, &r->firmware,	   &r->machine,
		&r->disk_tool, &r->evidence,  &r->host
	};
	struct strv *const lists[] = { &r->reasons, &r->failures };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		*texts[i] = xasprintf("text %zu of %u\n\\n \xc3\xa9 'quoted'", i, number % 3);
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		strv_add(lists[i], "a line\nand another \\ one\\n");
		strv_add(lists[i], "");
		strv_addf(lists[i], "%zu", i);
	}
	strv_add(&r->environment, "smp=4");
	strv_add(&r->environment, "mountoptions=");
	strv_add(&r->facts, "release=6.12");
	r->verdict = (enum verdict)(number % VERDICT_N);
	r->pagesize = 1;
	r->build_ms = 2;
	r->evidence_line = 3;
	r->guest_pagesize = 4;
	r->passed = 5;
	r->failed = UINT32_MAX;
	for (int i = 0; i < TRIAL_PHASE_N; i++)
		r->ms[i] = 100 + i;
}

static char *folder_of(const struct campaign *campaign, unsigned number)
{
	return xasprintf("%s/%05u-k", campaign->folder, number);
}

static void keep(const struct campaign *campaign, unsigned number)
{
	AUTO_FREE char *folder = folder_of(campaign, number);
	AUTO(record) record = RECORD_INIT;
	AUTO(err) err = ERR_INIT;

	fill(&record, number);
	assert_int_equal(campaign_keep(campaign, folder, &record, &err), 0);
}

/* As another qbisect leaves it that was killed behind the file, or has no database. */
static void keep_folder(const struct campaign *campaign, unsigned number)
{
	AUTO_FREE char *folder = folder_of(campaign, number);
	AUTO(record) record = RECORD_INIT;
	AUTO(err) err = ERR_INIT;

	fill(&record, number);
	assert_int_equal(fs_mkdirs(folder, &err), 0);
	assert_int_equal(record_save(&record, folder, &err), 0);
}

static void report(const char *name, struct buf *out)
{
	AUTO(campaign) campaign = CAMPAIGN_INIT;
	AUTO(record_list) records = RECORD_LIST_INIT;
	AUTO(err) err = ERR_INIT;

	assert_int_equal(campaign_load(results, name, &campaign, &err), 0);
	assert_int_equal(campaign_records(&campaign, &records, &err), 0);
	report_json(&campaign, &records, out);
}

/* How the campaign's records end: -1 with *err, or their number. */
static int count(const struct campaign *campaign, struct err *err)
{
	AUTO(record_list) records = RECORD_LIST_INIT;

	return campaign_records(campaign, &records, err) < 0 ? -1 : (int)records.n;
}

static char *path_of(const char *name)
{
	return path_join(results, name);
}

/* This process has no connection of its own any more. */
static void close_store(void)
{
	AUTO(err) err = ERR_INIT;
	AUTO_CLOSE int lock = store_lock(results, &err);

	assert_true(lock >= 0);
}

static int64_t number_in(const char *sql)
{
	AUTO_FREE char *path = path_of(STORE_FILE);
	sqlite3_stmt *statement = NULL;
	sqlite3 *db = NULL;
	int64_t number;

	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
	number = sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : -1;
	sqlite3_finalize(statement);
	sqlite3_close(db);
	return number;
}

static void write_into(const char *name, long at, const char *text)
{
	AUTO_FREE char *path = path_of(name);
	FILE *file = fopen(path, "r+");

	assert_non_null(file);
	assert_int_equal(fseek(file, at, SEEK_SET), 0);
	fputs(text, file);
	fclose(file);
}

/* --- versions --------------------------------------------------------------------------------------------- */

static void a_database_is_brought_to_this_version(void **state)
{
	AUTO_FREE char *path = path_of(STORE_FILE);
	AUTO(err) err = ERR_INIT;
	enum db_fault fault;

	(void)state;
	for (int version = 1; version < SCHEMA_VERSION; version++) {
		struct db *db = db_open_version(path, version, &fault, &err);

		assert_non_null(db);
		assert_int_equal(
		    db_run(db,
			   "INSERT INTO campaigns (name, kind, scenario, matrix, previous, started, ended,"
			   " answer, sentence, file, sha256, bytes, changed)"
			   " VALUES ('old', '', '', '', '', '', '', '', '', '', '', 0, 0)",
			   &err),
		    0);
		db_close(db);
		assert_int_equal(number_in("PRAGMA user_version"), version);
		db = db_open(path, &fault, &err);
		assert_non_null(db);
		db_close(db);
		assert_int_equal(number_in("PRAGMA user_version"), SCHEMA_VERSION);
		assert_int_equal(number_in("SELECT count(*) FROM campaigns WHERE name = 'old'"), 1);
		assert_int_equal(number_in("SELECT count(*) FROM audits"), 0);
		assert_int_equal(fs_remove_tree(path, &err), 0);
	}
}

static void a_newer_version_is_refused(void **state)
{
	AUTO(campaign) campaign = CAMPAIGN_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	make_campaign(&campaign, "c");
	keep(&campaign, 1);
	close_store();
	number_in("PRAGMA user_version = 1000");
	assert_int_equal(count(&campaign, &err), -1);
	assert_int_equal(err.kind, ERR_HOST);
	assert_non_null(strstr(err.text, "version 1000"));
	assert_non_null(strstr(err.text, "db rebuild"));
	assert_int_equal(number_in("PRAGMA user_version"), 1000);
}

/* --- folders and rows --------------------------------------------------------------------------------------- */

static void records_are_the_same_from_rows_and_from_folders(void **state)
{
	AUTO_FREE char *path = path_of(STORE_FILE);
	AUTO(campaign) campaign = CAMPAIGN_INIT;
	AUTO(buf) before = BUF_INIT;
	AUTO(buf) after = BUF_INIT;
	struct decision decision = { .number = 1 };
	AUTO(rebuild) rebuild = REBUILD_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	make_campaign(&campaign, "c");
	for (unsigned i = 1; i <= 9; i++)
		keep(&campaign, i);
	assert_int_equal(decision_append(campaign.folder, &decision, &err), 0);
	end(&campaign);
	report("c", &before);
	assert_int_equal(rebuild_store(results, &rebuild, &err), 0);
	assert_int_equal(rebuild.trials, 9);
	assert_int_equal(rebuild.lost.n, 0);
	report("c", &after);
	assert_string_equal(before.s, after.s);
	close_store();
	assert_int_equal(unlink(path), 0);
	buf_reset(&after);
	report("c", &after);
	assert_string_equal(before.s, after.s);
	assert_int_equal(number_in("SELECT count(*) FROM candidates"), 3);
	assert_int_equal(number_in("SELECT count(*) FROM decisions"), 1);
	assert_int_equal(number_in("SELECT count(*) FROM environments"), 1);
}

static void taking_in_again_does_nothing(void **state)
{
	AUTO(campaign) campaign = CAMPAIGN_INIT;
	AUTO_FREE char *copy = NULL;
	AUTO(err) err = ERR_INIT;

	(void)state;
	make_campaign(&campaign, "c");
	keep(&campaign, 1);
	keep_folder(&campaign, 2);
	copy = xasprintf("%s/00002-copy", campaign.folder);
	assert_int_equal(fs_mkdirs(copy, &err), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(count(&campaign, &err), 2);
		close_store();
		assert_int_equal(number_in("SELECT count(*) FROM trials"), 2);
		assert_int_equal(number_in("SELECT count(*) FROM evidence"), 2);
	}
	keep(&campaign, 1);
	assert_int_equal(count(&campaign, &err), 2);
}

/* A name that is given again is not that of the campaign before. */
static void a_campaign_of_the_same_name_begins_empty(void **state)
{
	AUTO(campaign) first = CAMPAIGN_INIT, second = CAMPAIGN_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	make_campaign(&first, "c");
	keep(&first, 1);
	assert_int_equal(fs_remove_tree(first.folder, &err), 0);
	make_campaign(&second, "c");
	assert_int_equal(count(&second, &err), 0);
	keep(&second, 1);
	assert_int_equal(count(&second, &err), 1);
}

/* Nor is a number. */
static void the_number_of_a_trial_that_is_gone_is_not_given_again(void **state)
{
	AUTO(campaign) campaign = CAMPAIGN_INIT;
	AUTO_FREE char *folder = NULL;
	AUTO(err) err = ERR_INIT;
	unsigned number;

	(void)state;
	make_campaign(&campaign, "c");
	keep(&campaign, 1);
	keep(&campaign, 2);
	folder = folder_of(&campaign, 2);
	assert_int_equal(fs_remove_tree(folder, &err), 0);
	assert_int_equal(campaign_tidy(&campaign, &number, &err), 0);
	assert_int_equal(number, 2);
	assert_int_equal(count(&campaign, &err), 2);
}

static void decisions_follow_their_file(void **state)
{
	AUTO(campaign) campaign = CAMPAIGN_INIT;
	struct decision decision = { .number = 1, .phase = (char *)"audit", .mass = 0.1 + 0.2 };
	AUTO(err) err = ERR_INIT;

	(void)state;
	make_campaign(&campaign, "c");
	for (decision.number = 1; decision.number <= 3; decision.number++) {
		assert_int_equal(decision_append(campaign.folder, &decision, &err), 0);
		assert_int_equal(count(&campaign, &err), 0);
		close_store();
		assert_int_equal(number_in("SELECT count(*) FROM audits WHERE mass = 0.1 + 0.2"),
				 decision.number);
	}
}

/* --- damage ------------------------------------------------------------------------------------------------- */

static void a_damaged_database_is_told_and_made_anew(void **state)
{
	AUTO(campaign) campaign = CAMPAIGN_INIT;
	AUTO(rebuild) rebuild = REBUILD_INIT;
	AUTO(buf) before = BUF_INIT;
	AUTO(buf) after = BUF_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	make_campaign(&campaign, "c");
	keep(&campaign, 1);
	report("c", &before);
	close_store();
	write_into(STORE_FILE, 0, "this is no database, but a file of another kind");
	assert_int_equal(count(&campaign, &err), -1);
	assert_non_null(strstr(err.text, STORE_FILE " is damaged"));
	assert_non_null(strstr(err.text, "'qbisect db rebuild'"));
	err_release(&err);
	assert_int_equal(rebuild_store(results, &rebuild, &err), 0);
	assert_non_null(rebuild.unreadable);
	assert_int_equal(rebuild.trials, 1);
	report("c", &after);
	assert_string_equal(before.s, after.s);
}

/* Who runs a campaign must not lose a trial for it. */
static void a_damaged_database_stops_no_campaign(void **state)
{
	AUTO(campaign) campaign = CAMPAIGN_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	make_campaign(&campaign, "c");
	keep(&campaign, 1);
	close_store();
	write_into(STORE_FILE, 0, "this is no database, but a file of another kind");
	store_optional(results);
	keep(&campaign, 2);
	assert_int_equal(count(&campaign, &err), 2);
}

static void a_damaged_page_is_told(void **state)
{
	AUTO(campaign) campaign = CAMPAIGN_INIT;
	AUTO(err) err = ERR_INIT;
	AUTO(check) check = CHECK_INIT;

	(void)state;
	make_campaign(&campaign, "c");
	for (unsigned i = 1; i <= 40; i++)
		keep(&campaign, i);
	close_store();
	for (long page = 1; page < number_in("PRAGMA page_count"); page++)
		write_into(STORE_FILE, 4096 * page, "\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f");
	assert_int_equal(check_store(results, NULL, &check, &err) < 0 || check.n > 0, 1);
}

static bool has_fault(const struct check *check, const char *where)
{
	for (size_t i = 0; i < check->n; i++)
		if (str_eq(check->v[i].where, where))
			return true;
	return false;
}

static void changed_and_missing_evidence_is_found(void **state)
{
	AUTO(campaign) campaign = CAMPAIGN_INIT;
	AUTO(check) fine = CHECK_INIT, faulty = CHECK_INIT;
	AUTO_FREE char *folder = NULL;
	AUTO(err) err = ERR_INIT;

	(void)state;
	make_campaign(&campaign, "c");
	for (unsigned i = 1; i <= 3; i++)
		keep(&campaign, i);
	end(&campaign);
	assert_int_equal(check_store(results, NULL, &fine, &err), 0);
	assert_int_equal(fine.n, 0);
	assert_int_equal(fine.trials, 3);
	assert_int_equal(fine.files, 4);
	folder = folder_of(&campaign, 2);
	assert_int_equal(fs_remove_tree(folder, &err), 0);
	write_into("c/00003-k/" RECORD_FILE, 2, "\t");
	write_into("c/" CAMPAIGN_FILE, 2, "\t");
	assert_int_equal(check_store(results, "c", &faulty, &err), 0);
	assert_int_equal(faulty.n, 3);
	assert_true(has_fault(&faulty, "c/" CAMPAIGN_FILE));
	assert_true(has_fault(&faulty, "c/00002-k"));
	assert_true(has_fault(&faulty, "c/00003-k/" RECORD_FILE));
}

/* A row that somebody wrote. */
static void rows_that_say_something_else_are_found(void **state)
{
	AUTO(campaign) campaign = CAMPAIGN_INIT;
	AUTO(check) check = CHECK_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	make_campaign(&campaign, "c");
	keep(&campaign, 1);
	close_store();
	number_in("UPDATE trials SET verdict = 'good'");
	assert_int_equal(check_store(results, NULL, &check, &err), 0);
	assert_int_equal(check.n, 1);
	assert_true(has_fault(&check, "c/00001-k"));
}

static void a_damaged_record_does_not_hide_the_others(void **state)
{
	AUTO(campaign) campaign = CAMPAIGN_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	make_campaign(&campaign, "c");
	keep(&campaign, 1);
	keep_folder(&campaign, 2);
	keep_folder(&campaign, 3);
	write_into("c/00002-k/" RECORD_FILE, 0, "}");
	assert_int_equal(count(&campaign, &err), 2);
}

static void a_damaged_log_hides_no_trial(void **state)
{
	AUTO(campaign) campaign = CAMPAIGN_INIT;
	struct decision decision = { .number = 1 };
	AUTO(check) check = CHECK_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	make_campaign(&campaign, "c");
	keep(&campaign, 1);
	assert_int_equal(decision_append(campaign.folder, &decision, &err), 0);
	write_into("c/" DECISION_FILE, 0, "}");
	end(&campaign);
	assert_int_equal(count(&campaign, &err), 1);
	assert_int_equal(check_store(results, NULL, &check, &err), 0);
	assert_int_equal(check.n, 1);
	assert_true(has_fault(&check, "c/" DECISION_FILE));
}

/* --- several, and old ones ---------------------------------------------------------------------------------- */

static void processes_that_write_at_once_lose_nothing(void **state)
{
	enum { PROCESSES = 3, TRIALS = 20 };
	AUTO(campaign) first = CAMPAIGN_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	make_campaign(&first, "first"); /* and with it a connection that the children must not use */
	for (unsigned p = 0; p < PROCESSES; p++) {
		if (fork() == 0) {
			AUTO_FREE char *name = xasprintf("process%u", p);
			AUTO(campaign) campaign = CAMPAIGN_INIT;

			make_campaign(&campaign, name);
			for (unsigned i = 1; i <= TRIALS; i++)
				keep(&campaign, i);
			_exit(count(&campaign, &err) == TRIALS ? 0 : 1);
		}
	}
	for (unsigned p = 0; p < PROCESSES; p++) {
		int status;

		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(number_in("SELECT count(*) FROM trials"), PROCESSES * TRIALS);
}

static void rebuild_waits_for_nobody_who_works(void **state)
{
	AUTO_FREE char *path = path_of(".qbisect.db.lock");
	AUTO(campaign) campaign = CAMPAIGN_INIT;
	AUTO(rebuild) rebuild = REBUILD_INIT;
	AUTO(err) err = ERR_INIT;
	int ready[2];
	pid_t other;
	char byte;

	(void)state;
	make_campaign(&campaign, "c");
	close_store();
	assert_int_equal(pipe(ready), 0);
	other = fork();
	if (other == 0) {
		AUTO(store) store = STORE_INIT;

		if (store_take(results, STORE_WRITES, &store, &err) > 0)
			(void)!write(ready[1], "x", 1);
		pause();
		_exit(0);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(rebuild_store(results, &rebuild, &err), -1);
	assert_non_null(strstr(err.text, "another qbisect process"));
	kill(other, SIGKILL);
	waitpid(other, NULL, 0);
	close(ready[0]);
	close(ready[1]);
}

static void gc_never_takes_what_has_not_ended(void **state)
{
	const struct gc_options newest = { .keep = 1 };
	AUTO(campaign) old = CAMPAIGN_INIT, open = CAMPAIGN_INIT, last = CAMPAIGN_INIT;
	AUTO(gc) gc = GC_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	make_campaign(&old, "a-old");
	keep(&old, 1);
	end(&old);
	make_campaign(&open, "b-open");
	keep(&open, 1);
	make_campaign(&last, "c-last");
	keep(&last, 2);
	end(&last);
	assert_int_equal(gc_store(results, &newest, &gc, &err), 0);
	assert_int_equal(gc.removed.n, 1);
	assert_string_equal(gc.removed.v[0], "a-old");
	assert_int_equal(gc.protected.n, 1);
	assert_true(fs_is_dir(open.folder));
	assert_false(fs_exists(old.folder));
	close_store();
	assert_int_equal(number_in("SELECT count(*) FROM campaigns"), 2);
	assert_int_equal(number_in("SELECT count(*) FROM trials"), 2);
	assert_int_equal(number_in("SELECT count(*) FROM candidates"), 2);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_database_is_brought_to_this_version),
		TEST(a_newer_version_is_refused),
		TEST(records_are_the_same_from_rows_and_from_folders),
		TEST(taking_in_again_does_nothing),
		TEST(a_campaign_of_the_same_name_begins_empty),
		TEST(the_number_of_a_trial_that_is_gone_is_not_given_again),
		TEST(decisions_follow_their_file),
		TEST(a_damaged_database_is_told_and_made_anew),
		TEST(a_damaged_database_stops_no_campaign),
		TEST(a_damaged_page_is_told),
		TEST(changed_and_missing_evidence_is_found),
		TEST(rows_that_say_something_else_are_found),
		TEST(a_damaged_record_does_not_hide_the_others),
		TEST(a_damaged_log_hides_no_trial),
		TEST(processes_that_write_at_once_lose_nothing),
		TEST(rebuild_waits_for_nobody_who_works),
		TEST(gc_never_takes_what_has_not_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
