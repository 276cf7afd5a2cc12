/* Each line of a guest's report that is dropped, and what is said of it. */
#include "events_shapes.h"

/* Lines that are dropped: what came before them, the line, what the error says. */
static const struct {
	const char *before, *line, *error;
} wrong[] = {
	{ HEADER, "# fact colour red", "unknown fact 'colour'" },
	{ HEADER, "# fact arch", "impossible" },
	{ HEADER, "# fact arch two words", "impossible" },
	{ HEADER, "# fact arch a#b", "impossible" },
	{ HEADER, "# fact release %zz", "impossible" },
	{ HEADER, "# fact release %4", "impossible" },
	{ HEADER, "# fact release %", "impossible" },
	{ HEADER, "# fact pagesize 65535", "impossible" },
	{ HEADER, "# fact pagesize 512", "impossible" },
	{ HEADER, "# fact pagesize 33554432", "impossible" },
	{ HEADER, "# fact pagesize 065536", "impossible" },
	{ HEADER, "# fact pagesize -4096", "impossible" },
	{ HEADER, "# fact cpus 0", "impossible" },
	{ HEADER BOOT TURN(1), "# fact nocow 2", "impossible" },
	{ HEADER, "# fact nocow 1", "not due" },
	{ HEADER BOOT TURN(1), "# fact device vdb", "comes again" },
	{ HEADER BOOT TURN(1), "# fact module a b", "not due" },
	{ HEADER, "# fact memory 18446744073709551616", "impossible" },
	{ HEADER "# fact cpus 4\n", "# fact cpus 4", "comes again" },
	{ HEADER, "# phase", "phase ''" },
	{ HEADER, "# phase lunch 5", "phase 'lunch'" },
	{ HEADER, "# phase init", "phase 'init'" },
	{ HEADER "# phase disk 5\n", "# phase disk 6", "out of order" },
	{ HEADER "# phase disk 5\n", "# phase init 6", "out of order" },
	{ HEADER FACTS, "1..3 ", "plan" },
	{ HEADER FACTS, "1..0", "plan" },
	{ HEADER FACTS, "1..1000001", "plan" },
	{ HEADER FACTS PLAN, "1..3", "plan" },
	{ HEADER FACTS START, "1..3", "plan" },
	{ HEADER, "# start " NONCE, "out of order" },
	{ HEADER FACTS, "# start", "another nonce" },
	{ HEADER FACTS, "# start " NONCE " now", "more words" },
	{ HEADER FACTS START, "# start " NONCE, "out of order" },
	{ HEADER FACTS START, "# fact device vda", "may not come in state 'started'" },
	{ HEADER FACTS, "# heartbeat 5", "may not come in state 'begun'" },
	{ HEADER FACTS, "ok 1 aiocp # ms=5", "none is due" },
	{ HEADER FACTS START, "# heartbeat", "heartbeat" },
	{ HEADER FACTS START "# heartbeat 7\n", "# heartbeat 6", "back in time" },
	{ HEADER FACTS START, "# dropped some", "dropped" },
	{ HEADER FACTS START "# dropped 1\n", "# dropped 18446744073709551615", "dropped" },
	{ HEADER FACTS START, "# output 50%", "output" },
	{ HEADER FACTS START, "# skip ", "skip" },
	{ HEADER FACTS START "# skip this\n", "# skip that", "skip" },
	{ HEADER FACTS START "# skip this\n", "ok 1 aiocp # ms=5", "none is due" },
	{ HEADER FACTS START, "ok x aiocp # ms=5", "number" },
	{ HEADER FACTS START, "ok 0 aiocp # ms=5", "number" },
	{ HEADER FACTS START, "ok 1000001 aiocp # ms=5", "number" },
	{ HEADER FACTS PLAN START, "ok 4 aiocp # ms=5", "number" },
	{ HEADER FACTS START "ok 1 aiocp # ms=5\n", "ok 1 aiocp # ms=5", "number" },
	{ HEADER FACTS START, "ok 1", "workload" },
	{ HEADER FACTS START, "ok 1 aiocp", "workload" },
	{ HEADER FACTS START, "ok 1 aiocp ms=5", "workload" },
	{ HEADER FACTS START, "ok 1 a-name-that-is-far-too-long-for-it # ms=5", "workload" },
	{ HEADER FACTS START "ok 1 aiocp # ms=5\n", "ok 2 exec # ms=5", "workload" },
	{ HEADER FACTS START, "ok 1 aiocp # kind=fsync", "'kind'" },
	{ HEADER FACTS START, "ok 1 aiocp # SKIP kind=fsync", "'kind'" },
	{ HEADER FACTS START, "not ok 1 aiocp # ms=5", "'kind'" },
	{ HEADER FACTS START, "not ok 1 aiocp # SKIP ms=5", "details" },
	{ HEADER FACTS START, "not ok 1 aiocp # ms=5 kind=fsync", "details" },
	{ HEADER FACTS START, "not ok 1 aiocp # kind=magic", "details" },
	{ HEADER FACTS START, "not ok 1 aiocp # kind=fsync fsync", "details" },
	{ HEADER FACTS START, "not ok 1 aiocp # kind=fsync  ms=5", "details" },
	{ HEADER FACTS START, "not ok 1 aiocp # kind=fsync ms=5 ms=5", "details" },
	{ HEADER FACTS START, "not ok 1 aiocp # kind=fsync colour=red", "details" },
	{ HEADER FACTS START, "not ok 1 aiocp # kind=fsync errno=eio", "details" },
	{ HEADER FACTS START, "not ok 1 aiocp # kind=fsync errno=Eio", "details" },
	{ HEADER FACTS START, "not ok 1 aiocp # kind=fsync offset=0x10", "details" },
	{ HEADER FACTS START, "not ok 1 aiocp # kind=content actual=123", "details" },
	{ HEADER FACTS START, "not ok 1 aiocp # kind=content actual=123456789abcdefg", "details" },
	{ HEADER FACTS START, "not ok 1 aiocp # kind=fsync file=", "details" },
	{ HEADER FACTS START, "not ok 1 aiocp # kind=fsync file=a-name-that-is-far-too-long-for-it",
	  "details" },
	{ HEADER FACTS START, "# end " NONCE, "counts" },
	{ HEADER FACTS START, "# end " NONCE " iterations=0", "counts" },
	{ HEADER FACTS START, "# end " NONCE " iterations=0 failed=", "counts" },
	{ HEADER FACTS START, "# end " NONCE " iterations=x failed=0", "counts" },
	{ HEADER FACTS START, "# end " NONCE " failed=0 iterations=0", "counts" },
	{ HEADER FACTS START, "# end " NONCE " iterations=0 failed=0 x", "counts" },
	{ HEADER FACTS START, "# end " NONCE " iterations=1 failed=0", "counts 1 iterations, 0 failed" },
	{ HEADER FACTS START, "# end " NONCE " iterations=0 failed=1", "counts 0 iterations, 1 failed" },
	{ HEADER FACTS START, "# end x iterations=0 failed=0", "another nonce" },
	{ HEADER FACTS, "# end " NONCE " iterations=0 failed=0", "out of order" },
	{ HEADER FACTS START, "# poweroff " NONCE, "out of order" },
	{ HEADER FACTS START "# end " NONCE " iterations=0 failed=0\n", "# poweroff " NONCE " x",
	  "more words" },
	{ HEADER FACTS START "# end " NONCE " iterations=0 failed=0\n", "# poweroff", "another nonce" },
	{ GOOD, "ok 4 aiocp # ms=5", "behind the last" },
	{ GOOD, "# scenario " NONCE " 2 AD034", "behind the last" },
	{ HEADER, "# scenario " NONCE " 1 AD033", "out of order" },
	{ HEADER BOOT, "# start " NONCE, "out of order" },
	{ HEADER BOOT, "# poweroff " NONCE, "out of order" },
	{ HEADER BOOT, "1..3", "not due" },
	{ HEADER BOOT TURN(1), "# start " NONCE, "out of order" },
	{ HEADER BOOT, "# scenario x 1 AD033", "another nonce" },
	{ HEADER BOOT, "# scenario 1 AD033", "another nonce" },
	{ HEADER BOOT, "# scenario", "another nonce" },
	{ HEADER BOOT, "# scenario " NONCE, "next one" },
	{ HEADER BOOT, "# scenario " NONCE " 1", "next one" },
	{ HEADER BOOT, "# scenario " NONCE " 1 ", "next one" },
	{ HEADER BOOT, "# scenario " NONCE " 1 two words", "next one" },
	{ HEADER BOOT, "# scenario " NONCE " 0 AD033", "next one" },
	{ HEADER BOOT, "# scenario " NONCE " 2 AD033", "next one" },
	{ HEADER BOOT, "# scenario " NONCE " x AD033", "next one" },
	{ HEADER FACTS, "# scenario " NONCE " 2 AD034", "out of order" },
	{ HEADER FACTS START "# skip x\n# end " NONCE " iterations=0 failed=0\n", "# scenario " NONCE " 2 a",
	  "next one" }, /* the plan has one */
	{ HEADER, "# broken", "broken" },
	{ HEADER, "# broken mount", "broken" },
	{ HEADER, "# broken mount EIO", "broken" },
	{ HEADER, "# broken lunch EIO text", "broken" },
	{ HEADER, "# broken mount eio text", "broken" },
	{ HEADER, "# broken mount EANAMETHATISFARTOOLONGFORANYERRNO text", "broken" },
	{ HEADER, "# broken mount EIO %zz", "broken" },
	{ HEADER, "# qbisect 2 " NONCE, "unknown event" },
	{ HEADER, "# ", "unknown event" },
	{ HEADER, "", "neither" },
	{ HEADER, "#", "neither" },
	{ HEADER, "okay", "neither" },
	{ HEADER, "\x1b[2J", "not printable" },
	{ HEADER, "ok\r1", "not printable" },
	{ HEADER, "a\x80", "not printable" },
	{ HEADER, "a\x7f", "not printable" },
};

static void test_wrong_lines_are_dropped(void **state)
{
	static struct guest_report before;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		fresh(wrong[i].before);
		assert_int_equal(report.error_line, 0);
		before = report;
		feed(wrong[i].line);
		feed("\n");
		if (!strstr(report.error, wrong[i].error))
			fail_msg("'%s' gives '%s', not '%s'", wrong[i].line, report.error, wrong[i].error);
		assert_int_equal(report.error_line, before.lines + 1);
		assert_int_equal(report.state, before.state);
		assert_int_equal(report.facts, before.facts);
		assert_int_equal(report.phases, before.phases);
		assert_int_equal(report.broken, before.broken);
		assert_int_equal(guest_report_done(&report), guest_report_done(&before));
		assert_memory_equal(report.kinds, before.kinds, sizeof(before.kinds));
		assert_false(guest_report_is_complete(&report));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrong_lines_are_dropped),
	};

	return cmocka_run_group_tests_name("events: wrong lines", tests, NULL, NULL);
}
