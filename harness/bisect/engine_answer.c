/* What the engine has to say at the end, or so far. */
#include <math.h>

#include "bisect/choose.h"
#include "bisect/engine_phases.h"

#define LIKELY 0.95

struct ranked {
	double mass;
	uint32_t suspect;
};

static int by_mass(const void *pa, const void *pb)
{
	const struct ranked *a = pa, *b = pb;

	if (a->mass != b->mass)
		return a->mass < b->mass ? 1 : -1;
	return (a->suspect > b->suspect) - (a->suspect < b->suspect);
}

static void find_likely(const struct engine *engine, struct engine_answer *answer)
{
	size_t n = engine->config.graph->suspects;
	AUTO_FREE struct ranked *ranked = xcalloc(n, sizeof(*ranked));
	double sum = 0;

	for (uint32_t c = 0; c < n; c++)
		ranked[c] = (struct ranked){ engine->plain.mass[c], c };
	qsort(ranked, n, sizeof(*ranked), by_mass);
	answer->likely = xcalloc(n, sizeof(*answer->likely));
	while (answer->n_likely < n && sum < LIKELY) {
		sum += ranked[answer->n_likely].mass;
		answer->likely[answer->n_likely] = ranked[answer->n_likely].suspect;
		answer->n_likely++;
	}
}

static void find_range(const struct engine *engine, struct engine_answer *answer)
{
	const struct groups *groups = &engine->groups;
	size_t n = engine->config.graph->suspects;

	answer->range = xcalloc(n, sizeof(*answer->range));
	for (uint32_t c = 0; c < n; c++)
		if (groups->of[c] == groups->of[answer->culprit])
			answer->range[answer->n_range++] = c;
}

static void find_rates(struct engine *engine, struct engine_answer *answer)
{
	struct model_counts *counts = &answer->counts;
	bool no_search =
	    answer->state == ENGINE_SAME || answer->state == ENGINE_SWAPPED || answer->state == ENGINE_NO_END;

	*counts =
	    no_search ? engine_end_counts(engine) : posterior_counts(&engine->posterior, answer->culprit);
	answer->bad = rate_interval(counts->bad_failures, counts->bad_failures + counts->bad_passes);
	answer->good = rate_interval(counts->good_failures, counts->good_failures + counts->good_passes);
}

double engine_bits(struct engine *engine)
{
	double mass;

	engine_best(engine, &mass); /* weighs what has come in */
	return choose_entropy(engine->plain.mass, engine->config.graph->suspects);
}

void engine_answer(struct engine *engine, struct engine_answer *answer)
{
	double mass;

	answer->state = engine->ended;
	answer->culprit = engine_best(engine, &mass);
	answer->same = ends_same(&engine->posterior, engine->plain.evidence);
	answer->confidence = mass * (1 - answer->same);
	answer->flaky = engine->plain.flaky;
	find_likely(engine, answer);
	find_rates(engine, answer);
	if (answer->state == ENGINE_FOUND || answer->state == ENGINE_RANGE)
		find_range(engine, answer);
}

void engine_answer_release(struct engine_answer *answer)
{
	free(answer->range);
	free(answer->likely);
}
