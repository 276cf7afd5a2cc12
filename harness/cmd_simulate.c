/* qbisect simulate: the decision engine against a synthetic truth. */
#include "base/clock.h"
#include "base/fs.h"
#include "base/progress.h"
#include "bisect/simulate.h"
#include "cmd.h"
#include "config/json.h"

#define HISTORY_LIMIT (256u << 20)

static unsigned candidates = 128, trials = 1000, seed = 1, slots = 1;
static double rate_good, rate_bad = 1, confidence = 0.95, untestable, change, build;
static const char *history, *world = "plain";
static struct strv engines;
static bool json;

static const struct opt options[] = {
	OPT_UINT("candidates", "N", &candidates, 1, 200000,
		 "suspects on a line, behind a good end (default 128)"),
	OPT_STR("history", "FILE", &history,
		"suspects from git rev-list --parents, the first is the bad end (instead of a line)"),
	OPT_REAL("rate-good", "P", &rate_good, 0, 1,
		 "how often a trial fails before the culprit (default 0)"),
	OPT_REAL("rate-bad", "P", &rate_bad, 0, 1, "how often from the culprit on (default 1)"),
	OPT_UINT("trials", "N", &trials, 1, 1000000, "searches to simulate (default 1000)"),
	OPT_UINT("seed", "N", &seed, 0, 4294967295,
		 "of all chance: the same seed, the same result (default 1)"),
	OPT_REAL("confidence", "C", &confidence, 0.5, 0.9999, "where a search stops (default 0.95)"),
	OPT_LIST("engine", "ours|classic|beta", &engines, "may be repeated (default ours)"),
	OPT_REAL("untestable", "P", &untestable, 0, 0.99,
		 "share of suspects that cannot be tested (default 0)"),
	OPT_REAL("switch", "SECONDS", &change, 0, 1e6,
		 "what a change of the candidate costs; a trial costs 1 (default 0)"),
	OPT_REAL("build", "SECONDS", &build, 0, 1e6,
		 "of ours: what the first trial of a candidate costs on top (default 0)"),
	OPT_UINT("slots", "N", &slots, 1, 1000, "of ours: trials at a time, in rounds (default 1)"),
	OPT_STR("world", "NAME", &world, "what the engine does not expect, see below (default plain)"),
	OPT_FLAG("json", &json, "print one JSON object"),
	OPT_END,
};

struct live {
	const char *engine;
	int64_t next; /* when to show the next line */
};

static void show(unsigned done, void *arg)
{
	struct live *live = arg;
	int64_t now = clock_ms();

	if (now < live->next)
		return;
	live->next = now + 200;
	progress_live("simulate: %s, %u of %u searches", live->engine, done, trials);
}

/* The number of the name, or -1 with an error. */
static int find_name(const char *option, const char *word, const char *(*name_of)(int), int n,
		     struct err *err)
{
	AUTO(buf) names = BUF_INIT;

	for (int i = 0; i < n; i++) {
		if (str_eq(word, name_of(i)))
			return i;
		buf_addf(&names, "%s%s", i ? ", " : "", name_of(i));
	}
	return err_set(err, ERR_USAGE, "--%s %s: expected one of %s", option, word, names.s);
}

static const char *engine_name(int i)
{
	return simulate_engine_name((enum simulate_engine)i);
}

static const char *world_name(int i)
{
	return simulate_world_name((enum simulate_world)i);
}

static int make_line(struct graph *graph, struct err *err)
{
	AUTO(strv) ids = STRV_INIT;

	for (unsigned i = 0; i <= candidates; i++)
		strv_addf(&ids, "%u", i);
	return graph_from_list((const char *const *)ids.v, ids.n, graph, err);
}

static int read_history(struct graph *graph, struct err *err)
{
	static const char *const no_olds[] = { NULL };
	AUTO(buf) text = BUF_INIT;
	AUTO_FREE char *first = NULL;

	if (fs_read(history, HISTORY_LIMIT, &text, err) < 0) {
		err->kind = ERR_USAGE;
		return -1;
	}
	first = xasprintf("%.*s", (int)strcspn(text.s + strspn(text.s, " \t\r\n"), " \t\r\n"),
			  text.s + strspn(text.s, " \t\r\n"));
	return graph_parse(history, text.s, no_olds, first, false, graph, err);
}

/* What was claimed, and how often it was right, by what was claimed. */
static void put_reliability(struct json_object *to, const struct simulate_bin *bins)
{
	struct json_object *list = json_put_array(to, "reliability");

	for (size_t i = 0; i < SIMULATE_BINS; i++) {
		struct json_object *bin = json_put_object(list, NULL);

		json_put_real(bin, "from", simulate_bins[i]);
		json_put_int(bin, "searches", bins[i].searches);
		json_put_real(bin, "claimed", bins[i].claimed);
		json_put_real(bin, "right", bins[i].right);
	}
}

static void put_result(struct json_object *to, const char *name, const struct simulate_result *r,
		       double milliseconds)
{
	json_put_string(to, "name", name);
	json_put_real(to, "accuracy", r->accuracy);
	json_put_real(to, "undecided", r->undecided);
	json_put_real(to, "decided_accuracy", r->decided_accuracy);
	json_put_real(to, "claimed_confidence", r->confidence);
	json_put_real(to, "mean_runs", r->mean_runs);
	json_put_real(to, "p95_runs", r->p95_runs);
	json_put_real(to, "mean_ends_runs", r->mean_ends_runs);
	json_put_real(to, "mean_search_runs", r->mean_search_runs);
	json_put_real(to, "mean_audit_runs", r->mean_audit_runs);
	json_put_real(to, "mean_rounds", r->mean_rounds);
	json_put_real(to, "mean_switches", r->mean_switches);
	json_put_real(to, "mean_skips", r->mean_skips);
	json_put_real(to, "mean_seconds", r->mean_seconds);
	json_put_real(to, "mean_builds", r->mean_builds);
	put_reliability(to, r->bins);
	json_put_real(to, "decision_seconds", r->decisions > 0 ? milliseconds / 1000 / r->decisions : 0);
}

static void print_row(const char *name, const struct simulate_result *r, double milliseconds)
{
	static bool headed;

	if (!headed)
		printf("%-8s %8s %8s %8s %8s %8s %8s %8s %8s %8s %8s %9s %9s\n", "engine", "right", "claimed",
		       "runs", "p95", "rounds", "ends", "search", "audit", "switches", "skips", "seconds",
		       "decision");
	headed = true;
	printf("%-8s %7.1f%% %7.1f%% %8.1f %8.0f %8.1f %8.1f %8.1f %8.1f %8.1f %8.1f %9.1f %6.3f ms\n", name,
	       100 * r->accuracy, 100 * r->confidence, r->mean_runs, r->p95_runs, r->mean_rounds,
	       r->mean_ends_runs, r->mean_search_runs, r->mean_audit_runs, r->mean_switches, r->mean_skips,
	       r->mean_seconds, r->decisions > 0 ? milliseconds / r->decisions : 0);
}

static void put_setting(struct json_object *object, const struct graph *graph)
{
	json_put_int(object, "candidates", (int64_t)graph->suspects);
	json_put_real(object, "rate_good", rate_good);
	json_put_real(object, "rate_bad", rate_bad);
	json_put_int(object, "trials", trials);
	json_put_int(object, "seed", seed);
	json_put_real(object, "confidence", confidence);
	json_put_string(object, "world", world);
	json_put_real(object, "switch", change);
	json_put_real(object, "build", build);
	json_put_int(object, "slots", slots);
}

static void run_one(const struct simulate_config *config, int engine, struct json_object *to)
{
	struct live live = { engine_name(engine), 0 };
	struct simulate_config own = *config;
	struct simulate_result result;
	int64_t from = clock_ms();

	own.tick = show;
	own.arg = &live;
	simulate_run(&own, (enum simulate_engine)engine, &result);
	progress_clear();
	if (json)
		put_result(to, engine_name(engine), &result, (double)(clock_ms() - from));
	else
		print_row(engine_name(engine), &result, (double)(clock_ms() - from));
}

static int run_all(const struct simulate_config *config, double load_seconds, struct err *err)
{
	AUTO(json) object = json_new_object();
	struct json_object *list = NULL;
	AUTO(buf) text = BUF_INIT;

	put_setting(object, config->graph);
	json_put_real(object, "load_seconds", load_seconds);
	if (engines.n > 1)
		list = json_put_array(object, "engines");
	for (size_t i = 0; i < engines.n; i++) {
		int engine = find_name("engine", engines.v[i], engine_name, SIMULATE_ENGINES, err);

		if (engine < 0)
			return -1;
		run_one(config, engine, list ? json_put_object(list, NULL) : object);
	}
	json_write(object, JSON_PRETTY, &text);
	if (json)
		fputs(text.s, stdout);
	return 0;
}

static int run(int argc, char **argv, int dashes, struct err *err)
{
	AUTO(graph) graph = GRAPH_INIT;
	struct simulate_config config = { .graph = &graph,
					  .rate_good = rate_good,
					  .rate_bad = rate_bad,
					  .trials = trials,
					  .seed = seed,
					  .confidence = confidence,
					  .untestable = untestable,
					  .change = change,
					  .build = build,
					  .slots = slots };
	int which = find_name("world", world, world_name, SIMULATE_WORLDS, err);
	int64_t from = clock_ms();

	(void)dashes;
	if (which < 0)
		return -1;
	if (argc)
		return err_set(err, ERR_USAGE, "simulate takes no '%s'", argv[0]);
	if (rate_good >= rate_bad)
		return err_set(
		    err, ERR_USAGE,
		    "--rate-good %g --rate-bad %g: nothing could be found: expected good below bad",
		    rate_good, rate_bad);
	if (!engines.n)
		strv_add(&engines, "ours");
	if ((history ? read_history(&graph, err) : make_line(&graph, err)) < 0)
		return -1;
	config.world = (enum simulate_world)which;
	return run_all(&config, (double)(clock_ms() - from) / 1000, err);
}

const struct verb cmd_simulate = {
	"simulate",
	"[--candidates N|--history FILE] [--rate-good P] [--rate-bad P] [--engine ours|classic|beta]...",
	"Tries the decision engine against a synthetic truth: accuracy and cost",
	"ours is what bisect uses, and knows no rate beforehand. classic is git bisect with repeats, tuned by who\n"
	"knows the rates. beta is a posterior with independent rates. These two have neither ends nor audit.\n\n"
	"Worlds: plain; prior: rates drawn from the engine's own assumptions instead of those given; clustered:\n"
	"trials in runs of 5 that all end alike; drifting: the bad rate falls to half along the history; two: a\n"
	"second, later culprit, and finding either is right.\n",
	options,
	NULL,
	run,
};
