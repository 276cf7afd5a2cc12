#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/signatures_fixture.h"
#include "verdict/judge.h"

/* Consoles, by what they show; on one the scenario's mark was not seen. */
enum console {
	UNSEEN,
	NOTHING,
	TARGET,
	TARGET_CRASH,
	CRASH_TARGET,
	ECHO,
	FS_ERROR,
	IO_ERROR,
	WARNING,
	HANG,
	CONSOLES
};

#define TARGET_LINE "[    5.000001] Page cache invalidation failure on direct I/O.\n"
#define CRASH_LINE  "[    6.000001] Oops: Kernel access of bad area, sig: 11 [#1]\n"

static const char *const console_text[CONSOLES] = {
	[UNSEEN] = "[    1.000000] Linux version 6.12\n",
	[NOTHING] = "[    1.000000] Linux version 6.12\n",
	[TARGET] = "[    1.000000] x\n" TARGET_LINE,
	[TARGET_CRASH] = TARGET_LINE CRASH_LINE,
	[CRASH_TARGET] = CRASH_LINE TARGET_LINE,
	[ECHO] = "[    1.000000] x\nPage cache invalidation failure on direct I/O.\n",
	[FS_ERROR] = "[    1.000000] BTRFS error (device vda): open_ctree failed\n",
	[IO_ERROR] = "[    1.000000] I/O error, dev vda, sector 8 op 0x1:(WRITE) flags 0x0\n",
	[WARNING] = "[    1.000000] WARNING: CPU: 0 PID: 1 at a.c:1 f+0x1/0x2\n",
	[HANG] = "[    1.000000] INFO: task aiocp:301 blocked for more than 120 seconds.\n",
};

/* What the guest reports. */
enum fault { PASSED, FSYNC_EIO, FSYNC_ENOSPC, SIZE, CONTENT, WRITE_EIO, SKIPPED, BROKEN, DAMAGED, FAULTS };

/* What the guest is, against what was expected: kernel 6.12, 64k. */
enum match { MATCHES, WRONG_RELEASE, WRONG_PAGESIZE, NOTHING_EXPECTED, MATCHING };

static struct classify *consoles[CONSOLES];

static struct classify *read_text(const char *text)
{
	struct classify *c = classify_new(&table);

	classify_feed(c, text, strlen(text));
	classify_end(c);
	return c;
}

static int setup(void **state)
{
	signatures_set_up(state);
	for (size_t i = 0; i < CONSOLES; i++)
		consoles[i] = read_text(console_text[i]);
	return 0;
}

static int teardown(void **state)
{
	for (size_t i = 0; i < CONSOLES; i++)
		classify_free(consoles[i]);
	return signatures_tear_down(state);
}

static void add_failure(struct guest_report *r, enum guest_kind kind, const char *errno_name, uint64_t status)
{
	struct guest_failure *f = &r->failure[r->failed < GUEST_FAILURES_MAX ? r->failed : 0];

	f->iteration = ++r->failed;
	f->kind = kind;
	f->has = 1u << GUEST_DETAIL_KIND | 1u << GUEST_DETAIL_ERRNO | 1u << GUEST_DETAIL_STATUS;
	snprintf(f->name[GUEST_DETAIL_ERRNO], sizeof(f->name[0]), "%s", errno_name);
	f->value[GUEST_DETAIL_STATUS] = status;
	r->kinds[kind]++;
}

static void add_fault(struct guest_report *r, enum fault fault)
{
	static const struct {
		enum guest_kind kind;
		const char *errno_name;
	} failures[] = {
		[FSYNC_EIO] = { GUEST_KIND_FSYNC, "EIO" }, [FSYNC_ENOSPC] = { GUEST_KIND_FSYNC, "ENOSPC" },
		[SIZE] = { GUEST_KIND_SIZE, "-" },	   [CONTENT] = { GUEST_KIND_CONTENT, "-" },
		[WRITE_EIO] = { GUEST_KIND_WRITE, "EIO" },
	};

	if (fault >= FSYNC_EIO && fault <= WRITE_EIO)
		add_failure(r, failures[fault].kind, failures[fault].errno_name, 0);
	r->skip = fault == SKIPPED;
	r->broken = fault == BROKEN;
	r->broken_phase = GUEST_PHASE_MOUNT;
	r->error_line = fault == DAMAGED ? 7 : 0;
	snprintf(r->reason, sizeof(r->reason), "no such device");
	snprintf(r->broken_errno, sizeof(r->broken_errno), "-");
	snprintf(r->error, sizeof(r->error), "bad line");
}

/* A report of 20 planned iterations that came as far as `state`. */
static void make_report(struct guest_report *r, enum guest_state state, enum fault fault)
{
	memset(r, 0, sizeof(*r));
	r->state = state;
	r->planned = 20;
	if (state >= GUEST_FACTS) {
		r->facts = 1u << GUEST_FACT_RELEASE | 1u << GUEST_FACT_PAGESIZE;
		snprintf(r->fact[GUEST_FACT_RELEASE], sizeof(r->fact[0]), "6.12");
		r->number[GUEST_FACT_PAGESIZE] = 65536;
	}
	if (state >= GUEST_STARTED || fault >= SKIPPED)
		add_fault(r, fault);
	if (state >= GUEST_STARTED)
		r->passed = (state >= GUEST_ENDED ? 20 : 5) - r->failed;
}

static void expect(struct judge_input *in, enum match match)
{
	in->release = match == WRONG_RELEASE ? "6.13" : match == NOTHING_EXPECTED ? NULL : "6.12";
	in->pagesize = match == WRONG_PAGESIZE ? 4096 : match == NOTHING_EXPECTED ? 0 : 65536;
}

/* The specification, said in another way than judge.c says it. */
static enum verdict specified(enum judge_end end, enum guest_state state, enum fault fault,
			      enum console console, enum match match)
{
	bool other_cause =
	    console == TARGET_CRASH || console == CRASH_TARGET || console == FS_ERROR || console == IO_ERROR;
	bool by_console = console == TARGET || console == TARGET_CRASH;
	bool by_guest = (fault == FSYNC_EIO || fault == SIZE || fault == CONTENT) && !other_cause &&
			end != JUDGE_END_CRASHED;

	if (end == JUDGE_END_FAILED || end == JUDGE_END_LOST || end == JUDGE_END_CUT || end == JUDGE_END_FULL)
		return VERDICT_BROKEN;
	if (state >= GUEST_FACTS && (match == WRONG_RELEASE || match == WRONG_PAGESIZE))
		return VERDICT_SKIP;
	if (state >= GUEST_STARTED && (by_console || by_guest))
		return VERDICT_BAD;
	if ((end == JUDGE_END_POWERED_OFF || end == JUDGE_END_WENT_ON) && state == GUEST_LEFT &&
	    fault == PASSED && !other_cause && console != TARGET && console != UNSEEN)
		return VERDICT_GOOD;
	return VERDICT_SKIP;
}

static void check_words(const struct judgement *j, const struct judge_input *in)
{
	bool by_guest = str_starts(j->agreement, "guest"),
	     by_console = str_ends(j->agreement, "console") || str_starts(j->agreement, "console");

	assert_true(*j->class && *j->title && j->reasons.n && j->evidence);
	assert_int_equal(j->verdict == VERDICT_BAD, *j->agreement != '\0');
	assert_int_equal(j->verdict == VERDICT_BAD, str_eq(j->class, "target"));
	assert_true((j->evidence_line != 0) == (*j->evidence != '\0'));
	if (by_console)
		assert_int_equal(
		    classify_target(in->console, in->started_at, in->until ? in->until : UINT64_MAX)->line,
		    j->evidence_line);
	if (by_guest)
		assert_true(in->report->failed);
	if (str_eq(j->class, "clean"))
		assert_int_equal(j->verdict, VERDICT_GOOD);
}

static void check(enum judge_end end, enum guest_state state, enum fault fault, enum console console,
		  enum match match)
{
	static struct guest_report report;
	struct judge_input in = { .end = end,
				  .phase = "test",
				  .report = &report,
				  .console = consoles[console],
				  .marked = console != UNSEEN };
	AUTO(judgement) j = JUDGEMENT_INIT;

	make_report(&report, state, fault);
	expect(&in, match);
	judge(&in, &j);
	if (j.verdict != specified(end, state, fault, console, match))
		fail_msg("end %d state %s fault %d console %d match %d: %s %s: %s", end,
			 guest_state_name(state), fault, console, match, verdict_name(j.verdict), j.class,
			 j.reasons.v[0]);
	check_words(&j, &in);
}

static void test_truth_table(void **state)
{
	(void)state;
	for (unsigned end = 0; end < JUDGE_END_N; end++)
		for (unsigned reached = 0; reached < GUEST_STATE_N; reached++)
			for (unsigned fault = 0; fault < FAULTS; fault++)
				for (unsigned console = 0; console < CONSOLES; console++)
					for (unsigned match = 0; match < MATCHING; match++)
						check((enum judge_end)end, (enum guest_state)reached,
						      (enum fault)fault, (enum console)console,
						      (enum match)match);
}

/* LTP's rules, for each exit status, with and without the target on console and output. */
static enum verdict specified_exec(unsigned status, bool console, bool output)
{
	bool ltp = !(status & ~39u);

	if (console || (ltp && (status & 1 || (status & 2 && output))))
		return VERDICT_BAD;
	return VERDICT_SKIP;
}

static void check_exec(unsigned status, bool console, bool output)
{
	static struct guest_report report;
	struct judge_input in = { .report = &report, .console = consoles[console ? TARGET : NOTHING] };
	AUTO(judgement) j = JUDGEMENT_INIT;

	make_report(&report, GUEST_LEFT, PASSED);
	add_failure(&report, GUEST_KIND_EXEC, "-", status);
	report.passed--;
	snprintf(report.output, sizeof(report.output), "fsync(x) failed: EIO\nfsync() failed: EIO\n%s",
		 output ? "aiocp.c:113: TBROK: fsync(4) failed: EIO (5)\n"
			: "fsync(4) failed: ENOSPC (28)\n");
	judge(&in, &j);
	if (j.verdict != specified_exec(status, console, output))
		fail_msg("status %u console %d output %d: %s %s", status, console, output,
			 verdict_name(j.verdict), j.class);
	check_words(&j, &in);
	if (console && status == 2)
		assert_string_equal(j.agreement, "guest and console");
}

static void test_exec(void **state)
{
	(void)state;
	for (unsigned status = 1; status < 256; status++)
		for (unsigned i = 0; i < 4; i++)
			check_exec(status, i & 1, i & 2);
}

/* What the guest judged itself. */
static void test_other_judges(void **state)
{
	static const struct {
		enum guest_kind kind;
		enum verdict verdict;
		const char *title;
	} cases[] = {
		{ GUEST_KIND_EXIT, VERDICT_BAD, "exit status is not 0 in 1 of 20" },
		{ GUEST_KIND_NOT_OK, VERDICT_BAD, "says \"not ok\" in 1 of 20" },
		{ GUEST_KIND_MATCH, VERDICT_BAD, "matches the pattern in 1 of 20" },
		{ GUEST_KIND_NO_RESULT, VERDICT_SKIP, "not by the target" },
		{ GUEST_KIND_SIGNAL, VERDICT_SKIP, "not by the target" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		static struct guest_report report;
		struct judge_input in = { .report = &report, .console = consoles[NOTHING], .marked = true };
		AUTO(judgement) j = JUDGEMENT_INIT;

		make_report(&report, GUEST_LEFT, PASSED);
		add_failure(&report, cases[i].kind, "-", 1);
		report.passed--;
		judge(&in, &j);
		assert_int_equal(j.verdict, cases[i].verdict);
		if (!strstr(j.title, cases[i].title))
			fail_msg("'%s' is not in '%s'", cases[i].title, j.title);
	}
}

struct expected {
	enum judge_end end;
	enum guest_state state;
	enum fault fault;
	enum console console;
	const char *class, *title, *reason;
};

static void check_case(const struct expected *e)
{
	static struct guest_report report;
	struct judge_input in = { .end = e->end,
				  .phase = "test",
				  .report = &report,
				  .console = consoles[e->console],
				  .marked = e->console != UNSEEN };
	AUTO(judgement) j = JUDGEMENT_INIT;
	AUTO(buf) reasons = BUF_INIT;

	make_report(&report, e->state, e->fault);
	expect(&in, MATCHES);
	judge(&in, &j);
	for (size_t i = 0; i < j.reasons.n; i++)
		buf_addf(&reasons, "%s\n", j.reasons.v[i]);
	assert_string_equal(j.class, e->class);
	assert_string_equal(j.title, e->title);
	assert_string_equal(j.reasons.v[0], e->title);
	if (!strstr(reasons.s, e->reason))
		fail_msg("%s is not in: %s", e->reason, reasons.s);
}

static void test_words(void **state)
{
	static const struct expected cases[] = {
		{ JUDGE_END_POWERED_OFF, GUEST_LEFT, PASSED, NOTHING, "clean", "all 20 iterations passed",
		  "" },
		{ JUDGE_END_POWERED_OFF, GUEST_LEFT, PASSED, UNSEEN, "incomplete",
		  "the console has no mark of this scenario's turn, so what the kernel wrote was not seen",
		  "" },
		{ JUDGE_END_POWERED_OFF, GUEST_LEFT, PASSED, WARNING, "warning", "all 20 iterations passed",
		  "line 1 of the console: WARNING at a.c:1 in f" },
		{ JUDGE_END_POWERED_OFF, GUEST_LEFT, PASSED, ECHO, "clean", "all 20 iterations passed",
		  "on direct I/O (an echo: the kernel did not write it)" },
		{ JUDGE_END_POWERED_OFF, GUEST_LEFT, FSYNC_EIO, NOTHING, "target",
		  "fsync gave EIO in 1 of 20 iterations", "first in iteration 1: kind=fsync errno=EIO" },
		{ JUDGE_END_POWERED_OFF, GUEST_LEFT, SIZE, WARNING, "target",
		  "the size differs in 1 of 20 iterations", "the console does not have the target's line" },
		{ JUDGE_END_TIMED_OUT, GUEST_STARTED, CONTENT, TARGET_CRASH, "target",
		  "the content differs in 1 of 5 iterations; Page cache invalidation failure on direct I/O",
		  "the guest did not end by itself, in phase test" },
		{ JUDGE_END_POWERED_OFF, GUEST_LEFT, PASSED, TARGET, "target",
		  "Page cache invalidation failure on direct I/O", "the test itself found nothing" },
		{ JUDGE_END_POWERED_OFF, GUEST_LEFT, DAMAGED, TARGET, "target",
		  "Page cache invalidation failure on direct I/O", "line 7 of the guest's report" },
		{ JUDGE_END_POWERED_OFF, GUEST_LEFT, WRITE_EIO, NOTHING, "test-failure",
		  "1 iterations failed, not by the target; the first: kind=write errno=EIO status=0", "" },
		{ JUDGE_END_POWERED_OFF, GUEST_LEFT, FSYNC_ENOSPC, HANG, "hung-task",
		  "1 iterations failed, not by the target; the first: kind=fsync errno=ENOSPC status=0", "" },
		{ JUDGE_END_POWERED_OFF, GUEST_LEFT, FSYNC_EIO, FS_ERROR, "fs-error",
		  "BTRFS error: open_ctree failed", "the test found the target too, but" },
		{ JUDGE_END_POWERED_OFF, GUEST_LEFT, FSYNC_EIO, CRASH_TARGET, "oops",
		  "Oops: Kernel access of bad area, sig: 11 [#1] (ppc64le)", "cannot handle" },
		{ JUDGE_END_POWERED_OFF, GUEST_NONE, PASSED, NOTHING, "incomplete",
		  "the guest ended in phase test and never reported", "" },
		{ JUDGE_END_POWERED_OFF, GUEST_STARTED, PASSED, NOTHING, "incomplete",
		  "the guest ended in phase test; its report stops at 'started'", "" },
		{ JUDGE_END_POWERED_OFF, GUEST_HEADER, PASSED, TARGET, "incomplete",
		  "the guest ended in phase test; its report stops at 'header'",
		  "the target came before the scenario started" },
		{ JUDGE_END_POWERED_OFF, GUEST_FACTS, BROKEN, NOTHING, "setup",
		  "the guest could not run the test: mount: no such device", "" },
		{ JUDGE_END_POWERED_OFF, GUEST_LEFT, SKIPPED, NOTHING, "not-applicable",
		  "the test does not apply: no such device", "" },
		{ JUDGE_END_POWERED_OFF, GUEST_LEFT, DAMAGED, NOTHING, "incomplete",
		  "line 7 of the guest's report: bad line", "" },
		{ JUDGE_END_TIMED_OUT, GUEST_STARTED, PASSED, WARNING, "hang",
		  "no end of phase test within its time", "WARNING at a.c:1 in f" },
		{ JUDGE_END_TIMED_OUT, GUEST_STARTED, PASSED, HANG, "hung-task",
		  "no end of phase test within its time", "" },
		{ JUDGE_END_CRASHED, GUEST_STARTED, FSYNC_EIO, NOTHING, "panic",
		  "the guest crashed in phase test without a word that is known",
		  "the test found the target too, but" },
		{ JUDGE_END_FLOODED, GUEST_STARTED, PASSED, NOTHING, "flood",
		  "the guest wrote more to a serial than is taken, in phase test", "" },
		{ JUDGE_END_FAILED, GUEST_STARTED, FSYNC_EIO, TARGET, "qemu-died",
		  "QEMU died, was stopped or gave the guest up in phase test", "" },
		{ JUDGE_END_LOST, GUEST_LEFT, PASSED, NOTHING, "connection",
		  "the connection to the guest's host was lost in phase test", "" },
		{ JUDGE_END_FULL, GUEST_LEFT, PASSED, NOTHING, "disk-full",
		  "this host's disk was full in phase test", "" },
		{ JUDGE_END_CUT, GUEST_LEFT, PASSED, NOTHING, "serial-cut",
		  "the guest's host put a serial aside before all of it had been fetched, in phase test "
		  "(max_size in its virtlogd.conf)",
		  "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		check_case(&cases[i]);
}

static void test_iterations_that_runtime_ended_are_counted(void **state)
{
	static struct guest_report report;
	struct judge_input in = { .report = &report, .console = consoles[NOTHING], .marked = true };
	AUTO(judgement) j = JUDGEMENT_INIT;

	(void)state;
	make_report(&report, GUEST_LEFT, PASSED);
	report.early = 3;
	judge(&in, &j);
	assert_int_equal(j.verdict, VERDICT_GOOD);
	assert_string_equal(j.title, "all 20 iterations passed, 3 of them ended by runtime");
}

static void test_agreement(void **state)
{
	static const struct {
		enum fault fault;
		enum console console;
		const char *name;
	} cases[] = { { FSYNC_EIO, TARGET, "guest and console" },  { FSYNC_EIO, ECHO, "guest only" },
		      { CONTENT, WARNING, "guest only" },	   { PASSED, TARGET, "console only" },
		      { WRITE_EIO, TARGET_CRASH, "console only" }, { PASSED, ECHO, "" } };
	static struct guest_report report;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct judge_input in = { .report = &report,
					  .console = consoles[cases[i].console],
					  .marked = true };
		AUTO(judgement) j = JUDGEMENT_INIT;

		make_report(&report, GUEST_LEFT, cases[i].fault);
		judge(&in, &j);
		assert_string_equal(j.agreement, cases[i].name);
	}
}

/* More failures than the report keeps, none of them the target: no verdict. */
static void test_many_failures(void **state)
{
	static struct guest_report report;
	struct judge_input in = { .report = &report, .console = consoles[NOTHING], .marked = true };
	AUTO(judgement) j = JUDGEMENT_INIT;

	(void)state;
	make_report(&report, GUEST_LEFT, PASSED);
	report.planned = 100;
	for (int i = 0; i < 100; i++)
		add_failure(&report, GUEST_KIND_WRITE, "EIO", 0);
	report.passed = 0;
	judge(&in, &j);
	assert_int_equal(j.verdict, VERDICT_SKIP);
	assert_string_equal(j.class, "test-failure");
}

static void test_verdicts(void **state)
{
	(void)state;
	assert_int_equal(verdict_exit_code(VERDICT_GOOD), 0);
	assert_int_equal(verdict_exit_code(VERDICT_BAD), 1);
	assert_int_equal(verdict_exit_code(VERDICT_SKIP), 125);
	assert_int_equal(verdict_exit_code(VERDICT_BROKEN), 128);
	assert_string_equal(verdict_name(VERDICT_SKIP), "skip");
}

/* A mount can say the target's line too; only what comes once the scenario runs is its evidence. */
static void test_target_before_the_start(void **state)
{
	AUTO(judgement) early = JUDGEMENT_INIT, late = JUDGEMENT_INIT;
	struct guest_report report;
	struct judge_input in = {
		.report = &report, .console = consoles[TARGET], .marked = true, .phase = "test"
	};

	(void)state;
	make_report(&report, GUEST_LEFT, PASSED);
	judge(&in, &late);
	assert_int_equal(late.verdict, VERDICT_BAD);
	in.started_at = strlen(console_text[TARGET]);
	judge(&in, &early);
	assert_int_equal(early.verdict, VERDICT_GOOD);
}

/*
 * The scenario in the middle of three that share a boot: what the console says in each one's part, whether the guest
 * found something, how far its report came and how the boot ended.
 */
static const struct {
	enum console before, own, behind;
	enum fault fault;
	enum guest_state state;
	enum judge_end end;
	enum verdict verdict;
	const char *class, *words;
} shared[] = {
	{ NOTHING, NOTHING, NOTHING, PASSED, GUEST_LEFT, JUDGE_END_WENT_ON, VERDICT_GOOD, "clean", "" },
	{ TARGET, NOTHING, NOTHING, PASSED, GUEST_LEFT, JUDGE_END_WENT_ON, VERDICT_GOOD, "clean",
	  "may not write it again" },
	{ NOTHING, TARGET, NOTHING, PASSED, GUEST_LEFT, JUDGE_END_WENT_ON, VERDICT_BAD, "target",
	  "found nothing" },
	{ NOTHING, NOTHING, TARGET, PASSED, GUEST_LEFT, JUDGE_END_WENT_ON, VERDICT_GOOD, "clean", "" },
	{ TARGET, NOTHING, TARGET, FSYNC_EIO, GUEST_LEFT, JUDGE_END_WENT_ON, VERDICT_BAD, "target",
	  "may not write it again" },
	{ CRASH_TARGET, NOTHING, NOTHING, PASSED, GUEST_LEFT, JUDGE_END_WENT_ON, VERDICT_SKIP, "oops",
	  "earlier in this boot: Oops" },
	{ CRASH_TARGET, TARGET, NOTHING, FSYNC_EIO, GUEST_LEFT, JUDGE_END_WENT_ON, VERDICT_SKIP, "oops",
	  "earlier" },
	{ FS_ERROR, NOTHING, NOTHING, CONTENT, GUEST_LEFT, JUDGE_END_WENT_ON, VERDICT_SKIP, "fs-error",
	  "earlier" },
	{ IO_ERROR, TARGET, NOTHING, PASSED, GUEST_LEFT, JUDGE_END_WENT_ON, VERDICT_SKIP, "io-error",
	  "earlier" },
	{ NOTHING, CRASH_TARGET, NOTHING, PASSED, GUEST_LEFT, JUDGE_END_WENT_ON, VERDICT_SKIP, "oops", "" },
	{ NOTHING, NOTHING, CRASH_TARGET, PASSED, GUEST_LEFT, JUDGE_END_WENT_ON, VERDICT_GOOD, "clean", "" },
	{ NOTHING, NOTHING, CRASH_TARGET, CONTENT, GUEST_LEFT, JUDGE_END_WENT_ON, VERDICT_BAD, "target", "" },
	{ WARNING, NOTHING, WARNING, PASSED, GUEST_LEFT, JUDGE_END_WENT_ON, VERDICT_GOOD, "clean", "" },
	{ NOTHING, WARNING, NOTHING, PASSED, GUEST_LEFT, JUDGE_END_WENT_ON, VERDICT_GOOD, "warning", "" },
	{ NOTHING, NOTHING, NOTHING, PASSED, GUEST_ENDED, JUDGE_END_POWERED_OFF, VERDICT_SKIP, "incomplete",
	  "" },
	{ NOTHING, NOTHING, NOTHING, PASSED, GUEST_STARTED, JUDGE_END_WENT_ON, VERDICT_SKIP, "incomplete",
	  "" },
	{ NOTHING, NOTHING, NOTHING, BROKEN, GUEST_STARTED, JUDGE_END_WENT_ON, VERDICT_SKIP, "setup", "" },
	{ NOTHING, NOTHING, NOTHING, PASSED, GUEST_FACTS, JUDGE_END_TOO_EARLY, VERDICT_SKIP, "incomplete",
	  "turn" },
	{ CRASH_TARGET, NOTHING, NOTHING, PASSED, GUEST_FACTS, JUDGE_END_TOO_EARLY, VERDICT_SKIP, "oops",
	  "earlier" },
	{ NOTHING, NOTHING, NOTHING, PASSED, GUEST_FACTS, JUDGE_END_FAILED, VERDICT_BROKEN, "qemu-died", "" },
};

static void test_shared_boot(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(shared); i++) {
		AUTO_FREE char *text = xasprintf("%s[ 2.000000] MARK 1\n%s[ 3.000000] MARK 2\n%s",
						 console_text[shared[i].before], console_text[shared[i].own],
						 console_text[shared[i].behind]);
		AUTO(classify) console = read_text(text);
		static struct guest_report report;
		struct judge_input in = { .report = &report,
					  .console = console,
					  .marked = true,
					  .end = shared[i].end,
					  .phase = "test",
					  .from = (uint64_t)(strstr(text, "MARK 1") - text),
					  .until = (uint64_t)(strstr(text, "MARK 2") - text) };
		AUTO(judgement) j = JUDGEMENT_INIT;
		AUTO(buf) words = BUF_INIT;

		in.started_at = in.from;
		make_report(&report, shared[i].state, shared[i].fault);
		judge(&in, &j);
		for (size_t n = 0; n < j.reasons.n; n++)
			buf_addf(&words, "%s\n", j.reasons.v[n]);
		if (j.verdict != shared[i].verdict || !str_eq(j.class, shared[i].class) ||
		    !strstr(words.s, shared[i].words))
			fail_msg("case %zu: %s %s: %s", i, verdict_name(j.verdict), j.class, words.s);
		check_words(&j, &in);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_truth_table),
		cmocka_unit_test(test_exec),
		cmocka_unit_test(test_other_judges),

		cmocka_unit_test(test_words),
		cmocka_unit_test(test_iterations_that_runtime_ended_are_counted),
		cmocka_unit_test(test_agreement),
		cmocka_unit_test(test_many_failures),
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_target_before_the_start),
		cmocka_unit_test(test_shared_boot),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
