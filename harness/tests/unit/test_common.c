/* What failures have in common: found when the evidence says so, and only then. */
#include "bisect/common.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define CASE(f, n, page, arch, fs)                                                                           \
	{                                                                                                    \
		"AD033", f, n,                                                                               \
		{                                                                                            \
			page, arch, fs, NULL, NULL                                                           \
		}                                                                                            \
	}

static void says(const struct common_case *cases, size_t n, const char *wanted)
{
	AUTO(buf) text = BUF_INIT;

	common_find(cases, n, &text);
	assert_string_equal(text.len ? text.s : "", wanted);
}

static void test_page_size_on_two_architectures(void **state)
{
	static const struct common_case cases[] = {
		CASE(3, 3, "64k", "ppc64le", "btrfs"), CASE(2, 3, "16k", "aarch64", "btrfs"),
		CASE(0, 3, "4k", "ppc64le", "btrfs"),  CASE(0, 3, "4k", "aarch64", "btrfs"),
		CASE(0, 3, "4k", "x86_64", "btrfs"),
	};

	(void)state;
	says(
	    cases, ARRAY_SIZE(cases),
	    "it is the page size: 64k, 16k pages fail (5 of 6 trials; ppc64le, aarch64), 4k pages do not (0 of 9 "
	    "trials; ppc64le, aarch64, x86_64)");
}

static void test_not_told_apart(void **state)
{
	static const struct common_case cases[] = {
		CASE(8, 8, "64k", "ppc64le", "btrfs"),
		CASE(0, 8, "4k", "x86_64", "btrfs"),
	};

	(void)state;
	says(
	    cases, ARRAY_SIZE(cases),
	    "it is the page size or the architecture: 64k pages fail (8 of 8 trials; ppc64le), 4k pages do not (0 of "
	    "8 trials; x86_64)");
}

static void test_two_together(void **state)
{
	static const struct common_case cases[] = {
		CASE(9, 10, "64k", "ppc64le", "btrfs"),
		CASE(0, 10, "64k", "ppc64le", "ext4"),
		CASE(0, 10, "4k", "ppc64le", "btrfs"),
		CASE(0, 10, "4k", "ppc64le", "ext4"),
	};

	(void)state;
	says(
	    cases, ARRAY_SIZE(cases),
	    "it is the page size together with the file system: 64k pages with btrfs fail (9 of 10 trials; ppc64le), "
	    "others do not (0 of 30 trials; ppc64le)");
}

/* What one scenario alone has shown in one environment says nothing of the other's rate there. */
static void test_scenarios_apart(void **state)
{
	static const struct common_case cases[] = {
		{ "AD061", 10, 10, { NULL, NULL, NULL, "nocow", NULL } },
		{ "AD033", 1, 10, { NULL, NULL, NULL, "nocow", NULL } },
		{ "AD033", 0, 10, { NULL, NULL, NULL, "checksums", NULL } },
	};

	(void)state;
	says(cases, ARRAY_SIZE(cases), "");
}

static void test_nothing(void **state)
{
	static const struct common_case few[] = {
		CASE(1, 1, "64k", "ppc64le", "btrfs"),
		CASE(0, 1, "4k", "x86_64", "btrfs"),
	};
	static const struct common_case everywhere[] = {
		CASE(5, 10, "64k", "ppc64le", "btrfs"),
		CASE(4, 10, "4k", "x86_64", "btrfs"),
		CASE(6, 10, "4k", "ppc64le", "ext4"),
	};
	static const struct common_case alike[] = {
		CASE(9, 10, "64k", "ppc64le", "btrfs"),
		CASE(0, 10, "64k", "ppc64le", "btrfs"),
	};
	static const struct common_case never[] = { CASE(0, 10, "64k", "ppc64le", "btrfs") };

	(void)state;
	says(NULL, 0, "");
	says(few, ARRAY_SIZE(few), "");
	says(everywhere, ARRAY_SIZE(everywhere), "");
	says(alike, ARRAY_SIZE(alike), "");
	says(never, ARRAY_SIZE(never), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_page_size_on_two_architectures),
		cmocka_unit_test(test_not_told_apart),
		cmocka_unit_test(test_two_together),
		cmocka_unit_test(test_scenarios_apart),
		cmocka_unit_test(test_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
