/*
 * How often a question's failure comes, kept between runs: so that a kernel that passes is asked just often
 * enough. One file for each scenario, environment and architecture below results/.rates.
 */
#ifndef QB_MEASURE_H
#define QB_MEASURE_H

#include "campaign/question.h"

struct campaign;

/* Keeps what the finished campaign of kind run saw of a kernel that fails, and says so. ERR_USAGE when it
 * never failed. */
int measure_keep(const struct setup *setup, const struct question *question, const char *arch,
		 const struct campaign *campaign, struct err *err);

/*
 * How many passes in a row make it as sure as `confidence` that a kernel does not have the failure, from the
 * rate that was kept. ERR_USAGE when there is none.
 */
int measure_trials(const struct setup *setup, const struct question *question, const char *arch,
		   double confidence, unsigned *trials, struct err *err);

/* What such a file keeps. */
struct measure {
	unsigned failures, trials; /* at least one failed, of these */
};

/* ERR_USAGE with file, line and column. Pure. */
int measure_parse(const char *name, const char *text, size_t len, struct measure *measure, struct err *err);

/*
 * The smallest number of trials that all pass with a probability of at most 1 - confidence on a kernel that
 * failed `failures` of `trials`; its rate is ~ Beta(failures + 1/2, passes + 1/2), Jeffreys' posterior, so
 * that a rate that is hardly known asks for more. At most MEASURE_MOST. Pure.
 */
#define MEASURE_MOST 10000
unsigned measure_passes(unsigned failures, unsigned trials, double confidence);

#endif
