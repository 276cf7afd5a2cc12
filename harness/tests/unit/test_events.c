/* The parser of the guest's report: what it believes, what it drops, and that the split of the bytes is
 * nothing. */
#include "events_shapes.h"

static void test_whole_report(void **state)
{
	AUTO(buf) text = BUF_INIT;
	const struct guest_failure *f = &report.failure[0];

	(void)state;
	fresh("SLOF garbage\n\xff\n" GOOD);
	assert_int_equal(report.state, GUEST_LEFT);
	assert_int_equal(report.error_line, 0);
	assert_true(guest_report_is_complete(&report));
	assert_string_equal(report.fact[GUEST_FACT_RELEASE], "6.12.107+deb13-powerpc64le-64k");
	assert_int_equal(report.number[GUEST_FACT_PAGESIZE], 65536);
	assert_int_equal(report.n_modules, 1);
	assert_string_equal(report.module[0], "/modules/a.ko ENODEV");
	assert_int_equal(report.phase_ms[GUEST_PHASE_UMOUNT], 5000);
	assert_int_equal(report.planned, 3);
	assert_int_equal(report.passed, 2);
	assert_int_equal(report.failed, 1);
	assert_int_equal(report.kinds[GUEST_KIND_FSYNC], 1);
	assert_int_equal(report.ms_sum, 1500);
	assert_int_equal(report.heartbeats, 1);
	assert_string_equal(report.workload, "aiocp");
	assert_int_equal(guest_report_failures_kept(&report), 1);
	assert_int_equal(f->iteration, 2);
	assert_int_equal(f->value[GUEST_DETAIL_OFFSET], 8192);
	assert_string_equal(f->name[GUEST_DETAIL_ERRNO], "EIO");
	guest_failure_format(f, &text);
	assert_string_equal(text.s, "kind=fsync errno=EIO file=dst0 offset=8192 errors=2 differs=no ms=510");
}

static void test_states_in_order(void **state)
{
	(void)state;
	fresh("");
	assert_int_equal(report.state, GUEST_NONE);
	feed(HEADER);
	assert_int_equal(report.state, GUEST_HEADER);
	feed(FACTS);
	assert_int_equal(report.state, GUEST_BEGUN);
	feed(PLAN START);
	assert_int_equal(report.state, GUEST_STARTED);
	feed(RUN);
	assert_int_equal(guest_report_done(&report), 3);
	feed(END);
	assert_int_equal(report.state, GUEST_ENDED);
	assert_false(guest_report_is_complete(&report));
	feed("# poweroff " NONCE);
	assert_int_equal(report.state, GUEST_ENDED);
	feed("\r\n");
	assert_int_equal(report.state, GUEST_LEFT);
	assert_int_equal(report.error_line, 0);
}

static void test_any_split_is_the_same(void **state)
{
	static struct guest_report whole;
	const char text[] = "junk" GOOD "late\n";
	size_t i;

	(void)state;
	fresh(text);
	whole = report;
	for (size_t step = 1; step < 40; step += 3) {
		fresh("");
		for (i = 0; i + step < sizeof(text) - 1; i += step)
			guest_events_feed(&events, text + i, step);
		feed(text + i);
		assert_memory_equal(&report, &whole, sizeof(report));
	}
}

/* Without its nonce nothing counts: not before the header, not in place of it, not behind it. */
static void test_nonce(void **state)
{
	static const char *const none[] = {
		"# qbisect 2 1123456789abcdef0123456789abcdef\n",
		"# qbisect 2 \n",
		"# qbisect 2 " NONCE " \n",
		"# qbisect 2 " NONCE "x\n",
		"# qbisect 2 " NONCE "\x01\n",
		"# qbisect " NONCE "\n",
		" # qbisect 2 " NONCE "\n",
	};
	static const char other[] = "fedcba98765432100123456789abcdef";

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(none); i++) {
		fresh(none[i]);
		feed(FACTS START END);
		assert_int_equal(report.state, GUEST_NONE);
		assert_int_equal(report.error_line, 0);
	}
	fresh(HEADER FACTS "# start ");
	feed(other);
	feed("\n");
	assert_int_equal(report.state, GUEST_BEGUN);
	assert_non_null(strstr(report.error, "another nonce"));
	guest_events_init(&events, "not a nonce", scenarios, 1);
	feed("# qbisect 2 not a nonce\n# qbisect 2 \n" HEADER);
	assert_int_equal(report.state, GUEST_NONE);
}

static void test_other_version(void **state)
{
	(void)state;
	fresh("KTAP version 1\n# qbisect 1 " NONCE "\n" FACTS);
	assert_int_equal(report.state, GUEST_NONE);
	assert_int_equal(report.error_line, 2);
	assert_string_equal(report.error, "the guest speaks version '1' of the protocol, this host 2");
	fresh("# qbisect one " NONCE "\n");
	assert_int_equal(report.state, GUEST_NONE);
	assert_int_equal(report.error_line, 1);
}

static void test_evidence_behind_an_error_counts(void **state)
{
	(void)state;
	fresh(HEADER FACTS PLAN START "ok 1 aiocp # ms=oops\n" FAILED);
	assert_int_equal(report.failed, 1);
	assert_int_equal(report.kinds[GUEST_KIND_FSYNC], 1);
	assert_non_null(strstr(report.error, "details"));
	fresh(HEADER FACTS START FAILED "rubbish\n");
	assert_int_equal(report.failed, 1);
	assert_string_equal(report.error, "iteration 2 comes after 0");
}

static void test_line_length(void **state)
{
	char line[PROTO_LINE_MAX + 10];
	size_t prefix = strlen("# fact release ");

	(void)state;
	snprintf(line, sizeof(line), "# fact release %0*d", (int)(sizeof(line) - prefix - 1), 0);
	fresh(HEADER);
	feed_bytes(line, prefix + PROTO_TEXT_MAX);
	feed("\n");
	assert_int_equal(report.error_line, 0);
	assert_int_equal(strlen(report.fact[GUEST_FACT_RELEASE]), PROTO_TEXT_MAX);
	fresh(HEADER);
	feed_bytes(line, prefix + PROTO_TEXT_MAX + 1);
	feed("\n");
	assert_int_equal(report.error_line, 3);
	for (size_t n = PROTO_LINE_MAX - 1; n < sizeof(line); n++) {
		fresh(HEADER);
		feed_bytes(line, n);
		feed("\r\n# phase init 5\n");
		assert_non_null(strstr(report.error, n > PROTO_LINE_MAX ? "too long" : "impossible"));
		assert_int_equal(report.phases, 1U << GUEST_PHASE_INIT);
	}
	fresh("");
	for (int i = 0; i < 100; i++)
		feed_bytes(line, sizeof(line));
	feed("\n" HEADER);
	assert_int_equal(report.state, GUEST_HEADER);
	assert_int_equal(report.error_line, 0);
}

static void test_bounds(void **state)
{
	char line[128];

	(void)state;
	fresh(HEADER);
	for (int i = 0; i < 40; i++)
		feed("# fact module /modules/b.ko EEXIST\n");
	feed(FACTS);
	assert_int_equal(report.n_modules, 41);
	assert_string_equal(report.module[GUEST_MODULES_MAX - 1], "/modules/b.ko EEXIST");
	feed(START);
	for (int i = 1; i <= 100; i++) {
		snprintf(line, sizeof(line), "not ok %d aiocp # kind=size got=%d ms=18446744073709551615\n",
			 i, i);
		feed(line);
	}
	assert_int_equal(report.error_line, 0);
	assert_int_equal(report.failed, 100);
	assert_int_equal(report.ms_sum, 100 * (uint64_t)UINT32_MAX);
	assert_int_equal(guest_report_failures_kept(&report), GUEST_FAILURES_MAX);
	assert_int_equal(report.failure[GUEST_FAILURES_MAX - 1].value[GUEST_DETAIL_GOT], GUEST_FAILURES_MAX);
}

static void test_iterations_that_ended_early_are_counted(void **state)
{
	(void)state;
	fresh(HEADER FACTS "1..4\n" START "ok 1 dio_append # written=9 checked=9 early=1 ms=5\n"
			   "ok 2 dio_append # written=9 checked=9 ms=5\nok 3 dio_append # early=1 ms=5\n"
			   "not ok 4 dio_append # kind=content early=1 ms=5\n# end " NONCE
			   " iterations=4 failed=1\n" OFF);
	assert_true(guest_report_is_complete(&report));
	assert_int_equal(report.passed, 3);
	assert_int_equal(report.early, 2);
}

static void test_output_keeps_the_last_lines(void **state)
{
	char line[PROTO_LINE_MAX];

	(void)state;
	fresh(HEADER FACTS START "# output \n# output a%1B[m b\n");
	assert_string_equal(report.output, "\na%1B[m b\n");
	for (int i = 0; i < 200; i++) {
		snprintf(line, sizeof(line), "# output %d%0*d\n", i, 1 + (i * 7) % 399 - 3 * (i > 99), 0);
		feed(line);
		assert_true(strlen(report.output) <= GUEST_OUTPUT_KEPT);
		assert_true(str_ends(line, strrchr(report.output, '0')));
	}
	assert_int_equal(report.error_line, 0);
	assert_int_equal(report.output_lines, 202);
	assert_true(strlen(report.output) > GUEST_OUTPUT_KEPT - 2 * PROTO_TEXT_MAX);
	feed("# dropped 5\n# dropped 6\n");
	assert_int_equal(report.output_dropped, 11);
}

static void test_broken(void **state)
{
	(void)state;
	fresh(HEADER "# broken mount EINVAL mounting vda as btrfs%0A\n" FACTS);
	assert_true(report.broken);
	assert_int_equal(report.broken_phase, GUEST_PHASE_MOUNT);
	assert_string_equal(report.broken_errno, "EINVAL");
	assert_string_equal(report.reason, "mounting vda as btrfs%0A");
	assert_int_equal(report.error_line, 4);
	assert_int_equal(report.state, GUEST_HEADER);
	fresh(HEADER "# broken init - no plan\n");
	assert_int_equal(report.error_line, 0);
	assert_string_equal(report.broken_errno, "-");
}

static void test_skip(void **state)
{
	(void)state;
	fresh(HEADER FACTS START "ok 1 exec # SKIP status=32 ms=4\n# skip exit status 32\n"
				 "# end " NONCE " iterations=1 failed=0\n# poweroff " NONCE "\n");
	assert_int_equal(report.error_line, 0);
	assert_int_equal(report.state, GUEST_LEFT);
	assert_true(report.skip);
	assert_int_equal(report.skipped, 1);
	assert_string_equal(report.reason, "exit status 32");
	assert_false(guest_report_is_complete(&report));
	fresh(HEADER FACTS START "ok 1 exec # SKIP\n");
	assert_int_equal(report.error_line, 0);
	assert_int_equal(report.skipped, 1);
}

/* An orderly end proves a run as planned only with all of its iterations. */
static void test_complete(void **state)
{
	static const struct {
		const char *plan, *run, *end;
		bool complete;
	} rows[] = {
		{ "", "ok 1 a # ms=1\n", "1 failed=0", true },
		{ "1..1\n", "ok 1 a # ms=1\n", "1 failed=0", true },
		{ "1..1\n", "not ok 1 a # kind=fsync errno=5\n", "1 failed=1", true },
		{ "1..2\n", "ok 1 a # ms=1\n", "1 failed=0", false },
		{ "", "", "0 failed=0", false },
		{ "", "ok 1 a # SKIP ms=1\n", "1 failed=0", false },
		{ "", "not ok 1 a # kind=timelimit ms=1\n", "1 failed=1", false },
		{ "", "ok 1 a # ms=1\n# skip for a reason\n", "1 failed=0", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		fresh(HEADER FACTS);
		feed(rows[i].plan);
		feed(START);
		feed(rows[i].run);
		feed("# end " NONCE " iterations=");
		feed(rows[i].end);
		feed("\n" OFF);
		assert_int_equal(report.error_line, 0);
		assert_int_equal(report.state, GUEST_LEFT);
		assert_int_equal(guest_report_is_complete(&report), rows[i].complete);
	}
}

static void test_an_error_spoils_the_proof(void **state)
{
	(void)state;
	fresh(HEADER FACTS PLAN START "rubbish\n" RUN END OFF);
	assert_int_equal(report.state, GUEST_LEFT);
	assert_false(guest_report_is_complete(&report));
}

static void test_content_details(void **state)
{
	static const char details[] =
	    "kind=content file=dst0 offset=69632 errors=1 page=1 expected=00000000000000ff "
	    "actual=0123456789abcdef like=stale ms=3";
	AUTO(buf) text = BUF_INIT;

	(void)state;
	fresh(HEADER FACTS START "not ok 1 aiocp # ");
	feed(details);
	feed("\n");
	assert_int_equal(report.error_line, 0);
	assert_int_equal(report.failure[0].value[GUEST_DETAIL_EXPECTED], 0xff);
	guest_failure_format(&report.failure[0], &text);
	assert_string_equal(text.s, details);
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(guest_state_name(GUEST_NONE), "none");
	assert_string_equal(guest_state_name(GUEST_LEFT), "left");
	assert_string_equal(guest_fact_key(GUEST_FACT_PAGESIZE), "pagesize");
	assert_string_equal(guest_phase_name(GUEST_PHASE_UMOUNT), "umount");
	assert_string_equal(guest_kind_name(GUEST_KIND_SHORT_READ), "short-read");
	assert_string_equal(guest_detail_key(GUEST_DETAIL_ERRNO), "errno");
	assert_string_equal(guest_plan_key(GUEST_PLAN_MOUNTOPTIONS), "mountoptions");
}

static void test_escapes(void **state)
{
	static const char raw[] = "a b#%\n\xff~";
	char text[64], word[64], small[8];

	(void)state;
	assert_int_equal(proto_escape(text, sizeof(text), raw, sizeof(raw) - 1, false), sizeof(raw) - 1);
	assert_string_equal(text, "a b#%25%0A%FF~");
	proto_escape(word, sizeof(word), raw, sizeof(raw) - 1, true);
	assert_string_equal(word, "a%20b%23%25%0A%FF~");
	assert_int_equal(proto_escape(small, sizeof(small), raw, sizeof(raw) - 1, false), 5);
	assert_string_equal(small, "a b#%25");
	assert_true(proto_unescape(word));
	assert_string_equal(word, raw);
	for (const char *const *bad = (const char *const[]){ "%", "%4", "%4g", "%g4", "%00", "%0a", NULL };
	     *bad; bad++) {
		snprintf(word, sizeof(word), "%s", *bad);
		assert_false(proto_unescape(word));
	}
	assert_true(proto_is_nonce(NONCE));
	assert_false(proto_is_nonce("0123456789abcde"));
	assert_false(proto_is_nonce("0123456789abcdefg"));
	assert_false(proto_is_nonce(NONCE NONCE "0"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole_report),
		cmocka_unit_test(test_states_in_order),
		cmocka_unit_test(test_any_split_is_the_same),
		cmocka_unit_test(test_nonce),
		cmocka_unit_test(test_other_version),
		cmocka_unit_test(test_evidence_behind_an_error_counts),
		cmocka_unit_test(test_line_length),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_iterations_that_ended_early_are_counted),
		cmocka_unit_test(test_output_keeps_the_last_lines),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_skip),
		cmocka_unit_test(test_complete),
		cmocka_unit_test(test_an_error_spoils_the_proof),
		cmocka_unit_test(test_content_details),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_escapes),
	};

	return cmocka_run_group_tests_name("events", tests, NULL, NULL);
}
