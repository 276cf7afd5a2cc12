/* The search over a list, and rates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "bisect/linear.h"
#include "bisect/rate.h"

#define MAX 40

/* Plays a search in which candidates from `culprit` on are new and those in `skips` (a bit each) cannot be
 * judged. */
static size_t play(enum linear_side *sides, size_t n, size_t culprit, uint64_t skips)
{
	size_t steps = 0, i;

	for (i = 0; i < n; i++)
		sides[i] = LINEAR_UNKNOWN;
	while ((i = linear_next(sides, n)) < n) {
		assert_int_equal(sides[i], LINEAR_UNKNOWN);
		sides[i] = skips >> i & 1 ? LINEAR_SKIP : i < culprit ? LINEAR_OLD : LINEAR_NEW;
		assert_true(++steps <= n);
	}
	return steps;
}

static void test_finds_every_culprit(void **state)
{
	enum linear_side sides[MAX];

	(void)state;
	for (size_t n = 2; n <= MAX; n++) {
		for (size_t culprit = 1; culprit < n; culprit++) {
			size_t steps = play(sides, n, culprit, 0), limit = 2, old_end, new_end;

			for (size_t left = n - 1; left > 1; left = (left + 1) / 2)
				limit++;
			linear_range(sides, n, &old_end, &new_end);
			assert_int_equal(old_end, culprit - 1);
			assert_int_equal(new_end, culprit);
			assert_true(steps <= limit);
		}
	}
}

static void test_skips_leave_the_true_range(void **state)
{
	enum linear_side sides[MAX];
	size_t n = 9, old_end, new_end;

	(void)state;
	for (uint64_t skips = 0; skips < 1u << n; skips++) {
		if (skips & 1 || skips >> (n - 1) & 1)
			continue;
		for (size_t culprit = 1; culprit < n; culprit++) {
			play(sides, n, culprit, skips);
			linear_range(sides, n, &old_end, &new_end);
			assert_true(old_end < culprit && culprit <= new_end);
			for (size_t i = old_end + 1; i < new_end; i++)
				assert_true(skips >> i & 1);
		}
	}
}

static void test_rates(void **state)
{
	struct rate none = rate_interval(0, 0), zero = rate_interval(0, 10), all = rate_interval(10, 10),
		    half = rate_interval(5, 10);

	(void)state;
	assert_true(none.low == 0 && none.high == 1);
	assert_true(zero.low == 0 && zero.high > 0.27 && zero.high < 0.28); /* Wilson: 0.2775 */
	assert_true(all.high > 0.999 && all.low > 0.72 && all.low < 0.73);
	assert_true(half.low > 0.23 && half.low < 0.24 && half.high > 0.76 && half.high < 0.77);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_finds_every_culprit),
		cmocka_unit_test(test_skips_leave_the_true_range),
		cmocka_unit_test(test_rates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
