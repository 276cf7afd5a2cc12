/*
 * A campaign's file: one question. Pure.
 *
 *	{
 *	  "name": "bsc1224434",			folder below results/; default: verb and time
 *	  "scenario": "AD033",
 *	  "candidates": ["id", ...],		for bisect: in order of history
 *	  "compare": ["id", ...],		also tested, of other arch or page size; not searched
 *	  "find": "regression",			or "fix": bad first, good later
 *	  "confidence": 0.95,			how sure the answer must be
 *	  "trials": 200,			boots in all, at most; default: no limit
 *	  "end-trials": 60,			boots of each end, at most, before they are called alike
 *	  "slots": 2,				boots at a time; default: one
 *	  "environment": { "smp": 4, ... },	keys as for --set
 *	  "runtime": "slurm"			where guests boot; default: "local"
 *	}
 */
#ifndef QB_CAMPAIGN_CONFIG_H
#define QB_CAMPAIGN_CONFIG_H

#include "config/scenario.h"

#define CAMPAIGN_TRIALS_MAX 1000000
#define CAMPAIGN_SLOTS_MAX  256 /* more tell less and less */

struct campaign_config {
	char *name;	/* NULL: none given */
	char *scenario; /* NULL: none given */
	char *runtime;	/* NULL: none given */
	struct strv candidates, compare;
	struct strv set; /* "smp=4" */
	bool find_fix;
	double confidence;
	unsigned trials, end_trials; /* trials 0: no limit */
	unsigned slots;
};
#define CAMPAIGN_CONFIG_INIT                                                                                 \
	{                                                                                                    \
		.confidence = 0.95, .end_trials = 60, .slots = 1                                             \
	}

/* ERR_USAGE with file, line and column. */
int campaign_config_parse(const char *name, const char *text, size_t len, struct campaign_config *config,
			  struct err *err);

/* The member "name" of a campaign's file, of any kind; NULL: not there. The caller's to free(). */
struct json_node;
int campaign_read_name(const struct json_node *root, char **name, struct err *err);

/* The member "runtime", the same. */
int campaign_read_runtime(const struct json_node *root, char **runtime, struct err *err);

/* Whether a text may name a campaign: [A-Za-z0-9._+-], no leading dot, at most 100 characters. */
bool campaign_name_valid(const char *name);

void campaign_config_release(struct campaign_config *config);
AUTO_DEFINE(campaign_config, struct campaign_config, campaign_config_release);

#endif
