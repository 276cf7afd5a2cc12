#include "base/fs.h"
#include "campaign/run.h"
#include "cmd.h"
#include "kernel/catalog.h"
#include "kernel/import.h"

static const char *kernel, *scenario, *inject, *connect_uri;
static struct strv set;
static unsigned trials = 1;
static bool json;

static const struct opt options[] = {
	OPT_STR("kernel", "ID|PATH", &kernel,
		"the candidate: an id of 'kernel list', or a package, folder or image"),
	OPT_STR("scenario", "NAME", &scenario, "the test, as LTP names it: AD033"),
	OPT_LIST("set", "KEY=VALUE", &set, "a key of the environment (see below); may be repeated"),
	OPT_UINT("trials", "N", &trials, 1, 10000, "boots (default 1)"),
	OPT_STR("inject", "FILE", &inject,
		"a static test program of your own, judged by LTP's rules; words behind -- are its"),
	OPT_STR("connect", "URI", &connect_uri,
		"libvirt's URI (default qemu:///embed, which needs no daemon)"),
	OPT_FLAG("json", &json, "print one JSON object"),
	OPT_END,
};

static int find_kernel(const struct setup *setup, struct candidate *candidate, struct err *err)
{
	const char *const paths[] = { kernel };
	struct import_spec spec = { .paths = paths, .n = 1 };

	if (strchr(kernel, '/') || (fs_exists(kernel) && str_ends(kernel, ".deb")))
		return import_kernel(setup->catalog, &spec, candidate, err);
	return catalog_find(setup->catalog, kernel, candidate, err);
}

static int begin(const struct setup *setup, const struct question *question,
		 const struct candidate *candidate, struct campaign *campaign, struct err *err)
{
	campaign_set(&campaign->kind, "run");
	campaign_set(&campaign->connect, connect_uri);
	question_keep(question, campaign);
	strv_add(&campaign->candidates, candidate->id);
	return campaign_create(campaign, setup->results, err);
}

static int run_trials(const struct plan_program *program, struct err *err)
{
	AUTO(setup) setup = SETUP_INIT;
	AUTO(candidate) candidate = CANDIDATE_INIT;
	AUTO(campaign) campaign = CAMPAIGN_INIT;
	struct question question;

	if (setup_open(cmd_common.home, &setup, err) < 0 ||
	    question_make(&setup, scenario, &set, program, trials, &question, err) < 0 ||
	    find_kernel(&setup, &candidate, err) < 0 || question_check(&question, &candidate, err) < 0 ||
	    setup_connect(&setup, connect_uri, err) < 0 ||
	    begin(&setup, &question, &candidate, &campaign, err) < 0)
		return -1;
	if (run_run(&setup, &question, &candidate, &campaign, err) < 0)
		return cmd_broken_off(&campaign, err);
	return cmd_conclude(&campaign, json, err);
}

static int work(void *arg, struct err *err)
{
	return run_trials(arg, err);
}

static int run(int argc, char **argv, int dashes, struct err *err)
{
	AUTO_FREE char *path = inject ? realpath(inject, NULL) : NULL;
	struct plan_program program = { path, (const char *const *)argv + dashes };

	if (dashes > 0)
		return err_set(err, ERR_USAGE, "run takes no '%s': the kernel comes with --kernel", argv[0]);
	if (!kernel)
		return err_set(err, ERR_USAGE,
			       "which kernel? add --kernel ID ('qbisect kernel list' shows them)");
	if (argc > dashes && !inject)
		return err_set(err, ERR_USAGE, "words behind -- are for a program: add --inject FILE");
	if (inject && !path)
		return err_set(err, ERR_USAGE, "--inject %s: there is no such file", inject);
	argv[argc] = NULL;
	return cmd_supervise(work, &program);
}

const struct verb cmd_run = {
	"run",
	"--kernel ID|PATH --scenario NAME [--set KEY=VALUE]... [--trials N] [--inject FILE -- ARG...]",
	"Boots a kernel and runs one scenario: exit 0 good, 1 bad, 125 skip, as git bisect run wants it",
	NULL,
	options,
	cmd_keys_help,
	run,
};
