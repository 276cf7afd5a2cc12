/* Whole searches: what they find, what they cost, and how they end when there is nothing to find. */
#include <math.h>

#include "bisect_shapes.h"
#include "engine_searches.h"

/* --- deterministic failures --------------------------------------------------------------------------- */

/* Runs to the end; every trial fails exactly where the culprit is shown (or, for a fix, where it is not). */
static enum engine_state search(struct engine *engine, uint32_t culprit)
{
	AUTO(engine_step) step = ENGINE_STEP_INIT;
	enum engine_state state;

	while ((state = engine_next(engine, &step)) == ENGINE_RUN) {
		bool fails = shows(engine->config.graph, step.candidate, culprit) != engine->config.fix;

		assert_true(step.why.len > 0 && !strchr(step.why.s, '\n'));
		engine_add(engine, step.candidate, fails ? step.trials : 0, step.trials);
		assert_true(engine->posterior.all_trials < 100);
	}
	return state;
}

/* How many tests git bisect makes at most: the open suspects halved as evenly as the graph allows. */
static unsigned git_steps(const struct graph *graph, const double *open)
{
	AUTO_FREE double *sums = xcalloc(graph->suspects, sizeof(*sums));
	AUTO_FREE double *room = xcalloc(graph->suspects + 1, sizeof(*room));
	AUTO_FREE double *part = xcalloc(graph->suspects, sizeof(*part));
	double all = 0, best = 0;
	uint32_t at = 0;
	unsigned most = 0;

	graph_sums(graph, open, room, sums);
	for (uint32_t t = 0; t < graph->suspects; t++)
		all += open[t];
	for (uint32_t t = 0; t < graph->suspects; t++) {
		if (fmin(sums[t], all - sums[t]) <= best)
			continue;
		best = fmin(sums[t], all - sums[t]);
		at = t;
	}
	if (best <= 0)
		return 0;
	for (int bad = 0; bad < 2; bad++) {
		unsigned steps;

		for (uint32_t c = 0; c < graph->suspects; c++)
			part[c] = open[c] * (shows(graph, at, c) == bad);
		steps = git_steps(graph, part);
		most = steps > most ? steps : most;
	}
	return most + 1;
}

/* Each `stride`-th suspect as the culprit. */
static void check_deterministic(const struct graph *graph, bool fix, uint32_t from, uint32_t stride)
{
	AUTO_FREE double *open = xcalloc(graph->suspects, sizeof(*open));
	unsigned git;

	for (size_t c = 0; c < graph->suspects; c++)
		open[c] = 1;
	git = git_steps(graph, open);
	for (uint32_t culprit = from; culprit < graph->suspects; culprit += stride) {
		AUTO(engine) engine = ENGINE_INIT;
		AUTO(engine_answer) answer = ENGINE_ANSWER_INIT;

		begin(&engine, graph, fix);
		assert_int_equal(search(&engine, culprit), ENGINE_FOUND);
		engine_answer(&engine, &answer);
		assert_int_equal(answer.culprit, culprit);
		assert_true(answer.confidence >= ENGINE_CONFIDENCE);
		if (engine.by_phase[ENGINE_SEARCH] > git + 1)
			fail_msg("culprit %u of %zu: %u steps, git bisect takes %u", culprit, graph->suspects,
				 engine.by_phase[ENGINE_SEARCH], git);
	}
}

static void test_lines(void **state)
{
	(void)state;
	for (size_t n = 1; n <= 130; n = n < 20 ? n + 1 : n + 11) {
		AUTO(graph) graph = GRAPH_INIT;

		line_graph(n, &graph);
		check_deterministic(&graph, false, 0, 1);
		check_deterministic(&graph, true, 0, 1);
	}
}

/* Of the many largest ones, each takes one culprit in turn. */
static void check_shape(const struct shape *shape)
{
	static uint32_t turn;
	AUTO(graph) graph = GRAPH_INIT;
	bool largest = shape->n == SHAPE_MOST;

	if (!shape_is_whole(shape))
		return;
	turn += largest;
	assert_int_equal(shape_build(shape, &graph), 0);
	check_deterministic(&graph, false, largest ? turn % SHAPE_MOST : 0, largest ? SHAPE_MOST : 1);
}

static void test_all_small_graphs(void **state)
{
	(void)state;
	for (size_t n = 1; n <= SHAPE_MOST; n++) {
		struct shape shape = { .n = n };

		shape_each(&shape, 0, check_shape);
	}
}

/* --- flaky failures ----------------------------------------------------------------------------------- */

static void test_audited(void **state)
{
	AUTO(graph) graph = GRAPH_INIT;
	AUTO(engine) engine = ENGINE_INIT;
	AUTO(engine_answer) answer = ENGINE_ANSWER_INIT;
	AUTO(buf) text = BUF_INIT;
	uint32_t random = 7;

	(void)state;
	line_graph(64, &graph);
	begin(&engine, &graph, false);
	assert_int_equal(flaky_search(&engine, 20, 0, 40, &random), ENGINE_FOUND);
	engine_answer(&engine, &answer);
	assert_int_equal(answer.culprit, 20);
	assert_true(engine.posterior.failures[20] >= ENGINE_AGAIN);
	assert_true(engine.posterior.trials[19] >= ENGINE_AGAIN);
	assert_true(answer.good.low <= 0);
	engine_explain(&engine, &answer, &text);
	assert_non_null(strstr(text.s, "k21 is the first bad candidate"));
	assert_non_null(strstr(text.s, "Audit: the culprit k21 failed"));
	assert_non_null(strstr(text.s, "Audit: parent k20 failed 0 of"));
}

static bool covers_the_rate(const struct graph *graph, uint32_t random)
{
	AUTO(engine) engine = ENGINE_INIT;
	AUTO(engine_answer) answer = ENGINE_ANSWER_INIT;

	begin(&engine, graph, false);
	if (flaky_search(&engine, 20, 0, 40, &random) == ENGINE_FOUND)
		engine_answer(&engine, &answer);
	return answer.bad.low < 0.4 && answer.bad.high > 0.4;
}

/* A search stops when it has seen failures, so the interval of 95 % may cover a little less often. */
static void test_intervals_cover(void **state)
{
	enum { SEARCHES = 1000 };
	AUTO(graph) graph = GRAPH_INIT;
	unsigned covered = 0;

	(void)state;
	line_graph(64, &graph);
	for (uint32_t i = 0; i < SEARCHES; i++)
		covered += covers_the_rate(&graph, 1000 + i);
	if (covered < SEARCHES * 91 / 100)
		fail_msg("%u of %d intervals hold the rate", covered, SEARCHES);
}

static bool is_called_off(unsigned rate, uint32_t random)
{
	AUTO(graph) graph = GRAPH_INIT;
	AUTO(engine) engine = ENGINE_INIT;
	AUTO(engine_answer) answer = ENGINE_ANSWER_INIT;
	AUTO(buf) text = BUF_INIT;

	line_graph(16, &graph);
	begin(&engine, &graph, false);
	if (flaky_search(&engine, 3, rate, rate, &random) != ENGINE_SAME)
		return false;
	engine_answer(&engine, &answer);
	engine_explain(&engine, &answer, &text);
	assert_non_null(strstr(text.s, "do not differ"));
	assert_non_null(strstr(text.s, "299 for 0.01"));
	assert_int_equal(answer.n_range, 0);
	return true;
}

/* Both ends fail alike: no answer, whatever the rate. Chance makes them look different once in a while. */
static void test_ends_alike(void **state)
{
	enum { SEARCHES = 20 };
	static const unsigned rates[] = { 0, 20, 100 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rates); i++) {
		unsigned off = 0;

		for (uint32_t seed = 1; seed <= SEARCHES; seed++)
			off += is_called_off(rates[i], seed * 2654435761u);
		assert_true(off >= (rates[i] % 100 ? SEARCHES * 3 / 4 : SEARCHES));
	}
}

/* Two failures, or one when they are rare; and as many trials as it takes to call a failing end no accident. */
static void test_ends_measured(void **state)
{
	static const struct {
		unsigned failures, trials;
		bool wants;
	} cases[] = {
		{ 0, 0, true },
		{ 2, 2, true },
		{ 3, 3, false },
		{ 2, 3, true },
		{ 2, ENDS_TRIALS, false },
		{ 1, ENDS_PATIENCE - 1, true },
		{ 0, ENDS_PATIENCE, true },
		{ 1, ENDS_PATIENCE, false },
		{ 0, 299, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(ends_wants_failing(cases[i].failures, cases[i].trials, ENDS_TRIALS),
				 cases[i].wants);
}

/* How many trials of the failing end, of which `failures` of `trials` failed so far, run side by side. */
static unsigned trials_side_by_side(unsigned failures, unsigned trials)
{
	AUTO(graph) graph = GRAPH_INIT;
	AUTO(engine) engine = ENGINE_INIT;
	AUTO(engine_step) step = ENGINE_STEP_INIT;
	unsigned n = 0;

	line_graph(32, &graph);
	begin(&engine, &graph, false);
	engine_add(&engine, graph_new_end(&graph), failures, trials);
	engine_add(&engine, graph_old_end(&graph), 0, ENDS_PASSES);
	while (n < 8 && engine_next(&engine, &step) == ENGINE_RUN)
		n += step.candidate == graph_new_end(&graph) ? step.trials : 8;
	return n;
}

static void test_ends_with_slots(void **state)
{
	(void)state;
	assert_int_equal(trials_side_by_side(1, ENDS_PATIENCE - 1), 1);
	assert_int_equal(trials_side_by_side(2, ENDS_TRIALS - 1), 1);
	assert_int_equal(trials_side_by_side(2, 2), ENDS_TRIALS - 2);
}

/* Failures nearly as rare as the model knows: their culprit is sure enough only after `passes` of the good end. */
static enum engine_state search_of_rare(unsigned passes)
{
	AUTO(graph) graph = GRAPH_INIT;
	AUTO(engine) engine = ENGINE_INIT;
	AUTO(engine_step) step = ENGINE_STEP_INIT;

	line_graph(2, &graph);
	begin(&engine, &graph, false);
	engine_add(&engine, 1, 4, 120);
	engine_add(&engine, 2, 0, 30);
	engine_add(&engine, 0, 0, passes);
	return engine_next(&engine, &step);
}

static void test_more_is_asked_of_rare_ones(void **state)
{
	(void)state;
	assert_int_equal(search_of_rare(86), ENGINE_RUN); /* of others this were enough */
	assert_int_equal(search_of_rare(100), ENGINE_FOUND);
}

static void test_ends_swapped(void **state)
{
	AUTO(graph) graph = GRAPH_INIT;
	AUTO(engine) engine = ENGINE_INIT;
	uint32_t random = 1;

	(void)state;
	line_graph(16, &graph);
	begin(&engine, &graph, false);
	assert_int_equal(flaky_search(&engine, 0, 90, 5, &random), ENGINE_SWAPPED);
}

/* A side that fails 2 % does not mislead: the audit asks the culprit again. */
static void test_false_alarm(void **state)
{
	AUTO(graph) graph = GRAPH_INIT;
	AUTO(engine) engine = ENGINE_INIT;
	AUTO(engine_step) step = ENGINE_STEP_INIT;
	uint32_t random = 4;
	bool lied = false;

	(void)state;
	line_graph(64, &graph);
	begin(&engine, &graph, false);
	while (engine_next(&engine, &step) == ENGINE_RUN) {
		bool fails = step.candidate >= 50 && step.candidate < 64 && flip(&random, 50);

		if (step.candidate >= 20 && step.candidate < 50 && !lied)
			fails = lied = true; /* once, on the good side */
		engine_add(&engine, step.candidate, fails, 1);
	}
	assert_true(lied);
	assert_int_equal(engine.ended, ENGINE_FOUND);
	assert_int_equal(engine.suspect, 50);
}

/* --- explained and repeatable ------------------------------------------------------------------------- */

/* The same answers to the same questions give the same questions and the same bits. */
static void test_replay(void **state)
{
	enum { MOST = 400 };
	AUTO(graph) graph = GRAPH_INIT;
	AUTO(engine) first = ENGINE_INIT, second = ENGINE_INIT;
	AUTO(engine_step) step = ENGINE_STEP_INIT, again = ENGINE_STEP_INIT;
	uint32_t random = 21;

	(void)state;
	line_graph(100, &graph);
	begin(&first, &graph, false);
	begin(&second, &graph, false);
	while (engine_next(&first, &step) == ENGINE_RUN) {
		bool fails = step.candidate >= 33 && step.candidate < 100 && flip(&random, 35);

		assert_int_equal(engine_next(&second, &again), ENGINE_RUN);
		assert_int_equal(again.candidate, step.candidate);
		assert_string_equal(again.why.s, step.why.s);
		engine_add(&first, step.candidate, fails, 1);
		engine_add(&second, step.candidate, fails, 1);
	}
	assert_int_equal(engine_next(&second, &again), first.ended);
	assert_memory_equal(first.plain.mass, second.plain.mass, 100 * sizeof(double));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_all_small_graphs),
		cmocka_unit_test(test_audited),
		cmocka_unit_test(test_intervals_cover),
		cmocka_unit_test(test_ends_alike),
		cmocka_unit_test(test_ends_swapped),
		cmocka_unit_test(test_false_alarm),
		cmocka_unit_test(test_replay),
		cmocka_unit_test(test_ends_measured),
		cmocka_unit_test(test_ends_with_slots),
		cmocka_unit_test(test_more_is_asked_of_rare_ones),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
