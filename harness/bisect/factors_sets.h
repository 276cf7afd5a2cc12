/* Cores and cuts: what is known of which sets of factors fail, and what is to be asked next (factors.h). */
#ifndef QB_FACTORS_SETS_H
#define QB_FACTORS_SETS_H

#include "bisect/factors.h"

/* What is known of a setting: from its own trials, or from those of one with more or fewer swaps. */
enum told { TOLD_OPEN, TOLD_FAILS, TOLD_PASSES, TOLD_SKIPPED };

enum told factors_told(struct factors *factors, uint32_t swapped);

/* A setting that does not fail by its own trials, and one that does with more swapped: one of them is wrong,
 * or the factors do not simply add up. */
bool factors_crossed(const struct factors *factors, uint32_t crossed[2]);

struct set_list {
	uint32_t *v;
	size_t n, cap;
};

struct sets {
	struct set_list cores;	     /* factors that fail with all others swapped */
	struct set_list cuts;	     /* of these cores */
	uint32_t pair[FACTORS_MOST]; /* of a factor that cannot be swapped alone: the setting that was
					asked instead, with one factor more; 0: none can be asked */
	bool skipped;		     /* something could not be asked */
};
#define SETS_INIT                                                                                            \
	{                                                                                                    \
		.skipped = false                                                                             \
	}

/*
 * Works out all that follows from what is known. False: something is to be asked first, *open in phase
 * *phase; true: all is closed, as far as it can be asked.
 */
bool sets_close(struct factors *factors, struct sets *sets, uint32_t *open, enum factors_phase *phase);

/* The surest setting with trials of its own that says of `swapped` what is told: one that swaps more and
 * fails, or one that swaps less and does not. NULL: none. */
const struct factors_setting *sets_proof(struct factors *factors, uint32_t swapped, enum told told);

/* The settings with trials of their own that cores and cuts rest on, each once. */
void sets_proofs(struct factors *factors, const struct sets *sets, struct set_list *proofs);

/* How likely a proof is wrong. The failing end itself cannot be. */
double sets_doubt(struct factors *factors, uint32_t proof);

void set_list_release(struct set_list *list);
AUTO_DEFINE(set_list, struct set_list, set_list_release);
void sets_release(struct sets *sets);
AUTO_DEFINE(sets, struct sets, sets_release);

#endif
