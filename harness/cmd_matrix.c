#include "campaign/regress.h"
#include "cmd.h"
#include "config/campaign.h"

static const char *name, *runtime;
static struct strv connect_uris;
static bool bisect, json;

static const struct opt options[] = {
	OPT_STR("name", "NAME", &name, "the campaign's folder below results/ (default: matrix and time)"),
	OPT_LIST(
	    "connect", "URI", &connect_uris,
	    "as for 'run'; may be repeated: guests run on all of these hosts, each where its architecture can"),
	CMD_OPT_RUNTIME(&runtime),
	OPT_FLAG(
	    "bisect-regressions", &bisect,
	    "bisect for each candidate its worst new failure, from the kernel that passed to the one that fails"),
	OPT_FLAG("json", &json, "print one JSON object"),
	OPT_END,
};

/* As setup_connect() takes them. NULL: none. */
static char *hosts_wanted(void)
{
	AUTO(buf) lines = BUF_INIT;

	for (size_t i = 0; i < connect_uris.n; i++)
		buf_addf(&lines, "%s%s", i ? "\n" : "", connect_uris.v[i]);
	return connect_uris.n ? buf_steal(&lines) : NULL;
}

/* A runtime that is not this host's has hosts of its own. */
static int check_runtime(const char *wanted, struct err *err)
{
	if (connect_uris.n <= 1 || !*wanted)
		return 0;
	return err_set(err, ERR_USAGE, "with --runtime %s there is one --connect at most", wanted);
}

static int check_hosts(struct err *err)
{
	for (size_t i = 0; i < connect_uris.n; i++)
		if (strv_find(&connect_uris, connect_uris.v[i]) < i)
			return err_set(err, ERR_USAGE, "--connect %s is there twice", connect_uris.v[i]);
	return 0;
}

static int begin(const struct setup *setup, const struct matrix_job *job, const struct buf *text,
		 const char *hosts, struct campaign *campaign, struct err *err)
{
	const struct campaign_file copy = { MATRIX_FILE, text };

	campaign->name = name ? xstrdup(name) : NULL;
	str_replace(&campaign->kind, "matrix");
	str_replace(&campaign->matrix, job->config.name);
	str_replace(&campaign->previous, job->previous);
	str_replace(&campaign->connect, hosts);
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
	AUTO_FREE char *hosts = hosts_wanted();

	if (cmd_read_config(arg, &text, err) < 0 || setup_open(cmd_common.home, &setup, err) < 0 ||
	    matrix_open(&setup, arg, &text, NULL, &job, err) < 0 ||
	    check_runtime(cmd_runtime(runtime, job.config.runtime), err) < 0 ||
	    setup_connect(&setup, hosts, cmd_runtime(runtime, job.config.runtime), err) < 0 ||
	    begin(&setup, &job, &text, hosts, &campaign, err) < 0)
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
	if ((runtime && runtime_check(runtime, err) < 0) || check_hosts(err) < 0)
		return -1;
	return cmd_supervise(work, argv[0]);
}

const struct verb cmd_matrix = {
	"matrix",
	"MATRIX.json [--bisect-regressions]",
	"Tries scenarios on kernels in environments, and tells what changed since the last run: the nightly job",
	"The file is a JSON object, as configs/campaigns/nightly.json is one:\n"
	"  \"name\"          runs of one name are compared with each other\n"
	"  \"candidates\"    [\"ID|PATH\", ...] as of 'run --kernel', also { \"name\": N, \"id\": ID }; or packages, of which the\n"
	"                  newest is fetched: { \"name\": N, \"suite\": \"trixie\", \"package\": \"NAME:ARCH\" }\n"
	"  \"environments\"  [{ \"name\": N, \"set\": { KEY: VALUE } }, ...]; default: one that sets nothing more\n"
	"  \"scenarios\"     [\"AD033\", \"AD029-AD041\", \"ADSP*\", \"FILE:TAG\", ...]\n"
	"  \"set\"           { KEY: VALUE } for all, the keys of --set below; an environment's own win\n"
	"  \"exclude\"       [{ \"candidates\": [\"*4k\"], \"environments\": [...], \"scenarios\": [...], \"why\": TEXT }, ...]:\n"
	"                  patterns as in a shell, over names; one that is missing means all\n"
	"  \"repeats\"       trials of each cell; default 1\n"
	"  \"together\"      scenarios in one boot, at most; default 1\n"
	"  \"budget\"        minutes, after which nothing new begins; default: no limit. A job that is in a cluster's\n"
	"                  queue then has begun: it is waited for\n"
	"  \"slots\"         guests at a time; default: one for each core, in a cluster what its slurm.json says\n"
	"  \"runtime\"       where they boot, as --runtime\n"
	"\n"
	"Guests run side by side, as many as the host has cores and memory for, or each of several hosts.\n"
	"'qbisect resume' goes on after an interruption.\n"
	"Exit 0: nothing fails that did not fail before. 1: something does. 3: nothing does, but a cell was not tried,\n"
	"or cannot be judged any more.\n",
	options,
	cmd_keys_help,
	run,
};
