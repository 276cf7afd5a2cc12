#include "base/home.h"
#include "campaign/factors.h"
#include "campaign/search.h"
#include "cmd.h"
#include "config/json.h"

static bool json;

static const struct opt options[] = {
	OPT_FLAG("json", &json, "print one JSON object"),
	OPT_END,
};

static bool same_list(const struct strv *a, const struct strv *b)
{
	bool same = a->n == b->n;

	for (size_t i = 0; same && i < a->n; i++)
		same = str_eq(a->v[i], b->v[i]);
	return same;
}

/* To the last bit; of a campaign without an answer nothing is compared. */
static bool same_answer(const struct campaign *kept, const struct campaign *found)
{
	return !*kept->answer ||
	       (str_eq(kept->answer, found->answer) && str_eq(kept->sentence, found->sentence) &&
		kept->probability == found->probability && same_list(&kept->range, &found->range) &&
		same_list(&kept->likely, &found->likely) &&
		same_list(&kept->explanation, &found->explanation));
}

/* What deciding again has come to. */
struct replayed {
	size_t decisions, kept;
	unsigned differs; /* the first decision that is not the one that was kept; 0: none */
};

static int search_again(struct campaign *campaign, struct replayed *replayed, struct err *err)
{
	const struct search_spec spec = { .campaign = campaign };
	AUTO(search) search = SEARCH_INIT;

	if (search_open(&spec, &search, err) < 0 || search_run(&search, err) < 0)
		return -1;
	search_conclude(&search);
	*replayed = (struct replayed){ search.decisions, search.kept.n, search.differs };
	return 0;
}

static int study_again(struct campaign *campaign, struct replayed *replayed, struct err *err)
{
	AUTO_FREE char *catalog = home_cache_dir(cmd_common.home, err);
	AUTO(study) study = STUDY_INIT;

	if (!catalog || cmd_study(NULL, catalog, campaign, &study, err) < 0)
		return -1;
	*replayed = (struct replayed){ study.decisions, study.kept.n, study.differs };
	return 0;
}

static void print(const struct replayed *replayed, const struct campaign *kept, const struct campaign *found,
		  bool same)
{
	AUTO(json) root = json_new_object();
	AUTO(buf) out = BUF_INIT;

	if (json) {
		json_put_string(root, "campaign", found->name);
		json_put_int(root, "decisions", (int64_t)replayed->decisions);
		json_put_bool(root, "same", same);
		json_put_int(root, "differs_at", replayed->differs);
		json_put_string(root, "answer", found->answer);
		json_put_string(root, "sentence", found->sentence);
		json_put_real(root, "probability", found->probability);
		json_write(root, JSON_PRETTY, &out);
	} else if (replayed->differs) {
		buf_addf(&out, "decision %u is not the one that was kept (another version of qbisect?)\n",
			 replayed->differs);
	} else {
		buf_addf(&out, "%zu decisions, each as it was kept\n", replayed->decisions);
	}
	if (!json)
		buf_addf(&out, "%s: %s\n",
			 !*kept->answer ? "no answer was kept yet; as it stands"
			 : same		? "the same answer"
					: "another answer than the one kept",
			 found->sentence);
	fputs(out.s, stdout);
}

static int run(int argc, char **argv, int dashes, struct err *err)
{
	AUTO_FREE char *results = home_results_dir(cmd_common.home, err);
	AUTO(campaign) kept = CAMPAIGN_INIT;
	AUTO(campaign) found = CAMPAIGN_INIT;
	struct replayed replayed;
	bool same, study;

	(void)dashes;
	if (argc > 1)
		return err_set(err, ERR_USAGE, "replay takes one campaign, found '%s' too", argv[1]);
	if (!results || campaign_load(results, argc ? argv[0] : NULL, &kept, err) < 0 ||
	    campaign_load(results, kept.name, &found, err) < 0)
		return -1;
	study = str_eq(kept.kind, "factors");
	if (!study && !str_eq(kept.kind, "bisect"))
		return err_set(err, ERR_USAGE, "%s is a %s, which decides nothing: see 'qbisect report %s'",
			       kept.name, kept.kind, kept.name);
	if ((study ? study_again : search_again)(&found, &replayed, err) < 0)
		return -1;
	same = !replayed.differs && replayed.decisions == replayed.kept && same_answer(&kept, &found);
	print(&replayed, &kept, &found, same);
	return same ? 0 : 1;
}

const struct verb cmd_replay = {
	"replay",
	"[CAMPAIGN]",
	"Decides again from the stored trials, without a guest, and compares (default: the newest)",
	"Exit 0: every decision and the answer are the same to the last bit. 1: they are not.\n",
	options,
	NULL,
	run,
};
