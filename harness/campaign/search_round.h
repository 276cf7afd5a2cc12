/* A round of a search: what is wanted at once, and what came of it. */
#ifndef QB_SEARCH_ROUND_H
#define QB_SEARCH_ROUND_H

#include "campaign/search.h"

/*
 * Asks the engine until there is a trial for each slot, takes those from the records that are there, runs the others
 * side by side, and gives all to the engine in the order in which it asked. 1: go on. 0: search->state is the
 * search's end, or ENGINE_RUN: the records are used up and no new trials are run. -1: ERR_USAGE, ERR_HOST,
 * ERR_INTERRUPTED.
 */
int round_run(struct search *search, struct err *err);

#endif
