/*
 * What failures and passes say about two rates: how often a trial fails on the bad side of the change, and
 * how often on the good side. Pure.
 *
 * All candidates on one side share one rate, so counts pooled by side are all that matters. With bf failures
 * and bp passes on the bad side, gf and gp on the good side, the likelihood is
 *
 *	b^bf (1-b)^bp  g^gf (1-g)^gp	integrated over the priors of b and g:
 *
 *   b, the bad side:  with weight MODEL_ALWAYS exactly 1 (many bugs fail every time); else any order of
 *	magnitude nearly alike, density ~ b^-MODEL_STEEP, down to about MODEL_LEAST, below which it falls
 *	off: divided by 1 + (MODEL_LEAST / b)^MODEL_SHARP.
 *   g, the good side: "clean", exactly 0; or "flaky", g = r * b with r ~ Beta(1, flaky), so always
 *	g < b, and small against b more often than not. How likely "clean" is beforehand is the caller's
 *	(posterior.h); therefore both likelihoods come back apart. `flaky` is for the caller, too. Where it is
 *	smaller, passes of the good side tell more against its being flaky: with 6 a search of 0 -> 0.1 takes
 *	two boots of a hundred more, and one of 0.02 -> 0.3 four; with 20 both of 0.02 -> 0.3 and 0.1 -> 0.9 are
 *	right two points less often.
 *
 * Why nearly 1 / b: a rare failure's rate is nothing but the scale of how many trials all takes, and for a scale
 * that is the prior whose probabilities come true at each value of it, not only on average (J. O. Berger,
 * Statistical Decision Theory and Bayesian Analysis, 1985, 6.6). One that is more even in b is too ready to
 * believe in a high rate after two early failures, and wrong more often than it says where failures are rare.
 * With 1 / b itself frequent failures, for which much is known after few trials, would pay for the rare ones:
 * MODEL_STEEP a little below 1 saves one boot of a hundred at a rate of 0.3.
 * MODEL_LEAST bounds the price: each rarer rate that is thought possible makes all searches longer, because
 * passes may always mean a rate that is lower still. A sharp end keeps that price from rates well above it; who
 * decides near it must ask for more than these probabilities say, as a search does
 * (engine.h). Rates below it are found as well, but then the answer is wrong more often than it says.
 *
 * The integrals are sums over a grid that is even in the angle asin(sqrt(rate)), where a binomial likelihood
 * has the same width everywhere, 1 / (2 sqrt(n)) (F. J. Anscombe, Biometrika 35, 1948): there the midpoint
 * rule is as good as exact once the spacing is below that width. Up to MODEL_COARSE_LIMIT trials a coarse
 * grid does; beyond it the fine one, made for 10,000 trials and more. All terms are positive: the polynomial
 * in 1 / b that the sum over g could be made into loses every digit where g is nearly b.
 */
#ifndef QB_MODEL_H
#define QB_MODEL_H

#include "base/buf.h"

#define MODEL_ALWAYS	   .31
#define MODEL_STEEP	   .9
#define MODEL_LEAST	   .028
#define MODEL_SHARP	   6
#define MODEL_FLAKY	   10 /* of a search */
#define MODEL_COARSE	   96
#define MODEL_FINE	   512
#define MODEL_COARSE_LIMIT 1350

struct model_counts {
	unsigned bad_failures, bad_passes, good_failures, good_passes;
};

struct model_view {
	double clean, flaky; /* log likelihoods; clean is -INFINITY when the good side has failed */
	double clean_bad;    /* how likely the next trial on the bad side fails, if the good side is clean */
	double flaky_bad;    /* the same if it is flaky */
	double flaky_good;   /* and the next on the good side */
};

struct model;

/* Never NULL; the tables are read-only from then on. 1 <= flaky. */
struct model *model_new(double flaky);
void model_free(struct model *model);

/* The rates that two numbers from 0 to 1 pick from the priors, for simulations: of the bad side, and of a
 * good side that is flaky. */
void model_draw(const struct model *model, double u, double v, double *bad, double *good);

/* Two rates that know nothing of each other, each ~ Beta(1/2, 1/2): what git_bayesect assumes. For comparison
 * (simulate.h); everything is "flaky" then. */
struct model *model_new_independent(void);

/* The same counts always give the same bits. */
void model_look(const struct model *model, const struct model_counts *counts, struct model_view *view);

/* Log likelihood when both sides share one rate, ~ Beta(1/2, 1/2), or fail never, or always: the change that
 * is searched does not exist. Takes the same counts. */
double model_same(const struct model_counts *counts);

/* Log of the mean of rate^failures (1 - rate)^passes over Beta(1/2, 1/2). */
double model_log_jeffreys(double failures, double passes);

#endif
