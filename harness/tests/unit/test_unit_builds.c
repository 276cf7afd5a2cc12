/* Builds as units. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "campaign/build_order.h"
#include "tests/unit/order_fixture.h"

#define COMMIT "0123456789abcdef0123456789abcdef01234567"

struct asked_build {
	struct campaign campaign;
	struct build_spec spec;
	struct build_result result;
	struct strv avoid;
	struct build_order order;
};

static void make_build(struct asked_build *asked)
{
	*asked = (struct asked_build){ .campaign = { .folder = folder, .name = (char *)"git" },
				       .spec = { .git = "/srv/linux",
						 .rev = COMMIT,
						 .arch = "ppc64le",
						 .pagesize = 65536,
						 .toolchain = "gcc 12",
						 .key = "4567" },
				       .result = BUILD_RESULT_INIT };
	asked->order = (struct build_order){
		.base = { &build_order_kind, &asked->campaign, "building " COMMIT, &asked->avoid, false },
		.cache = folder,
		.spec = &asked->spec,
		.out = &asked->result,
	};
}

static void build_comes_back(void **state)
{
	AUTO(buf) text = BUF_INIT, other = BUF_INIT;
	AUTO_FREE char *name = NULL, *changed = NULL;
	AUTO(unit) unit = UNIT_INIT;
	AUTO(err) err = ERR_INIT;
	struct asked_build asked;

	(void)state;
	make_build(&asked);
	unit_write(&asked.order.base, "", 0, &text);
	assert_int_equal(unit_parse("u", text.s, text.len, &unit, &err), 0);
	assert_string_equal(unit.build.git, "/srv/linux");
	assert_string_equal(unit.build.rev, COMMIT);
	assert_string_equal(unit.build.arch, "ppc64le");
	assert_int_equal(unit.build.pagesize, 65536);
	assert_null(unit.build.config);
	assert_string_equal(unit.build.toolchain, "gcc 12");
	assert_string_equal(unit.build.key, "4567");
	name = unit_name(&text);
	asked.spec.key = "89ab"; /* another compiler: another kernel */
	unit_write(&asked.order.base, "", 0, &other);
	changed = unit_name(&other);
	assert_string_not_equal(name, changed);
}

/* A record, as boots have. */
static void add_record(struct unit_result *result)
{
	struct candidate candidate = { .id = (char *)"6.12",
				       .arch = (char *)"ppc64le",
				       .release = (char *)"6" };
	struct environment env;
	struct plan_scenario scenario = { .name = "A", .env = &env };
	const struct trial_spec spec = { .candidate = &candidate, .scenarios = &scenario };

	environment_init(&env);
	result->records = (struct record_list){ xcalloc(1, sizeof(struct record)), 1, 1 };
	record_refusal(&result->records.v[0], &spec, 0, VERDICT_GOOD, "clean", "fine");
}

/* A result of another build, and of a boot. */
static void foreign_build_is_lost(void **state)
{
	AUTO(err) err = ERR_INIT;
	AUTO_FREE char *unit = NULL;
	struct asked_build asked;

	(void)state;
	make_build(&asked);
	unit = units_put(&asked.order.base, "", &nobody, &err);
	assert_non_null(unit);
	for (int i = 0; i < 2; i++) {
		AUTO(unit_result) result = { .unit = xstrdup(path_base(unit)), .host = xstrdup("n1") };

		if (i)
			add_record(&result);
		else
			result.built = xstrdup("89ab");
		leave(unit, &result);
		assert_int_equal(units_collect(&asked.order.base, unit, &err), 1);
		assert_non_null(strstr(err.text, "the result of something else"));
		assert_false(units_has_result(unit, true));
	}
}

/* What the catalog has is not waited for; what it has not is for who asks again. */
static void builds_are_tidied(void **state)
{
	AUTO(unit_result) built = UNIT_RESULT_INIT, unbuilt = UNIT_RESULT_INIT;
	AUTO_FREE char *unit = NULL, *other = NULL;
	AUTO(err) err = ERR_INIT;
	struct asked_build asked;
	unsigned number = 0;

	(void)state;
	make_build(&asked);
	unit = units_put(&asked.order.base, "", &nobody, &err);
	built.unit = xstrdup(path_base(unit));
	built.host = xstrdup("n1");
	built.built = xstrdup("4567");
	leave(unit, &built);
	asked.spec.key = "89ab";
	other = units_put(&asked.order.base, "", &nobody, &err);
	unbuilt.unit = xstrdup(path_base(other));
	unbuilt.host = xstrdup("n2");
	unbuilt.unbuilt = xstrdup("make did not end");
	leave(other, &unbuilt);
	assert_int_equal(units_tidy(&asked.campaign, &number, &err), 0);
	assert_int_equal(number, 0);
	assert_false(units_awaits(folder, path_base(unit)));
	assert_true(units_awaits(folder, path_base(other)));
	assert_true(units_has_result(other, true));
}

#define HEAD(git, commit)                                                                                    \
	"{\"unit\": 1, \"campaign\": \"/c\", \"attempt\": 0, \"connect\": \"\", \"build\": {\"git\": \"" git \
	"\", \"commit\": \"" commit                                                                          \
	"\", \"arch\": \"a\", \"pagesize\": 0, \"config\": \"\", \"toolchain\": \"gcc\""

static void malformed_builds_are_refused(void **state)
{
	static const struct {
		const char *text, *wrong;
	} cases[] = {
		{ HEAD("srv", COMMIT) ", \"key\": \"k\"}}", "$.build.git" },
		{ HEAD("/srv", "--output=x") ", \"key\": \"k\"}}", "$.build.commit" },
		{ HEAD("/srv", COMMIT) "}}", "the key \"key\" is missing" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		refuses_unit(cases[i].text, cases[i].wrong);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(build_comes_back, folder_set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(foreign_build_is_lost, folder_set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(builds_are_tidied, folder_set_up, folder_tear_down),
		cmocka_unit_test(malformed_builds_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
