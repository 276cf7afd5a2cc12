/*
 * Which of several differences decides whether a test fails? Pure: no clock, no file, no chance.
 *
 * Two settings differ in n factors; at the failing end each has one value, at the passing end the other. A
 * setting in between is written as the set of factors that are swapped, those that have the passing end's
 * value: 0 is the failing end. It either "fails", with a rate, or it does not, which means the passing side's
 * rate: nothing, most likely (model.h). Swapping more never makes a failure come back; what contradicts this
 * is tried again and then said (FACTORS_CROSSED).
 *
 *	factors_init(&factors, &config);
 *	while ((state = factors_next(&factors, &step)) == FACTORS_RUN) {
 *		run step.trials trials of step.swapped, up to the first failure if step.until_failure
 *		factors_add(&factors, step.swapped, failures, passes);
 *			or factors_skip(&factors, step.swapped, reason)
 *	}
 *	factors_answer(&factors, &answer);
 *
 * The state is the counts alone: the same evidence gives the same next step, in whatever order it came.
 *
 * The design. A "core" is a smallest set of factors that fails by itself, all others swapped; a "cut" is a
 * smallest set that ends the failure when it is swapped. Each cut meets each core, and the cuts are the
 * smallest sets that meet all cores, so an answer is proved by one failing setting for each core and one that
 * does not fail for each cut, and nothing less will do. In order:
 *
 *  ends	the failing end until its rate is known (ends.h), the passing one until they differ. One that
 *		cannot be tested at all (64k sectors with 4k pages) is done without: a swap that ends the
 *		failure proves as much.
 *  swaps	each factor alone. A factor that ends the failure is necessary, a cut of one.
 *  sets	the necessary ones alone, all others swapped at once, as a group. When that fails it is the
 *		core, and every other factor is irrelevant: proved by one trial. Else some of the others are
 *		needed, too, but can stand in for each other (either of two is enough): one by one, by
 *		halving what is kept as in delta debugging, the core is completed; then the cuts of the cores
 *		known so far are asked, each that still fails holds another core, until all are closed ("dualize
 *		and advance": D. Gunopulos et al., ACM TODS 28, 2003).
 *  audit	a core again that has failed less than FACTORS_AGAIN times; then the weakest proof, until all
 *		of them together are as sure as asked for.
 *
 * Why one at a time and not groups from the start: a group of swaps that ends the failure says only that one
 * of them matters, and this is the outcome that costs passes; groups pay when fewer than (3 - sqrt(5)) / 2 =
 * 38 % of the factors matter (P. Ungar, Comm. Pure Appl. Math. 13, 1960), and even then not much, since a
 * swap that still fails is told by a single failure. And a factor that was swapped alone is what people ask
 * to see. Why not a factorial design: it measures all effects together, but the answer here is a conjunction,
 * of which most cells of such a design show nothing but passes.
 *
 * Why in a fixed order and not by most information: each question is about even beforehand, so the next trial
 * of any of them tells about as much, one bit at most; the questions do not bear on each other but through
 * the common rates, so all have to be asked, and the order changes nothing but who comes first. Staying with
 * one setting until it is decided keeps its kernel and disk at hand. The audit does go by information: the
 * largest doubt first.
 *
 * The cost in trials, for d necessary of n factors and a failure rate b:
 *
 *	ends + d * passes(b) + (n - d + 1) / b
 *
 * passes(b) are as many as it takes to believe that a setting does not fail: the posterior odds of that
 * against a failure of the common rate (weight 1 - FACTORS_WEAK; its posterior is model.h's, with all that is
 * known of settings that fail), or of a rate that the swap has lowered to a share u of it (FACTORS_WEAK, u
 * even over FACTORS_LEAST to 1: another kernel or fewer CPUs make a race rarer). At b = 1 these are 3 for d =
 * 1, 5 for 2, 6 for 3 and 7 for 4, and below about 1 / b times as many. A setting that fails is believed after
 * one failure while the passing side is clean; when that fails now and then, too, after as many as the model
 * wants. That it never fails is believed with FACTORS_CLEAN beforehand, less than in a bisection (posterior.h):
 * that one tries its suspect again and again, here each setting is an answer of its own. For the same reason a passing
 * side that fails is thought to do so more often (FACTORS_FLAKY, model.h), and the failing end is tried
 * FACTORS_END_TRIALS times at least: its rate is what each setting is held against.
 */
#ifndef QB_FACTORS_H
#define QB_FACTORS_H

#include "bisect/model.h"

#define FACTORS_MOST	   16
#define FACTORS_CLEAN	   0.93
#define FACTORS_WEAK	   0.3
#define FACTORS_LEAST	   0.2
#define FACTORS_AGAIN	   2
#define FACTORS_FLAKY	   6
#define FACTORS_END_TRIALS 7

enum factors_state {
	FACTORS_RUN,	   /* run the step */
	FACTORS_ANSWERED,  /* every factor has its role */
	FACTORS_UNDECIDED, /* all was asked that can be, and some have not */
	FACTORS_SAME,	   /* the ends do not differ, or not enough to see it */
	FACTORS_EXCHANGED, /* the end that should pass fails more often */
	FACTORS_CROSSED,   /* a failure came back with another swap: see factors_answer's crossed[] */
	FACTORS_SPENT,	   /* the trials allowed are used up */
	FACTORS_NO_END,	   /* the failing end cannot be tested */
};

enum factors_phase { FACTORS_ENDS, FACTORS_SWAPS, FACTORS_SETS, FACTORS_AUDIT, FACTORS_PHASES };

struct factors_config {
	const struct model *model; /* not owned, like names */
	const char *const *names;  /* of each factor */
	unsigned n;		   /* 1 to FACTORS_MOST */
	double confidence;	   /* that the whole answer is right */
	unsigned end_trials;	   /* of one setting, at most */
	unsigned most;		   /* trials in all; 0: no limit */
};

struct factors_setting {
	uint32_t swapped;
	unsigned failures, passes;
	char *skip;   /* why it cannot be tested, or is not told by many trials; NULL */
	double fails; /* probability; of an end, given the others */
};

struct factors {
	struct factors_config config;
	struct factors_setting *settings; /* in the order they came */
	size_t n, cap;
	bool stale; /* private: the probabilities do not have the last counts yet */
};
#define FACTORS_INIT                                                                                         \
	{                                                                                                    \
		.settings = NULL                                                                             \
	}

struct factors_step {
	enum factors_phase phase;
	uint32_t swapped;
	unsigned trials; /* at most */
	bool until_failure;
	double bits;	/* that the first trial is expected to tell of whether the setting fails */
	struct buf why; /* one line */
};
#define FACTORS_STEP_INIT                                                                                    \
	{                                                                                                    \
		.why = BUF_INIT                                                                              \
	}

void factors_init(struct factors *factors, const struct factors_config *config);
enum factors_state factors_next(struct factors *factors, struct factors_step *step);
void factors_add(struct factors *factors, uint32_t swapped, unsigned failures, unsigned passes);
void factors_skip(struct factors *factors, uint32_t swapped, const char *reason);

/* How likely a setting fails. */
double factors_fails(struct factors *factors, uint32_t swapped);

/* A setting's counts, or NULL when it was not tried; good until the next one is. */
const struct factors_setting *factors_find(const struct factors *factors, uint32_t swapped);

/* Appends "the failing end", "smp swapped", "only nocow, buffers kept", ... */
void factors_say(const struct factors *factors, uint32_t swapped, struct buf *out);

enum factors_role {
	FACTORS_OPEN,	   /* undecided */
	FACTORS_NECESSARY, /* without it no failure */
	FACTORS_ENOUGH,	   /* sufficient with the necessary ones, but something else may take its place */
	FACTORS_BOTH,	   /* necessary, and alone sufficient */
	FACTORS_IRRELEVANT,
};

/* "undecided", "necessary", "sufficient", "necessary and sufficient", "irrelevant". */
const char *factors_role_name(enum factors_role role);

struct factors_part {
	enum factors_role role;
	uint32_t rests_on;  /* the setting that says most of it: mostly the factor swapped alone */
	const char *reason; /* why it is open, or could not be swapped alone; NULL. struct factors' */
};

struct factors_answer {
	struct factors_part part[FACTORS_MOST];
	uint32_t *cores; /* sets of factors, each enough to fail */
	size_t n_cores;
	bool closed;	     /* there are no other cores */
	double probability;  /* that the proofs are all right */
	uint32_t crossed[2]; /* of FACTORS_CROSSED: does not fail; with more swapped, fails */
};
#define FACTORS_ANSWER_INIT                                                                                  \
	{                                                                                                    \
		.cores = NULL                                                                                \
	}

void factors_answer(struct factors *factors, struct factors_answer *answer);

void factors_answer_release(struct factors_answer *answer);
AUTO_DEFINE(factors_answer, struct factors_answer, factors_answer_release);
void factors_step_release(struct factors_step *step);
AUTO_DEFINE(factors_step, struct factors_step, factors_step_release);
void factors_release(struct factors *factors);
AUTO_DEFINE(factors, struct factors, factors_release);

#endif
