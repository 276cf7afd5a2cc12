/*
 * A question: a scenario in an environment, to be asked of candidates, trial by trial.
 */
#ifndef QB_QUESTION_H
#define QB_QUESTION_H

#include "campaign/setup.h"
#include "store/campaign.h"

struct question {
	const char *scenario; /* its name, for records */
	struct environment env;
	struct plan_program program;
	unsigned trials; /* of each candidate */
};

/*
 * Fills a question from a scenario's name (NULL only when `program` has a path: then it is workload exec) and
 * KEY=VALUE pairs, which win over the scenario's. ERR_USAGE.
 */
int question_make(const struct setup *setup, const char *scenario, const struct strv *set,
		  const struct plan_program *program, unsigned trials, struct question *question,
		  struct err *err);

/* How often each verdict came. */
struct tally {
	unsigned n[VERDICT_N];
	unsigned pagesize; /* bytes, as the guest read it in one of the trials; 0: no guest told */
};

/*
 * What trials say together: bad when one was bad; else broken or skip when one was that, since a pass proves
 * little and fewer than were asked for prove less; good when all were good.
 */
enum verdict tally_verdict(const struct tally *tally);

/*
 * What can be known before anything boots: settings that contradict themselves, a candidate of another page
 * size than the environment asks for. ERR_USAGE.
 */
int question_check(const struct question *question, const struct candidate *candidate, struct err *err);

/*
 * Asks a candidate: question->trials trials, each recorded in a folder of the campaign, named from *number
 * on. A broken trial is tried again (twice) and each try leaves its folder. A candidate that cannot be tested
 * is skipped after its first refusal. `stop_at_bad`: the first bad trial ends it. `label` is for progress.
 * -1: ERR_USAGE, ERR_HOST, ERR_INTERRUPTED.
 */
int question_ask(const struct setup *setup, const struct question *question,
		 const struct candidate *candidate, const struct campaign *campaign, unsigned *number,
		 const char *label, bool stop_at_bad, struct tally *tally, struct err *err);

#endif
