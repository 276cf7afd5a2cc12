/* What is known beside trials, and what is asked without asking. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "bisect/engine.h"

static struct model *model;

static void line_engine(size_t suspects, struct graph *graph, struct engine *engine)
{
	AUTO(strv) ids = STRV_INIT;
	AUTO(err) err = ERR_INIT;

	for (size_t i = 0; i <= suspects; i++)
		strv_addf(&ids, "k%zu", i);
	assert_int_equal(graph_from_list((const char *const *)ids.v, ids.n, graph, &err), 0);
	engine_init(engine, &(struct engine_config){
				.graph = graph, .model = model, .confidence = 0.95, .end_trials = 50 });
}

static void an_excluded_suspect_is_never_the_culprit(void **state)
{
	AUTO(graph) graph = GRAPH_INIT;
	AUTO(engine) engine = ENGINE_INIT;
	AUTO(engine_step) step = ENGINE_STEP_INIT;
	AUTO(engine_answer) answer = ENGINE_ANSWER_INIT;

	(void)state;
	line_engine(16, &graph, &engine);
	engine_exclude(&engine, 7); /* the same as 6, which brings the failure */
	while (engine_next(&engine, &step) == ENGINE_RUN)
		engine_add(&engine, step.candidate,
			   step.candidate >= 6 && step.candidate < 16 ? step.trials : 0, step.trials);
	engine_answer(&engine, &answer);
	assert_int_equal(answer.state, ENGINE_FOUND);
	assert_int_equal(answer.culprit, 6);
	assert_true(engine.plain.mass[7] == 0);
}

/* With and without looking ahead the steps are the same, and the first guess of a search is a candidate. */
static void peeking_changes_nothing(void **state)
{
	AUTO(graph) graph = GRAPH_INIT;
	AUTO(graph) same = GRAPH_INIT;
	AUTO(engine) engine = ENGINE_INIT;
	AUTO(engine) peeked = ENGINE_INIT;
	AUTO(engine_step) step = ENGINE_STEP_INIT;
	AUTO(engine_step) other = ENGINE_STEP_INIT;
	bool seen = false;

	(void)state;
	line_engine(40, &graph, &engine);
	line_engine(40, &same, &peeked);
	while (engine_next(&engine, &step) == ENGINE_RUN) {
		unsigned failures = step.candidate >= 13 && step.candidate < 40 ? step.trials : 0;
		uint32_t next;

		assert_int_equal(engine_next(&peeked, &other), ENGINE_RUN);
		assert_int_equal(step.candidate, other.candidate);
		next = engine_peek(&peeked);
		seen |= next != GRAPH_NONE && next != step.candidate;
		engine_add(&engine, step.candidate, failures, step.trials);
		engine_add(&peeked, step.candidate, failures, step.trials);
		assert_memory_equal(engine.plain.mass, peeked.plain.mass, 40 * sizeof(double));
	}
	assert_true(seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_excluded_suspect_is_never_the_culprit),
		cmocka_unit_test(peeking_changes_nothing),
	};
	int failed;

	model = model_new(MODEL_FLAKY);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	model_free(model);
	return failed;
}
