/*
 * A campaign on disk: results/<name>/campaign.json and a folder for each trial, named NNN-<candidate>.
 *
 * campaign.json is written when the campaign begins and again when it has its answer, each time all or
 * nothing.
 */
#ifndef QB_STORE_CAMPAIGN_H
#define QB_STORE_CAMPAIGN_H

#include "store/record.h"

struct campaign {
	char *folder; /* where it is; not in the file */
	char *name;
	char *kind; /* "run" or "bisect" */
	char *scenario;
	char *find;	       /* "regression" or "fix" for bisect, else "" */
	char *started, *ended; /* UTC; ended "" while it runs */
	char *answer;	       /* "", "good", "bad", "skip", "broken"; bisect: "found", "same", "undecided" */
	char *sentence;	       /* the answer in words */
	struct strv candidates, compare; /* ids, in order */
	struct strv
	    range; /* bisect: the last of the old side, what was skipped between, the first of the new side */
	unsigned trials;
};
#define CAMPAIGN_INIT                                                                                        \
	{                                                                                                    \
		.folder = NULL                                                                               \
	}

/*
 * Makes the folder of a new campaign below `results` and saves it. campaign->name NULL: a name is made from
 * kind and time. ERR_USAGE when a campaign of that name is there already.
 */
int campaign_create(struct campaign *campaign, const char *results, struct err *err);

int campaign_save(const struct campaign *campaign, struct err *err);

/* `name` NULL: the newest. ERR_USAGE when there is none. */
int campaign_load(const char *results, const char *name, struct campaign *campaign, struct err *err);

/* Appends all of its trials' records in their order. A trial without a record (it was killed) is passed over.
 */
int campaign_records(const struct campaign *campaign, struct record_list *list, struct err *err);

/* The campaign and its records as one JSON object with a line end, appended. */
void campaign_format(const struct campaign *campaign, const struct record_list *records, struct buf *out);

/* Sets a text field. */
void campaign_set(char **field, const char *value);

void campaign_release(struct campaign *campaign);
AUTO_DEFINE(campaign, struct campaign, campaign_release);

#endif
