/* What has come out for each factor. */
#include <math.h>

#include "bisect/factors_sets.h"

#define MANY	 "as many trials as one setting may have do not tell"
#define UNTESTED "what would tell it cannot be tested"

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

/* It could not be swapped alone; with another one the failure ends, which that one alone does not do. */
static bool necessary_in_pair(struct factors *factors, uint32_t pair, unsigned i)
{
	return pair && factors_told(factors, pair) == TOLD_PASSES &&
	       factors_told(factors, pair & ~(1u << i)) == TOLD_FAILS;
}

/* Its own trials, or those that it follows from. */
static uint32_t rests_on(struct factors *factors, const struct sets *sets, unsigned i)
{
	const struct factors_setting *own = factors_find(factors, 1u << i), *proof;
	enum told told = factors_told(factors, 1u << i);

	if (own && own->failures + own->passes)
		return own->swapped;
	if (told == TOLD_SKIPPED && sets->pair[i])
		return sets->pair[i];
	proof = told == TOLD_OPEN || told == TOLD_SKIPPED ? NULL : sets_proof(factors, 1u << i, told);
	return proof ? proof->swapped : 1u << i;
}

static enum factors_role role_of(struct factors *factors, const struct sets *sets, bool closed, unsigned i)
{
	enum told alone = factors_told(factors, 1u << i);
	bool is_core = sets->cores.n == 1 && sets->cores.v[0] == 1u << i;

	if (alone == TOLD_PASSES || (alone == TOLD_SKIPPED && necessary_in_pair(factors, sets->pair[i], i)))
		return is_core ? FACTORS_BOTH : FACTORS_NECESSARY;
	if (alone != TOLD_FAILS)
		return FACTORS_OPEN;
	if (in_core(sets, i))
		return in_cut(factors, sets, i) ? FACTORS_ENOUGH : FACTORS_OPEN;
	return closed ? FACTORS_IRRELEVANT : FACTORS_OPEN;
}

static const char *reason_of(struct factors *factors, const struct sets *sets, bool closed, unsigned i,
			     enum factors_role role)
{
	const struct factors_setting *own = factors_find(factors, 1u << i);

	if (own && own->skip)
		return own->skip;
	if (role != FACTORS_OPEN || !closed)
		return NULL;
	return factors_told(factors, 1u << i) == TOLD_SKIPPED ? MANY : sets->skipped ? UNTESTED : NULL;
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
	for (unsigned i = 0; i < factors->config.n; i++) {
		enum factors_role role = role_of(factors, &sets, closed, i);

		answer->part[i] = (struct factors_part){ role, rests_on(factors, &sets, i),
							 reason_of(factors, &sets, closed, i, role) };
	}
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
