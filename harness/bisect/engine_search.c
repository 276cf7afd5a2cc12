#include "bisect/engine_phases.h"

#include <math.h>

#include "bisect/choose.h"

static uint32_t best_suspect(const struct engine *engine, const struct weights *weights, double *mass)
{
	const struct groups *groups = &engine->groups;
	AUTO_FREE double *sums = xcalloc(groups->n, sizeof(*sums));
	uint32_t best = 0;

	for (uint32_t c = 0; c < engine->config.graph->suspects; c++)
		sums[groups->of[c]] += weights->mass[c];
	for (uint32_t c = 1; c < engine->config.graph->suspects; c++)
		if (sums[groups->of[c]] > sums[groups->of[best]])
			best = c;
	*mass = sums[groups->of[best]];
	return groups->leader[groups->of[best]] == GRAPH_NONE ? best : groups->leader[groups->of[best]];
}

static double group_mass(const struct engine *engine, const struct weights *weights, uint32_t suspect)
{
	double sum = 0;

	for (uint32_t c = 0; c < engine->config.graph->suspects; c++)
		if (engine->groups.of[c] == engine->groups.of[suspect])
			sum += weights->mass[c];
	return sum;
}

uint32_t engine_best(struct engine *engine, double *mass)
{
	engine_refresh(engine);
	return best_suspect(engine, &engine->plain, mass);
}

/* Whether who thinks the good side may well fail, too, doubts the culprit too much. */
static bool is_doubted(const struct engine *engine)
{
	double allowed = ENGINE_SECOND_LOOK * (1 - engine->config.confidence);

	return engine->suspect != GRAPH_NONE &&
	       1 - group_mass(engine, &engine->wary, engine->suspect) > allowed;
}

static struct question question_of(const struct engine *engine)
{
	const struct weights *weights = is_doubted(engine) ? &engine->wary : &engine->choose;

	return (struct question){
		&engine->posterior, weights,	     engine->untestable, engine->ready,	  engine->seconds,
		engine->current,    engine->pending, engine->n_pending,	 engine->suspect, true
	};
}

uint32_t engine_peek(struct engine *engine)
{
	struct question question;
	struct choice choice;

	engine_refresh(engine);
	question = question_of(engine);
	return choose_next(&question, &choice) ? choice.candidate : GRAPH_NONE;
}

static enum engine_state choose(struct engine *engine, struct engine_step *step, enum engine_phase phase)
{
	const struct question question = question_of(engine);
	struct choice choice;
	double mass;
	uint32_t likeliest;

	if (!choose_next(&question, &choice))
		return ENGINE_WAIT;
	engine_start(engine, step, phase, choice.candidate, choice.trials);
	step->bits = choice.bits;
	likeliest = best_suspect(engine, &engine->plain, &mass);
	buf_addf(&step->why,
		 "%s: %.3f bits in %.3g s; shows %.3f of the probability, fails with %.3f; likeliest %s %.3f",
		 phase == ENGINE_AUDIT ? "audit, a second look" : "search", choice.bits, choice.seconds,
		 choice.shown, choice.fails, engine->config.graph->ids[likeliest], mass);
	return ENGINE_RUN;
}

/* Tries a witness again, unless enough is under way. */
static enum engine_state again(struct engine *engine, struct engine_step *step, uint32_t candidate,
			       unsigned wanted)
{
	const struct posterior *p = &engine->posterior;

	if (engine_under_way(engine, candidate) >= wanted)
		return ENGINE_WAIT;
	engine_start(engine, step, ENGINE_AUDIT, candidate, 1);
	buf_addf(&step->why, "audit: the %s again, %u of %u failed so far",
		 candidate == engine->suspect ? "culprit" : "parent", p->failures[candidate],
		 p->trials[candidate]);
	return ENGINE_RUN;
}

/* How often a candidate on the failing side fails, if `suspect` is the culprit. */
static double failing_rate(const struct engine *engine, uint32_t suspect)
{
	uint32_t class = engine->posterior.class_of[suspect];

	return engine->config.fix ? engine->plain.other_rate[class] : engine->plain.shown_rate[class];
}

/* Failures are wanted of one that should fail, trials of one that should not. */
static unsigned still_wanted(const struct engine *engine, uint32_t candidate, bool should_fail)
{
	const struct posterior *p = &engine->posterior;
	unsigned have = should_fail ? p->failures[candidate] : p->trials[candidate];
	unsigned wanted =
	    ENGINE_AGAIN + (should_fail && failing_rate(engine, engine->suspect) >= ENGINE_CHEAP);

	return engine->untestable[candidate] || have >= wanted ? 0 : wanted - have;
}

/* The first parent of the suspect's group that is still to be tried, or GRAPH_NONE. */
static uint32_t parent_wanted(const struct engine *engine, unsigned *wanted)
{
	const struct graph *graph = engine->config.graph;
	const struct groups *groups = &engine->groups;

	for (uint32_t c = 0; c < graph->suspects; c++) {
		if (groups->of[c] != groups->of[engine->suspect])
			continue;
		for (uint32_t e = graph->parent_at[c]; e < graph->parent_at[c + 1]; e++) {
			uint32_t parent = graph->parents[e];

			if (graph_is_suspect(graph, parent) &&
			    groups->of[parent] == groups->of[engine->suspect])
				continue;
			*wanted = still_wanted(engine, parent, engine->config.fix);
			if (*wanted)
				return parent;
		}
	}
	return GRAPH_NONE;
}

static enum engine_state culprit_again(struct engine *engine, struct engine_step *step)
{
	unsigned wanted = still_wanted(engine, engine->suspect, !engine->config.fix);

	return wanted ? again(engine, step, engine->suspect, wanted) : ENGINE_FOUND;
}

static enum engine_state parents_again(struct engine *engine, struct engine_step *step)
{
	unsigned wanted;
	uint32_t parent = parent_wanted(engine, &wanted);

	return parent == GRAPH_NONE ? ENGINE_FOUND : again(engine, step, parent, wanted);
}

static enum engine_state found(struct engine *engine)
{
	uint32_t group = engine->groups.of[engine->suspect];
	size_t n = 0;

	for (size_t c = 0; c < engine->config.graph->suspects; c++)
		n += engine->groups.of[c] == group;
	return engine_finish(engine, n == 1 ? ENGINE_FOUND : ENGINE_RANGE);
}

/* Those that should fail first: a failure is what the answer hangs on. */
static enum engine_state audit(struct engine *engine, struct engine_step *step, bool sure)
{
	bool fix = engine->config.fix;
	enum engine_state state = fix ? parents_again(engine, step) : culprit_again(engine, step);

	if (state != ENGINE_FOUND)
		return state;
	if (!sure || is_doubted(engine)) {
		state = choose(engine, step, ENGINE_AUDIT);
		if (state == ENGINE_RUN || engine->n_pending)
			return state;
		if (!sure)
			return engine_finish(engine, ENGINE_RANGE);
	}
	state = fix ? culprit_again(engine, step) : parents_again(engine, step);
	return state == ENGINE_FOUND ? found(engine) : state;
}

/* Whether all trials so far went as they must if failures always come and `suspect` brought them, and no
 * other suspect can say that: then git bisect would be done, and what is left to do is to make sure. */
static bool halved_out(const struct engine *engine, uint32_t suspect)
{
	for (uint32_t c = 0; c < engine->config.graph->suspects; c++) {
		struct model_counts counts = posterior_counts(&engine->posterior, c);
		bool fits = !counts.bad_passes && !counts.good_failures;

		if (engine->weights[c] > 0 && fits != (engine->groups.of[c] == engine->groups.of[suspect]))
			return false;
	}
	return true;
}

/* How likely `suspect` must be the culprit, see engine.h. */
static double wanted_of(const struct engine *engine, uint32_t suspect)
{
	double confidence = engine->config.confidence,
	       rate = fmax(failing_rate(engine, suspect), MODEL_LEAST);
	double more = ENGINE_FLAKY_MORE * engine->plain.flaky + ENGINE_RARE_MORE * MODEL_LEAST / rate;

	return confidence + fmin(more, ENGINE_MORE_MOST) * (1 - confidence);
}

enum engine_state engine_next_search(struct engine *engine, struct engine_step *step)
{
	double confidence = engine->config.confidence;
	double same = ends_same(&engine->posterior, engine->plain.evidence), mass;
	uint32_t best = best_suspect(engine, &engine->plain, &mass);
	double wanted = wanted_of(engine, best);
	enum engine_state state;

	if (same >= confidence)
		return engine_finish(engine, ENGINE_SAME);
	mass *= 1 - same;
	if (mass >= ENGINE_AUDIT_FROM * wanted || halved_out(engine, best))
		engine->suspect = best;
	else if (best != engine->suspect || mass < ENGINE_DOUBT * wanted)
		engine->suspect = GRAPH_NONE;
	if (engine->suspect != GRAPH_NONE)
		return audit(engine, step, mass >= wanted);
	state = choose(engine, step, ENGINE_SEARCH);
	return state == ENGINE_WAIT ? engine_finish(engine, ENGINE_RANGE) : state;
}
