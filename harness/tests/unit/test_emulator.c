/* A fault that the emulator makes up says nothing about the kernel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "guest/accelerator.h"
#include "tests/unit/signatures_fixture.h"
#include "verdict/judge.h"

#define INT3   "[    0.391000] Oops: int3: 0000 [#1] PREEMPT SMP NOPTI\n[    0.391300] RIP: 0010:f+0x5/0xe0\n"
#define TRAP   "[    0.391000] Oops: divide error: 0000 [#1] PREEMPT SMP NOPTI\n"
#define TARGET "[    0.300000] Page cache invalidation failure on direct I/O.\n"

static void test_which_emulator(void **state)
{
	const struct arch x86 = { .name = "x86_64" }, ppc = { .name = "ppc64le" };
	const char *old = "QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)";

	(void)state;
	assert_true(accelerator_may_run_stale_code(&x86, "tcg", old));
	assert_true(accelerator_may_run_stale_code(&x86, "tcg", "QEMU emulator version 8.0.5"));
	assert_false(accelerator_may_run_stale_code(&x86, "tcg", "QEMU emulator version 8.1.0"));
	assert_false(accelerator_may_run_stale_code(&x86, "tcg", "QEMU emulator version 10.0.8 (Debian)"));
	assert_false(accelerator_may_run_stale_code(&x86, "kvm", old));
	assert_false(accelerator_may_run_stale_code(&ppc, "tcg", old));
	assert_false(accelerator_may_run_stale_code(&x86, "tcg", ""));
}

/* `from`: the scenario's part of the console, 0 for the boot's first. */
static void check(const char *text, bool stale_code, uint64_t from, enum verdict verdict, const char *class)
{
	AUTO(classify) console = classify_new(&table);
	AUTO(judgement) j = JUDGEMENT_INIT;
	struct guest_report report = { .state = GUEST_STARTED, .planned = 2, .passed = 1 };
	struct judge_input in = { .report = &report,
				  .console = console,
				  .from = from,
				  .stale_code = stale_code,
				  .end = JUDGE_END_POWERED_OFF,
				  .phase = "test" };

	classify_feed(console, text, strlen(text));
	classify_end(console);
	judge(&in, &j);
	assert_int_equal(j.verdict, verdict);
	assert_string_equal(j.class, class);
	assert_true(*j.evidence);
}

static void test_is_no_evidence(void **state)
{
	(void)state;
	check(INT3, true, 0, VERDICT_BROKEN, "emulator");
	check(INT3, false, 0, VERDICT_SKIP, "oops");
	check(TRAP, true, 0, VERDICT_SKIP, "oops");
	check(TARGET INT3, true, 0, VERDICT_BAD, "target");
}

static void test_in_a_shared_boot(void **state)
{
	(void)state;
	check(INT3 TARGET, true, sizeof(INT3) - 1, VERDICT_BROKEN, "emulator");
	check(INT3 TARGET, false, sizeof(INT3) - 1, VERDICT_SKIP, "oops");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_which_emulator),
		cmocka_unit_test(test_is_no_evidence),
		cmocka_unit_test(test_in_a_shared_boot),
	};

	return cmocka_run_group_tests(tests, signatures_set_up, signatures_tear_down);
}
