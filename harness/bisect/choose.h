/*
 * Which trial next: the one with the most expected information about the culprit per second. Pure.
 *
 * The information of a trial of t is the mutual information of its outcome and the culprit,
 *
 *	I(t) = h(q) - sum over c of mass[c] h(rate of t if c)	q = sum over c of mass[c] (rate of t if c)
 *
 * with the rates as the evidence lets expect them (D. V. Lindley, Ann. Math. Statist. 27, 1956). For a
 * failure that is certain on the bad side and never seen on the good one this is git bisect's halving; for a
 * rare failure it prefers candidates that show little more than a third of the mass, as the capacity of such
 * a channel asks. For candidates that cannot be tested, see `untestable`.
 *
 * To it comes, for a suspect with CHOOSE_HEAVY of the mass or more, what parts it from all others,
 *
 *	P(t) = sum over these c of mass[c] (D(outcome if c, outcome if another) - D(outcome if c, outcome in all))
 *
 * Over all suspects I(t) + P(t) is the extrinsic Jensen-Shannon divergence (M. Naghshvar, T. Javidi, M. Wigger,
 * IEEE Trans. Inf. Theory 61, 2015): how far a trial is expected to drive the odds of the culprit against all
 * others, which is what a search stops by. I(t) alone is late to ask again for what one false alarm has made
 * likely. For light suspects the two divergences hardly differ. Of three that are alike none must be heavy: where
 * failures are certain P(t) would try them one by one, not by halves.
 *
 * Once there is a suspect to make sure of, the information is that of its doubt,
 *
 *	D(t) = the divergence of the outcome if it is the culprit from the outcome if it is another one
 *
 * which is how fast the odds against all others fall together (H. Chernoff, Ann. Math. Statist. 30, 1959): a
 * trial that tells others from one another is no use any more.
 *
 * Seconds: the first trial of t costs ready[t] (build, fetch, switch) unless t is the one at hand, and each
 * trial seconds[t]. Where ready[t] is not nothing, batches of trials are considered as well.
 *
 * Trials that are under way count as if their outcomes had come, in the mean over all of these (beside.h).
 */
#ifndef QB_CHOOSE_H
#define QB_CHOOSE_H

#include "bisect/posterior.h"

#define CHOOSE_HEAVY 0.4

struct pending {
	uint32_t candidate;
	unsigned trials;
};

struct question {
	const struct posterior *posterior;
	const struct weights *weights;
	/* Cannot be tested: of each candidate. Those next to it in history are less likely to be testable, by
	 * distance, which spreads the search around a range that does not build. */
	const bool *untestable;
	const double *ready, *seconds; /* of each candidate */
	uint32_t current;	       /* the candidate at hand, or GRAPH_NONE */
	const struct pending *pending;
	size_t n_pending;
	uint32_t suspect; /* to make sure of, or GRAPH_NONE */
	bool part;	  /* while there is none: count P(t), too */
};

struct choice {
	uint32_t candidate;
	unsigned trials;
	double bits;	/* expected, of all trials together */
	double seconds; /* of all together */
	double fails;	/* probability that one trial fails */
	double shown;	/* mass of the suspects that it shows */
};

/* False when no candidate that can be tested tells anything. */
bool choose_next(const struct question *question, struct choice *choice);

/* Whether a suspect of this mass is one that P(t) counts. */
bool choose_is_heavy(const struct question *question, double mass);

/* Entropy of the mass, in bits. */
double choose_entropy(const double *mass, size_t n);

#endif
