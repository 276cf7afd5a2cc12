/* The guest's reading of its plan: alone, and what the host writes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "guest/plan.h" /* the host's side */

#include "plan.c" /* the guest's; NOLINT(bugprone-suspicious-include): there is no library to link */

static struct plan_list list;
static struct plan plan; /* of the first scenario */
static char text[8192];

static bool parse_text(char *whole)
{
	bool good;

	free(list.scenario);
	good = plan_parse(&list, whole);
	plan = list.n ? list.scenario[0] : list.boot;
	return good;
}

/* A plan of one scenario, A. */
static bool parse(const char *boot, const char *lines)
{
	snprintf(text, sizeof(text), PROTO_PLAN_HEADER "\n%sscenario A\n%s", boot, lines);
	return parse_text(text);
}

static void test_defaults_are_ltps(void **state)
{
	(void)state;
	assert_true(parse("", "workload aiocp\niterations 3"));
	assert_int_equal(plan.blocksize, 65536);
	assert_int_equal(plan.filesize, 1048576);
	assert_int_equal(plan.depth, 16);
	assert_int_equal(plan.flags, FLAGS_NONE);
	assert_int_equal(plan.buffers, BUFFERS_ALIGNED);
	assert_int_equal(plan.files, 1);
	assert_int_equal(plan.timelimit, 300);
	assert_string_equal(plan.fstype, "none");
	assert_string_equal(plan_workload(&plan), "aiocp");
}

static void test_all_keys(void **state)
{
	(void)state;
	assert_true(
	    parse("# a comment\n\nevents /dev/hvc1\nmodule /modules/a.ko\nmodule /modules/b.ko x=1 y=2\n"
		  "disk qbdisk\nfstype btrfs\nmountoptions noatime,nodatacow\n",
		  "nocow 1\nworkload exec\n"
		  "blocksize 4096\nfilesize 2097152\ndepth 4\nflags DIRECT\nbuffers 512\nfiles 2\nseconds 9\n"
		  "seed 18446744073709551615\ntimelimit 60\nexec /inject/x\narg a%20b\narg \narg\narg -n\n"));
	assert_int_equal(plan.n_modules, 2);
	assert_string_equal(plan.module[1], "/modules/b.ko x=1 y=2");
	assert_string_equal(plan.mountoptions, "noatime,nodatacow");
	assert_int_equal(plan.workload, WORKLOAD_EXEC);
	assert_int_equal(plan.flags, FLAGS_DIRECT);
	assert_int_equal(plan.buffers, BUFFERS_512);
	assert_true(plan.seed == UINT64_MAX);
	assert_int_equal(plan.seconds, 9);
	assert_int_equal(plan.n_args, 4);
	assert_string_equal(plan.arg[0], "a b");
	assert_string_equal(plan.arg[1], "");
	assert_string_equal(plan.arg[2], "");
	assert_string_equal(plan.arg[3], "-n");
}

static void test_errors_name_the_line(void **state)
{
	static const struct {
		const char *boot, *lines, *error;
	} cases[] = {
		{ "", "", "scenario A: 'workload' is missing" },
		{ "", "workload aiocp", "scenario A: one of 'iterations' and 'seconds' is needed" },
		{ "", "workload aiocp\nseconds 1\niterations 1",
		  "scenario A: one of 'iterations' and 'seconds' is needed" },
		{ "", "workload exec\nseconds 1", "scenario A: workload exec needs 'exec'" },
		{ "fstype xfs\n", "workload aiocp\nseconds 1", "scenario A: fstype xfs needs 'disk'" },
		{ "", "workload aiocp\ncolour red", "line 4: unknown key 'colour'" },
		{ "colour red\n", "", "line 2: unknown key 'colour'" },
		{ "", "workload", "line 3: 'workload' cannot be ''" },
		{ "", "workload cp", "line 3: 'workload' cannot be 'cp'" },
		{ "fstype ntfs\n", "", "line 2: 'fstype' cannot be 'ntfs'" },
		{ "", "\nnocow 2", "line 4: 'nocow' cannot be '2'" },
		{ "", "depth 0", "line 3: 'depth' cannot be '0'" },
		{ "", "depth -1", "line 3: 'depth' cannot be '-1'" },
		{ "", "depth  1", "line 3: 'depth' cannot be ' 1'" },
		{ "", "depth 4k", "line 3: 'depth' cannot be '4k'" },
		{ "", "depth 99999999999999999999", "line 3: 'depth' cannot be '99999999999999999999'" },
		{ "", "seed", "line 3: 'seed' cannot be ''" },
		{ "", "depth 1\ndepth 1", "line 4: 'depth' comes again" },
		{ "", "arg 50%", "line 3: 'arg' is badly escaped" },
		{ "depth 1\n", "", "line 2: 'depth' belongs behind the first 'scenario'" },
		{ "", "disk a", "line 3: 'disk' belongs before the first 'scenario'" },
		{ "", "workload aiocp\nseconds 1\nscenario B\nworkload aiocp",
		  "scenario B: one of 'iterations' and 'seconds' is needed" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_false(parse(cases[i].boot, cases[i].lines));
		assert_string_equal(list.boot.error, cases[i].error);
	}
	snprintf(text, sizeof(text), "qbisect-plan 1\n");
	assert_false(parse_text(text));
	assert_string_equal(list.boot.error, "line 1: not 'qbisect-plan 2'");
	snprintf(text, sizeof(text), PROTO_PLAN_HEADER "\n");
	assert_false(parse_text(text));
	assert_string_equal(list.boot.error, "'scenario' is missing");
}

static void test_several_scenarios(void **state)
{
	(void)state;
	assert_true(parse("disk d\nfstype btrfs\n", "workload aiocp\niterations 1\ndepth 2\nnocow 1\n"
						    "scenario B%23\nworkload probe\nseconds 7\n"));
	assert_int_equal(list.n, 2);
	assert_string_equal(list.scenario[0].label, "A");
	assert_string_equal(list.scenario[1].label, "B%23");
	assert_int_equal(list.scenario[0].depth, 2);
	assert_int_equal(list.scenario[1].depth, 16);
	assert_int_equal(list.scenario[1].nocow, 0);
	assert_int_equal(list.scenario[1].workload, WORKLOAD_PROBE);
	assert_int_equal(list.scenario[1].iterations, 0);
	assert_string_equal(list.scenario[1].disk, "d");
}

static void test_bounds(void **state)
{
	AUTO(buf) lines = BUF_INIT;

	(void)state;
	buf_adds(&lines, "workload exec\nexec /inject/x\nseconds 1\n");
	for (int i = 0; i < PROTO_PLAN_ARGS_MAX; i++)
		buf_adds(&lines, "arg x\n");
	assert_true(parse("", lines.s));
	buf_adds(&lines, "arg y\n");
	assert_false(parse("", lines.s));
	assert_non_null(strstr(list.boot.error, "'arg' cannot be 'y'"));
	buf_reset(&lines);
	buf_addf(&lines, "events %0*d\n", (int)sizeof(plan.events), 0);
	assert_false(parse(lines.s, ""));
	buf_reset(&lines);
	buf_adds(&lines, PROTO_PLAN_HEADER "\n");
	for (int i = 0; i <= PROTO_SCENARIOS_MAX; i++)
		buf_adds(&lines, "scenario A\nworkload aiocp\nseconds 1\n");
	assert_false(parse_text(lines.s));
	assert_string_equal(list.boot.error, "line 1538: too many scenarios");
}

/* What the host writes from an environment, its extremes too, the guest reads. */
static void test_the_host_writes_what_the_guest_reads(void **state)
{
	const struct environment_key *key;
	AUTO(strv) modules = STRV_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	strv_add(&modules, "/modules/virtio_blk.ko");
	for (key = environment_keys; key->name; key++) {
		const uint64_t ends[] = { key->min, key->max };

		if (key->type != KEY_UINT && key->type != KEY_SIZE)
			continue;
		for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
			AUTO(buf) out = BUF_INIT;
			struct environment env, usual;
			const struct plan_scenario both[] = { { .name = "a% b", .env = &env },
							      { .name = "b", .env = &usual } };
			char value[32];

			environment_init(&env);
			environment_init(&usual);
			snprintf(value, sizeof(value), "%llu", (unsigned long long)ends[i]);
			if (environment_set(&env, key->name, value, &err) < 0)
				err_release(&err);
			if (!env.iterations && !env.seconds)
				env.seconds = 1;
			assert_int_equal(plan_write(both, 2, "/dev/hvc1", &modules, &out, &err), 0);
			if (!parse_text(out.s))
				fail_msg("%s=%s: %s", key->name, value, list.boot.error);
			assert_int_equal(list.n, 2);
			assert_string_equal(plan.label, "a%25%20b");
		}
	}
}

static void test_arguments_arrive_as_given(void **state)
{
	static const char *const args[] = { "-b", "", "a b%\n\"#", NULL };
	struct environment env;
	const struct plan_scenario scenario = { "x", &env, { "/home/me/prog", args } };
	AUTO(strv) modules = STRV_INIT;
	AUTO(buf) out = BUF_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	environment_init(&env);
	assert_int_equal(environment_set(&env, "workload", "exec", &err), 0);
	assert_int_equal(plan_write(&scenario, 1, "/dev/hvc1", &modules, &out, &err), 0);
	assert_true(parse_text(out.s));
	assert_string_equal(plan.exec, "/inject/prog");
	assert_int_equal(plan.n_args, 3);
	for (size_t i = 0; args[i]; i++)
		assert_string_equal(plan.arg[i], args[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults_are_ltps),
		cmocka_unit_test(test_all_keys),
		cmocka_unit_test(test_errors_name_the_line),
		cmocka_unit_test(test_several_scenarios),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_the_host_writes_what_the_guest_reads),
		cmocka_unit_test(test_arguments_arrive_as_given),
	};

	return cmocka_run_group_tests_name("guest plan", tests, NULL, NULL);
}
