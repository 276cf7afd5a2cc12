/* Units of work as files, and what comes back of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <sys/stat.h>

#include "tests/unit/order_fixture.h"

static void unit_comes_back(void **state)
{
	AUTO(buf) text = BUF_INIT, pairs = BUF_INIT;
	AUTO(unit) unit = UNIT_INIT;
	AUTO(err) err = ERR_INIT;
	AUTO(strv) was = STRV_INIT, is = STRV_INIT;
	struct asked asked;

	(void)state;
	make(&asked);
	unit_write(&asked.order.base, "fake:/x", 3, &text);
	assert_int_equal(unit_parse("u", text.s, text.len, &unit, &err), 0);
	assert_string_equal(unit.connect, "fake:/x");
	assert_string_equal(unit.candidate, "6.12");
	assert_string_equal(unit.commit, "abc");
	assert_int_equal(unit.n, 2);
	assert_string_equal(unit.questions[1].scenario, "AD029");
	assert_string_equal(unit.questions[1].candidate_name, "64k");
	assert_string_equal(unit.questions[1].environment_name, "");
	environment_list(&asked.questions[1].env, &was);
	environment_list(&unit.questions[1].env, &is);
	assert_int_equal(was.n, is.n);
	for (size_t i = 0; i < was.n; i++)
		assert_string_equal(was.v[i], is.v[i]);
	assert_string_equal(unit.questions[0].program.path, "/bin/test");
	assert_string_equal(unit.questions[0].program.args[1], "two words");
	assert_null(unit.questions[0].program.args[2]);
	assert_null(unit.questions[1].program.path);
}

/* The same work has one name, any other work another. */
static void name_is_the_content(void **state)
{
	AUTO(buf) a = BUF_INIT, b = BUF_INIT, c = BUF_INIT, last = BUF_INIT;
	AUTO_FREE char *name = NULL, *same = NULL, *other = NULL;
	struct asked asked;

	(void)state;
	make(&asked);
	unit_write(&asked.order.base, "", 0, &a);
	unit_write(&asked.order.base, "", 0, &b);
	unit_write(&asked.order.base, "", 1, &c);
	name = unit_name(&a);
	same = unit_name(&b);
	other = unit_name(&c);
	assert_true(unit_name_valid(name));
	assert_string_equal(name, same);
	assert_string_not_equal(name, other);
	asked.order.base.last_try = true; /* whoever is late with an earlier try has done this one */
	unit_write(&asked.order.base, "", 0, &last);
	assert_string_equal(last.s, a.s);
	assert_false(unit_name_valid("../../../../../../../../../../../x"));
	assert_false(unit_name_valid(""));
}

#define HEAD "{\"unit\": 1, \"campaign\": \"/c\", \"attempt\": 0, \"connect\": \"\", \"candidate\": "
#define TAIL ", \"commit\": \"\", \"questions\": "
#define Q(environment)                                                                                       \
	"{\"scenario\": \"A\", \"candidate_name\": \"\", \"environment_name\": \"\", \"environment\": "      \
	"[" environment "], \"program\": []}"

static void malformed_units_are_refused(void **state)
{
	static const struct {
		const char *text, *wrong;
	} cases[] = {
		{ "", "u:1:1: " },
		{ "{}", "the key \"unit\" is missing" },
		{ "{\"unit\": 2}", "$.unit" },
		{ HEAD "\"../x\"" TAIL "[" Q("") "]}", "$.candidate" },
		{ HEAD "\"k\"" TAIL "[]}", "expected 1 to" },
		{ HEAD "\"k\"" TAIL "[" Q("\"smp=none\"") "]}",
		  "$.questions[0].environment[0]: --set: smp: " },
		{ HEAD "\"k\"" TAIL "[" Q("1") "]}", "$.questions[0].environment[0]: expected" },
		{ HEAD "\"k\"" TAIL "[" Q("\"smp=2\"") ", " Q("\"smp=3\"") "]}", "shares a boot" },
		{ HEAD "\"k\"" TAIL "[" Q("") "], \"more\": 1}", "more" },
		{ HEAD "\"k\", \"build\": {}}", "$.candidate: unknown key" },
	};
	AUTO(unit) good = UNIT_INIT;
	AUTO(err) none = ERR_INIT;
	static const char fine[] = HEAD "\"k\"" TAIL "[" Q("\"smp=2\"") "]}";

	(void)state;
	assert_int_equal(unit_parse("u", fine, strlen(fine), &good, &none), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		refuses_unit(cases[i].text, cases[i].wrong);
}

/* --- results ------------------------------------------------------------------------------------------ */

/* What a worker leaves of the order, in its unit's folder. */
static void leave_result(const struct asked *asked, const char *unit, enum verdict verdict)
{
	AUTO(unit_result) result = { .unit = xstrdup(path_base(unit)), .host = xstrdup("n1") };

	result.records.v = xcalloc(asked->order.n, sizeof(struct record));
	for (size_t i = 0; i < asked->order.n; i++) {
		const struct plan_scenario one = { .name = asked->each[i]->scenario,
						   .env = &asked->each[i]->env };
		const struct trial_spec spec = { .candidate = &(struct candidate){ .id = (char *)"6.12",
										   .arch = (char *)"ppc64le",
										   .release = (char *)"6" },
						 .scenarios = &one };

		record_refusal(&result.records.v[result.records.n++], &spec, 0, verdict, "clean", "fine");
	}
	leave(unit, &result);
}

static size_t files_of(const char *path)
{
	AUTO(strv) names = STRV_INIT;
	AUTO(err) err = ERR_INIT;

	assert_int_equal(fs_list(path, &names, &err), 0);
	return names.n;
}

static void result_is_taken_once(void **state)
{
	AUTO(err) err = ERR_INIT;
	AUTO(strv) busy = STRV_INIT;
	AUTO_FREE char *unit = NULL, *again = NULL, *beside = NULL;
	AUTO_FREE char *to = xasprintf("%s/00007-6.12", folder);
	AUTO_FREE char *left = path_join(to, UNIT_RESULT);
	struct asked asked;

	(void)state;
	make(&asked);
	unit = units_put(&asked.order.base, "", &nobody, &err);
	assert_non_null(unit);
	assert_false(units_has_result(unit, true));
	again = units_put(&asked.order.base, "", &nobody, &err);
	assert_string_equal(unit, again); /* one that waits is the one that is asked for */
	strv_add(&busy, unit);
	beside = units_put(&asked.order.base, "", &busy, &err);
	assert_string_not_equal(unit, beside); /* but one boot is not two trials */
	leave_result(&asked, unit, VERDICT_BROKEN);
	assert_true(units_has_result(unit, false));
	asked.order.folder = to;
	assert_int_equal(units_collect(&asked.order.base, unit, &err), 0);
	assert_string_equal(asked.records[1].scenario, "AD029");
	assert_true(strv_has(&asked.avoid, "n1")); /* it broke there */
	assert_int_equal(units_kept(&asked.campaign, to, &err), 0);
	assert_false(fs_exists(left));
	assert_int_equal(files_of(unit), 0);
	free(again);
	again = units_put(&asked.order.base, "", &nobody, &err);
	assert_string_not_equal(unit, again); /* that was one trial, this is another */
	for (int i = 0; i < 2; i++)
		record_release(&asked.records[i]);
	strv_release(&asked.avoid);
}

/* Killed between the folder's move and its records, and before it. */
static void taking_in_is_finished(void **state)
{
	AUTO(err) err = ERR_INIT;
	AUTO(record_list) records = RECORD_LIST_INIT;
	AUTO_FREE char *unit = NULL, *other = NULL;
	AUTO_FREE char *to = xasprintf("%s/00001-6.12", folder);
	AUTO_FREE char *done = NULL;
	unsigned number = 0;
	struct asked asked;

	(void)state;
	make(&asked);
	unit = units_put(&asked.order.base, "", &nobody, &err);
	leave_result(&asked, unit, VERDICT_GOOD);
	done = path_join(unit, UNIT_DONE);
	assert_int_equal(fs_move(done, to, &err), 0);
	asked.order.n = 1;
	other = units_put(&asked.order.base, "", &nobody, &err);
	leave_result(&asked, other, VERDICT_BAD);
	assert_int_equal(units_tidy(&asked.campaign, &number, &err), 0);
	assert_int_equal(number, 3);
	assert_int_equal(campaign_records(&asked.campaign, &records, &err), 0);
	assert_int_equal(records.n, 3);
	assert_string_equal(records.v[0].boot, "00001-6.12");
	assert_string_equal(records.v[1].boot, "00001-6.12");
	assert_string_equal(records.v[2].boot, "");
	assert_int_equal(records.v[2].verdict, VERDICT_BAD);
	assert_int_equal(units_tidy(&asked.campaign, &number, &err), 0);
	assert_int_equal(number, 3);
	assert_int_equal(files_of(unit) + files_of(other), 0);
}

static void damaged_result_is_lost(void **state)
{
	AUTO(err) err = ERR_INIT, none = ERR_INIT;
	AUTO_FREE char *unit = NULL, *done = NULL, *file = NULL, *to = xasprintf("%s/00001-6.12", folder);
	struct asked asked;

	(void)state;
	make(&asked);
	unit = units_put(&asked.order.base, "", &nobody, &none);
	leave_result(&asked, unit, VERDICT_GOOD);
	done = path_join(unit, UNIT_DONE);
	file = path_join(done, UNIT_RESULT);
	assert_int_equal(fs_write_atomic(file, "{\"unit\"", 7, &none), 0);
	asked.order.folder = to;
	assert_int_equal(units_collect(&asked.order.base, unit, &err), 1);
	assert_int_equal(err.kind, ERR_HOST);
	assert_false(fs_exists(to));
	assert_false(units_has_result(unit, true)); /* the next try may leave another one */
}

static void leave_refusal(const char *unit, const char *host)
{
	AUTO(unit_result)
	result = { .unit = xstrdup(path_base(unit)),
		   .host = xstrdup(host),
		   .error = xstrdup("no such disk") };

	leave(unit, &result);
}

/* A setting that one host cannot have may be another's. */
static void two_hosts_refuse_a_setting(void **state)
{
	AUTO(err) first = ERR_INIT, second = ERR_INIT, none = ERR_INIT;
	AUTO_FREE char *unit = NULL, *again = NULL;
	struct asked asked;

	(void)state;
	make(&asked);
	unit = units_put(&asked.order.base, "", &nobody, &none);
	leave_refusal(unit, "n1");
	assert_int_equal(units_collect(&asked.order.base, unit, &first), 1);
	assert_int_equal(first.kind, ERR_HOST);
	assert_true(strv_has(&asked.avoid, "n1"));
	again = units_put(&asked.order.base, "", &nobody, &none);
	assert_string_not_equal(unit, again);
	leave_refusal(again, "n2");
	assert_int_equal(units_collect(&asked.order.base, again, &second), -1);
	assert_int_equal(second.kind, ERR_USAGE);
	assert_string_equal(second.text, "no such disk");
	strv_release(&asked.avoid);
}

/* What came back is of the same boot, but stands under the other question's name; or is another unit's. */
static void swapped_result_is_not_taken(void **state)
{
	AUTO(err) err = ERR_INIT;
	AUTO(strv) busy = STRV_INIT;
	AUTO_FREE char *unit = NULL, *other = NULL, *done = NULL, *of_other = NULL;
	AUTO_FREE char *to = xasprintf("%s/00001-6.12", folder);
	unsigned number = 0;
	struct asked asked, swapped;

	(void)state;
	make(&asked);
	make(&swapped);
	swapped.each[0] = &swapped.questions[1];
	swapped.each[1] = &swapped.questions[0];
	asked.order.folder = to;
	unit = units_put(&asked.order.base, "", &nobody, &err);
	leave_result(&swapped, unit, VERDICT_GOOD);
	assert_int_equal(units_tidy(&asked.campaign, &number, &err), 0);
	assert_int_equal(number, 0);
	assert_true(units_has_result(unit, true)); /* whoever asks says so */
	assert_int_equal(units_collect(&asked.order.base, unit, &err), 1);
	assert_non_null(strstr(err.text, "is the result of something else"));
	assert_false(units_has_result(unit, true));

	asked.candidate.id = (char *)"6.13";
	leave_result(&asked, unit, VERDICT_GOOD); /* of 6.12 */
	assert_int_equal(units_collect(&asked.order.base, unit, &err), 1);

	asked.candidate.id = (char *)"6.12";
	strv_add(&busy, unit);
	other = units_put(&asked.order.base, "", &busy, &err);
	leave_result(&asked, other, VERDICT_GOOD);
	of_other = path_join(other, UNIT_DONE);
	done = path_join(unit, UNIT_DONE);
	assert_int_equal(fs_move(of_other, done, &err), 0);
	assert_int_equal(units_tidy(&asked.campaign, &number, &err), 0);
	assert_int_equal(number, 0);
	assert_false(fs_exists(to));
}

/* A link in the place of a unit, of its result, or of the file in it leads nowhere. */
static void links_are_not_followed(void **state)
{
	AUTO_FREE char *unit = NULL, *done = NULL, *file = NULL, *away = xasprintf("%s/away", folder);
	AUTO_FREE char *to = xasprintf("%s/00001-6.12", folder), *inside = xasprintf("%s/away/x", folder);
	AUTO(err) err = ERR_INIT;
	unsigned number = 0;
	struct asked asked;

	(void)state;
	make(&asked);
	asked.order.folder = to;
	unit = units_put(&asked.order.base, "", &nobody, &err);
	leave_result(&asked, unit, VERDICT_GOOD);
	done = path_join(unit, UNIT_DONE);
	file = path_join(done, UNIT_RESULT);
	assert_int_equal(fs_move(done, away, &err), 0);
	assert_int_equal(symlink(away, done), 0);
	assert_int_equal(units_tidy(&asked.campaign, &number, &err), 0);
	assert_int_equal(units_collect(&asked.order.base, unit, &err), 1);
	assert_non_null(strstr(err.text, "is a link"));
	assert_false(fs_exists(to));
	assert_false(fs_is_link(done));
	assert_true(fs_is_dir(away)); /* the link is gone, not what it led to */

	assert_int_equal(fs_write_atomic(inside, "", 0, &err), 0);
	assert_int_equal(fs_remove_tree(unit, &err), 0);
	assert_int_equal(symlink(away, unit), 0);
	assert_null(units_put(&asked.order.base, "", &nobody, &err));
	assert_non_null(strstr(err.text, "is a link"));
	assert_int_equal(units_empty(unit, &err), 0);
	assert_true(fs_exists(inside));
	assert_int_equal(units_tidy(&asked.campaign, &number, &err), 0);
	assert_int_equal(number, 0);
}

static void result_must_make_sense(void **state)
{
	static const char *const texts[] = {
		"{}",
		"{\"unit\": \"0123\", \"host\": \"n1\", \"records\": []}",
		"{\"unit\": \"0123456789abcdef0123456789abcdef\", \"host\": \"n1\", \"records\": []}",
		"{\"unit\": \"0123456789abcdef0123456789abcdef\", \"host\": \"n1\", \"records\": [{}]}",
		"{\"unit\": \"0123456789abcdef0123456789abcdef\", \"host\": \"n1\"}",
		"{\"unit\": \"0123456789abcdef0123456789abcdef\", \"host\": \"n1\", \"built\": \"a\", \"error\": \"b\"}",
	};
	static const char refusal[] =
	    "{\"unit\": \"0123456789abcdef0123456789abcdef\", \"host\": \"n1 --foo\", \"error\": \"no kvm\"}";
	AUTO(unit_result) fine = UNIT_RESULT_INIT;
	AUTO(err) none = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		AUTO(unit_result) result = UNIT_RESULT_INIT;
		AUTO(err) err = ERR_INIT;

		assert_int_equal(unit_result_parse("r", texts[i], strlen(texts[i]), &result, &err), -1);
		assert_int_equal(err.kind, ERR_USAGE);
	}
	assert_int_equal(unit_result_parse("r", refusal, strlen(refusal), &fine, &none), 0);
	assert_string_equal(fine.error, "no kvm");
	assert_string_equal(fine.host, ""); /* what is no host's name is not passed on */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(unit_comes_back, folder_set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(name_is_the_content, folder_set_up, folder_tear_down),
		cmocka_unit_test(malformed_units_are_refused),
		cmocka_unit_test_setup_teardown(result_is_taken_once, folder_set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(taking_in_is_finished, folder_set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(damaged_result_is_lost, folder_set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(two_hosts_refuse_a_setting, folder_set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(swapped_result_is_not_taken, folder_set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(links_are_not_followed, folder_set_up, folder_tear_down),
		cmocka_unit_test(result_must_make_sense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
