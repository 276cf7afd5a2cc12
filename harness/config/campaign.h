/*
 * A campaign's file: one question. Pure.
 *
 *	{
 *	  "name": "bsc1224434",			folder below results/; default: verb and time
 *	  "scenario": "AD033",
 *	  "candidates": ["id", ...],		for bisect: in order of history
 *	  "compare": ["id", ...],		also tested, of other arch or page size; not part of the
 *search "find": "regression",			or "fix": bad first, good later "trials": 2,
 *boots of each candidate "environment": { "smp": 4, ... }	keys as for --set
 *	}
 */
#ifndef QB_CAMPAIGN_CONFIG_H
#define QB_CAMPAIGN_CONFIG_H

#include "config/scenario.h"

struct campaign_config {
	char *name;	/* NULL: none given */
	char *scenario; /* NULL: none given */
	struct strv candidates, compare;
	struct strv set; /* "smp=4" */
	bool find_fix;
	unsigned trials; /* 0: none given */
};

/* ERR_USAGE with file, line and column. */
int campaign_config_parse(const char *name, const char *text, size_t len, struct campaign_config *config,
			  struct err *err);

/* Whether a text may name a campaign: [A-Za-z0-9._+-], no leading dot, at most 100 characters. */
bool campaign_name_valid(const char *name);

void campaign_config_release(struct campaign_config *config);
AUTO_DEFINE(campaign_config, struct campaign_config, campaign_config_release);

#endif
