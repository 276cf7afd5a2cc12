/*
 * A question: a scenario in an environment, to be asked of candidates, trial by trial.
 */
#ifndef QB_QUESTION_H
#define QB_QUESTION_H

#include "campaign/setup.h"
#include "store/campaign.h"

struct question {
	const char *scenario;			       /* its name, for records */
	const char *candidate_name, *environment_name; /* what a matrix calls them; else NULL */
	struct environment env;
	struct plan_program program;
	unsigned trials; /* of each candidate */
};

/*
 * Fills a question from a scenario's name (NULL only when `program` has a path: then it is workload exec) and
 * KEY=VALUE pairs, which win over the scenario's. ERR_USAGE: also when they make it workload exec, and there is no
 * program.
 */
int question_make(const struct setup *setup, const char *scenario, const struct strv *set,
		  const struct plan_program *program, unsigned trials, struct question *question,
		  struct err *err);

/*
 * What can be known before anything boots: settings that contradict themselves, a candidate of another page
 * size than the environment asks for. ERR_USAGE.
 */
int question_check(const struct question *question, const struct candidate *candidate, struct err *err);

/* An environment that a campaign has kept. ERR_USAGE. */
int question_environment(const struct campaign *campaign, const struct strv *pairs, struct environment *env,
			 struct err *err);

/* The question of a campaign that was begun before; it borrows the campaign's texts. ERR_USAGE. */
int question_load(const struct campaign *campaign, struct question *question, struct err *err);

/* Puts the question into a fresh campaign. */
void question_keep(const struct question *question, struct campaign *campaign);

#endif
