#include <sys/utsname.h>

#include "base/fs.h"
#include "campaign/bisect.h"
#include "campaign/given.h"
#include "cmd.h"
#include "config/campaign.h"
#include "kernel/catalog.h"

#define FILE_LIMIT (16u << 20)

static const char *kernels, *compare, *scenario, *find, *evidence, *name, *connect_uri, *runtime;
static const char *git, *good, *bad, *arch, *kconfig, *paths, *likely;
static struct strv set;
static unsigned trials, end_trials, slots;
static double confidence;
static bool by_version, first_parent, json;

static const struct opt options[] = {
	OPT_STR("kernels", "ID,ID,...", &kernels, "the candidates, in order of history"),
	OPT_FLAG("by-version", &by_version,
		 "put them into the order of their releases, by rpm's or dpkg's rules, instead"),
	OPT_STR("git", "DIR", &git, "search the commits of this kernel tree, and build them"),
	OPT_STR("good", "REV", &good, "a commit without the failure, as git names it"),
	OPT_STR("bad", "REV", &bad, "a commit with it"),
	OPT_STR("arch", "ARCH", &arch, "what to build for: ppc64le, x86_64, ... (default: this machine's)"),
	OPT_STR("config", "FILE", &kconfig, "a .config to build with (default: a small one)"),
	OPT_STR("paths", "PATH,PATH,...", &paths, "only commits that touch these"),
	OPT_STR("likely", "PATH,PATH,...", &likely, "commits that touch these are ten times as likely"),
	OPT_FLAG("first-parent", &first_parent, "only first parents of merges"),
	OPT_STR("compare", "ID,ID,...", &compare,
		"also test these, of another arch or page size; with --git the culprit on ARCH[:PAGESIZE]"),
	OPT_STR("scenario", "NAME", &scenario, "the test, as LTP names it: AD033"),
	OPT_STR("find", "fix|regression", &find, "fix: the first is bad, the last good (default regression)"),
	OPT_LIST("set", "KEY=VALUE", &set, "a key of the environment (see below); may be repeated"),
	OPT_REAL("confidence", "P", &confidence, 0.5, 0.9999, "how sure the answer must be (default 0.95)"),
	OPT_UINT("end-trials", "N", &end_trials, 1, 10000,
		 "boots of each end, at most, before the ends are called alike (default 60)"),
	OPT_UINT("trials", "N", &trials, 1, 1000000, "boots in all, at most (default: as many as it takes)"),
	OPT_UINT("slots", "N", &slots, 1, CAMPAIGN_SLOTS_MAX,
		 "boots at a time (default 1): fewer rounds, and some boots more"),
	OPT_STR("evidence", "FILE", &evidence,
		"trials known before: a git bisect log, or 'qbisect log --git'"),
	OPT_STR("name", "NAME", &name, "the campaign's folder below results/ (default: from the time)"),
	CMD_OPT_CONNECT(&connect_uri),
	CMD_OPT_RUNTIME(&runtime),
	OPT_FLAG("json", &json, "print one JSON object"),
	OPT_END,
};

static void add_words(struct strv *list, const char *words)
{
	AUTO_FREE char *copy = xstrdup(words);
	char *rest = copy, *word;

	while ((word = strsep(&rest, ",")))
		if (*word)
			strv_add(list, word);
}

static void override(char **text, const char *value)
{
	if (value)
		str_replace(text, value);
}

/* What the command line says wins over the file. */
static int merge_line(struct campaign_config *config, struct err *err)
{
	if (kernels) {
		strv_release(&config->candidates);
		add_words(&config->candidates, kernels);
	}
	if (compare) {
		strv_release(&config->compare);
		add_words(&config->compare, compare);
	}
	for (size_t i = 0; i < set.n; i++)
		strv_add(&config->set, set.v[i]);
	if (find && !str_eq(find, "fix") && !str_eq(find, "regression"))
		return err_set(err, ERR_USAGE, "--find %s: expected fix or regression", find);
	if (find)
		config->find_fix = str_eq(find, "fix");
	if (name && !campaign_name_valid(name))
		return err_set(err, ERR_USAGE, "--name %s: expected at most 100 of A-Z a-z 0-9 . _ + -",
			       name);
	override(&config->name, name);
	override(&config->scenario, scenario);
	override(&config->runtime, runtime);
	if (trials)
		config->trials = trials;
	if (end_trials)
		config->end_trials = end_trials;
	if (slots)
		config->slots = slots;
	if (confidence > 0)
		config->confidence = confidence;
	return 0;
}

static int read_config(const char *path, struct campaign_config *config, struct err *err)
{
	AUTO(buf) text = BUF_INIT;

	if (!path)
		return 0;
	if (cmd_read_config(path, &text, err) < 0)
		return -1;
	return campaign_config_parse(path, text.s, text.len, config, err);
}

/* Before anything boots: a mistake must not show after an hour. */
static int check_all(const struct bisect_spec *spec, struct err *err)
{
	const struct candidate_list *const lists[] = { spec->candidates, spec->compare };

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		for (size_t j = 0; j < lists[i]->n; j++)
			if (question_check(&spec->question, &lists[i]->v[j], err) < 0)
				return -1;
	return 0;
}

/* What a list and a history have in common. */
static int begin(const struct bisect_spec *spec, const struct campaign_config *config,
		 const struct campaign_file *files, size_t n, struct campaign *campaign, struct err *err)
{
	campaign->name = config->name ? xstrdup(config->name) : NULL;
	str_replace(&campaign->kind, "bisect");
	str_replace(&campaign->find, config->find_fix ? "fix" : "regression");
	str_replace(&campaign->connect, connect_uri);
	str_replace(&campaign->runtime, cmd_runtime(NULL, config->runtime));
	question_keep(&spec->question, campaign);
	campaign->trials = config->trials;
	campaign->end_trials = config->end_trials;
	campaign->slots = config->slots;
	campaign->confidence = config->confidence;
	return campaign_create_with(campaign, spec->setup->results, files, n, err);
}

static void keep_ids(const struct bisect_spec *spec, struct campaign *campaign)
{
	for (size_t i = 0; i < spec->candidates->n; i++)
		strv_add(&campaign->candidates, spec->candidates->v[i].id);
	for (size_t i = 0; i < spec->compare->n; i++)
		strv_add(&campaign->compare, spec->compare->v[i].id);
}

static int search_list(const struct bisect_spec *common, const struct campaign_config *config,
		       struct campaign *campaign, struct err *err)
{
	struct bisect_spec spec = *common;
	AUTO(candidate_list) candidates = CANDIDATE_LIST_INIT;
	AUTO(candidate_list) compared = CANDIDATE_LIST_INIT;

	spec.candidates = &candidates;
	spec.compare = &compared;
	if (catalog_find_all(spec.setup->catalog, &config->candidates, &candidates, err) < 0 ||
	    catalog_find_all(spec.setup->catalog, &config->compare, &compared, err) < 0)
		return -1;
	if (by_version)
		catalog_sort(&candidates);
	if (bisect_check(&candidates, err) < 0 || check_all(&spec, err) < 0)
		return -1;
	keep_ids(&spec, campaign);
	str_replace(&campaign->find, config->find_fix ? "fix" : "regression");
	if ((evidence && given_read(evidence, campaign, err) < 0) ||
	    setup_connect(spec.setup, connect_uri, cmd_runtime(NULL, config->runtime), err) < 0 ||
	    begin(&spec, config, NULL, 0, campaign, err) < 0)
		return -1;
	return bisect_run(&spec, campaign, err) < 0 ? cmd_broken_off(campaign, err) : 0;
}

/* The campaign has its own copies: what happens to the files later changes nothing. */
static int begin_git(const struct bisect_spec *spec, const struct campaign_config *config,
		     struct campaign *campaign, struct err *err)
{
	AUTO(buf) built = BUF_INIT, given = BUF_INIT;
	struct campaign_file files[2];
	size_t n = 0;

	if ((kconfig && fs_read(kconfig, FILE_LIMIT, &built, err) < 0) ||
	    (evidence && fs_read(evidence, FILE_LIMIT, &given, err) < 0)) {
		err->kind = ERR_USAGE;
		return -1;
	}
	if (kconfig)
		files[n++] = (struct campaign_file){ "config", &built };
	if (evidence)
		files[n++] = (struct campaign_file){ BISECT_EVIDENCE, &given };
	str_replace(&campaign->config, kconfig ? "config" : "");
	return begin(spec, config, files, n, campaign, err);
}

static int search_git(const struct bisect_spec *spec, const struct campaign_config *config,
		      struct campaign *campaign, struct err *err)
{
	struct utsname machine;

	if (uname(&machine) < 0)
		return err_errno(err, ERR_HOST, "cannot tell this machine's architecture: add --arch");
	str_replace(&campaign->git, git);
	str_replace(&campaign->arch, arch ? arch : machine.machine);
	str_replace(&campaign->find, config->find_fix ? "fix" : "regression");
	campaign->first_parent = first_parent;
	add_words(&campaign->paths, paths ? paths : "");
	add_words(&campaign->likely_paths, likely ? likely : "");
	add_words(&campaign->compare, compare ? compare : "");
	if (environment_check(&spec->question.env, campaign->arch, err) < 0 ||
	    bisect_git_check(campaign, config->find_fix ? bad : good, config->find_fix ? good : bad, err) <
		0 ||
	    setup_connect(spec->setup, connect_uri, cmd_runtime(NULL, config->runtime), err) < 0 ||
	    begin_git(spec, config, campaign, err) < 0)
		return -1;
	return bisect_git(spec, campaign, err) < 0 ? cmd_broken_off(campaign, err) : 0;
}

static int work(void *arg, struct err *err)
{
	AUTO(campaign_config) config = CAMPAIGN_CONFIG_INIT;
	AUTO(setup) setup = SETUP_INIT;
	AUTO(campaign) campaign = CAMPAIGN_INIT;
	struct bisect_spec spec = { .setup = &setup };
	struct plan_program none = { NULL, NULL };

	if (read_config(arg, &config, err) < 0 || merge_line(&config, err) < 0 ||
	    setup_open(cmd_common.home, &setup, err) < 0 ||
	    question_make(&setup, config.scenario, &config.set, &none, 1, &spec.question, err) < 0 ||
	    (git ? search_git : search_list)(&spec, &config, &campaign, err) < 0)
		return -1;
	return cmd_conclude(&campaign, json, err);
}

static int run(int argc, char **argv, int dashes, struct err *err)
{
	(void)dashes;
	if (argc > 1)
		return err_set(err, ERR_USAGE, "bisect takes one campaign file, found '%s' too", argv[1]);
	if (runtime && runtime_check(runtime, err) < 0)
		return -1;
	if (git && kernels)
		return err_set(err, ERR_USAGE, "--git and --kernels: a history or a list, not both");
	if (!git && (good || bad || paths || likely || kconfig || first_parent))
		return err_set(
		    err, ERR_USAGE,
		    "--good, --bad, --paths, --likely, --config and --first-parent want --git DIR");
	if (kconfig && !fs_exists(kconfig))
		return err_set(err, ERR_USAGE, "--config %s: there is no such file", kconfig);
	if (evidence && !fs_exists(evidence))
		return err_set(err, ERR_USAGE, "--evidence %s: there is no such file", evidence);
	if (git && (!good || !bad))
		return err_set(err, ERR_USAGE, "--git %s: between which commits? add --good REV --bad REV",
			       git);
	if (!argc && !kernels && !git)
		return err_set(err, ERR_USAGE,
			       "what to search? give a CAMPAIGN.json, --kernels OLD,...,NEW or --git DIR");
	return cmd_supervise(work, argc ? argv[0] : NULL);
}

const struct verb cmd_bisect = {
	"bisect",
	"CAMPAIGN.json | --kernels ID,ID,... | --git DIR --good REV --bad REV [--arch ARCH]  --scenario NAME "
	"[--find fix] [--compare ID,...] [--confidence P]",
	"Finds which kernel of a list, or which commit, made a test fail or mended it",
	"The ends are booted until their failure rates differ, then whatever kernel tells most per second, until\n"
	"the answer is as sure as asked for; then the kernels that it hangs on are booted again. 'qbisect log'\n"
	"shows each decision, 'qbisect resume' goes on after an interruption.\n"
	"With --git the kernels are built on the way; commits that cannot change the image are left out, one that\n"
	"does not build is worked around, and the checkout in DIR is not touched.\n"
	"Exit 0: found. 1: the ends do not differ. 3: undecided, a range is left.\n",
	options,
	cmd_keys_help,
	run,
};
