/*
 * How likely each suspect is the culprit, given failures and trials of candidates. Pure.
 *
 * If c is the culprit, the trials of candidates that show c (graph.h) have one failure rate and all others
 * another, so c's likelihood depends on the counts pooled by that side alone (model.h). Suspects that the
 * candidates tested so far cannot tell apart form a class and share one look at the model.
 *
 *	posterior_add(p, t, 1, 3);			any number of times, in any order
 *	posterior_weigh(p, POSTERIOR_CLEAN, &w);	w.mass[c], sums to one
 *
 * The same evidence gives the same bits, whatever its order: all depends on integer counts, and sums run in
 * the order of the suspects. Everything is kept as logarithms until the largest is known, so neither 100,000
 * candidates nor 10,000 trials overflow or vanish.
 *
 * How likely the good side never fails at all ("clean") is said when weighing, because it is a stance more
 * than a fact: POSTERIOR_CLEAN is what the confidence is computed with; POSTERIOR_CHOOSE is used to choose
 * the next trial, so that an answer that hangs on one failure is tried again before much is built on it, and
 * POSTERIOR_WARY for a second look before the answer is given.
 */
#ifndef QB_POSTERIOR_H
#define QB_POSTERIOR_H

#include "bisect/graph.h"
#include "bisect/model.h"

#define POSTERIOR_CLEAN	 0.95
#define POSTERIOR_CHOOSE 0.8
#define POSTERIOR_WARY	 0.4

struct posterior_class {
	uint32_t first;		   /* one of its suspects, which speaks for all */
	unsigned failures, trials; /* of the candidates that show it */
	struct model_view view;
};

struct posterior {
	const struct graph *graph; /* not owned, like model and prior */
	const struct model *model;
	const double *prior; /* weight of each suspect; NULL: all alike */
	bool fix;	     /* the culprit ends the failures: who shows it is on the good side */

	unsigned *failures, *trials; /* of each of graph->n candidates */
	unsigned all_failures, all_trials;

	/* private */
	uint32_t *class_of;
	struct posterior_class *classes;
	size_t n_classes, cap_classes;
	uint8_t **shown; /* of each tested candidate: the suspects it shows */
	bool stale;	 /* the views do not have the last counts yet */
};

#define POSTERIOR_INIT                                                                                       \
	{                                                                                                    \
		.graph = NULL                                                                                \
	}

/* What one stance makes of the evidence. */
struct weights {
	double *mass; /* of each suspect, sums to one */
	double *shown_rate,
	    *other_rate; /* by class: how likely a trial fails that shows the class, or does not */
	double evidence; /* log probability of all outcomes */
	double flaky;	 /* probability that the good side fails now and then */
};
#define WEIGHTS_INIT                                                                                         \
	{                                                                                                    \
		NULL, NULL, NULL, 0, 0                                                                       \
	}

void posterior_init(struct posterior *posterior, const struct graph *graph, const struct model *model,
		    const double *prior, bool fix);

/* failures <= trials. No trials is no evidence. */
void posterior_add(struct posterior *posterior, uint32_t candidate, unsigned failures, unsigned trials);

/* Fills *out, which may hold an older result of the same posterior. 0 < clean < 1. */
void posterior_weigh(struct posterior *posterior, double clean, struct weights *out);

/* The counts by side if `suspect` is the culprit. */
struct model_counts posterior_counts(const struct posterior *posterior, uint32_t suspect);

void weights_release(struct weights *weights);
AUTO_DEFINE(weights, struct weights, weights_release);
void posterior_release(struct posterior *posterior);
AUTO_DEFINE(posterior, struct posterior, posterior_release);

#endif
