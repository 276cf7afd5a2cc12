/* One candidate, asked a fixed number of times: what `git bisect run` wants to know of a kernel. */
#ifndef QB_CAMPAIGN_RUN_H
#define QB_CAMPAIGN_RUN_H

#include "campaign/question.h"

/* How often each verdict came. */
struct tally {
	unsigned n[VERDICT_N];
};

/*
 * What trials say together: bad when one was bad; else broken or skip when one was that, since a pass proves
 * little and fewer than were asked for prove less; good when all were good.
 */
enum verdict tally_verdict(const struct tally *tally);

/*
 * question->trials trials, a broken one tried again (booth.h). A candidate that cannot be tested is skipped
 * after its first refusal. A campaign that was begun before goes on from its records. Fills its answer and
 * saves it, and keeps the rate if campaign->measure (measure.h). -1: ERR_USAGE, ERR_HOST, ERR_INTERRUPTED.
 */
int run_run(const struct setup *setup, const struct question *question, const struct candidate *candidate,
	    struct campaign *campaign, struct err *err);

#endif
