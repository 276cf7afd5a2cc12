/* What is kept of a campaign: as it was to the last bit, and mended when its last line was cut off. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <sys/stat.h>

#include "base/fs.h"
#include "store/campaign.h"
#include "store/decision.h"
#include "tests/unit/folder_fixture.h"

static void make_decision(struct decision *decision, unsigned number)
{
	*decision = (struct decision){ .number = number,
				       .phase = xstrdup("search"),
				       .candidate = xstrdup("6.12"),
				       .trials = 2,
				       .why = xstrdup("search: \"bits\"\nand more"),
				       .bits = 1.0 / 3,
				       .failures = 1,
				       .passes = 1,
				       .skip = xstrdup(""),
				       .seconds = 12.345,
				       .told = -0.1,
				       .likeliest = xstrdup("6.13"),
				       .mass = 0.1 + 0.2 };
}

static void keep(unsigned number)
{
	AUTO(decision) decision = DECISION_INIT;
	AUTO(err) err = ERR_INIT;

	make_decision(&decision, number);
	assert_int_equal(decision_append(folder, &decision, &err), 0);
}

static void append_text(const char *text)
{
	AUTO_FREE char *path = path_join(folder, "decisions.jsonl");
	FILE *file = fopen(path, "a");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void decisions_come_back(void **state)
{
	AUTO(decision_list) list = DECISION_LIST_INIT;
	AUTO(decision) wanted = DECISION_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	keep(1);
	keep(2);
	make_decision(&wanted, 2);
	assert_int_equal(decisions_load(folder, false, &list, &err), 0);
	assert_int_equal(list.n, 2);
	assert_true(decision_equal(&list.v[1], &wanted));
	assert_memory_equal(&list.v[1].mass, &wanted.mass, sizeof(double));
	assert_false(decision_equal(&list.v[0], &wanted));
}

static void a_line_that_was_cut_off_is_mended(void **state)
{
	AUTO(decision_list) read_only = DECISION_LIST_INIT;
	AUTO(decision_list) mended = DECISION_LIST_INIT;
	AUTO(decision_list) after = DECISION_LIST_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	keep(1);
	append_text("{\"number\": 2, \"tri");
	assert_int_equal(decisions_load(folder, false, &read_only, &err), 0);
	assert_int_equal(read_only.n, 1);
	assert_int_equal(decisions_load(folder, true, &mended, &err), 0);
	keep(2);
	assert_int_equal(decisions_load(folder, false, &after, &err), 0);
	assert_int_equal(after.n, 2);
}

static void a_damaged_line_is_named(void **state)
{
	AUTO(decision_list) list = DECISION_LIST_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	keep(1);
	append_text("{\"number\": -2}\n");
	assert_int_equal(decisions_load(folder, true, &list, &err), -1);
	assert_int_equal(err.kind, ERR_HOST);
	assert_non_null(strstr(err.text, "decisions.jsonl, line 2"));
}

static void a_campaign_comes_back(void **state)
{
	AUTO(campaign) kept = { .confidence = 0.95, .probability = 0.1 + 0.2, .end_trials = 60 };
	AUTO(campaign) found = CAMPAIGN_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	str_replace(&kept.kind, "bisect");
	kept.name = xstrdup("c");
	strv_add(&kept.environment, "smp=4");
	strv_add(&kept.likely, "6.13");
	kept.rates[0] = (struct campaign_rate){ 3, 10, 1.0 / 3, 2.0 / 3 };
	assert_int_equal(campaign_create(&kept, folder, &err), 0);
	assert_int_equal(campaign_load(folder, "c", &found, &err), 0);
	assert_memory_equal(&found.probability, &kept.probability, sizeof(double));
	assert_memory_equal(&found.rates, &kept.rates, sizeof(kept.rates));
	assert_string_equal(found.environment.v[0], "smp=4");
	assert_int_equal(found.end_trials, 60);
}

static void a_new_campaign_comes_whole(void **state)
{
	AUTO(campaign) campaign = { .name = xstrdup("new"), .kind = xstrdup("matrix") };
	AUTO(campaign) again = { .name = xstrdup("new"), .kind = xstrdup("matrix") };
	AUTO(campaign) other = { .name = xstrdup("other"), .kind = xstrdup("matrix") };
	AUTO_FREE char *left = path_join(folder, ".new"), *inside = path_join(left, "half");
	AUTO_FREE char *file = path_join(folder, "new/matrix.json"), *bad = path_join(folder, "other");
	AUTO(buf) text = BUF_INIT, found = BUF_INIT;
	const struct campaign_file files[] = { { "matrix.json", &text } },
				   impossible[] = { { "no/folder", &text } };
	AUTO(err) err = ERR_INIT;

	(void)state;
	buf_adds(&text, "{}");
	assert_int_equal(fs_mkdirs(left, &err), 0);
	assert_int_equal(fs_write_atomic(inside, "x", 1, &err), 0);
	assert_int_equal(campaign_create_with(&campaign, folder, files, 1, &err), 0);
	assert_false(fs_exists(left));
	assert_int_equal(fs_read(file, 100, &found, &err), 0);
	assert_string_equal(found.s, "{}");
	assert_int_equal(campaign_create_with(&again, folder, files, 1, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_int_equal(campaign_create_with(&other, folder, impossible, 1, &err), -1);
	assert_false(fs_exists(bad));
	assert_false(fs_exists(left));
}

static void make_trial(const char *campaign, const char *name, const char *record)
{
	AUTO_FREE char *trial = xasprintf("%s/%s", campaign, name);
	AUTO_FREE char *file = path_join(trial, RECORD_FILE);
	AUTO(err) err = ERR_INIT;

	assert_int_equal(mkdir(trial, 0700), 0);
	if (record)
		assert_int_equal(fs_write_atomic(file, record, strlen(record), &err), 0);
}

static void trials_without_a_record_are_removed(void **state)
{
	struct campaign campaign = { .folder = folder };
	AUTO_FREE char *unfinished = path_join(folder, "00012-a");
	AUTO(err) err = ERR_INIT;
	unsigned number;

	(void)state;
	make_trial(folder, "00009-a", "{}");
	make_trial(folder, "00011-b", "{}");
	make_trial(folder, "00012-a", NULL);
	assert_int_equal(campaign_tidy(&campaign, &number, &err), 0);
	assert_int_equal(number, 11);
	assert_false(fs_exists(unfinished));
}

/* A record that was written before a boot could be shared is one of a boot of its own. */
static void records_come_back(void **state)
{
	AUTO(record) kept = { .verdict = VERDICT_BAD, .ms[TRIAL_TEST] = 7 };
	AUTO(record) found = RECORD_INIT, old = RECORD_INIT;
	AUTO_FREE char *file = path_join(folder, RECORD_FILE);
	AUTO(buf) text = BUF_INIT;
	AUTO(err) err = ERR_INIT;
	char *boot;

	(void)state;
	kept.scenario = xstrdup("AD033");
	kept.boot = xstrdup("00007-a");
	assert_int_equal(record_save(&kept, folder, &err), 0);
	assert_int_equal(record_load(folder, &found, &err), 0);
	assert_int_equal(found.verdict, VERDICT_BAD);
	assert_string_equal(found.boot, "00007-a");
	assert_int_equal(found.ms[TRIAL_TEST], 7);
	assert_int_equal(fs_read(file, 1 << 20, &text, &err), 0);
	boot = strstr(text.s, "\"boot\"");
	assert_non_null(boot);
	memset(boot, ' ', strcspn(boot, "\n"));
	assert_int_equal(fs_write_atomic(file, text.s, text.len, &err), 0);
	assert_int_equal(record_load(folder, &old, &err), 0);
	assert_string_equal(old.boot, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(decisions_come_back, folder_set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(a_line_that_was_cut_off_is_mended, folder_set_up,
						folder_tear_down),
		cmocka_unit_test_setup_teardown(a_damaged_line_is_named, folder_set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(a_campaign_comes_back, folder_set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(a_new_campaign_comes_whole, folder_set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(trials_without_a_record_are_removed, folder_set_up,
						folder_tear_down),
		cmocka_unit_test_setup_teardown(records_come_back, folder_set_up, folder_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
