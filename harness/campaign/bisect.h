/* Bisection over a list of candidates, in order of history. */
#ifndef QB_CAMPAIGN_BISECT_H
#define QB_CAMPAIGN_BISECT_H

#include "campaign/question.h"

struct candidate_list;

enum bisect_answer {
	BISECT_FOUND,	  /* two neighbours, or a pair with nothing between but what --find asks for */
	BISECT_SAME_ENDS, /* the ends do not differ as asked: the question makes no sense */
	BISECT_UNDECIDED, /* only a range is left, or an end cannot be judged */
};

struct bisect_spec {
	const struct candidate_list *candidates; /* at least two, one arch and page size */
	const struct candidate_list *compare;	 /* asked too, for the table; not searched */
	struct question question;
	bool find_fix; /* bad first, good later */
};

/*
 * Asks both ends, then halves, then asks those to compare. Fills the campaign's range, answer and sentence
 * and saves it. -1: ERR_USAGE, ERR_HOST (an end stayed broken too), ERR_INTERRUPTED.
 */
int bisect_run(const struct setup *setup, const struct bisect_spec *spec, struct campaign *campaign,
	       enum bisect_answer *answer, struct err *err);

/* Lists that cannot be searched: fewer than two, one twice, mixed arch or page size. ERR_USAGE. */
int bisect_check(const struct candidate_list *candidates, struct err *err);

#endif
