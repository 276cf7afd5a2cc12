/* Trials of a search: those that were recorded before, new ones, and what they say. */
#ifndef QB_SEARCH_TRIALS_H
#define QB_SEARCH_TRIALS_H

#include "campaign/search.h"

/* Finds which candidate each record is evidence of: fills search->evidence. */
void trials_index(struct search *search);

/* The first record that is evidence of candidate i and was not taken, or NULL. It counts as taken now. */
const struct record *trials_stored(struct search *search, uint32_t i);

/* The candidate of the first record that is evidence and was not taken, or GRAPH_NONE. */
uint32_t trials_left(const struct search *search);

/* A new trial. */
struct search_trial {
	uint32_t candidate;
	char *label;	      /* for progress; owned */
	struct record record; /* what came of it */

	/* private */
	struct search *search;
	struct booth **booth;
	int status;
	struct err err;
};
#define SEARCH_TRIAL_INIT                                                                                    \
	{                                                                                                    \
		.record = RECORD_INIT, .err = ERR_INIT                                                       \
	}

/* Runs n trials side by side, at most one for each slot, and records them; or, without a boot, why there can be none.
 * Those of one candidate are in the order of their numbers then. -1, when all have ended: ERR_USAGE, ERR_HOST,
 * ERR_INTERRUPTED. */
int trials_run(struct search *search, struct search_trial *trials, size_t n, struct err *err);

void search_trial_release(struct search_trial *trial);

/* What a record says of candidate i: *decision gets its outcome, the engine what it costs. True when nothing
 * more is to be asked of the candidate. -1: ERR_USAGE, its page size is not the others'. */
int trials_take(struct search *search, uint32_t i, const struct record *record, struct decision *decision,
		struct err *err);

#endif
