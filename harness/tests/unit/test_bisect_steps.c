/* Which step is next: around what cannot be tested, with costs, with several slots, until the trials are used up. */
#include "bisect_shapes.h"
#include "engine_searches.h"

/* --- what cannot be tested ---------------------------------------------------------------------------- */

static enum engine_state search_around(struct engine *engine, uint32_t culprit, uint32_t from, uint32_t to)
{
	AUTO(engine_step) step = ENGINE_STEP_INIT;
	enum engine_state state;

	while ((state = engine_next(engine, &step)) == ENGINE_RUN) {
		if (step.candidate >= from && step.candidate < to)
			engine_skip(engine, step.candidate, "does not build");
		else
			engine_add(engine, step.candidate,
				   shows(engine->config.graph, step.candidate, culprit) ? step.trials : 0,
				   step.trials);
		assert_true(engine->posterior.all_trials < 200);
	}
	return state;
}

static unsigned count_skips(const struct engine *engine)
{
	unsigned n = 0;

	for (size_t i = 0; i < engine->config.graph->n; i++)
		n += engine->untestable[i];
	return n;
}

/* The culprit lies behind a range that does not build: found, with few attempts inside. */
static void test_around_a_range(void **state)
{
	AUTO(graph) graph = GRAPH_INIT;
	AUTO(engine) engine = ENGINE_INIT;

	(void)state;
	line_graph(200, &graph);
	begin(&engine, &graph, false);
	assert_int_equal(search_around(&engine, 150, 60, 140), ENGINE_FOUND);
	assert_int_equal(engine.suspect, 150);
	assert_true(count_skips(&engine) < 12);
}

/* It lies inside: the answer is the range, with the reasons, and never one of it alone. */
static void test_inside_a_range(void **state)
{
	AUTO(graph) graph = GRAPH_INIT;
	AUTO(engine) engine = ENGINE_INIT;
	AUTO(engine_answer) answer = ENGINE_ANSWER_INIT;
	AUTO(buf) text = BUF_INIT;

	(void)state;
	line_graph(40, &graph);
	begin(&engine, &graph, false);
	assert_int_equal(search_around(&engine, 22, 20, 25), ENGINE_RANGE);
	engine_answer(&engine, &answer);
	assert_int_equal(answer.n_range, 6); /* the five, and the one behind them */
	assert_int_equal(answer.range[0], 20);
	assert_int_equal(answer.culprit, 25);
	engine_explain(&engine, &answer, &text);
	assert_non_null(strstr(text.s, "k21 cannot be tested: does not build"));
}

static void test_skip_changes_nothing(void **state)
{
	AUTO(graph) graph = GRAPH_INIT;
	AUTO(engine) engine = ENGINE_INIT;
	AUTO(engine_step) step = ENGINE_STEP_INIT;
	double before[30];

	(void)state;
	line_graph(30, &graph);
	begin(&engine, &graph, false);
	engine_add(&engine, 29, 3, 5);
	engine_add(&engine, 30, 0, 5);
	engine_add(&engine, 12, 1, 2);
	engine_next(&engine, &step);
	memcpy(before, engine.plain.mass, sizeof(before));
	engine_skip(&engine, 14, "panics at boot");
	engine_next(&engine, &step);
	assert_memory_equal(before, engine.plain.mass, sizeof(before));
}

static void test_end_untestable(void **state)
{
	AUTO(graph) graph = GRAPH_INIT;
	AUTO(engine) engine = ENGINE_INIT;
	AUTO(engine_step) step = ENGINE_STEP_INIT;
	AUTO(engine_answer) answer = ENGINE_ANSWER_INIT;
	AUTO(buf) text = BUF_INIT;

	(void)state;
	line_graph(30, &graph);
	begin(&engine, &graph, false);
	engine_next(&engine, &step);
	engine_skip(&engine, step.candidate, "no virtio");
	assert_int_equal(engine_next(&engine, &step), ENGINE_NO_END);
	engine_answer(&engine, &answer);
	engine_explain(&engine, &answer, &text);
	assert_non_null(strstr(text.s, "k30 cannot be tested: no virtio"));
}

/* Nor when it and all before it are skipped at once, in whatever order. */
static void test_end_and_others_untestable(void **state)
{
	AUTO(graph) graph = GRAPH_INIT;
	AUTO(engine) engine = ENGINE_INIT;
	AUTO(engine_step) step = ENGINE_STEP_INIT;

	(void)state;
	line_graph(4, &graph);
	begin(&engine, &graph, false);
	for (uint32_t i = (uint32_t)graph.suspects; i-- > 0;)
		engine_skip(&engine, i, "no virtio");
	assert_int_equal(engine.groups.n, 1);
	assert_int_equal(engine_next(&engine, &step), ENGINE_NO_END);
}

/* --- costs and slots ---------------------------------------------------------------------------------- */

static unsigned switches_at(double change, unsigned *runs)
{
	AUTO(graph) graph = GRAPH_INIT;
	AUTO(engine) engine = ENGINE_INIT;
	AUTO(engine_step) step = ENGINE_STEP_INIT;
	unsigned switches = 0;
	uint32_t last = GRAPH_NONE, random = 12;

	line_graph(64, &graph);
	begin(&engine, &graph, false);
	for (uint32_t i = 0; i < graph.n; i++)
		engine_cost(&engine, i, change, 1);
	while (engine_next(&engine, &step) == ENGINE_RUN) {
		unsigned failures = 0;

		for (unsigned i = 0; i < step.trials; i++)
			failures += step.candidate >= 40 && step.candidate < 64 && flip(&random, 30);
		switches += step.candidate != last;
		last = step.candidate;
		engine_add(&engine, step.candidate, failures, step.trials);
	}
	*runs = engine.posterior.all_trials;
	assert_int_equal(engine.suspect, 40);
	return switches;
}

/* Where a switch of the kernel costs more than a trial, there are fewer of them, at the price of some
 * trials. */
static void test_batches(void **state)
{
	unsigned cheap_runs, dear_runs, cheap = switches_at(0, &cheap_runs);

	(void)state;
	assert_true(switches_at(20, &dear_runs) * 2 < cheap);
	assert_true(dear_runs < 4 * cheap_runs);
}

/* What is in the cache is preferred to what must be built, where it tells nearly as much. */
static void test_cached_first(void **state)
{
	AUTO(graph) graph = GRAPH_INIT;
	AUTO(engine) engine = ENGINE_INIT;
	AUTO(engine_step) step = ENGINE_STEP_INIT;

	(void)state;
	line_graph(64, &graph);
	begin(&engine, &graph, false);
	engine_add(&engine, graph_new_end(&graph), 4, 4);
	engine_add(&engine, graph_old_end(&graph), 0, 4);
	for (uint32_t i = 0; i < graph.n; i++)
		engine_cost(&engine, i, i == 24 ? 1 : 600, 10);
	assert_int_equal(engine_next(&engine, &step), ENGINE_RUN);
	assert_int_equal(step.phase, ENGINE_SEARCH);
	assert_int_equal(step.candidate, 24);
}

/* Four at once: four candidates, spread, not one four times. */
static void test_slots(void **state)
{
	AUTO(graph) graph = GRAPH_INIT;
	AUTO(engine) engine = ENGINE_INIT;
	AUTO(engine_step) step = ENGINE_STEP_INIT;
	uint32_t at[3];

	(void)state;
	line_graph(128, &graph);
	begin(&engine, &graph, false);
	engine_add(&engine, graph_new_end(&graph), 6, 6);
	engine_add(&engine, graph_old_end(&graph), 0, 6);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(engine_next(&engine, &step), ENGINE_RUN);
		at[i] = step.candidate;
	}
	assert_in_range(at[0], 60, 68);
	assert_true(abs((int)at[1] - (int)at[0]) > 20 && abs((int)at[2] - (int)at[0]) > 20);
	assert_true(abs((int)at[1] - (int)at[2]) > 20);
	assert_int_equal(engine.n_pending, 3);
	engine_add(&engine, at[1], 0, 0); /* broken: to be repeated, no evidence */
	assert_int_equal(engine.n_pending, 2);
	assert_int_equal(engine.posterior.all_trials, 12);
}

static void test_trials_used_up(void **state)
{
	AUTO(graph) graph = GRAPH_INIT;
	AUTO(engine) engine = ENGINE_INIT;
	AUTO(engine_answer) answer = ENGINE_ANSWER_INIT;
	struct engine_config config = { &graph, model, NULL, false, 0.95, 300, 12 };
	uint32_t random = 8;

	(void)state;
	line_graph(128, &graph);
	engine_init(&engine, &config);
	assert_int_equal(flaky_search(&engine, 70, 0, 50, &random), ENGINE_SPENT);
	assert_int_equal(engine.posterior.all_trials, 12);
	engine_answer(&engine, &answer);
	assert_true(answer.n_likely > 1 && answer.n_range == 0);
}

/* --- groups ------------------------------------------------------------------------------------------- */

/*      b     An untestable branch point a: its children b and c both show it, so it is like neither.
 *    /   \   An untestable b is like d, which alone stands behind it with c, only when c does not come
 *   a     d  between.
 *    \   /
 *      c
 */
static void test_groups_at_a_fork(void **state)
{
	struct shape shape = { 4, { 0, 1, 1, 6 } };
	AUTO(graph) graph = GRAPH_INIT;
	AUTO(groups) groups = GROUPS_INIT;
	bool untestable[5] = { false };
	uint32_t a, b, d;

	(void)state;
	assert_int_equal(shape_build(&shape, &graph), 0);
	a = graph_find(&graph, "a");
	b = graph_find(&graph, "b");
	d = graph_find(&graph, "d");
	untestable[a] = untestable[b] = true;
	groups_find(&graph, untestable, &groups);
	assert_int_equal(groups.of[b], groups.of[d]);
	assert_int_equal(groups.leader[groups.of[b]], d);
	assert_int_equal(groups.of[a], groups.of[graph_find(&graph, "c")]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_around_a_range),
		cmocka_unit_test(test_inside_a_range),
		cmocka_unit_test(test_skip_changes_nothing),
		cmocka_unit_test(test_end_untestable),
		cmocka_unit_test(test_end_and_others_untestable),
		cmocka_unit_test(test_batches),
		cmocka_unit_test(test_cached_first),
		cmocka_unit_test(test_slots),
		cmocka_unit_test(test_trials_used_up),
		cmocka_unit_test(test_groups_at_a_fork),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
