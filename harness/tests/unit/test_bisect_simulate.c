/* The table of `make bench`, in short: how often right and at what cost, with room for the noise of few
 * searches. */
#include "bisect/simulate.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"

/* 128 candidates on a line; graph, seed and confidence are set here. */
static void simulate_as(struct simulate_config config, struct simulate_result *result)
{
	AUTO(strv) ids = STRV_INIT;
	AUTO(err) err = ERR_INIT;
	AUTO(graph) graph = GRAPH_INIT;

	for (unsigned i = 0; i <= 128; i++)
		strv_addf(&ids, "%u", i);
	assert_int_equal(graph_from_list((const char *const *)ids.v, ids.n, &graph, &err), 0);
	config.graph = &graph;
	config.seed = 11;
	config.confidence = 0.95;
	simulate_run(&config, SIMULATE_OURS, result);
}

static void simulate(double rate_good, double rate_bad, unsigned searches, enum simulate_world world,
		     struct simulate_result *result)
{
	simulate_as(
	    (struct simulate_config){
		.rate_good = rate_good, .rate_bad = rate_bad, .trials = searches, .world = world },
	    result);
}

/* Wanted of thousands of searches are 0.95 or 0.96 right at the costs of the bench; of some hundreds, chance
 * takes up to 0.03 and a tenth of the cost. */
static void test_table(void **state)
{
	static const struct {
		double rate_good, rate_bad;
		unsigned searches;
		double right, runs;
	} rows[] = {
		{ 0, 1, 100, 1, 16 },	    { 0, 0.5, 200, 0.93, 48 },	   { 0, 0.3, 200, 0.93, 77 },
		{ 0, 0.1, 100, 0.91, 237 }, { 0.02, 0.3, 200, 0.91, 154 }, { 0.1, 0.9, 200, 0.93, 37 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct simulate_result result;

		simulate(rows[i].rate_good, rows[i].rate_bad, rows[i].searches, SIMULATE_PLAIN, &result);
		if (result.accuracy < rows[i].right || result.mean_runs > rows[i].runs)
			fail_msg("%g -> %g: right %.3f at %.1f runs", rows[i].rate_good, rows[i].rate_bad,
				 result.accuracy, result.mean_runs);
	}
}

/* What is claimed comes true where the model holds, and the bins hold each answer once. */
static void test_claims(void **state)
{
	enum { SEARCHES = 60 };
	struct simulate_result result;
	unsigned searches = 0;
	double right = 0;

	(void)state;
	simulate(0, 1, SEARCHES, SIMULATE_PRIOR, &result);
	for (size_t i = 0; i < SIMULATE_BINS; i++) {
		searches += result.bins[i].searches;
		right += result.bins[i].searches * result.bins[i].right;
	}
	assert_true(result.confidence > 0.95);
	assert_true(fabs(result.decided_accuracy - result.confidence) < 0.05);
	assert_true(fabs(searches - SEARCHES * (1 - result.undecided)) < 1e-6);
	assert_true(fabs(right - searches * result.decided_accuracy) < 1e-6);
}

/* The same seed, the same searches. */
static void test_seed(void **state)
{
	struct simulate_result first, second;

	(void)state;
	simulate(0, 0.5, 50, SIMULATE_PLAIN, &first);
	simulate(0, 0.5, 50, SIMULATE_PLAIN, &second);
	assert_memory_equal(&first, &second, sizeof(first));
}

/* Several trials at a time are chosen for one another: fewer rounds, and the answers as right. */
static void test_slots(void **state)
{
	static const struct {
		double rate_bad;
		unsigned slots;
		double rounds; /* at most, of those with one slot */
	} rows[] = { { 1, 2, 0.7 }, { 1, 4, 0.5 }, { 1, 16, 0.4 }, { 0.3, 2, 0.6 }, { 0.3, 4, 0.4 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct simulate_result one, some;
		unsigned searches = rows[i].rate_bad < 1 ? 100 : 40;

		simulate(0, rows[i].rate_bad, searches, SIMULATE_PLAIN, &one);
		simulate_as((struct simulate_config){ .rate_bad = rows[i].rate_bad,
						      .trials = searches,
						      .slots = rows[i].slots },
			    &some);
		if (some.accuracy < 0.91 || some.mean_rounds > rows[i].rounds * one.mean_rounds)
			fail_msg("%g, %u slots: right %.3f, %.1f rounds instead of %.1f", rows[i].rate_bad,
				 rows[i].slots, some.accuracy, some.mean_rounds, one.mean_rounds);
		assert_true(fabs(one.mean_rounds - one.decisions / searches) < 1e-9);
	}
}

/* A candidate that is tried again is not built again; the engine knows, and goes back more readily than to another. */
static void test_build(void **state)
{
	struct simulate_result result;
	double builds;

	(void)state;
	simulate_as((struct simulate_config){ .rate_bad = 0.3, .trials = 40, .build = 10 }, &result);
	builds = (result.mean_seconds - result.mean_runs) / 10;
	if (builds < 7 || builds >= result.mean_switches)
		fail_msg("%.1f builds in %.1f runs, %.1f switches", builds, result.mean_runs,
			 result.mean_switches);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table), cmocka_unit_test(test_claims), cmocka_unit_test(test_seed),
		cmocka_unit_test(test_slots), cmocka_unit_test(test_build),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
