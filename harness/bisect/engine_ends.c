#include "bisect/engine_phases.h"

#include <math.h>

uint32_t engine_failing_end(const struct engine *engine)
{
	const struct graph *graph = engine->config.graph;

	return engine->config.fix ? graph_old_end(graph) : graph_new_end(graph);
}

uint32_t engine_other_end(const struct engine *engine)
{
	const struct graph *graph = engine->config.graph;

	return engine->config.fix ? graph_new_end(graph) : graph_old_end(graph);
}

struct model_counts engine_end_counts(const struct engine *engine)
{
	const struct posterior *p = &engine->posterior;
	uint32_t a = engine_failing_end(engine), b = engine_other_end(engine);

	return (struct model_counts){ p->failures[a], p->trials[a] - p->failures[a], p->failures[b],
				      p->trials[b] - p->failures[b] };
}

static bool end_used_up(const struct engine *engine, uint32_t end)
{
	return engine->posterior.trials[end] + engine_under_way(engine, end) >= engine->config.end_trials;
}

/* The end to try next, or GRAPH_NONE when both have been tried enough or nothing more is allowed. */
static uint32_t choose_end(struct engine *engine)
{
	uint32_t failing = engine_failing_end(engine), other = engine_other_end(engine);
	const struct posterior *p = &engine->posterior;
	/* Ends the wrong way round are asked by what tells most, not until the failing end fails. */
	bool swapped = p->failures[other] && !p->failures[failing];
	/* Trials under way count as passes: when that is enough, failures are, too. */
	bool wants_failing =
	    ends_wants_failing(p->failures[failing], p->trials[failing] + engine_under_way(engine, failing),
			       ENDS_TRIALS) &&
	    !swapped && !end_used_up(engine, failing);
	bool wants_other = p->trials[other] + engine_under_way(engine, other) < ENDS_PASSES;
	bool other_first = !p->failures[failing] && p->trials[failing] >= ENDS_DOUBTFUL;

	if (wants_failing && !(wants_other && other_first) &&
	    (!wants_other || engine_under_way(engine, failing) <= engine_under_way(engine, other)))
		return failing;
	if (wants_other)
		return other;
	if (engine->ends.differ >= engine->config.confidence && p->failures[failing])
		return GRAPH_NONE;
	if (end_used_up(engine, other) ||
	    (!end_used_up(engine, failing) && engine->ends.failing_bits > engine->ends.other_bits))
		return end_used_up(engine, failing) ? GRAPH_NONE : failing;
	return other;
}

/* The end that has not been tried ENDS_CALLED_OFF times, as it must be to call a search off; else GRAPH_NONE. */
static uint32_t untried_end(const struct engine *engine)
{
	const uint32_t ends[] = { engine_other_end(engine), engine_failing_end(engine) };

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (engine->posterior.trials[ends[i]] + engine_under_way(engine, ends[i]) < ENDS_CALLED_OFF &&
		    !end_used_up(engine, ends[i]))
			return ends[i];
	return GRAPH_NONE;
}

enum engine_state engine_next_end(struct engine *engine, struct engine_step *step)
{
	struct model_counts counts = engine_end_counts(engine);
	uint32_t candidate;
	const struct posterior *p = &engine->posterior;
	bool called_off;

	ends_judge(engine->config.model, &counts, &engine->ends);
	called_off = fmax(engine->ends.same, engine->ends.swapped) >= engine->config.confidence;
	candidate = called_off ? untried_end(engine) : choose_end(engine);
	if (called_off && candidate == GRAPH_NONE)
		return engine_finish(engine,
				     engine->ends.same > engine->ends.swapped ? ENGINE_SAME : ENGINE_SWAPPED);
	if (candidate == GRAPH_NONE)
		return engine_finish(engine, ENGINE_SAME);
	engine_start(engine, step, ENGINE_ENDS, candidate, 1);
	buf_addf(&step->why, "ends: the %s end, %u of %u failed so far; the ends differ with %.3f",
		 candidate == engine_failing_end(engine) ? "failing" : "other", p->failures[candidate],
		 p->trials[candidate], engine->ends.differ);
	return ENGINE_RUN;
}

bool engine_ends_measured(struct engine *engine)
{
	const struct posterior *p = &engine->posterior;
	struct model_counts counts = engine_end_counts(engine);
	uint32_t failing = engine_failing_end(engine);

	if (engine->phase != ENGINE_ENDS)
		return true;
	ends_judge(engine->config.model, &counts, &engine->ends);
	return p->trials[engine_other_end(engine)] >= ENDS_PASSES &&
	       (!ends_wants_failing(p->failures[failing], p->trials[failing], ENDS_TRIALS) ||
		(p->failures[failing] && end_used_up(engine, failing))) &&
	       engine->ends.differ >= engine->config.confidence;
}
