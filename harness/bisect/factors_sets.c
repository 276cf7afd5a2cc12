#include "bisect/factors_sets.h"

static uint32_t all_of(const struct factors *factors)
{
	return (uint32_t)((1u << factors->config.n) - 1);
}

static void add(struct set_list *list, uint32_t set)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->v[i] == set)
			return;
	GROW(list->v, list->n, list->cap);
	list->v[list->n++] = set;
}

/* --- cuts: the smallest sets that meet all cores ------------------------------------------------------- */

static void add_if_smallest(struct set_list *list, uint32_t set)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->n; i++)
		if ((list->v[i] & set) == list->v[i])
			return;
	for (size_t i = 0; i < list->n; i++)
		if ((list->v[i] & set) != set)
			list->v[kept++] = list->v[i];
	list->n = kept;
	add(list, set);
}

/* Core by core, each cut so far is widened by one factor of a core that it does not meet (C. Berge,
 * Hypergraphs, 1989). */
static void find_cuts(struct sets *sets)
{
	sets->cuts.n = 0;
	add(&sets->cuts, 0);
	for (size_t c = 0; c < sets->cores.n; c++) {
		AUTO(set_list) wider = { NULL, 0, 0 };
		struct set_list before = sets->cuts;

		for (size_t i = 0; i < before.n; i++) {
			if (before.v[i] & sets->cores.v[c])
				add_if_smallest(&wider, before.v[i]);
			for (unsigned k = 0; k < FACTORS_MOST && !(before.v[i] & sets->cores.v[c]); k++)
				if (sets->cores.v[c] & 1u << k)
					add_if_smallest(&wider, before.v[i] | 1u << k);
		}
		sets->cuts = wider;
		wider = before;
	}
}

/* --- what to ask -------------------------------------------------------------------------------------- */

struct walk {
	struct factors *factors;
	struct sets *sets;
	uint32_t *open; /* what is to be asked, when `stopped` */
	bool stopped;
};

static enum told ask(struct walk *walk, uint32_t swapped)
{
	enum told told = factors_told(walk->factors, swapped);

	if (told == TOLD_OPEN) {
		*walk->open = swapped;
		walk->stopped = true;
	}
	walk->sets->skipped |= told == TOLD_SKIPPED;
	return told;
}

/* A factor that cannot be swapped alone may be swappable with another one. */
static void ask_pair(struct walk *walk, unsigned i)
{
	for (unsigned j = 0; j < walk->factors->config.n && !walk->stopped; j++) {
		uint32_t pair = 1u << i | 1u << j;

		if (j != i && ask(walk, pair) != TOLD_SKIPPED) {
			walk->sets->pair[i] = pair;
			return;
		}
	}
}

static void ask_singles(struct walk *walk)
{
	for (unsigned i = 0; i < walk->factors->config.n && !walk->stopped; i++)
		if (ask(walk, 1u << i) == TOLD_SKIPPED)
			ask_pair(walk, i);
}

/* The first `n` factors of a set. */
static uint32_t first_of(uint32_t set, unsigned n)
{
	uint32_t first = 0;

	for (unsigned k = 0; k < FACTORS_MOST && n; k++) {
		first |= set & 1u << k;
		n -= (set & 1u << k) != 0;
	}
	return first;
}

/* How many of `free` must be kept, from the first, to fail; none is too few, all are enough. */
static unsigned halve(struct walk *walk, uint32_t swapped, uint32_t free)
{
	unsigned few = 0, enough = (unsigned)__builtin_popcount(free);

	while (enough - few > 1 && !walk->stopped) {
		unsigned middle = (few + enough) / 2;

		if (ask(walk, swapped | (free & ~first_of(free, middle))) == TOLD_FAILS)
			enough = middle;
		else
			few = middle;
	}
	return enough;
}

/*
 * The core in a setting that fails: swaps as much as can be, and goes on failing. What cannot be asked counts
 * as not failing: the core may then be larger than it must.
 */
static uint32_t shrink(struct walk *walk, uint32_t swapped)
{
	uint32_t all = all_of(walk->factors), free = all & ~swapped;

	for (unsigned i = 0; i < walk->factors->config.n; i++)
		if (factors_told(walk->factors, 1u << i) == TOLD_PASSES)
			free &= ~(1u << i);
	while (!walk->stopped) {
		enum told told = ask(walk, swapped | free);
		unsigned enough;

		if (told == TOLD_FAILS)
			return all & ~(swapped | free);
		if (!free || walk->stopped)
			break;
		enough = halve(walk, swapped, free);
		swapped |= free & ~first_of(free, enough);
		free = first_of(free, enough - 1);
	}
	return all & ~swapped;
}

/* A cut that still fails, or is the first: shrinking it gives a core that is not known yet, since each known
 * one is met by the cut. True when there was one. */
static bool find_core(struct walk *walk)
{
	find_cuts(walk->sets);
	for (size_t i = 0; i < walk->sets->cuts.n && !walk->stopped; i++) {
		uint32_t cut = walk->sets->cuts.v[i], core;

		if (cut && ask(walk, cut) != TOLD_FAILS)
			continue;
		core = shrink(walk, cut);
		if (walk->stopped)
			return false;
		add(&walk->sets->cores, core);
		return true;
	}
	return false;
}

bool sets_close(struct factors *factors, struct sets *sets, uint32_t *open, enum factors_phase *phase)
{
	struct walk walk = { factors, sets, open, false };

	*phase = FACTORS_SWAPS;
	ask_singles(&walk);
	if (walk.stopped)
		return false;
	*phase = FACTORS_SETS;
	while (find_core(&walk))
		;
	return !walk.stopped;
}

/* --- proofs ------------------------------------------------------------------------------------------- */

double sets_doubt(struct factors *factors, uint32_t proof)
{
	double fails = factors_fails(factors, proof);

	if (!proof)
		return 0;
	return factors_told(factors, proof) == TOLD_FAILS ? 1 - fails : fails;
}

const struct factors_setting *sets_proof(struct factors *factors, uint32_t swapped, enum told told)
{
	const struct factors_setting *best = NULL;
	double least = 2;

	for (size_t i = 0; i < factors->n; i++) {
		const struct factors_setting *s = &factors->settings[i];
		uint32_t less = told == TOLD_FAILS ? swapped : s->swapped;
		uint32_t more = told == TOLD_FAILS ? s->swapped : swapped;

		if (!(s->failures + s->passes) || (less & ~more) ||
		    factors_told(factors, s->swapped) != told || sets_doubt(factors, s->swapped) >= least)
			continue;
		best = s;
		least = sets_doubt(factors, s->swapped);
	}
	return best;
}

static void add_proof(struct factors *factors, uint32_t swapped, enum told told, struct set_list *proofs)
{
	const struct factors_setting *proof = sets_proof(factors, swapped, told);

	if (proof)
		add(proofs, proof->swapped);
}

void sets_proofs(struct factors *factors, const struct sets *sets, struct set_list *proofs)
{
	for (size_t i = 0; i < sets->cores.n; i++)
		add_proof(factors, all_of(factors) & ~sets->cores.v[i], TOLD_FAILS, proofs);
	for (size_t i = 0; i < sets->cuts.n; i++)
		if (factors_told(factors, sets->cuts.v[i]) == TOLD_PASSES)
			add_proof(factors, sets->cuts.v[i], TOLD_PASSES, proofs);
}

void set_list_release(struct set_list *list)
{
	free(list->v);
	*list = (struct set_list){ NULL, 0, 0 };
}

void sets_release(struct sets *sets)
{
	set_list_release(&sets->cores);
	set_list_release(&sets->cuts);
}
