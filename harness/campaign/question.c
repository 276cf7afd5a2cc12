#include "campaign/question.h"

int question_make(const struct setup *setup, const char *scenario, const struct strv *set,
		  const struct plan_program *program, unsigned trials, struct question *question,
		  struct err *err)
{
	const struct scenario *found = NULL;

	*question =
	    (struct question){ .scenario = "exec", .program = *program, .trials = trials ? trials : 1 };
	environment_init(&question->env);
	if (scenario) {
		found = scenario_find(&setup->scenarios, scenario, err);
		if (!found || scenario_apply(found, program->path, &question->env, err) < 0)
			return -1;
		question->scenario = scenario; /* where names clash it is file:name, and tells them apart */
	} else if (!program->path) {
		return err_set(err, ERR_USAGE,
			       "which test? add --scenario NAME, for example --scenario AD033");
	}
	if (program->path && environment_set(&question->env, "workload", "exec", err) < 0)
		return -1;
	for (size_t i = 0; i < set->n; i++)
		if (environment_set_pair(&question->env, set->v[i], err) < 0)
			return -1;
	if (!program->path && str_eq(question->env.workload, "exec"))
		return err_set(
		    err, ERR_USAGE,
		    "workload=exec needs a program, which 'qbisect run --inject FILE' alone takes");
	return 0;
}

static int check_pagesize(const struct environment *env, const struct candidate *candidate, struct err *err)
{
	char known[16];

	if (!env->pagesize || !candidate->pagesize || env->pagesize == candidate->pagesize)
		return 0;
	return err_set(
	    err, ERR_USAGE, "%s has %s pages, the environment asks for pagesize=%llu: choose another kernel",
	    candidate->id, candidate_pagesize_text(candidate, known), (unsigned long long)env->pagesize);
}

int question_check(const struct question *question, const struct candidate *candidate, struct err *err)
{
	if (environment_check(&question->env, candidate->arch, err) < 0 ||
	    check_pagesize(&question->env, candidate, err) < 0)
		return err_wrap(err, "%s", candidate->id);
	return 0;
}

/* NULL-terminated pointers to the words behind the program, of the campaign. */
static const char *const *words_of(const struct campaign *campaign)
{
	return campaign->program.n ? (const char *const *)campaign->program.v + 1 : NULL;
}

int question_environment(const struct campaign *campaign, const struct strv *pairs, struct environment *env,
			 struct err *err)
{
	environment_init(env);
	for (size_t i = 0; i < pairs->n; i++)
		if (environment_set_pair(env, pairs->v[i], err) < 0)
			return err_wrap(err, "campaign %s", campaign->name);
	return 0;
}

int question_load(const struct campaign *campaign, struct question *question, struct err *err)
{
	*question = (struct question){ .scenario = campaign->scenario, .trials = campaign->trials };
	if (question_environment(campaign, &campaign->environment, &question->env, err) < 0)
		return -1;
	if (campaign->program.n)
		question->program = (struct plan_program){ campaign->program.v[0], words_of(campaign) };
	return 0;
}

void question_keep(const struct question *question, struct campaign *campaign)
{
	str_replace(&campaign->scenario, question->scenario);
	campaign->trials = question->trials;
	environment_list(&question->env, &campaign->environment);
	if (!question->program.path)
		return;
	strv_add(&campaign->program, question->program.path);
	for (const char *const *word = question->program.args; word && *word; word++)
		strv_add(&campaign->program, *word);
}
