/* Trials of a search: those that were recorded before, new ones, and what they say. */
#ifndef QB_SEARCH_TRIALS_H
#define QB_SEARCH_TRIALS_H

#include "campaign/search.h"

/* The next record that is evidence of the search, or NULL; search->next is its place. *i is its candidate. */
const struct record *trials_stored(struct search *search, uint32_t *i);

/* A new trial of candidate i, recorded; or, without a boot, why there can be none. `label` is for progress.
 * -1: ERR_USAGE, ERR_HOST, ERR_INTERRUPTED. */
int trials_run(struct search *search, uint32_t i, const char *label, struct record *record, struct err *err);

/* What a record says of candidate i: *decision gets its outcome, the engine what it costs. True when nothing
 * more is to be asked of the candidate. -1: ERR_USAGE, its page size is not the others'. */
int trials_take(struct search *search, uint32_t i, const struct record *record, struct decision *decision,
		struct err *err);

#endif
