/* The model of the two rates against plain integration, and the posterior against brute force. */
#include "bisect/posterior.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "bisect_shapes.h"

static struct model *model;

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 16;
}

static bool near(double a, double b, double tolerance)
{
	return fabs(a - b) <= tolerance;
}

/* --- the model ---------------------------------------------------------------------------------------- */

/* The mean over r ~ Beta(1, MODEL_FLAKY) of (r b)^failures (1 - r b)^passes. */
static double good_by_hand(double b, unsigned failures, unsigned passes)
{
	enum { STEPS = 2000 };
	double sum = 0;

	for (int j = 0; j < STEPS; j++) {
		double r = 1 - pow((j + 0.5) / STEPS, 1.0 / MODEL_FLAKY);

		sum += exp(failures * log(r * b) + passes * log1p(-r * b));
	}
	return sum / STEPS;
}

/* The prior of the bad side's rate at one step of the angle, but for a factor; *b is the rate. */
static double bad_prior_by_hand(int k, int steps, double *b)
{
	double s = sin((k + 0.5) / steps * M_PI_2);

	*b = s * s;
	return pow(*b, MODEL_SHARP - MODEL_STEEP) / (pow(*b, MODEL_SHARP) + pow(MODEL_LEAST, MODEL_SHARP)) *
	       sqrt(*b * (1 - *b));
}

static void by_hand(const struct model_counts *c, double *clean, double *flaky)
{
	enum { STEPS = 1000 };
	double all = 0, b;

	*clean = *flaky = 0;
	for (int k = 0; k < STEPS; k++)
		all += bad_prior_by_hand(k, STEPS, &b);
	for (int k = 0; k <= STEPS; k++) {
		double prior = bad_prior_by_hand(k, STEPS, &b) / all * (1 - MODEL_ALWAYS);
		double weight = k < STEPS ? prior : MODEL_ALWAYS;
		double bad = k < STEPS ? exp(c->bad_failures * log(b) + c->bad_passes * log1p(-b))
				       : c->bad_passes == 0;

		*clean += weight * bad * (c->good_failures == 0);
		*flaky += weight * bad * good_by_hand(k < STEPS ? b : 1, c->good_failures, c->good_passes);
	}
}

static void test_model_by_hand(void **state)
{
	static const struct model_counts cases[] = {
		{ 0, 0, 0, 0 },	  { 2, 5, 0, 3 },  { 3, 0, 0, 4 },
		{ 5, 45, 1, 60 }, { 9, 1, 4, 30 }, { 0, 8, 2, 2 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct model_view view;
		double clean, flaky;

		model_look(model, &cases[i], &view);
		by_hand(&cases[i], &clean, &flaky);
		if (clean > 0)
			assert_true(near(view.clean, log(clean), 0.01));
		else
			assert_true(isinf(view.clean));
		if (!near(view.flaky, log(flaky), 0.05))
			fail_msg("case %zu: %g instead of %g", i, view.flaky, log(flaky));
	}
}

/* The prediction is what the likelihood of one failure more says. */
static void test_predictions(void **state)
{
	static const struct model_counts counts = { 4, 9, 1, 20 };
	struct model_counts bad = counts, good = counts;
	struct model_view view, after_bad, after_good;

	(void)state;
	bad.bad_failures++;
	good.good_failures++;
	model_look(model, &counts, &view);
	model_look(model, &bad, &after_bad);
	model_look(model, &good, &after_good);
	assert_true(near(view.flaky_bad, exp(after_bad.flaky - view.flaky), 1e-9));
	assert_true(near(view.flaky_good, exp(after_good.flaky - view.flaky), 1e-9));
}

/* Both grids agree where one takes over from the other. */
static void test_grids_agree(void **state)
{
	unsigned n = MODEL_COARSE_LIMIT / 4;
	struct model_counts at = { n / 3, n - n / 3, 2, 3 * n - 2 }, beyond = at;
	struct model_view coarse, fine;

	(void)state;
	beyond.good_passes++;
	model_look(model, &at, &coarse);
	model_look(model, &beyond, &fine);
	assert_true(near(fine.flaky - coarse.flaky, log(1 - coarse.flaky_good), 0.01));
	assert_true(near(fine.flaky_bad, coarse.flaky_bad, 1e-3));
}

static void test_model_extremes(void **state)
{
	static const struct model_counts cases[] = {
		{ 10000, 0, 0, 10000 },
		{ 0, 10000, 10000, 0 },
		{ 5000, 5000, 0, 10000 },
		{ 1, 9999, 9999, 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct model_view view;

		model_look(model, &cases[i], &view);
		assert_true(isfinite(view.flaky));
		assert_true(isfinite(view.clean) || cases[i].good_failures);
		assert_true(view.flaky_bad > 0 && view.flaky_bad < 1 && view.flaky_good < 1);
		assert_true(view.flaky_good > 0 && view.clean_bad > 0 && view.clean_bad <= 1);
		assert_true(!isnan(model_same(&cases[i])));
	}
}

/* Any four counts: finite, and the good side below the bad one. A good side that fails much more often than
 * the bad one once made the sums negative. */
static void test_model_all_counts(void **state)
{
	static const unsigned v[] = { 0, 1, 3, 30, 300, 5000, 100000 };

	(void)state;
	for (size_t i = 0; i < 7 * 7 * 7 * 7; i++) {
		struct model_counts counts = { v[i % 7], v[i / 7 % 7], v[i / 49 % 7], v[i / 343] };
		struct model_view view;

		model_look(model, &counts, &view);
		assert_true(isfinite(view.flaky));
		assert_true(view.flaky_bad >= 0 && view.flaky_bad <= 1);
		assert_true(view.flaky_good >= 0 && view.flaky_good <= view.flaky_bad);
	}
}

/* --- the posterior ------------------------------------------------------------------------------------ */

static void line_graph(size_t suspects, struct graph *graph)
{
	AUTO(strv) ids = STRV_INIT;
	AUTO(err) err = ERR_INIT;

	for (size_t i = 0; i <= suspects; i++)
		strv_addf(&ids, "%zu", i);
	assert_int_equal(graph_from_list((const char *const *)ids.v, ids.n, graph, &err), 0);
}

static void check_sum(const struct weights *weights, size_t n)
{
	double sum = 0;

	for (size_t c = 0; c < n; c++) {
		assert_true(weights->mass[c] >= 0);
		sum += weights->mass[c];
	}
	assert_true(near(sum, 1, 1e-9));
}

static void test_sums_to_one(void **state)
{
	AUTO(graph) graph = GRAPH_INIT;
	AUTO(posterior) posterior = POSTERIOR_INIT;
	AUTO(weights) weights = WEIGHTS_INIT;
	uint32_t random = 1;

	(void)state;
	line_graph(50, &graph);
	posterior_init(&posterior, &graph, model, NULL, false);
	for (int i = 0; i < 200; i++) {
		unsigned trials = next_random(&random) % 4, failures = next_random(&random) % (trials + 1);

		posterior_add(&posterior, next_random(&random) % graph.n, failures, trials);
		posterior_weigh(&posterior, POSTERIOR_CLEAN, &weights);
		check_sum(&weights, graph.suspects);
	}
}

/* The same trials, one by one in another order and in lumps: the same bits. */
static void test_any_order(void **state)
{
	enum { N = 30, STEPS = 120 };
	uint32_t at[STEPS], failed[STEPS], random = 5, failures[N + 1] = { 0 }, trials[N + 1] = { 0 };
	AUTO(graph) graph = GRAPH_INIT;
	AUTO(posterior) forward = POSTERIOR_INIT, backward = POSTERIOR_INIT, lumps = POSTERIOR_INIT;
	AUTO(weights) a = WEIGHTS_INIT, b = WEIGHTS_INIT, c = WEIGHTS_INIT;

	(void)state;
	line_graph(N, &graph);
	posterior_init(&forward, &graph, model, NULL, false);
	posterior_init(&backward, &graph, model, NULL, false);
	posterior_init(&lumps, &graph, model, NULL, false);
	for (int i = 0; i < STEPS; i++) {
		at[i] = next_random(&random) % graph.n;
		failed[i] = next_random(&random) % 3 == 0;
		posterior_add(&forward, at[i], failed[i], 1);
		failures[at[i]] += failed[i];
		trials[at[i]]++;
	}
	for (int i = STEPS; i-- > 0;)
		posterior_add(&backward, at[i], failed[i], 1);
	for (uint32_t i = 0; i <= N; i++)
		posterior_add(&lumps, i, failures[i], trials[i]);
	posterior_weigh(&forward, POSTERIOR_CLEAN, &a);
	posterior_weigh(&backward, POSTERIOR_CLEAN, &b);
	posterior_weigh(&lumps, POSTERIOR_CLEAN, &c);
	assert_memory_equal(a.mass, b.mass, N * sizeof(double));
	assert_memory_equal(a.mass, c.mass, N * sizeof(double));
	assert_true(a.evidence == b.evidence && a.evidence == c.evidence);
}

/* No trials, and a prior that is the same everywhere, are no evidence. */
static void test_no_evidence(void **state)
{
	AUTO(graph) graph = GRAPH_INIT;
	AUTO(posterior) posterior = POSTERIOR_INIT;
	AUTO(weights) weights = WEIGHTS_INIT;
	double prior[4] = { 1, 0, 2, 1 };

	(void)state;
	line_graph(4, &graph);
	posterior_init(&posterior, &graph, model, prior, false);
	posterior_add(&posterior, 2, 0, 0);
	posterior_add(&posterior, graph_new_end(&graph), 3, 3);
	posterior_weigh(&posterior, POSTERIOR_CLEAN, &weights);
	for (int c = 0; c < 4; c++)
		assert_true(near(weights.mass[c], prior[c] / 4, 1e-12));
}

/* A fix is a regression with the sides exchanged. */
static void test_fix_mirrors(void **state)
{
	AUTO(graph) graph = GRAPH_INIT;
	AUTO(posterior) fix = POSTERIOR_INIT;
	AUTO(weights) weights = WEIGHTS_INIT;

	(void)state;
	line_graph(3, &graph);
	posterior_init(&fix, &graph, model, NULL, true);
	posterior_add(&fix, graph_old_end(&graph), 5, 5);
	posterior_add(&fix, 0, 5, 5);
	posterior_add(&fix, 1, 0, 5);
	posterior_add(&fix, 2, 0, 5);
	posterior_weigh(&fix, POSTERIOR_CLEAN, &weights);
	assert_true(weights.mass[1] > 0.99);
	assert_int_equal(posterior_counts(&fix, 1).bad_failures, 10);
	assert_int_equal(posterior_counts(&fix, 1).good_passes, 10);
}

/* --- brute force -------------------------------------------------------------------------------------- */

static void brute_mass(const struct shape *shape, const unsigned *failures, const unsigned *trials,
		       double *mass)
{
	uint32_t reach[SHAPE_MOST];
	double sum = 0;

	shape_reach(shape, reach);
	for (uint32_t c = 0; c < shape->n; c++) {
		struct model_counts counts = { 0, 0, 0, 0 };
		struct model_view view;

		for (uint32_t t = 0; t < shape->n; t++) {
			bool shown = reach[t] >> c & 1;

			*(shown ? &counts.bad_failures : &counts.good_failures) += failures[t];
			*(shown ? &counts.bad_passes : &counts.good_passes) += trials[t] - failures[t];
		}
		model_look(model, &counts, &view);
		mass[c] = POSTERIOR_CLEAN * exp(view.clean) + (1 - POSTERIOR_CLEAN) * exp(view.flaky);
		sum += mass[c];
	}
	for (size_t c = 0; c < shape->n; c++)
		mass[c] /= sum;
}

static void check_shape(const struct shape *shape)
{
	static uint32_t random = 7;
	unsigned failures[SHAPE_MOST], trials[SHAPE_MOST];
	double mass[SHAPE_MOST];
	AUTO(graph) graph = GRAPH_INIT;
	AUTO(posterior) posterior = POSTERIOR_INIT;
	AUTO(weights) weights = WEIGHTS_INIT;

	if (!shape_is_whole(shape))
		return;
	assert_int_equal(shape_build(shape, &graph), 0);
	posterior_init(&posterior, &graph, model, NULL, false);
	for (uint32_t i = 0; i < shape->n; i++) {
		trials[i] = next_random(&random) % 3;
		failures[i] = next_random(&random) % (trials[i] + 1);
		posterior_add(&posterior, graph_find(&graph, (char[]){ (char)('a' + i), 0 }), failures[i],
			      trials[i]);
	}
	posterior_weigh(&posterior, POSTERIOR_CLEAN, &weights);
	brute_mass(shape, failures, trials, mass);
	for (uint32_t c = 0; c < graph.suspects; c++)
		assert_true(near(weights.mass[c], mass[graph.ids[c][0] - 'a'], 1e-12));
}

static void test_all_small_graphs(void **state)
{
	(void)state;
	for (size_t n = 1; n <= SHAPE_MOST; n++) {
		struct shape shape = { .n = n };

		shape_each(&shape, 0, check_shape);
	}
}

/* --- size --------------------------------------------------------------------------------------------- */

static void test_large(void **state)
{
	enum { N = 100000 };
	AUTO(graph) graph = GRAPH_INIT;
	AUTO(posterior) posterior = POSTERIOR_INIT;
	AUTO(weights) weights = WEIGHTS_INIT;

	(void)state;
	line_graph(N, &graph);
	posterior_init(&posterior, &graph, model, NULL, false);
	for (uint32_t t = 0; t < 100; t++)
		posterior_add(&posterior, t * 1000, t < 60 ? 0 : 25, 100);
	posterior_weigh(&posterior, POSTERIOR_CLEAN, &weights);
	check_sum(&weights, N);
	assert_true(weights.mass[59500] > 0.99 / 1000);
	assert_true(weights.mass[50000] < 1e-9);
}

static int setup(void **state)
{
	(void)state;
	model = model_new(MODEL_FLAKY);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	model_free(model);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_model_by_hand),
		cmocka_unit_test(test_predictions),
		cmocka_unit_test(test_grids_agree),
		cmocka_unit_test(test_model_extremes),
		cmocka_unit_test(test_model_all_counts),
		cmocka_unit_test(test_sums_to_one),
		cmocka_unit_test(test_any_order),
		cmocka_unit_test(test_no_evidence),
		cmocka_unit_test(test_fix_mirrors),
		cmocka_unit_test(test_all_small_graphs),
		cmocka_unit_test(test_large),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
