/* Searches for the engine's tests: on a line of candidates, with trials that fail now and then. */
#ifndef QB_ENGINE_SEARCHES_H
#define QB_ENGINE_SEARCHES_H

#include "bisect/engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static struct model *model; /* of the whole program: setup() */

static inline void line_graph(size_t suspects, struct graph *graph)
{
	AUTO(strv) ids = STRV_INIT;
	AUTO(err) err = ERR_INIT;

	for (size_t i = 0; i <= suspects; i++)
		strv_addf(&ids, "k%zu", i);
	assert_int_equal(graph_from_list((const char *const *)ids.v, ids.n, graph, &err), 0);
}

static inline void begin(struct engine *engine, const struct graph *graph, bool fix)
{
	const struct engine_config config = {
		graph, model, NULL, fix, ENGINE_CONFIDENCE, ENGINE_END_TRIALS, 0
	};

	engine_init(engine, &config);
}

static inline bool shows(const struct graph *graph, uint32_t t, uint32_t culprit)
{
	AUTO_FREE uint8_t *member = xcalloc(graph->suspects, 1);

	graph_shown_by(graph, t, member);
	return member[culprit];
}

static inline bool flip(uint32_t *random, unsigned percent)
{
	*random = *random * 1664525u + 1013904223u;
	return (*random >> 16) % 100 < percent;
}

static inline enum engine_state flaky_search(struct engine *engine, uint32_t culprit, unsigned good,
					     unsigned bad, uint32_t *random)
{
	AUTO(engine_step) step = ENGINE_STEP_INIT;
	enum engine_state state;

	while ((state = engine_next(engine, &step)) == ENGINE_RUN) {
		unsigned failures = 0;

		for (unsigned i = 0; i < step.trials; i++)
			failures +=
			    flip(random, shows(engine->config.graph, step.candidate, culprit) ? bad : good);
		engine_add(engine, step.candidate, failures, step.trials);
		assert_true(engine->posterior.all_trials < 5000);
	}
	return state;
}

static inline int setup(void **state)
{
	(void)state;
	model = model_new(MODEL_FLAKY);
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	model_free(model);
	return 0;
}

#endif
