/* The guest's program on the host's file system, its events read by the host's parser. Skips when it is not
 * built. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <sys/utsname.h>

#include "base/child.h"
#include "base/fs.h"
#include "guest/events.h"

#define NONCE "00112233445566778899aabbccddeeff"

static struct guest_events events;
static struct guest_report report;
static char *init, *stub, *folder;

static int setup(void **state)
{
	AUTO(err) err = ERR_INIT;
	struct utsname name;

	(void)state;
	if (uname(&name) < 0)
		return -1;
	init = xasprintf(BUILD "/guest/%s/init", name.machine);
	stub = xasprintf(BUILD "/guest/%s/ltp_stub", name.machine);
	folder = fs_temp_dir(BUILD "/test-guest-", &err);
	return folder ? 0 : -1;
}

static int teardown(void **state)
{
	AUTO(err) err = ERR_INIT;
	int ret = fs_remove_tree(folder, &err);

	(void)state;
	free(init);
	free(stub);
	free(folder);
	return ret;
}

/* Runs init with these words, NULL-terminated; FOLDER stands for the folder. Returns its exit code. */
static int run(const char *const *words)
{
	AUTO(child_result) result = CHILD_RESULT_INIT;
	const char *argv[32] = { init, words[0], "--nonce", NONCE };
	struct child child = { .argv = argv, .timeout_ms = 30000 };
	AUTO(err) err = ERR_INIT;
	size_t n = 4;

	if (!fs_exists(init) || !fs_exists(stub)) {
		print_message("%s or its stub is not built: make guest stubs\n", init);
		skip();
	}
	for (size_t i = 1; words[i]; i++)
		argv[n++] = str_eq(words[i], "FOLDER") ? folder : str_eq(words[i], "STUB") ? stub : words[i];
	assert_int_equal(child_run(&child, &result, &err), 0);
	guest_events_init(&events, NONCE, &report, 1);
	guest_events_feed(&events, result.out.s, result.out.len);
	assert_string_equal(report.error, "");
	return result.status;
}
#define RUN(...) run((const char *const[]){ __VA_ARGS__, NULL })

static void test_copies_in_every_way(void **state)
{
	static const char *const flags[] = { "none", "SYNC", "DIRECT" };
	static const char *const buffers[] = { "aligned", "mixed", "512" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		for (size_t j = 0; j < ARRAY_SIZE(buffers); j++) {
			assert_int_equal(RUN("aiocp", "-b", "4k", "-s", "130k", "-n", "4", "-f", flags[i],
					     "--buffers", buffers[j], "--files", "2", "--iterations", "2",
					     "FOLDER"),
					 0);
			assert_int_equal(report.state, GUEST_ENDED);
			assert_int_equal(report.planned, 2);
			if (report.kinds[GUEST_KIND_OPEN])
				skip(); /* a file system without O_DIRECT */
			assert_int_equal(report.passed, 2);
		}
	assert_int_equal(report.number[GUEST_FACT_PAGESIZE], sysconf(_SC_PAGESIZE));
	assert_int_equal(report.number[GUEST_FACT_CPUS], sysconf(_SC_NPROCESSORS_ONLN));
}

static void test_every_stress_test(void **state)
{
	static const char *const workloads[] = { "aiodio_sparse", "dio_sparse",	  "aiodio_append",
						 "dio_append",	  "dio_truncate", "dio_read" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(workloads); i++) {
		assert_int_equal(RUN(workloads[i], "-b", "4k", "-s", "64k", "-n", "4", "--appends", "20",
				     "--rounds", "2", "--children", "2", "--readsize", "8k", "--iterations",
				     "2", "FOLDER"),
				 0);
		assert_int_equal(report.state, GUEST_ENDED);
		assert_string_equal(report.workload, workloads[i]);
		if (report.kinds[GUEST_KIND_OPEN])
			skip(); /* a file system without O_DIRECT */
		assert_int_equal(report.passed, 2);
	}
}

static void test_every_probe(void **state)
{
	static const char *const probes[] = { "mixed", "mmap", "punch", "cut", "append" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(probes); i++) {
		assert_int_equal(RUN("probe", "--probe", probes[i], "-b", "4k", "-s", "64k", "--rounds", "2",
				     "--iterations", "2", "FOLDER"),
				 0);
		if (report.kinds[GUEST_KIND_OPEN])
			skip(); /* a file system without O_DIRECT */
		assert_int_equal(report.passed, 2);
	}
	assert_int_equal(RUN("probe", "--probe", "mxed", "--iterations", "2", "FOLDER"), 2);
}

static void test_odd_sizes(void **state)
{
	(void)state;
	assert_int_equal(RUN("aiocp", "-b", "1000", "-s", "1", "-n", "7", "--iterations", "1", "FOLDER"), 0);
	assert_int_equal(report.passed, 1);
	assert_int_equal(RUN("aiocp", "-b", "12k", "-s", "1M", "-n", "64", "--seconds", "1", "FOLDER"), 0);
	assert_int_equal(report.planned, 0);
	assert_true(report.passed >= 1);
	assert_int_equal(report.failed, 0);
	assert_int_equal(RUN("aiocp", "-b", "1000", "-f", "DIRECT", "--iterations", "1", "FOLDER"), 0);
	assert_true(report.skip);
	assert_int_equal(guest_report_done(&report), 0);
}

static void test_failures_are_reported_and_the_rest_runs(void **state)
{
	AUTO_FREE char *blocker = path_join(folder, "dst0");
	AUTO(err) err = ERR_INIT;

	(void)state;
	assert_int_equal(fs_mkdirs(blocker, &err), 0);
	assert_int_equal(RUN("aiocp", "--iterations", "3", "FOLDER"), 0);
	assert_int_equal(report.state, GUEST_ENDED);
	assert_int_equal(report.failed, 3);
	assert_int_equal(report.kinds[GUEST_KIND_OPEN], 3);
	assert_string_equal(report.failure[2].name[GUEST_DETAIL_FILE], "dst0");
	assert_string_equal(report.failure[2].name[GUEST_DETAIL_ERRNO], "EISDIR");
	assert_int_equal(fs_remove_tree(blocker, &err), 0);
	assert_int_equal(RUN("aiocp", "-n", "65000", "-b", "1", "-s", "9", "--iterations", "1", "FOLDER"), 0);
	if (report.failed) { /* above fs.aio-max-nr */
		assert_int_equal(report.failure[0].kind, GUEST_KIND_SETUP);
		assert_string_equal(report.failure[0].name[GUEST_DETAIL_ERRNO], "EAGAIN");
	}
}

static void test_exit_statuses(void **state)
{
	(void)state;
	assert_int_equal(
	    RUN("exec", "--iterations", "2", "FOLDER", "STUB", "say", "one\ttwo%", "complain", "#3"), 0);
	assert_int_equal(report.passed, 2);
	assert_int_equal(report.output_lines, 4);
	assert_string_equal(report.output, "one%09two%25\n#3\none%09two%25\n#3\n");
	assert_int_equal(RUN("exec", "--iterations", "1", "FOLDER", "STUB", "exit", "3"), 0);
	assert_int_equal(report.failure[0].kind, GUEST_KIND_EXEC);
	assert_int_equal(report.failure[0].value[GUEST_DETAIL_STATUS], 3);
	assert_int_equal(RUN("exec", "--iterations", "5", "FOLDER", "STUB", "exit", "32"), 0);
	assert_int_equal(report.skipped, 1);
	assert_true(report.skip);
	assert_int_equal(RUN("exec", "--iterations", "1", "FOLDER", "STUB", "exit", "33"), 0);
	assert_int_equal(report.failed, 1);
	assert_int_equal(RUN("exec", "--iterations", "1", "FOLDER", "STUB", "raise", "11"), 0);
	assert_int_equal(report.failure[0].kind, GUEST_KIND_SIGNAL);
	assert_string_equal(report.failure[0].name[GUEST_DETAIL_SIGNAL], "SEGV");
}

/* What a judge makes of output and status: '+' passes, '-' a failure of the kind, '0' a skip. */
struct judge_case {
	const char *words[10];
	char verdict;
	enum guest_kind kind;
	uint64_t line;
};

static void check_judge(const struct judge_case *c)
{
	const char *words[16] = { "exec", "--iterations", "1" };

	memcpy(words + 3, c->words, sizeof(c->words));
	assert_int_equal(run(words), 0);
	assert_int_equal(report.passed, c->verdict == '+');
	assert_int_equal(report.failed, c->verdict == '-');
	assert_int_equal(report.skipped, c->verdict == '0');
	if (!report.failed)
		return;
	assert_int_equal(report.failure[0].kind, c->kind);
	assert_int_equal(report.failure[0].value[GUEST_DETAIL_LINE], c->line);
}

static void test_ktap(void **state)
{
	static const struct judge_case cases[] = {
		{ { "--judge", "ktap", "FOLDER", "STUB", "say", "ok 1 a", "say", "  ok 2" }, '+', 0, 0 },
		{ { "--judge", "ktap", "FOLDER", "STUB", "say", "ok 1", "say", "  not ok 2 b" },
		  '-',
		  GUEST_KIND_NOT_OK,
		  2 },
		{ { "--judge", "ktap", "FOLDER", "STUB", "say", "ok 1", "say", "not ok 2 # TODO x" },
		  '+',
		  0,
		  0 },
		{ { "--judge", "ktap", "FOLDER", "STUB", "say", "1..1", "say", "ok 1" }, '+', 0, 0 },
		{ { "--judge", "ktap", "FOLDER", "STUB", "say", "1..3", "say", "ok 1" },
		  '-',
		  GUEST_KIND_NO_RESULT,
		  0 },
		{ { "--judge", "ktap", "FOLDER", "STUB", "say", "1..2", "say", " ok 1", "say", "ok 1" },
		  '-',
		  GUEST_KIND_NO_RESULT,
		  0 },
		{ { "--judge", "ktap", "FOLDER", "STUB", "say", "ok 1", "say", "Bail out! x" },
		  '-',
		  GUEST_KIND_NO_RESULT,
		  0 },
		{ { "--judge", "ktap", "FOLDER", "STUB", "say", "1..0 # SKIP x" }, '0', 0, 0 },
		{ { "--judge", "ktap", "FOLDER", "STUB", "say", "1..3", "exit", "4" }, '0', 0, 0 },
		{ { "--judge", "ktap", "FOLDER", "STUB", "say", "1..2", "say", "ok 1 # SKIP x" },
		  '-',
		  GUEST_KIND_NO_RESULT,
		  0 },
		{ { "--judge", "ktap", "FOLDER", "STUB", "say", "ok 1 # SKIP x" }, '0', 0, 0 },
		{ { "--judge", "ktap", "FOLDER", "STUB", "exit", "4" }, '0', 0, 0 },
		{ { "--judge", "ktap", "FOLDER", "STUB", "say", "okay 1" }, '-', GUEST_KIND_NO_RESULT, 0 },
		{ { "--judge", "ktap", "FOLDER", "STUB", "say", "ok 1", "exit", "1" },
		  '-',
		  GUEST_KIND_NO_RESULT,
		  0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		check_judge(&cases[i]);
}

static void test_judges(void **state)
{
	static const struct judge_case cases[] = {
		{ { "--judge", "exit", "FOLDER", "STUB", "say", "not ok 1" }, '+', 0, 0 },
		{ { "--judge", "exit", "FOLDER", "STUB", "exit", "32" }, '-', GUEST_KIND_EXIT, 0 },
		{ { "--judge", "exit", "FOLDER", "STUB", "exit", "125" }, '0', 0, 0 },
		{ { "--judge", "exit", "FOLDER", "STUB", "raise", "6" }, '-', GUEST_KIND_SIGNAL, 0 },
		{ { "--judge", "regex", "--pattern", "^b[0-9]+$", "FOLDER", "STUB", "say", "ab1" },
		  '+',
		  0,
		  0 },
		{ { "--judge", "regex", "--pattern", "^b[0-9]+$", "FOLDER", "STUB", "say", "b12" },
		  '-',
		  GUEST_KIND_MATCH,
		  1 },
		{ { "--judge", "regex", "--pattern", "^b", "FOLDER", "STUB", "exit", "1" },
		  '-',
		  GUEST_KIND_NO_RESULT,
		  0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		check_judge(&cases[i]);
	assert_int_equal(
	    RUN("exec", "--iterations", "1", "--judge", "regex", "--pattern", "(", "FOLDER", "STUB"), 2);
	assert_true(report.broken);
	assert_int_equal(RUN("exec", "--iterations", "1", "--judge", "regex", "FOLDER", "STUB"), 2);
	assert_int_equal(report.state, GUEST_NONE);
}

static void test_environment_of_a_program(void **state)
{
	AUTO_FREE char *expected = xasprintf("TMPDIR=%s\nHOME=%s\n", folder, folder);

	(void)state;
	assert_int_equal(RUN("exec", "--iterations", "1", "FOLDER", "STUB", "show", "TMPDIR", "show", "HOME"),
			 0);
	assert_string_equal(report.output, expected);
}

static void test_time_limit(void **state)
{
	(void)state;
	assert_int_equal(RUN("exec", "--iterations", "9", "--timelimit", "1", "FOLDER", "STUB", "say", "on",
			     "sleep", "100"),
			 0);
	assert_int_equal(report.state, GUEST_ENDED);
	assert_int_equal(report.failed, 1);
	assert_int_equal(report.failure[0].kind, GUEST_KIND_TIMELIMIT);
	assert_in_range(report.failure[0].value[GUEST_DETAIL_MS], 1000, 9000);
	assert_string_equal(report.output, "on\n");
}

static void test_heartbeat(void **state)
{
	(void)state;
	assert_int_equal(RUN("exec", "--iterations", "1", "FOLDER", "STUB", "sleep", "3"), 0);
	assert_int_equal(report.heartbeats, 1);
	assert_int_equal(report.passed, 1);
}

static void test_output_is_bounded(void **state)
{
	(void)state;
	assert_int_equal(RUN("exec", "--iterations", "1", "FOLDER", "/usr/bin/seq", "100000"), 0);
	assert_int_equal(report.passed, 1);
	assert_int_equal(report.output_dropped + PROTO_OUTPUT_MAX - PROTO_OUTPUT_MAX % 6, 588895);
}

static void test_a_program_that_does_not_run_is_broken(void **state)
{
	(void)state;
	assert_int_equal(RUN("exec", "--iterations", "1", "FOLDER", "/nonexistent"), 2);
	assert_true(report.broken);
	assert_int_equal(report.broken_phase, GUEST_PHASE_SCENARIO);
	assert_string_equal(report.broken_errno, "ENOENT");
	assert_int_equal(report.state, GUEST_STARTED);
}

static void test_usage(void **state)
{
	(void)state;
	assert_int_equal(RUN("aiocp", "-b", "0", "--iterations", "1", "FOLDER"), 2);
	assert_int_equal(RUN("aiocp", "-x", "1", "FOLDER"), 2);
	assert_int_equal(RUN("aiocp", "--iterations", "1", "/nonexistent"), 2);
	assert_int_equal(RUN("aiocp", "FOLDER"), 2);
	assert_int_equal(RUN("cp", "FOLDER"), 2);
	assert_int_equal(report.state, GUEST_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_copies_in_every_way),
		cmocka_unit_test(test_every_stress_test),
		cmocka_unit_test(test_every_probe),
		cmocka_unit_test(test_odd_sizes),
		cmocka_unit_test(test_failures_are_reported_and_the_rest_runs),
		cmocka_unit_test(test_exit_statuses),
		cmocka_unit_test(test_ktap),
		cmocka_unit_test(test_judges),
		cmocka_unit_test(test_environment_of_a_program),
		cmocka_unit_test(test_time_limit),
		cmocka_unit_test(test_heartbeat),
		cmocka_unit_test(test_output_is_bounded),
		cmocka_unit_test(test_a_program_that_does_not_run_is_broken),
		cmocka_unit_test(test_usage),
	};

	return cmocka_run_group_tests_name("guest init", tests, setup, teardown);
}
