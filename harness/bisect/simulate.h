/*
 * Searches against a synthetic truth: how often right, at what cost. Pure; chance comes from a seed.
 *
 * The culprit is drawn from all suspects alike, each trial fails or passes by the rate of its side. Engines:
 *  ours	engine.h itself, with ends, search and audit;
 *  classic	git bisect with k trials of each candidate, any failure is bad; k is tuned by who knows both
 *		rates, so that all its verdicts together are right with the confidence asked for (if the
 *		good side never fails; else nothing helps it); search only;
 *  beta	a posterior with independent Beta(1/2, 1/2) rates on both sides, the trial with the most
 *		information next, stop at the confidence: what git_bayesect does; search only.
 */
#ifndef QB_SIMULATE_H
#define QB_SIMULATE_H

#include "bisect/graph.h"
#include "bisect/model.h"

enum simulate_engine { SIMULATE_OURS, SIMULATE_CLASSIC, SIMULATE_BETA, SIMULATE_ENGINES };

/* How the truth departs from what the engines assume. */
enum simulate_world {
	SIMULATE_PLAIN,	    /* not at all */
	SIMULATE_PRIOR,	    /* the rates are not those given but drawn from the model's own priors */
	SIMULATE_CLUSTERED, /* trials come in runs of 5 of one candidate that all end alike */
	SIMULATE_DRIFTING,  /* the bad side's rate falls along the history, to half at the new end */
	SIMULATE_TWO,	    /* a second culprit, later, adds its failures; finding either is right */
	SIMULATE_WORLDS
};

struct simulate_config {
	const struct graph *graph;
	double rate_good, rate_bad;
	unsigned trials; /* searches */
	uint64_t seed;
	double confidence;
	double untestable; /* share of the suspects that cannot be tested; never the new end */
	double change;	   /* seconds to change the candidate; a trial takes one */
	double build;	/* of ours: seconds before the first trial of each candidate, on top; in its slot */
	unsigned slots; /* of ours: trials at a time, in rounds; 0: one */
	enum simulate_world world;
	void (*tick)(unsigned done, void *arg); /* after each search; may be NULL */
	void *arg;
};

/* Of the searches that found one culprit with a claim of at least simulate_bins[i], and below the next. */
#define SIMULATE_BINS 5
extern const double simulate_bins[SIMULATE_BINS];

struct simulate_bin {
	unsigned searches;
	double claimed; /* mean */
	double right;	/* share */
};

struct simulate_result {
	double accuracy;   /* right among all searches; a range is right when the culprit is in it */
	double undecided;  /* share that ended without a single culprit */
	double confidence; /* mean of what it claimed, of those that found one */
	double decided_accuracy;
	double mean_runs, p95_runs;
	double mean_ends_runs, mean_search_runs, mean_audit_runs; /* search: all but the ends */
	double mean_rounds; /* each waits for all of its trials; but for ours one a run */
	double mean_switches, mean_skips, mean_seconds; /* seconds: of the wall's clock */
	double mean_builds;				/* of ours: candidates that were built */
	double decisions;				/* in all */
	struct simulate_bin bins[SIMULATE_BINS];
};

const char *simulate_engine_name(enum simulate_engine engine);
const char *simulate_world_name(enum simulate_world world);

void simulate_run(const struct simulate_config *config, enum simulate_engine engine,
		  struct simulate_result *result);

#endif
