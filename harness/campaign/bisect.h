/* Bisection over a list of candidates, in order of history. */
#ifndef QB_CAMPAIGN_BISECT_H
#define QB_CAMPAIGN_BISECT_H

#include "campaign/question.h"

struct candidate_list;

struct bisect_spec {
	const struct setup *setup;		 /* connected */
	const struct candidate_list *candidates; /* at least two, one arch and page size */
	const struct candidate_list *compare;	 /* asked too, once there is an answer; not searched */
	struct question question;
};

/* Lists that cannot be searched: fewer than two, one twice, mixed arch or page size. ERR_USAGE. */
int bisect_check(const struct candidate_list *candidates, struct err *err);

/*
 * Searches (search.h), then asks those to compare as often as it takes to see a failure of the rate that was
 * found. A campaign that was begun before goes on from its records. Fills its answer and saves it. -1:
 * ERR_USAGE, ERR_HOST, ERR_INTERRUPTED; what has been learnt until then is kept.
 */
int bisect_run(const struct bisect_spec *spec, struct campaign *campaign, struct err *err);

#endif
