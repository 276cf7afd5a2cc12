/*
 * What a trial tells beside others that are under way. Pure.
 *
 * It is what the trial tells once the outcomes of the others are known (choose.h), in the mean over all of these:
 *
 *	I(t | others) = sum over outcomes y of P(y) I(t; mass given y)
 *
 * Chosen one after the other by I alone, W trials tell together at least 1 - 1/e of what the best W would: the information of
 * a set of trials, whose outcomes depend on the culprit alone, is submodular (A. Krause, C. Guestrin, UAI 2005). With
 * failures that always come they cut what is likely into W + 1 equal parts.
 *
 * Few are the things to go through:
 *  - candidates: of a history that is longer than a few hundred, the best by itself of each stretch that holds
 *	an equal share of the mass, in the order of a depth-first walk; four of them for each trial under way. Those under way,
 *	and what sets likely suspects apart from their parents, are always among them. Suspects that these
 *	do not tell apart are one (lumps.h), which is exact;
 *  - outcomes: of several trials of a candidate how many fail. All of them as long as there are BESIDE_OUTCOMES at most;
 *	else so many samples, four for each trial under way. The culprits of the samples stand at even shares
 *	of the mass, so that no part of history that is cut off by a trial goes without one; whether a trial fails then is
 *	chance, made from the numbers of sample, candidate and trial. Thus what a trial tells depends on nothing but the
 *	evidence and on which trials are under way, whatever their order, and is the same each time.
 */
#ifndef QB_BESIDE_H
#define QB_BESIDE_H

#include "bisect/choose.h"

#define BESIDE_OUTCOMES	  256
#define BESIDE_CANDIDATES 256 /* to be told apart, at least; both grow with what is under way to the most */
#define BESIDE_MOST	  1024

/* Sets bits[] of all candidates, beside question->pending; nothing of those that are left out. `alone` is what a trial
 * of each tells by itself per second. */
void beside_bits(const struct question *question, const double *alone, double *bits);

#endif
