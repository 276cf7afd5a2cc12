/* The environment's table, scenarios, campaign files and the plan that a guest is given. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "config/campaign.h"
#include "guest/plan.h"

static void fails(int status, struct err *err, const char *part)
{
	assert_int_equal(status, -1);
	assert_int_equal(err->kind, ERR_USAGE);
	if (!strstr(err->text, part))
		fail_msg("no \"%s\" in: %s", part, err->text);
	err_release(err);
}

static void test_defaults_are_valid(void **state)
{
	AUTO(err) err = ERR_INIT;
	struct environment env;

	(void)state;
	environment_init(&env);
	assert_int_equal(env.smp, 4);
	assert_true(env.sectorsize == 4096);
	assert_string_equal(env.buffers, "mixed");
	assert_int_equal(environment_check(&env, "ppc64le", &err), 0);
	for (const struct environment_key *key = environment_keys; key->name; key++) {
		struct environment other = env;
		AUTO(buf) value = BUF_INIT;

		environment_get(&env, key, &value);
		assert_int_equal(environment_set(&other, key->name, value.s, &err), 0);
		assert_memory_equal(&other, &env, sizeof(env));
	}
}

static void test_set(void **state)
{
	AUTO(err) err = ERR_INIT;
	struct environment env;

	(void)state;
	environment_init(&env);
	assert_int_equal(environment_set_pair(&env, "sectorsize=64k", &err), 0);
	assert_true(env.sectorsize == 65536);
	assert_int_equal(environment_set_pair(&env, "nocow=false", &err), 0);
	assert_false(env.nocow);
	assert_int_equal(environment_set_pair(&env, "mountoptions=commit=5,discard", &err), 0);
	assert_string_equal(env.mountoptions, "commit=5,discard");
	fails(environment_set_pair(&env, "smp", &err), &err, "expected KEY=VALUE");
	fails(environment_set_pair(&env, "smp=0", &err), &err, "from 1 to 64, found '0'");
	fails(environment_set_pair(&env, "smp=4x", &err), &err, "from 1 to 64, found '4x'");
	fails(environment_set_pair(&env, "smp=-1", &err), &err, "whole number");
	fails(environment_set_pair(&env, "smp=99999999999999999999", &err), &err, "whole number");
	fails(environment_set_pair(&env, "sectorsize=5000", &err), &err, "a power of two");
	fails(environment_set_pair(&env, "filesize=99999999999G", &err), &err, "whole number");
	fails(environment_set_pair(&env, "buffers=odd", &err), &err, "aligned, mixed or 512");
	fails(environment_set_pair(&env, "nocow=maybe", &err), &err, "true or false");
	fails(environment_set_pair(&env, "mountoptions=a b", &err), &err, "without blanks");
	fails(environment_set_pair(&env, "sectrsize=4k", &err), &err, "did you mean 'sectorsize'?");
}

static void test_contradictions(void **state)
{
	static const struct {
		const char *pairs[2], *arch, *part;
	} cases[] = {
		{ { "filesystem=ext4", "smp=1" }, "ppc64le", "nocow is a matter of btrfs" },
		{ { "iterations=0", "smp=1" }, "ppc64le", "exactly one must be 0" },
		{ { "seconds=5", "smp=1" }, "ppc64le", "exactly one must be 0" },
		{ { "logicalblocksize=4096", "sectorsize=512" }, "ppc64le", "smaller than logicalblocksize" },
		{ { "firmware=vof", "smp=1" }, "x86_64", "firmware=vof: x86_64 has none of this name" },
		{ { "iterations=0", "seconds=300" }, "ppc64le", "does not fit into timelimit" },
		{ { "workload=dio_read", "runtime=300" }, "ppc64le", "runtime=300 does not fit" },
		{ { "judge=regex", "smp=1" }, "ppc64le", "need each other" },
		{ { "judge=exit", "pattern=x" }, "ppc64le", "need each other" },
		{ { "judge=regex", "pattern=(x" }, "ppc64le", "POSIX extended" },
		{ { "judge=regex", "pattern=((((((((((((((((x+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+" },
		  "ppc64le",
		  "fewer repetitions" },
		{ { "bring=/a,b", "smp=1" }, "ppc64le", "expected absolute paths" },
		{ { "bring=/a,", "smp=1" }, "ppc64le", "expected absolute paths" },
	};
	AUTO(err) err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct environment env;

		environment_init(&env);
		for (size_t j = 0; j < 2; j++)
			assert_int_equal(environment_set_pair(&env, cases[i].pairs[j], &err), 0);
		fails(environment_check(&env, cases[i].arch, &err), &err, cases[i].part);
	}
}

static void test_scenarios(void **state)
{
	static const char text[] =
	    "{\"scenarios\": [{\"name\": \"A1\", \"set\": {\"blocksize\": \"4k\", \"depth\": 4}}]}";
	AUTO(scenario_list) list = SCENARIO_LIST_INIT;
	AUTO(err) err = ERR_INIT;
	struct environment env;

	(void)state;
	assert_int_equal(scenario_parse("x/one.json", text, strlen(text), &list, &err), 0);
	assert_string_equal(scenario_find(&list, "A1", &err)->file, "one");
	assert_ptr_equal(scenario_find(&list, "one:A1", &err), &list.v[0]);
	environment_init(&env);
	assert_int_equal(scenario_apply(&list.v[0], false, &env, &err), 0);
	assert_true(env.blocksize == 4096 && env.depth == 4);
	fails(scenario_find(&list, "A2", &err) ? 0 : -1, &err, "did you mean 'A1'?");
	assert_int_equal(scenario_parse("two.json", text, strlen(text), &list, &err), 0);
	fails(scenario_find(&list, "A1", &err) ? 0 : -1, &err, "in two files: say one:A1 or two:A1");
}

static void test_bad_scenarios(void **state)
{
	static const struct {
		const char *text, *part;
	} cases[] = {
		{ "{\"scenarios\": [{\"name\": \"A\",\n \"set\": {\"depht\": 4}}]}", "s.json:2:" },
		{ "{\"scenarios\": [{\"name\": \"A\", \"set\": {\"depth\": 0}}]}",
		  "depth: expected a whole number" },
		{ "{\"scenarios\": [{\"name\": \"A\", \"set\": {\"depth\": []}}]}",
		  "expected a text, a whole number" },
		{ "{\"scenarios\": [{\"name\": \"A\"}]}", "set" },
		{ "{\"scenarios\": {}}", "array" },
	};
	AUTO(err) err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(scenario_list) list = SCENARIO_LIST_INIT;

		fails(scenario_parse("s.json", cases[i].text, strlen(cases[i].text), &list, &err), &err,
		      cases[i].part);
	}
}

static void test_campaign_file(void **state)
{
	static const char text[] =
	    "{\"name\": \"n1\", \"scenario\": \"AD033\", \"candidates\": [\"a\", \"b\"],\n"
	    " \"find\": \"fix\", \"trials\": 3, \"environment\": {\"smp\": 2, \"nocow\": false}}";
	static const char *const bad[][2] = {
		{ "{\"name\": \"../x\"}", "without a leading dot" },
		{ "{\"find\": \"bug\"}", "find" },
		{ "{\"trials\": 0}", "trials" },
		{ "{\"candidate\": []}", "did you mean" },
		{ "{\"environment\": {\"smp\": 0}}", "$.environment.smp" },
	};
	AUTO(campaign_config) config = { .name = NULL };
	AUTO(err) err = ERR_INIT;

	(void)state;
	assert_int_equal(campaign_config_parse("c.json", text, strlen(text), &config, &err), 0);
	assert_string_equal(config.name, "n1");
	assert_int_equal(config.candidates.n, 2);
	assert_true(config.find_fix);
	assert_int_equal(config.trials, 3);
	assert_string_equal(config.set.v[1], "nocow=false");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		AUTO(campaign_config) other = { .name = NULL };

		fails(campaign_config_parse("c.json", bad[i][0], strlen(bad[i][0]), &other, &err), &err,
		      bad[i][1]);
	}
}

static void test_plan(void **state)
{
	static const char *const args[] = { "-x", "a b#%", "", NULL };
	struct environment env;
	const struct plan_scenario none = { .name = "AD033", .env = &env };
	const struct plan_scenario exec = { "mine", &env, { "/home/me/prog", args } };
	AUTO(strv) modules = STRV_INIT;
	AUTO(err) err = ERR_INIT;
	AUTO(buf) plan = BUF_INIT;

	(void)state;
	strv_add(&modules, "/modules/btrfs.ko");
	environment_init(&env);
	assert_int_equal(plan_write(&none, 1, "/dev/hvc1", &modules, &plan, &err), 0);
	assert_non_null(strstr(
	    plan.s, "qbisect-plan 2\nevents /dev/hvc1\nmodule /modules/btrfs.ko\ndisk qbisect\nfstype btrfs\n"
		    "scenario AD033\nnocow 1\n"));
	assert_non_null(strstr(plan.s, "workload aiocp\nblocksize 65536\n"));
	buf_reset(&plan);
	env.workload = "exec";
	fails(plan_write(&none, 1, "/dev/hvc1", &modules, &plan, &err), &err, "add --inject FILE");
	buf_reset(&plan);
	assert_int_equal(plan_write(&exec, 1, "/dev/hvc1", &modules, &plan, &err), 0);
	assert_non_null(strstr(plan.s, "exec /inject/prog\njudge ltp\narg -x\narg a%20b%23%25\narg \n"));
}

/* Each key by itself, and nothing else, decides whether a boot can be shared. */
static void test_shared_boot(void **state)
{
	static const struct {
		const char *pair;
		bool shares;
	} cases[] = {
		{ "smp=2", false },	      { "memory=512", false },
		{ "accelerator=tcg", false }, { "firmware=slof", false },
		{ "pagesize=64k", false },    { "filesystem=ext4", false },
		{ "sectorsize=64k", false },  { "mountoptions=noatime", false },
		{ "disksize=500", false },    { "logicalblocksize=4k", false },
		{ "bootlimit=9", false },     { "nocow=false", true },
		{ "workload=probe", true },   { "workload=exec", false },
		{ "blocksize=4k", true },     { "timelimit=5", true },
		{ "iterations=1", true },     { "seed=3", true },
	};
	struct environment usual, other;
	AUTO(err) err = ERR_INIT;

	(void)state;
	environment_init(&usual);
	assert_true(environment_shares_boot(&usual, &usual));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		environment_init(&other);
		assert_int_equal(environment_set_pair(&other, cases[i].pair, &err), 0);
		if (environment_shares_boot(&usual, &other) != cases[i].shares ||
		    environment_shares_boot(&other, &usual) != cases[i].shares)
			fail_msg("%s", cases[i].pair);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults_are_valid),
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_contradictions),
		cmocka_unit_test(test_scenarios),
		cmocka_unit_test(test_bad_scenarios),
		cmocka_unit_test(test_campaign_file),
		cmocka_unit_test(test_plan),
		cmocka_unit_test(test_shared_boot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
