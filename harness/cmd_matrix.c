#include "campaign/regress.h"
#include "cmd.h"
#include "config/campaign.h"

static const char *name, *connect_uri, *runtime;
static bool bisect, json;

static const struct opt options[] = {
	OPT_STR("name", "NAME", &name, "the campaign's folder below results/ (default: matrix and time)"),
	OPT_STR("connect", "URI", &connect_uri,
		"libvirt's URI (default qemu:///embed, which needs no daemon)"),
	CMD_OPT_RUNTIME(&runtime),
	OPT_FLAG(
	    "bisect-regressions", &bisect,
	    "bisect for each candidate its worst new failure, from the kernel that passed to the one that fails"),
	OPT_FLAG("json", &json, "print one JSON object"),
	OPT_END,
};

static int begin(const struct setup *setup, const struct matrix_job *job, const struct buf *text,
		 struct campaign *campaign, struct err *err)
{
	const struct campaign_file copy = { MATRIX_FILE, text };

	campaign->name = name ? xstrdup(name) : NULL;
	str_replace(&campaign->kind, "matrix");
	str_replace(&campaign->matrix, job->config.name);
	str_replace(&campaign->previous, job->previous);
	str_replace(&campaign->connect, connect_uri);
	str_replace(&campaign->runtime, cmd_runtime(runtime, job->config.runtime));
	campaign->bisecting = bisect;
	for (size_t i = 0; i < job->config.n_candidates; i++)
		strv_add(&campaign->candidates, job->kernels[i].missing ? "" : job->kernels[i].candidate.id);
	return campaign_create_with(campaign, setup->results, &copy, 1, err);
}

static int work(void *arg, struct err *err)
{
	AUTO(buf) text = BUF_INIT;
	AUTO(setup) setup = SETUP_INIT;
	AUTO(matrix_job) job = MATRIX_JOB_INIT;
	AUTO(campaign) campaign = CAMPAIGN_INIT;

	if (cmd_read_config(arg, &text, err) < 0 || setup_open(cmd_common.home, &setup, err) < 0 ||
	    matrix_open(&setup, arg, &text, NULL, &job, err) < 0 ||
	    setup_connect(&setup, connect_uri, cmd_runtime(runtime, job.config.runtime), err) < 0 ||
	    begin(&setup, &job, &text, &campaign, err) < 0)
		return -1;
	if (matrix_run(&setup, &job, &campaign, err) < 0 ||
	    (campaign.bisecting && regress_bisect(&setup, &job, &campaign, err) < 0))
		return cmd_broken_off(&campaign, err);
	return cmd_conclude(&campaign, json, err);
}

static int run(int argc, char **argv, int dashes, struct err *err)
{
	(void)dashes;
	if (argc != 1)
		return err_set(err, ERR_USAGE, "matrix takes one MATRIX.json, found %d words", argc);
	if (name && !campaign_name_valid(name))
		return err_set(err, ERR_USAGE, "--name %s: expected at most 100 of A-Z a-z 0-9 . _ + -",
			       name);
	if (runtime && runtime_check(runtime, err) < 0)
		return -1;
	return cmd_supervise(work, argv[0]);
}

const struct verb cmd_matrix = {
	"matrix",
	"MATRIX.json [--bisect-regressions]",
	"Tries scenarios on kernels in environments, and tells what changed since the last run: the nightly job",
	"The file names candidates (kernels that are there, or packages to fetch), environments and scenarios;\n"
	"README and configs/campaigns/nightly.json show how. Guests run side by side, as many as the host has cores\n"
	"and memory for. 'qbisect resume' goes on after an interruption.\n"
	"Exit 0: nothing fails that did not fail before. 1: something does. 3: nothing does, but a cell was not tried,\n"
	"or cannot be judged any more.\n",
	options,
	cmd_keys_help,
	run,
};
