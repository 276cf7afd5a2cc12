#include "bisect/engine_phases.h"

#include "bisect/choose.h"

void engine_init(struct engine *engine, const struct engine_config *config)
{
	size_t n = config->graph->n;

	*engine = (struct engine){ .config = *config, .current = GRAPH_NONE, .suspect = GRAPH_NONE };
	engine->weights = xcalloc(config->graph->suspects, sizeof(*engine->weights));
	for (size_t c = 0; c < config->graph->suspects; c++)
		engine->weights[c] = config->prior ? config->prior[c] : 1;
	posterior_init(&engine->posterior, config->graph, config->model, engine->weights, config->fix);
	engine->ready = xcalloc(n, sizeof(*engine->ready));
	engine->seconds = xcalloc(n, sizeof(*engine->seconds));
	for (size_t i = 0; i < n; i++)
		engine->seconds[i] = 1;
	engine->reasons = xcalloc(n, sizeof(*engine->reasons));
	engine->untestable = xcalloc(n, sizeof(*engine->untestable));
	groups_find(config->graph, engine->untestable, &engine->groups);
}

void engine_cost(struct engine *engine, uint32_t candidate, double ready, double seconds)
{
	engine->ready[candidate] = ready;
	engine->seconds[candidate] = seconds;
}

/* --- evidence ----------------------------------------------------------------------------------------- */

static void end_pending(struct engine *engine, uint32_t candidate)
{
	for (size_t i = 0; i < engine->n_pending; i++) {
		if (engine->pending[i].candidate != candidate)
			continue;
		memmove(engine->pending + i, engine->pending + i + 1,
			(engine->n_pending - i - 1) * sizeof(*engine->pending));
		engine->n_pending--;
		return;
	}
}

void engine_add(struct engine *engine, uint32_t candidate, unsigned failures, unsigned trials)
{
	end_pending(engine, candidate);
	posterior_add(&engine->posterior, candidate, failures, trials);
	engine->fresh = false;
	engine->ended = ENGINE_RUN;
}

void engine_skip(struct engine *engine, uint32_t candidate, const char *reason)
{
	end_pending(engine, candidate);
	free(engine->reasons[candidate]);
	engine->reasons[candidate] = xstrdup(reason);
	engine->untestable[candidate] = true;
	engine->fresh = false;
	engine->ended = ENGINE_RUN;
	groups_release(&engine->groups);
	groups_find(engine->config.graph, engine->untestable, &engine->groups);
}

void engine_exclude(struct engine *engine, uint32_t suspect)
{
	double rest = 0;

	for (size_t c = 0; c < engine->config.graph->suspects; c++)
		rest += c == suspect ? 0 : engine->weights[c];
	engine->none_left = rest <= 0;
	if (rest > 0)
		engine->weights[suspect] = 0;
	engine->fresh = false;
	engine->ended = ENGINE_RUN;
}

void engine_refresh(struct engine *engine)
{
	if (engine->fresh)
		return;
	posterior_weigh(&engine->posterior, POSTERIOR_CLEAN, &engine->plain);
	posterior_weigh(&engine->posterior, POSTERIOR_WARY, &engine->wary);
	posterior_weigh(&engine->posterior, POSTERIOR_CHOOSE, &engine->choose);
	engine->fresh = true;
}

/* --- steps -------------------------------------------------------------------------------------------- */

unsigned engine_under_way(const struct engine *engine, uint32_t candidate)
{
	unsigned trials = 0;

	for (size_t i = 0; i < engine->n_pending; i++)
		if (engine->pending[i].candidate == candidate)
			trials += engine->pending[i].trials;
	return trials;
}

enum engine_state engine_start(struct engine *engine, struct engine_step *step, enum engine_phase phase,
			       uint32_t candidate, unsigned trials)
{
	double ready = candidate == engine->current ? 0 : engine->ready[candidate];

	step->phase = engine->phase = phase;
	step->candidate = engine->current = candidate;
	step->trials = trials;
	step->seconds = ready + trials * engine->seconds[candidate];
	step->bits = 0;
	buf_reset(&step->why);
	GROW(engine->pending, engine->n_pending, engine->cap_pending);
	engine->pending[engine->n_pending++] = (struct pending){ candidate, trials };
	engine->by_phase[phase] += trials;
	return ENGINE_RUN;
}

enum engine_state engine_finish(struct engine *engine, enum engine_state state)
{
	if (engine->n_pending)
		return ENGINE_WAIT;
	engine->ended = state;
	return state;
}

enum engine_state engine_next(struct engine *engine, struct engine_step *step)
{
	const struct engine_config *config = &engine->config;
	unsigned used = engine->posterior.all_trials;

	if (engine->ended != ENGINE_RUN)
		return engine->ended;
	if (engine->untestable[engine_failing_end(engine)] || engine->untestable[engine_other_end(engine)])
		return engine_finish(engine, ENGINE_NO_END);
	for (size_t i = 0; i < engine->n_pending; i++)
		used += engine->pending[i].trials;
	engine_refresh(engine);
	if (engine->none_left)
		return engine_finish(engine, ENGINE_SAME);
	if (config->most && used >= config->most)
		return engine_finish(engine, ENGINE_SPENT);
	if (!engine_ends_measured(engine))
		return engine_next_end(engine, step);
	return engine_next_search(engine, step);
}

void engine_step_release(struct engine_step *step)
{
	buf_release(&step->why);
}

void engine_release(struct engine *engine)
{
	for (size_t i = 0; engine->reasons && i < engine->config.graph->n; i++)
		free(engine->reasons[i]);
	free(engine->reasons);
	free(engine->ready);
	free(engine->seconds);
	free(engine->untestable);
	free(engine->weights);
	free(engine->pending);
	weights_release(&engine->plain);
	weights_release(&engine->wary);
	weights_release(&engine->choose);
	groups_release(&engine->groups);
	posterior_release(&engine->posterior);
}
