/*
 * A search from the first trial to the audited answer. Pure: no clock, no file, no chance; seconds come in as
 * numbers, and the same calls in the same order give the same answers bit for bit.
 *
 *	engine_init(&engine, &config);
 *	while ((state = engine_next(&engine, &step)) == ENGINE_RUN) {
 *		run step.trials trials of step.candidate		(step.why says why, in one line)
 *		engine_add(&engine, step.candidate, failures, trials);
 *			or engine_skip(&engine, candidate, reason)
 *	}
 *	engine_answer(&engine, &answer);
 *
 * With several slots engine_next() is called while others are still under way; ENGINE_WAIT says that nothing
 * more makes sense until one of them has come back. Trials may also be added that nobody asked for: results
 * of an earlier run, another machine. Those that ended without a verdict for or against are given back with
 * engine_skip() when the candidate cannot be tested, or with no trials at all when they are to be repeated.
 *
 * Phases:
 *  ends	the failing end until it is measured (ends.h), the other ENDS_PASSES times, and
 *		both until it is as likely as `confidence` that they differ;
 *  search	the trial that tells most per second (choose.h), until the culprit has ENGINE_AUDIT_FROM of
 *		what is wanted: `confidence`, but with less doubt: by the share ENGINE_FLAKY_MORE times the
 *		probability that the good side fails, too, and ENGINE_RARE_MORE * MODEL_LEAST / rate, by
 *		ENGINE_MORE_MOST at most. The rate is what it seems, MODEL_LEAST at least: near that failures
 *		may well be rarer than the model knows. It is no steeper power, because most wrong answers are
 *		of searches to which failures seem half as frequent again as they are, or more;
 *  audit	the culprit again, until it has shown what is said of it ENGINE_AGAIN times, and once more
 *		if that is cheap: failures that come with ENGINE_CHEAP or more. Then whatever tells most of
 *		the doubt about it, until the culprit has what is wanted and also convinces who doubts that
 *		the good side never fails (POSTERIOR_WARY, with a doubt of ENGINE_SECOND_LOOK times 1 - `confidence` at most);
 *		as long as that one is not convinced, what tells him most. Then each parent, ENGINE_AGAIN
 *		times in all. What the audit tries are fresh trials and evidence. It begins a little
 *		before the culprit has all that is wanted, because trials of the culprit also teach the rate,
 *		which the last doubt hangs on: with f failures among n trials of the bad side and k passes
 *		that speak against the other suspects, these keep about (1 + k / n)^-f of their odds, so more
 *		passes alone help less and less. Not earlier: a trial that only sets the culprit apart from
 *		all others together leaves those as they are, should it be one of them. When the culprit falls
 *		below ENGINE_DOUBT of what is wanted, the search goes on.
 */
#ifndef QB_ENGINE_H
#define QB_ENGINE_H

#include "bisect/ends.h"
#include "bisect/groups.h"
#include "bisect/posterior.h"
#include "bisect/rate.h"

#define ENGINE_CONFIDENCE  0.95
#define ENGINE_END_TRIALS  300
#define ENGINE_AGAIN	   2
#define ENGINE_CHEAP	   0.4
#define ENGINE_AUDIT_FROM  0.95
#define ENGINE_FLAKY_MORE  0.7
#define ENGINE_RARE_MORE   0.4
#define ENGINE_MORE_MOST   0.9
#define ENGINE_SECOND_LOOK 2.35
#define ENGINE_DOUBT	   0.5

struct pending;

enum engine_state {
	ENGINE_RUN,	/* run the step */
	ENGINE_WAIT,	/* for what is under way */
	ENGINE_FOUND,	/* one culprit, audited */
	ENGINE_RANGE,	/* only candidates that cannot be told apart are left: undecided */
	ENGINE_SAME,	/* the ends do not differ, or not enough to see it: no search */
	ENGINE_SWAPPED, /* the end that should not fail fails more often */
	ENGINE_SPENT,	/* the trials allowed are used up: undecided */
	ENGINE_NO_END,	/* an end cannot be tested */
};

enum engine_phase { ENGINE_ENDS, ENGINE_SEARCH, ENGINE_AUDIT, ENGINE_PHASES };

struct engine_config {
	const struct graph *graph; /* not owned, like model and prior */
	const struct model *model;
	const double *prior; /* structural: a weight for each suspect; NULL: all alike */
	bool fix;	     /* the change ends the failures */
	double confidence;
	unsigned end_trials; /* of each end, at most, before the ends are called alike */
	unsigned most;	     /* trials in all; 0: no limit */
};

struct engine_step {
	enum engine_phase phase;
	uint32_t candidate;
	unsigned trials;
	double bits;	/* what it is expected to tell of the culprit; 0 for ends and audit */
	double seconds; /* expected */
	struct buf why; /* one line, without the candidate's name */
};
#define ENGINE_STEP_INIT                                                                                     \
	{                                                                                                    \
		ENGINE_ENDS, 0, 0, 0, 0, BUF_INIT                                                            \
	}

struct engine {
	struct engine_config config;
	struct posterior posterior;
	double *ready, *seconds; /* of each candidate, see engine_cost() */
	uint32_t current;	 /* the candidate at hand */
	char **reasons;		 /* why a candidate cannot be tested; NULL: it can */
	bool *untestable;
	double *weights; /* prior of each suspect, 0 for the excluded */
	bool none_left;	 /* all would be excluded; the last keeps its weight, so that there is a posterior */
	struct pending *pending; /* in the order of the calls */
	size_t n_pending, cap_pending;
	enum engine_phase phase;	  /* of the last step */
	enum engine_state ended;	  /* ENGINE_RUN while it has not */
	unsigned by_phase[ENGINE_PHASES]; /* trials asked for */
	uint32_t suspect;		  /* under audit, else GRAPH_NONE */

	/* worked out from the evidence */
	struct weights plain, wary, choose;
	struct groups groups;
	struct ends ends;
	bool fresh;
};

#define ENGINE_INIT                                                                                          \
	{                                                                                                    \
		.reasons = NULL                                                                              \
	}

struct engine_answer {
	enum engine_state state;
	uint32_t culprit;  /* the likeliest suspect; of a range the one that can be tested, if any */
	double confidence; /* probability of the culprit, or of the range as a whole */
	uint32_t *range;   /* FOUND: the culprit; RANGE: all that cannot be told apart; else none */
	size_t n_range;
	uint32_t *likely; /* the smallest set that holds 95 % of the probability, likeliest first */
	size_t n_likely;
	struct model_counts counts; /* by side of the culprit; by end when there is none */
	struct rate bad, good;	    /* their intervals */
	double flaky;		    /* probability that the good side fails now and then */
	double same;		    /* probability that there is no change at all */
};
#define ENGINE_ANSWER_INIT                                                                                   \
	{                                                                                                    \
		.range = NULL                                                                                \
	}

void engine_init(struct engine *engine, const struct engine_config *config);

/* What a candidate costs from now on: seconds before its first trial (build, fetch, switch; little when it is
 * in a cache) and for each trial (boot, run). 0 and 1 at first. */
void engine_cost(struct engine *engine, uint32_t candidate, double ready, double seconds);

/* The next step, or why there is none. ENGINE_RUN notes it as under way. `step` may be used again and
 * again. */
enum engine_state engine_next(struct engine *engine, struct engine_step *step);

void engine_add(struct engine *engine, uint32_t candidate, unsigned failures, unsigned trials);
void engine_skip(struct engine *engine, uint32_t candidate, const char *reason);

/* This suspect is not the culprit, as is known from elsewhere: it is the same as its parent. What it shows is
 * not touched by that. When that is so of all, the ends are the same: ENGINE_SAME. */
void engine_exclude(struct engine *engine, uint32_t suspect);

/* The candidate that would be tried next if what is under way told what is expected of it; GRAPH_NONE when
 * that cannot be said. Changes nothing. */
uint32_t engine_peek(struct engine *engine);

/* Any time; the state is ENGINE_RUN while there is no answer. *answer must be fresh or released. */
void engine_answer(struct engine *engine, struct engine_answer *answer);

/* The likeliest suspect so far, the one that can be tested if it is one of a range; *mass is the probability
 * of its range, given that there is a change. */
uint32_t engine_best(struct engine *engine, double *mass);

/* Entropy of the posterior in bits: what a step has told is how much it fell. */
double engine_bits(struct engine *engine);

/* The answer in sentences, and for the audit one line each: what was tried again and how it went. */
void engine_explain(struct engine *engine, const struct engine_answer *answer, struct buf *out);

void engine_answer_release(struct engine_answer *answer);
AUTO_DEFINE(engine_answer, struct engine_answer, engine_answer_release);
void engine_step_release(struct engine_step *step);
AUTO_DEFINE(engine_step, struct engine_step, engine_step_release);
void engine_release(struct engine *engine);
AUTO_DEFINE(engine, struct engine, engine_release);

#endif
