#include "base/progress.h"
#include "campaign/factors.h"
#include "cmd.h"
#include "config/factors.h"
#include "kernel/obtain.h"

static const char *name, *connect_uri, *runtime;
static bool json;

static const struct opt options[] = {
	OPT_STR("name", "NAME", &name,
		"the campaign's folder below results/ (default: the file's, or from the time)"),
	CMD_OPT_CONNECT(&connect_uri),
	CMD_OPT_RUNTIME(&runtime),
	OPT_FLAG("json", &json, "print one JSON object"),
	OPT_END,
};

/* An end: the scenario, what both have in common, and what is the end's own, which wins. */
static int make_end(const struct setup *setup, const struct factors_file *file, int end,
		    struct question *question, struct err *err)
{
	struct plan_program none = { NULL, NULL };
	AUTO(strv) set = STRV_INIT;

	for (size_t i = 0; i < file->set.n; i++)
		strv_add(&set, file->set.v[i]);
	for (size_t i = 0; i < file->ends[end].set.n; i++)
		strv_add(&set, file->ends[end].set.v[i]);
	return question_make(setup, file->scenario, &set, &none, 1, question, err);
}

static int add_kernel(const struct setup *setup, const struct origin *origin, struct candidate_list *kernels,
		      struct err *err)
{
	if (!origin->id)
		progress_step("fetching %s of %s", origin->package, origin->suite);
	GROW(kernels->v, kernels->n, kernels->cap);
	kernels->v[kernels->n] = (struct candidate)CANDIDATE_INIT;
	return obtain_kernel(setup->catalog, origin, &kernels->v[kernels->n++], err);
}

static int find_kernels(const struct setup *setup, const struct factors_file *file,
			struct candidate_list *kernels, struct err *err)
{
	for (int end = 0; end < 2; end++)
		if (add_kernel(setup, &file->ends[end].kernel, kernels, err) < 0)
			return err_wrap(err, "%s", end ? "passes" : "fails");
	for (size_t i = 0; i < file->n_kernels; i++)
		if (add_kernel(setup, &file->kernels[i], kernels, err) < 0)
			return err_wrap(err, "kernels");
	return 0;
}

static int begin(const struct study_spec *spec, const struct factors_file *file, struct campaign *campaign,
		 struct err *err)
{
	if (name && !campaign_name_valid(name))
		return err_set(err, ERR_USAGE, "--name %s: expected at most 100 of A-Z a-z 0-9 . _ + -",
			       name);
	if (name || file->name)
		campaign->name = xstrdup(name ? name : file->name);
	str_replace(&campaign->connect, connect_uri);
	str_replace(&campaign->runtime, cmd_runtime(runtime, file->runtime));
	factors_keep(spec, campaign);
	campaign->trials = file->trials;
	campaign->end_trials = file->end_trials;
	campaign->confidence = file->confidence;
	return campaign_create(campaign, spec->setup->results, err);
}

int cmd_study(const struct setup *setup, const char *catalog, struct campaign *campaign, struct study *study,
	      struct err *err)
{
	AUTO(candidate_list) kernels = CANDIDATE_LIST_INIT;
	struct environment passing;
	struct question question;
	const struct study_spec spec = { setup, &question, &passing, &kernels };

	if (question_load(campaign, &question, err) < 0 ||
	    question_environment(campaign, &campaign->passing_environment, &passing, err) < 0 ||
	    catalog_find_all(catalog, &campaign->candidates, &kernels, err) < 0 ||
	    factors_check(&spec, study, err) < 0)
		return -1;
	return factors_run(&spec, campaign, study, err);
}

static int work(void *arg, struct err *err)
{
	AUTO(factors_file) file = FACTORS_FILE_INIT;
	AUTO(setup) setup = SETUP_INIT;
	AUTO(campaign) campaign = CAMPAIGN_INIT;
	AUTO(candidate_list) kernels = CANDIDATE_LIST_INIT;
	AUTO(study) study = STUDY_INIT;
	AUTO(buf) text = BUF_INIT;
	struct question fails, passes;
	const struct study_spec spec = { &setup, &fails, &passes.env, &kernels };

	if (cmd_read_config(arg, &text, err) < 0 ||
	    factors_file_parse(arg, text.s, text.len, &file, err) < 0 ||
	    setup_open(cmd_common.home, &setup, err) < 0 || make_end(&setup, &file, 0, &fails, err) < 0 ||
	    make_end(&setup, &file, 1, &passes, err) < 0 || find_kernels(&setup, &file, &kernels, err) < 0)
		return -1;
	if (factors_check(&spec, &study, err) < 0)
		return err_wrap(err, "%s", (const char *)arg);
	if (setup_connect(&setup, connect_uri, cmd_runtime(runtime, file.runtime), err) < 0 ||
	    begin(&spec, &file, &campaign, err) < 0)
		return -1;
	if (factors_run(&spec, &campaign, &study, err) < 0)
		return cmd_broken_off(&campaign, err);
	return cmd_conclude(&campaign, json, err);
}

static int run(int argc, char **argv, int dashes, struct err *err)
{
	(void)dashes;
	if (argc != 1)
		return err_set(err, ERR_USAGE, "factors takes one FACTORS.json, found %d", argc);
	if (runtime && runtime_check(runtime, err) < 0)
		return -1;
	return cmd_supervise(work, argv[0]);
}

const struct verb cmd_factors = {
	"factors",
	"FACTORS.json",
	"Finds which of several differences decides whether a test fails",
	"The file names a setting that fails and one that passes: a kernel and an environment each. Whatever\n"
	"differs is a factor. Both ends are booted until their failure rates differ, then each factor is swapped\n"
	"alone from where it fails to where it passes, then sets of them, until each is necessary, sufficient or\n"
	"irrelevant. It says when it is not the kernel, and else how to bisect it. 'qbisect log' shows each\n"
	"decision, 'qbisect resume' goes on after an interruption.\n"
	"Exit 0: answered. 1: the ends do not differ. 3: undecided.\n",
	options,
	cmd_keys_help,
	run,
};
