/* Bisection: over a list of candidates in order of history, or over the commits of a git repository. */
#ifndef QB_CAMPAIGN_BISECT_H
#define QB_CAMPAIGN_BISECT_H

#include "campaign/question.h"

/* In the campaign's folder, of a history: trials known before (given_read()); not there: none. */
#define BISECT_EVIDENCE "evidence"

struct candidate_list;

struct bisect_spec {
	struct setup *setup;			 /* connected when it is to run */
	const struct candidate_list *candidates; /* of a list: at least two, one arch and page size */
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

/*
 * For a campaign over a git history: fills campaign->older and newer from revisions, and checks them, the
 * architecture and the words of campaign->compare ("ARCH" or "ARCH:PAGESIZE"). ERR_USAGE.
 */
int bisect_git_check(struct campaign *campaign, const char *older, const char *newer, struct err *err);

/* As bisect_run() over the commits of campaign->git (history.h), built for campaign->arch. For each word of
 * campaign->compare the culprit is built and asked, too. */
int bisect_git(const struct bisect_spec *spec, struct campaign *campaign, struct err *err);

#endif
