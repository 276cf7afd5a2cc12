/*
 * Do the ends differ at all? Before a search, and as long as it lasts. Pure.
 *
 * Three answers are weighed: the ends differ as they should, they do not differ (one rate for all candidates,
 * model_same), or they are swapped. Beforehand they differ with probability 1 - ENDS_SAME - ENDS_SWAPPED:
 * whoever asks has usually seen a difference.
 */
#ifndef QB_ENDS_H
#define QB_ENDS_H

#include "bisect/posterior.h"

#define ENDS_SAME    0.05
#define ENDS_SWAPPED 0.02

/*
 * Before the search the failing end must have failed ENDS_FAILURES times in at least ENDS_TRIALS trials, or once in
 * ENDS_PATIENCE or more, or ENDS_ALWAYS times without a pass; the other end must have been tried ENDS_PASSES
 * times. This is the rate that the search starts from. A third failure, and of a rare one the second, costs more at the end than it saves in the search, whose own trials tell the rate as well; of one that always
 * comes it costs one trial, and two in a row are no rarity at a rate of a half. That the ends do not differ, or are
 * swapped, is said after ENDS_CALLED_OFF trials of each: two failures of the other end may be chance, and end a
 * search that could have been made.
 */
#define ENDS_FAILURES	2
#define ENDS_ALWAYS	3
#define ENDS_TRIALS	4
#define ENDS_PATIENCE	14
#define ENDS_CALLED_OFF 16
#define ENDS_PASSES	1

/* When the failing end has passed so often the other one is tried, too: the ends may be swapped. */
#define ENDS_DOUBTFUL 4

struct ends {
	double differ, same, swapped;	 /* probabilities; sum to one */
	double failing_bits, other_bits; /* what one more trial at either end would tell of that */
};

/* One of the three answers. */
struct ends_account {
	double log_likelihood;
	double failing, other; /* how likely the next trial at either end fails */
};

/* That the failing side fails more often; the good side is `clean` (posterior.h) with that probability. */
struct ends_account ends_differ(const struct model *model, double clean, const struct model_counts *counts);

/* Whether the failing end is to be tried once more before anything else is asked; `least` trials in all, if it does not
 * fail always. */
bool ends_wants_failing(unsigned failures, unsigned trials, unsigned least);

/* From the trials of the two ends alone. */
void ends_judge(const struct model *model, const struct model_counts *counts, struct ends *ends);

/* From all evidence, once the search is on: how likely it is that there is no change at all. `evidence` is
 * the log probability of the outcomes if there is (struct weights). */
double ends_same(const struct posterior *posterior, double evidence);

/* How many trials show a failure of this rate at least once with this probability. 0 < both < 1. */
unsigned ends_trials_to_see(double rate, double probability);

#endif
