#include "base/home.h"
#include "bisect/evidence.h"
#include "campaign/search.h"
#include "cmd.h"
#include "config/json.h"

static bool json, git;

static const struct opt options[] = {
	OPT_FLAG("git", &git, "print the evidence as a git bisect log, which git bisect replay reads"),
	OPT_FLAG("json", &json, "print one JSON object"),
	OPT_END,
};

static void put_text(const struct decision *decision, struct buf *out)
{
	buf_addf(out, "%4u  %s\n", decision->number, decision->candidate);
	buf_addf(out, "      %s\n", decision->why);
	buf_addf(out, "      -> %u of %u failed, %.1f s", decision->failures,
		 decision->failures + decision->passes, decision->seconds);
	if (*decision->skip)
		buf_addf(out, "; skip: %s", decision->skip);
	buf_addf(out, "; told %.3f bits; likeliest %s %.3f\n", decision->told, decision->likeliest,
		 decision->mass);
}

static void put_json(const struct campaign *campaign, const struct decision_list *decisions, struct buf *out)
{
	AUTO(json) root = json_new_object();
	struct json_object *array;

	json_put_string(root, "campaign", campaign->name);
	array = json_put_array(root, "decisions");
	for (size_t i = 0; i < decisions->n; i++)
		decision_put(&decisions->v[i], json_put_object(array, NULL));
	json_write(root, JSON_PRETTY, out);
}

/* The counts of each candidate, from the records. */
static int put_git(struct campaign *campaign, struct buf *out, struct err *err)
{
	const struct search_spec spec = { .campaign = campaign };
	AUTO(search) search = SEARCH_INIT;

	if (search_open(&spec, &search, err) < 0 || search_run(&search, err) < 0)
		return -1;
	evidence_write_git(&search.engine, out);
	return 0;
}

static int print(struct campaign *campaign, struct err *err)
{
	AUTO(decision_list) decisions = DECISION_LIST_INIT;
	AUTO(buf) out = BUF_INIT;

	if (decisions_load(campaign->folder, false, &decisions, err) < 0)
		return -1;
	if (git && put_git(campaign, &out, err) < 0)
		return -1;
	if (json && !git)
		put_json(campaign, &decisions, &out);
	for (size_t i = 0; i < decisions.n && !json && !git; i++)
		put_text(&decisions.v[i], &out);
	fputs(out.s ? out.s : "", stdout);
	return 0;
}

static int run(int argc, char **argv, int dashes, struct err *err)
{
	AUTO_FREE char *results = home_results_dir(cmd_common.home, err);
	AUTO(campaign) campaign = CAMPAIGN_INIT;

	(void)dashes;
	if (argc > 1)
		return err_set(err, ERR_USAGE, "log takes one campaign, found '%s' too", argv[1]);
	if (!results || campaign_load(results, argc ? argv[0] : NULL, &campaign, err) < 0)
		return -1;
	if (!str_eq(campaign.kind, "bisect") && (git || !str_eq(campaign.kind, "factors")))
		return err_set(err, ERR_USAGE, "%s is a %s, which %s: see 'qbisect report %s'", campaign.name,
			       campaign.kind, git ? "git cannot read" : "decides nothing", campaign.name);
	return print(&campaign, err);
}

const struct verb cmd_log = {
	"log",
	"[--git] [CAMPAIGN]",
	"Shows what a bisection or a factor study decided, why, and what came of it (default: the newest)",
	NULL,
	options,
	NULL,
	run,
};
