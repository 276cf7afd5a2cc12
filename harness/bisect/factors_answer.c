/* What has come out for each factor. */
#include <math.h>

#include "bisect/factors_sets.h"

#define MANY "as many trials as one setting may have do not tell"

const char *factors_role_name(enum factors_role role)
{
	static const char *const names[] = { "undecided", "necessary", "sufficient",
					     "necessary and sufficient", "irrelevant" };

	return names[role];
}

static bool in_core(const struct sets *sets, unsigned i)
{
	for (size_t c = 0; c < sets->cores.n; c++)
		if (sets->cores.v[c] & 1u << i)
			return true;
	return false;
}

/* That a core needs its factor is only shown by a cut through it that ends the failure. */
static bool in_cut(struct factors *factors, const struct sets *sets, unsigned i)
{
	for (size_t c = 0; c < sets->cuts.n; c++)
		if (sets->cuts.v[c] & 1u << i && factors_told(factors, sets->cuts.v[c]) == TOLD_PASSES)
			return true;
	return false;
}

static const char *why_not(const struct factors *factors, uint32_t swapped)
{
	const struct factors_setting *setting = factors_find(factors, swapped);

	return setting && setting->skip ? setting->skip : MANY;
}

/* It could not be swapped alone; with another one the failure ends, which that one alone does not do. */
static bool necessary_in_pair(struct factors *factors, uint32_t pair, unsigned i)
{
	return pair && factors_told(factors, pair) == TOLD_PASSES &&
	       factors_told(factors, pair & ~(1u << i)) == TOLD_FAILS;
}

static void decide(struct factors *factors, const struct sets *sets, bool closed, unsigned i,
		   struct factors_part *part)
{
	enum told alone = factors_told(factors, 1u << i);
	bool alone_is_core = sets->cores.n == 1 && sets->cores.v[0] == 1u << i;

	*part = (struct factors_part){ FACTORS_OPEN, 1u << i, NULL };
	if (alone == TOLD_SKIPPED)
		part->reason = why_not(factors, 1u << i);
	if (alone == TOLD_SKIPPED && sets->pair[i])
		part->rests_on = sets->pair[i];
	if (alone == TOLD_PASSES || (alone == TOLD_SKIPPED && necessary_in_pair(factors, sets->pair[i], i)))
		part->role = alone_is_core ? FACTORS_BOTH : FACTORS_NECESSARY;
	else if (alone == TOLD_FAILS && in_core(sets, i) && in_cut(factors, sets, i))
		part->role = FACTORS_ENOUGH;
	else if (alone == TOLD_FAILS && !in_core(sets, i) && closed)
		part->role = FACTORS_IRRELEVANT;
	else if (alone == TOLD_FAILS && closed && sets->skipped)
		part->reason = "what would tell it cannot be tested";
}

void factors_answer(struct factors *factors, struct factors_answer *answer)
{
	AUTO(sets) sets = SETS_INIT;
	AUTO(set_list) proofs = { NULL, 0, 0 };
	enum factors_phase phase;
	uint32_t open;
	bool closed = sets_close(factors, &sets, &open, &phase);
	double doubt = 0;

	sets_proofs(factors, &sets, &proofs);
	for (size_t i = 0; i < proofs.n; i++)
		doubt += sets_doubt(factors, proofs.v[i]);
	for (unsigned i = 0; i < factors->config.n; i++)
		decide(factors, &sets, closed, i, &answer->part[i]);
	factors_crossed(factors, answer->crossed);
	answer->closed = closed && !sets.skipped;
	answer->probability = closed ? fmax(0, 1 - doubt) : 0;
	answer->cores = steal_pointer(&sets.cores.v);
	answer->n_cores = sets.cores.n;
	sets.cores.n = 0;
}

void factors_answer_release(struct factors_answer *answer)
{
	free(answer->cores);
	*answer = (struct factors_answer)FACTORS_ANSWER_INIT;
}
