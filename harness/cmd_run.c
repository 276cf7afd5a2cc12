#include <sys/utsname.h>

#include "base/fs.h"
#include "base/progress.h"
#include "campaign/measure.h"
#include "campaign/run.h"
#include "cmd.h"
#include "config/runtest.h"
#include "kernel/build.h"
#include "kernel/obtain.h"

#define RUNTEST_LIMIT (4u << 20)

static const char *kernel, *build, *arch, *kconfig, *scenario, *runtest, *inject, *connect_uri, *runtime,
    *trials = "1";
static struct strv set;
static double confidence = 0.95;
static bool measure, json;

#define TRIALS_MOST    10000
#define TRIALS_MEASURE 10

static const struct opt options[] = {
	OPT_STR("kernel", "ID|PATH", &kernel,
		"the candidate: an id of 'kernel list', or a package, ./folder or ./image"),
	OPT_STR("build", "DIR", &build, "instead: builds what is checked out in this kernel tree"),
	OPT_STR("arch", "ARCH", &arch, "of --build: ppc64le, x86_64, ... (default: this machine's)"),
	OPT_STR("config", "FILE", &kconfig, "of --build: a .config (default: a small one)"),
	OPT_STR("scenario", "NAME", &scenario, "the test, as LTP names it: AD033"),
	OPT_STR("runtest", "FILE", &runtest, "a runtest file of your LTP: --scenario is a tag in it"),
	OPT_LIST("set", "KEY=VALUE", &set, "a key of the environment (see below); may be repeated"),
	OPT_STR("trials", "N|auto", &trials,
		"boots (default 1); auto: until one is bad, or as many pass as --confidence wants"),
	OPT_REAL("confidence", "P", &confidence, 0.5, 0.9999, "of --trials auto (default 0.95)"),
	OPT_FLAG("measure", &measure, "keep how often it fails, for --trials auto (default 10 boots)"),
	OPT_STR("inject", "FILE", &inject,
		"a static test program of your own, judged by LTP's rules or --set judge=; words behind -- "
		"are its, else the scenario's"),
	CMD_OPT_CONNECT(&connect_uri),
	CMD_OPT_RUNTIME(&runtime),
	OPT_FLAG("json", &json, "print one JSON object"),
	OPT_END,
};

static int build_checkout(const struct setup *setup, const struct question *question,
			  struct candidate *candidate, struct err *err)
{
	AUTO(build_result) result = BUILD_RESULT_INIT;
	struct utsname machine;
	struct build_spec spec = { .git = build, .config = kconfig };

	if (uname(&machine) < 0)
		return err_errno(err, ERR_HOST, "cannot tell this machine's architecture: add --arch");
	spec.arch = arch ? arch : machine.machine;
	spec.pagesize = (unsigned)question->env.pagesize;
	progress_step("building what is checked out in %s", build);
	if (build_kernel(setup->catalog, &spec, &result, err) < 0)
		return -1;
	candidate_move(candidate, &result.candidate);
	return 0;
}

static int find_kernel(const struct setup *setup, const struct question *question,
		       struct candidate *candidate, struct err *err)
{
	const struct origin origin = { .id = (char *)kernel };

	if (build)
		return build_checkout(setup, question, candidate, err);
	return obtain_kernel(setup->catalog, &origin, candidate, err);
}

/* 0 for auto. */
static int read_trials(unsigned *out, struct err *err)
{
	char *end;
	unsigned long value = strtoul(trials, &end, 10);

	*out = 0;
	if (str_eq(trials, "auto"))
		return 0;
	if (*trials < '0' || *trials > '9' || *end || value < 1 || value > TRIALS_MOST)
		return err_set(err, ERR_USAGE, "--trials %s: expected a whole number from 1 to %d, or auto",
			       trials, TRIALS_MOST);
	*out = (unsigned)value;
	return 0;
}

static int find_trials(const struct setup *setup, const struct candidate *candidate,
		       struct question *question, struct campaign *campaign, struct err *err)
{
	if (measure && str_eq(trials, "1"))
		question->trials = TRIALS_MEASURE;
	if (!str_eq(trials, "auto"))
		return 0;
	campaign->until_bad = 1;
	if (measure_trials(setup, question, candidate->arch, confidence, &question->trials, err) < 0)
		return -1;
	progress_step("%u passes make it %.4g sure that %s is good", question->trials, confidence,
		      candidate->id);
	return 0;
}

static int begin(const struct setup *setup, const struct question *question,
		 const struct candidate *candidate, struct campaign *campaign, struct err *err)
{
	str_replace(&campaign->kind, "run");
	campaign->measure = measure;
	str_replace(&campaign->connect, connect_uri);
	str_replace(&campaign->runtime, cmd_runtime(runtime, NULL));
	question_keep(question, campaign);
	strv_add(&campaign->candidates, candidate->id);
	return campaign_create(campaign, setup->results, err);
}

/* The tags of --runtest instead of those that ship. */
static int read_runtest(struct scenario_list *list, struct err *err)
{
	AUTO(buf) text = BUF_INIT;

	if (!runtest)
		return 0;
	if (!scenario)
		return err_set(err, ERR_USAGE, "which line of %s? add --scenario TAG", runtest);
	scenario_list_release(list);
	if (fs_read(runtest, RUNTEST_LIMIT, &text, err) < 0)
		return -1;
	return runtest_parse(runtest, text.s, text.len, list, err);
}

/* An injected program gets the words that LTP starts it with, unless the line has its own. */
static int add_words(const struct scenario_list *list, struct plan_program *program, struct err *err)
{
	const struct scenario *found = scenario ? scenario_find(list, scenario, err) : NULL;

	if (scenario && !found)
		return -1;
	if (found && program->path && !*program->args && found->command.n)
		program->args = (const char *const *)found->command.v + 1;
	return 0;
}

static int run_trials(struct plan_program *program, struct err *err)
{
	AUTO(setup) setup = SETUP_INIT;
	AUTO(candidate) candidate = CANDIDATE_INIT;
	AUTO(campaign) campaign = CAMPAIGN_INIT;
	struct question question;
	unsigned wanted;

	if (read_trials(&wanted, err) < 0 || setup_open(cmd_common.home, &setup, err) < 0 ||
	    read_runtest(&setup.scenarios, err) < 0 || add_words(&setup.scenarios, program, err) < 0 ||
	    question_make(&setup, scenario, &set, program, wanted, &question, err) < 0 ||
	    find_kernel(&setup, &question, &candidate, err) < 0 ||
	    question_check(&question, &candidate, err) < 0 ||
	    find_trials(&setup, &candidate, &question, &campaign, err) < 0 ||
	    setup_connect(&setup, connect_uri, cmd_runtime(runtime, NULL), err) < 0 ||
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
	if (!kernel == !build)
		return err_set(
		    err, ERR_USAGE,
		    "which kernel? add --kernel ID ('qbisect kernel list' shows them) or --build DIR");
	if (measure && str_eq(trials, "auto"))
		return err_set(err, ERR_USAGE, "--measure is what --trials auto rests on: give it a number");
	if (argc > dashes && !inject)
		return err_set(err, ERR_USAGE, "words behind -- are for a program: add --inject FILE");
	if (runtime && runtime_check(runtime, err) < 0)
		return -1;
	if (inject && !path)
		return err_set(err, ERR_USAGE, "--inject %s: there is no such file", inject);
	if (runtest && !fs_exists(runtest))
		return err_set(err, ERR_USAGE, "--runtest %s: there is no such file", runtest);
	argv[argc] = NULL;
	return cmd_supervise(work, &program);
}

const struct verb cmd_run = {
	"run",
	"--kernel ID|PATH | --build DIR  [--runtest FILE] --scenario NAME [--set KEY=VALUE]... [--trials N|auto] "
	"[--inject FILE -- ARG...]",
	"Boots a kernel and runs one scenario: exit 0 good, 1 bad, 125 skip, as git bisect run wants it",
	"In the middle of a bisection of your own:\n"
	"    git bisect run qbisect run --build . --arch ppc64le --scenario AD033 --trials auto\n"
	"What is checked out must be as committed. A commit that does not build is a skip, a fault of this machine\n"
	"stops git. Before it, 'qbisect run --measure' with the same words on the bad end finds how often it fails.\n",
	options,
	cmd_keys_help,
	run,
};
