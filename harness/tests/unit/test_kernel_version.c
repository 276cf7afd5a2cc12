/* Versions: rpm's rules as its manual and its own tests state them, dpkg's as its manual and the policy do.
 */
#include "tests/unit/kernel_fixture.h"

#include "kernel/version.h"

struct row {
	const char *a, *b;
	int order;
};

static int sign(int n)
{
	return (n > 0) - (n < 0);
}

/* Each row, the same backwards, and each side with itself. */
static void check_rows(const struct row *rows, size_t n, int (*compare)(const char *, const char *))
{
	for (size_t i = 0; i < n; i++) {
		if (sign(compare(rows[i].a, rows[i].b)) != rows[i].order ||
		    sign(compare(rows[i].b, rows[i].a)) != -rows[i].order)
			fail_msg("%s and %s: expected %d, found %d", rows[i].a, rows[i].b, rows[i].order,
				 compare(rows[i].a, rows[i].b));
		assert_int_equal(compare(rows[i].a, rows[i].a), 0);
		assert_int_equal(compare(rows[i].b, rows[i].b), 0);
	}
}

static void rpm_parts(void **state)
{
	static const struct row rows[] = {
		{ "1.0", "2.0", -1 },
		{ "2.0", "2.0.1", -1 },
		{ "2.0.1", "2.0.1a", -1 },
		{ "5.5p1", "5.5p10", -1 },
		{ "10xyz", "10.1xyz", -1 },
		{ "xyz10", "xyz10.1", -1 },
		{ "xyz.4", "8", -1 },
		{ "xyz.4", "2", -1 },
		{ "5.5p2", "5.6p1", -1 },
		{ "5.6p1", "6.5p1", -1 },
		{ "6.0.rc1", "6.0", 1 },
		{ "10b2", "10a1", 1 },
		{ "1.0aa", "1.0a", 1 },
		{ "10.0001", "10.1", 0 },
		{ "10.0001", "10.0039", -1 },
		{ "4.999.9", "5.0", -1 },
		{ "20101121", "20101122", -1 },
		{ "99999999999999999999999", "100000000000000000000000", -1 },
		{ "2_0", "2.0", 0 },
		{ "a+", "a_", 0 },
		{ "+a", "_a", 0 },
		{ "+", "_", 0 },
		{ "", "0", -1 },
		{ "1.0~rc1", "1.0", -1 },
		{ "1.0~rc1", "1.0~rc2", -1 },
		{ "1.0~rc1~git123", "1.0~rc1", -1 },
		{ "1.0^", "1.0", 1 },
		{ "1.0^git1", "1.0", 1 },
		{ "1.0^git1", "1.0^git2", -1 },
		{ "1.0^git1", "1.01", -1 },
		{ "1.0^20160101", "1.0.1", -1 },
		{ "1.0^20160102", "1.0^20160101^git1", 1 },
		{ "1.0~rc1^git1", "1.0~rc1", 1 },
		{ "1.0^git1~pre", "1.0^git1", -1 },
		{ "1~~2", "1~2", -1 },
		/* what uname -r says of SUSE's kernels */
		{ "6.4.0-150600.21-default", "6.12.0-1-default", -1 },
		{ "6.8.0-rc1-1-default", "6.8.0-1-default", -1 },
	};

	(void)state;
	check_rows(rows, ARRAY_SIZE(rows), version_rpm_part);
}

static void rpm_whole(void **state)
{
	static const struct row rows[] = {
		{ "1:1.0-1", "2.0-1", 1 },
		{ "0:1.0-1", "1.0-1", 0 },
		{ "1:1.0-1", "10:1.0-1", -1 },
		{ "6.7.1-1.1", "6.7.1-1.2", -1 },
		{ "6.7.1-1.9", "6.7.1-1.10", -1 },
		{ "6.7.1-9", "6.7.2-1", -1 },
		{ "6.7.1", "6.7.1-1.1", 0 },
		{ "6.7.1", "6.7.2-1.1", -1 },
		{ "6.8~rc1-1.1", "6.8.0-1.1", -1 },
		{ "5.14.21-150500.55.7.1", "5.14.21-150500.55.68.1", -1 },
		{ "-1", "0-1", -1 },
		{ "a:1", "1", -1 },
	};

	(void)state;
	check_rows(rows, ARRAY_SIZE(rows), version_rpm);
}

static void dpkg(void **state)
{
	static const struct row rows[] = {
		{ "1.0", "1.1", -1 },
		{ "1.9", "1.10", -1 },
		{ "1:1.0", "2.0", 1 },
		{ "0:1.0", "1.0", 0 },
		{ "1.0", "1.0-0", 0 },
		{ "1.0-1", "1.0-2", -1 },
		{ "1.0-1", "1.0-1.1", -1 },
		{ "1.2.3-1", "1.2-4-1", 1 },
		{ "1.0~rc1-1", "1.0-1", -1 },
		{ "~~", "~~a", -1 },
		{ "~~a", "~", -1 },
		{ "~", "", -1 },
		{ "", "a", -1 },
		{ "1.0a", "1.0+", -1 },
		{ "1.0", "1.0a", -1 },
		{ "1.0~~", "1.0~", -1 },
		{ "1.0+b1", "1.0", 1 },
		{ "1.00", "1.0", 0 },
		{ "1.002", "1.01", 1 },
		{ "99999999999999999999999", "100000000000000000000000", -1 },
		{ "6.12.107+deb13-amd64", "6.12.12+deb13-amd64", 1 },
		{ "6.12.9+bpo-amd64", "6.12.9+deb13-amd64", -1 },
		{ "6.1.0-9-amd64", "6.1.0-50-amd64", -1 },
		{ "7.2~rc3-1", "7.2-1", -1 },
	};

	(void)state;
	check_rows(rows, ARRAY_SIZE(rows), version_dpkg);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(rpm_parts),
		cmocka_unit_test(rpm_whole),
		cmocka_unit_test(dpkg),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
