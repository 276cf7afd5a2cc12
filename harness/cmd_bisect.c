#include "base/fs.h"
#include "campaign/bisect.h"
#include "cmd.h"
#include "config/campaign.h"
#include "kernel/catalog.h"
#include "report/report.h"

#define CONFIG_LIMIT (4u << 20)

static const char *kernels, *compare, *scenario, *find, *name, *connect_uri;
static struct strv set;
static unsigned trials;
static bool json;

static const struct opt options[] = {
	OPT_STR("kernels", "ID,ID,...", &kernels, "the candidates, in order of history"),
	OPT_STR("compare", "ID,ID,...", &compare, "also test these, of another arch or page size"),
	OPT_STR("scenario", "NAME", &scenario, "the test, as LTP names it: AD033"),
	OPT_STR("find", "fix|regression", &find, "fix: the first is bad, the last good (default regression)"),
	OPT_LIST("set", "KEY=VALUE", &set, "a key of the environment (see below); may be repeated"),
	OPT_UINT("trials", "N", &trials, 1, 10000, "boots of each candidate (default 2)"),
	OPT_STR("name", "NAME", &name, "the campaign's folder below results/ (default: from the time)"),
	OPT_STR("connect", "URI", &connect_uri,
		"libvirt's URI (default qemu:///embed, which needs no daemon)"),
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

static void replace(char **text, const char *value)
{
	if (!value)
		return;
	free(*text);
	*text = xstrdup(value);
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
	replace(&config->name, name);
	replace(&config->scenario, scenario);
	if (trials)
		config->trials = trials;
	if (!config->trials)
		config->trials = 2;
	return 0;
}

static int read_config(const char *path, struct campaign_config *config, struct err *err)
{
	AUTO(buf) text = BUF_INIT;

	if (!path)
		return 0;
	if (fs_read(path, CONFIG_LIMIT, &text, err) < 0) {
		err->kind = ERR_USAGE;
		return -1;
	}
	return campaign_config_parse(path, text.s, text.len, config, err);
}

static int find_all(const char *catalog, const struct strv *ids, struct candidate_list *list, struct err *err)
{
	for (size_t i = 0; i < ids->n; i++) {
		GROW(list->v, list->n, list->cap);
		list->v[list->n] = (struct candidate)CANDIDATE_INIT;
		if (catalog_find(catalog, ids->v[i], &list->v[list->n++], err) < 0)
			return -1;
	}
	return 0;
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

static int begin(const struct bisect_spec *spec, const struct campaign_config *config,
		 const struct setup *setup, struct campaign *campaign, struct err *err)
{
	campaign->name = config->name ? xstrdup(config->name) : NULL;
	campaign_set(&campaign->kind, "bisect");
	campaign_set(&campaign->scenario, spec->question.scenario);
	campaign_set(&campaign->find, spec->find_fix ? "fix" : "regression");
	campaign->trials = spec->question.trials;
	for (size_t i = 0; i < spec->candidates->n; i++)
		strv_add(&campaign->candidates, spec->candidates->v[i].id);
	for (size_t i = 0; i < spec->compare->n; i++)
		strv_add(&campaign->compare, spec->compare->v[i].id);
	return campaign_create(campaign, setup->results, err);
}

static int print_result(const struct campaign *campaign, struct err *err)
{
	AUTO(record_list) records = RECORD_LIST_INIT;
	AUTO(buf) text = BUF_INIT;

	if (campaign_records(campaign, &records, err) < 0)
		return -1;
	(json ? report_json : report_text)(campaign, &records, &text);
	fputs(text.s, stdout);
	return 0;
}

static int work(void *arg, struct err *err)
{
	static const int codes[] = { [BISECT_FOUND] = 0, [BISECT_SAME_ENDS] = 1, [BISECT_UNDECIDED] = 3 };
	AUTO(campaign_config) config = { .name = NULL };
	AUTO(setup) setup = SETUP_INIT;
	AUTO(candidate_list) candidates = CANDIDATE_LIST_INIT;
	AUTO(candidate_list) compared = CANDIDATE_LIST_INIT;
	AUTO(campaign) campaign = CAMPAIGN_INIT;
	struct bisect_spec spec = { .candidates = &candidates, .compare = &compared };
	struct plan_program none = { NULL, NULL };
	enum bisect_answer answer;

	if (read_config(arg, &config, err) < 0 || merge_line(&config, err) < 0 ||
	    setup_open(cmd_common.home, &setup, err) < 0 ||
	    find_all(setup.catalog, &config.candidates, &candidates, err) < 0 ||
	    find_all(setup.catalog, &config.compare, &compared, err) < 0 ||
	    bisect_check(&candidates, err) < 0 ||
	    question_make(&setup, config.scenario, &config.set, &none, config.trials, &spec.question, err) <
		0)
		return -1;
	spec.find_fix = config.find_fix;
	if (check_all(&spec, err) < 0 || setup_connect(&setup, connect_uri, err) < 0 ||
	    begin(&spec, &config, &setup, &campaign, err) < 0 ||
	    bisect_run(&setup, &spec, &campaign, &answer, err) < 0 || print_result(&campaign, err) < 0)
		return -1;
	return codes[answer];
}

static int run(int argc, char **argv, int dashes, struct err *err)
{
	(void)dashes;
	if (argc > 1)
		return err_set(err, ERR_USAGE, "bisect takes one campaign file, found '%s' too", argv[1]);
	if (!argc && !kernels)
		return err_set(err, ERR_USAGE,
			       "what to search? give a CAMPAIGN.json or --kernels OLD,...,NEW");
	return cmd_supervise(work, argc ? argv[0] : NULL);
}

const struct verb cmd_bisect = {
	"bisect",
	"CAMPAIGN.json | --kernels ID,ID,... --scenario NAME [--find fix] [--compare ID,...] [--trials N]",
	"Finds between which two kernels of a list a failure came or went away",
	"Exit 0: found. 1: the ends do not differ. 3: undecided, a range is left.\n",
	options,
	cmd_keys_help,
	run,
};
