#include "base/fs.h"
#include "campaign/bisect.h"
#include "campaign/factors.h"
#include "campaign/matrix.h"
#include "campaign/regress.h"
#include "campaign/run.h"
#include "cmd.h"
#include "kernel/catalog.h"

static bool json;

static const struct opt options[] = {
	OPT_FLAG("json", &json, "print one JSON object"),
	OPT_END,
};

static int resume_list(const struct setup *setup, const struct bisect_spec *common, struct campaign *campaign,
		       struct err *err)
{
	struct bisect_spec spec = *common;
	AUTO(candidate_list) candidates = CANDIDATE_LIST_INIT;
	AUTO(candidate_list) compared = CANDIDATE_LIST_INIT;

	spec.candidates = &candidates;
	spec.compare = &compared;
	if (catalog_find_all(setup->catalog, &campaign->candidates, &candidates, err) < 0 ||
	    catalog_find_all(setup->catalog, &campaign->compare, &compared, err) < 0)
		return -1;
	return bisect_run(&spec, campaign, err);
}

static int resume_run(const struct setup *setup, const struct question *question, struct campaign *campaign,
		      struct err *err)
{
	AUTO(candidate_list) candidates = CANDIDATE_LIST_INIT;

	if (catalog_find_all(setup->catalog, &campaign->candidates, &candidates, err) < 0)
		return -1;
	return run_run(setup, question, &candidates.v[0], campaign, err);
}

static int resume_matrix(struct setup *setup, struct campaign *campaign, struct err *err)
{
	AUTO_FREE char *path = path_join(campaign->folder, MATRIX_FILE);
	AUTO(buf) text = BUF_INIT;
	AUTO(matrix_job) job = MATRIX_JOB_INIT;

	if (fs_read(path, MATRIX_FILE_LIMIT, &text, err) < 0 ||
	    matrix_open(setup, path, &text, campaign, &job, err) < 0)
		return -1;
	if (matrix_run(setup, &job, campaign, err) < 0)
		return -1;
	return campaign->bisecting ? regress_bisect(setup, &job, campaign, err) : 0;
}

static int go_on(struct setup *setup, struct campaign *campaign, struct err *err)
{
	struct bisect_spec spec = { .setup = setup };
	AUTO(study) study = STUDY_INIT;
	int status;

	if (question_load(campaign, &spec.question, err) < 0 ||
	    setup_connect(setup, *campaign->connect ? campaign->connect : NULL, campaign->runtime, err) < 0)
		return -1;
	if (str_eq(campaign->kind, "matrix"))
		status = resume_matrix(setup, campaign, err);
	else if (str_eq(campaign->kind, "factors"))
		status = cmd_study(setup, setup->catalog, campaign, &study, err);
	else if (!str_eq(campaign->kind, "bisect"))
		status = resume_run(setup, &spec.question, campaign, err);
	else if (*campaign->git)
		status = bisect_git(&spec, campaign, err);
	else
		status = resume_list(setup, &spec, campaign, err);
	return status < 0 ? cmd_broken_off(campaign, err) : 0;
}

/* An answer that the host kept from being one is none. */
static bool is_unfinished(const struct campaign *campaign)
{
	return !*campaign->ended || campaign->bisecting || str_eq(campaign->answer, "broken") ||
	       str_eq(campaign->answer, "incomplete");
}

static int work(void *arg, struct err *err)
{
	AUTO(setup) setup = SETUP_INIT;
	AUTO(campaign) campaign = CAMPAIGN_INIT;

	if (setup_open(cmd_common.home, &setup, err) < 0 ||
	    campaign_load(setup.results, arg, &campaign, err) < 0)
		return -1;
	if (is_unfinished(&campaign) && go_on(&setup, &campaign, err) < 0)
		return -1;
	return cmd_conclude(&campaign, json, err);
}

static int run(int argc, char **argv, int dashes, struct err *err)
{
	(void)dashes;
	if (argc > 1)
		return err_set(err, ERR_USAGE, "resume takes one campaign, found '%s' too", argv[1]);
	return cmd_supervise(work, argc ? argv[0] : NULL);
}

const struct verb cmd_resume = {
	"resume",
	"[CAMPAIGN]",
	"Goes on with a campaign that was interrupted (default: the newest)",
	"No finished trial is lost or run again. One that has its answer shows it; a run that the host broke, and\n"
	"what a matrix has not tried, is tried then. Exit codes are those of the verb that began it.\n",
	options,
	NULL,
	run,
};
