#include "bisect/simulate.h"

#include <math.h>

#include "bisect/choose.h"
#include "bisect/engine.h"
#include "bisect/random.h"

#define CLUSTER 5
#define MOST	20000 /* trials of one search */

const double simulate_bins[SIMULATE_BINS] = { 0, 0.90, 0.95, 0.98, 0.995 };

const char *simulate_engine_name(enum simulate_engine engine)
{
	static const char *const names[] = { "ours", "classic", "beta" };

	return names[engine];
}

const char *simulate_world_name(enum simulate_world world)
{
	static const char *const names[] = { "plain", "prior", "clustered", "drifting", "two" };

	return names[world];
}

/* --- the truth ---------------------------------------------------------------------------------------- */

struct truth {
	const struct simulate_config *config;
	const struct model *model;
	uint64_t random;
	uint32_t culprit, second;
	double good, bad;
	uint8_t *shows, *shows_second; /* of each suspect: whether it shows the culprit */
	bool *untestable;
	uint32_t last;	     /* candidate of the last trial */
	unsigned in_cluster; /* trials of the cluster so far */
	bool last_failed;
	unsigned switches;
};

/* Marks all that have `culprit` as an ancestor. */
static void mark_shows(const struct graph *graph, uint32_t culprit, uint8_t *shows)
{
	memset(shows, 0, graph->suspects);
	shows[culprit] = 1;
	for (uint32_t i = culprit + 1; i < graph->suspects; i++)
		for (uint32_t e = graph->parent_at[i]; e < graph->parent_at[i + 1]; e++)
			if (graph_is_suspect(graph, graph->parents[e]))
				shows[i] |= shows[graph->parents[e]];
}

static void draw_rates(struct truth *truth)
{
	double u = random_unit(&truth->random), v = random_unit(&truth->random);

	model_draw(truth->model, u, v, &truth->bad, &truth->good);
	if (random_unit(&truth->random) < POSTERIOR_CLEAN)
		truth->good = 0;
}

static void truth_draw(struct truth *truth, unsigned number)
{
	const struct simulate_config *config = truth->config;
	const struct graph *graph = config->graph;

	truth->random = config->seed * UINT64_C(0xd1342543de82ef95) + number;
	random_bits(&truth->random);
	truth->culprit = truth->second = random_below(&truth->random, graph->suspects);
	truth->good = config->rate_good;
	truth->bad = config->rate_bad;
	if (config->world == SIMULATE_PRIOR)
		draw_rates(truth);
	if (config->world == SIMULATE_TWO)
		truth->second += random_below(&truth->random, graph->suspects - truth->culprit);
	mark_shows(graph, truth->culprit, truth->shows);
	mark_shows(graph, truth->second, truth->shows_second);
	for (size_t i = 0; i + 1 < graph->suspects; i++)
		truth->untestable[i] =
		    config->untestable > 0 && random_unit(&truth->random) < config->untestable;
	truth->last = GRAPH_NONE;
	truth->in_cluster = truth->switches = 0;
}

static double rate_of(const struct truth *truth, uint32_t candidate)
{
	const struct simulate_config *config = truth->config;
	double n = (double)config->graph->suspects, rate = truth->bad;

	if (!graph_is_suspect(config->graph, candidate) || !truth->shows[candidate])
		return truth->good;
	if (config->world == SIMULATE_DRIFTING)
		rate *= 1 - 0.5 * (candidate - truth->culprit) / (n - truth->culprit);
	if (config->world == SIMULATE_TWO && truth->shows_second[candidate])
		rate = 1 - (1 - rate) * (1 - truth->bad);
	return rate;
}

static bool one_trial(struct truth *truth, uint32_t candidate)
{
	bool changed = candidate != truth->last;

	truth->switches += changed;
	truth->last = candidate;
	if (changed || truth->config->world != SIMULATE_CLUSTERED || truth->in_cluster >= CLUSTER) {
		truth->last_failed = random_unit(&truth->random) < rate_of(truth, candidate);
		truth->in_cluster = 0;
	}
	truth->in_cluster++;
	return truth->last_failed;
}

/* Failures among so many trials. */
static unsigned run_trials(struct truth *truth, uint32_t candidate, unsigned trials)
{
	unsigned failures = 0;

	for (unsigned i = 0; i < trials; i++)
		failures += one_trial(truth, candidate);
	return failures;
}

static bool cannot_test(const struct truth *truth, uint32_t candidate)
{
	return graph_is_suspect(truth->config->graph, candidate) && truth->untestable[candidate];
}

static bool is_right(const struct truth *truth, uint32_t suspect)
{
	return suspect == truth->culprit || suspect == truth->second;
}

/* --- one search each -------------------------------------------------------------------------- */

struct outcome {
	bool right, decided;
	double confidence;
	unsigned runs, rounds, ends, audit, skips, decisions, builds;
	double seconds;
};

struct asked {
	uint32_t candidate;
	unsigned failures, trials; /* trials 0: it cannot be tested */
};

static void ask(struct truth *truth, const struct engine_step *step, struct outcome *out, struct asked *asked)
{
	*asked = (struct asked){ step->candidate, 0, 0 };
	out->decisions++;
	if (cannot_test(truth, step->candidate)) {
		out->skips++;
		return;
	}
	asked->trials = step->trials;
	asked->failures = run_trials(truth, step->candidate, step->trials);
	out->ends += step->phase == ENGINE_ENDS ? step->trials : 0;
	out->audit += step->phase == ENGINE_AUDIT ? step->trials : 0;
	out->runs += step->trials;
}

/* Seconds of a step whose trials run side by side. A trial costs one. */
static double wall_seconds(const struct engine_step *step, unsigned slots)
{
	return step->seconds - step->trials + ceil(step->trials / (double)slots);
}

/* Until there is a trial for each slot; false: nothing more is wanted. */
static bool ask_round(struct truth *truth, struct engine *engine, struct outcome *out, struct asked *asked)
{
	AUTO(engine_step) step = ENGINE_STEP_INIT;
	unsigned slots = truth->config->slots ? truth->config->slots : 1, trials = 0;
	double longest = 0;
	size_t n = 0;

	while (trials < slots && engine_next(engine, &step) == ENGINE_RUN) {
		ask(truth, &step, out, &asked[n]);
		trials += step.trials;
		longest = fmax(longest, asked[n++].trials ? wall_seconds(&step, slots) : 0);
	}
	for (size_t i = 0; i < n; i++) {
		out->builds += engine->ready[asked[i].candidate] > truth->config->change;
		engine_cost(engine, asked[i].candidate, truth->config->change, 1); /* it is built now */
		if (asked[i].trials)
			engine_add(engine, asked[i].candidate, asked[i].failures, asked[i].trials);
		else
			engine_skip(engine, asked[i].candidate, "untestable");
	}
	out->seconds += longest;
	out->rounds += n > 0;
	return n > 0;
}

static void search_ours(struct truth *truth, const struct model *model, struct outcome *out)
{
	const struct simulate_config *config = truth->config;
	const struct engine_config settings = { config->graph,	   model, NULL, false, config->confidence,
						ENGINE_END_TRIALS, MOST };
	AUTO_FREE struct asked *asked = xcalloc(config->slots ? config->slots : 1, sizeof(*asked));
	AUTO(engine) engine = ENGINE_INIT;
	AUTO(engine_answer) answer = ENGINE_ANSWER_INIT;

	engine_init(&engine, &settings);
	for (uint32_t i = 0; i < config->graph->n; i++)
		engine_cost(&engine, i, config->change + config->build, 1);
	while (ask_round(truth, &engine, out, asked))
		;
	engine_answer(&engine, &answer);
	out->decided = answer.state == ENGINE_FOUND;
	out->confidence = answer.confidence;
	for (size_t i = 0; i < answer.n_range; i++)
		out->right |= is_right(truth, answer.range[i]);
}

/* The suspect that splits the mass best, or GRAPH_NONE when none does. */
static uint32_t halve(const struct graph *graph, const double *open, double *prefix, double *sums,
		      const bool *untestable)
{
	uint32_t best = GRAPH_NONE;
	double all = 0, best_split = 0;

	for (size_t c = 0; c < graph->suspects; c++)
		all += open[c];
	graph_sums(graph, open, prefix, sums);
	for (uint32_t t = 0; t < graph->suspects; t++) {
		double split = fmin(sums[t], all - sums[t]);

		if (split > best_split && !untestable[t]) {
			best_split = split;
			best = t;
		}
	}
	return best;
}

static void search_beta(struct truth *truth, const struct model *model, struct outcome *out)
{
	const struct simulate_config *config = truth->config;
	size_t n = config->graph->n;
	AUTO_FREE bool *untestable = xcalloc(n, sizeof(*untestable));
	AUTO_FREE double *ready = xcalloc(n, sizeof(*ready)), *seconds = xcalloc(n, sizeof(*seconds));
	AUTO_FREE double *room = xcalloc(2 * n, sizeof(*room));
	AUTO(posterior) posterior = POSTERIOR_INIT;
	AUTO(weights) weights = WEIGHTS_INIT;
	struct question question = { &posterior, &weights, untestable, ready,	   seconds,
				     GRAPH_NONE, NULL,	   0,	       GRAPH_NONE, false };
	struct choice choice;
	uint32_t best = 0;

	for (size_t i = 0; i < n; i++)
		seconds[i] = 1;
	posterior_init(&posterior, config->graph, model, NULL, false);
	for (; out->runs < MOST; out->decisions++) {
		posterior_weigh(&posterior, POSTERIOR_CLEAN, &weights);
		for (uint32_t c = 0; c < config->graph->suspects; c++)
			best = weights.mass[c] > weights.mass[best] ? c : best;
		if (weights.mass[best] >= config->confidence)
			break;
		if (!choose_next(&question, &choice)) /* nothing is known of the rates yet */
			choice.candidate = halve(config->graph, weights.mass, room, room + n, untestable);
		if (choice.candidate == GRAPH_NONE)
			break;
		untestable[choice.candidate] = cannot_test(truth, choice.candidate);
		out->skips += untestable[choice.candidate];
		if (untestable[choice.candidate])
			continue;
		posterior_add(&posterior, choice.candidate, run_trials(truth, choice.candidate, 1), 1);
		out->runs++;
	}
	out->confidence = weights.mass[best];
	out->decided = out->confidence >= config->confidence;
	out->right = out->decided && is_right(truth, best);
	out->rounds = out->runs;
	out->seconds = out->runs + config->change * truth->switches;
}

/* Trials until all verdicts of a search are right with the confidence: half of its steps meet the bad
 * side. */
static unsigned classic_repeats(const struct simulate_config *config)
{
	double steps = fmax(1, log2((double)config->graph->suspects) / 2);
	double miss = 1 - pow(config->confidence, 1 / steps);

	return (unsigned)fmax(1, ceil(log(miss) / log1p(-fmin(config->rate_bad, 1 - 1e-9)) - 1e-9));
}

static void search_classic(struct truth *truth, const struct model *model, struct outcome *out)
{
	const struct simulate_config *config = truth->config;
	const struct graph *graph = config->graph;
	unsigned k = classic_repeats(config), left = 0;
	AUTO_FREE double *room = xcalloc(3 * graph->suspects + 1, sizeof(*room));
	AUTO_FREE bool *untestable = xcalloc(graph->suspects, sizeof(*untestable));
	AUTO_FREE uint8_t *shown = xcalloc(graph->suspects, 1);
	double *open = room, *sums = room + graph->suspects, *prefix = room + 2 * graph->suspects;
	uint32_t t;

	(void)model;
	for (size_t c = 0; c < graph->suspects; c++)
		open[c] = 1;
	while ((t = halve(graph, open, prefix, sums, untestable)) != GRAPH_NONE) {
		bool bad = false;

		out->decisions++;
		untestable[t] = cannot_test(truth, t);
		out->skips += untestable[t];
		for (unsigned i = 0; i < k && !bad && !untestable[t]; i++, out->runs++)
			bad = run_trials(truth, t, 1);
		graph_shown_by(graph, t, shown);
		for (size_t c = 0; c < graph->suspects && !untestable[t]; c++)
			open[c] *= shown[c] == bad;
	}
	for (uint32_t c = 0; c < graph->suspects; c++) {
		left += open[c] > 0;
		out->right |= open[c] > 0 && is_right(truth, c);
	}
	out->decided = left == 1;
	out->confidence = config->confidence;
	out->rounds = out->runs;
	out->seconds = out->runs + config->change * truth->switches;
}

/* --- many ------------------------------------------------------------------------------------- */

static int by_size(const void *pa, const void *pb)
{
	const unsigned *a = pa, *b = pb;

	return (*a > *b) - (*a < *b);
}

static void count_bin(struct simulate_bin *bins, const struct outcome *outcome)
{
	size_t i = SIMULATE_BINS - 1;

	while (i && outcome->confidence < simulate_bins[i])
		i--;
	bins[i].searches++;
	bins[i].claimed += outcome->confidence;
	bins[i].right += outcome->right;
}

static void count(struct simulate_result *sum, const struct outcome *outcome, const struct truth *truth)
{
	sum->accuracy += outcome->right;
	sum->undecided += !outcome->decided;
	sum->confidence += outcome->decided ? outcome->confidence : 0;
	sum->decided_accuracy += outcome->decided && outcome->right;
	sum->mean_runs += outcome->runs;
	sum->mean_ends_runs += outcome->ends;
	sum->mean_search_runs += outcome->runs - outcome->ends;
	sum->mean_audit_runs += outcome->audit;
	sum->mean_rounds += outcome->rounds;
	sum->mean_switches += truth->switches;
	sum->mean_skips += outcome->skips;
	sum->mean_seconds += outcome->seconds;
	sum->mean_builds += outcome->builds;
	sum->decisions += outcome->decisions;
	if (outcome->decided)
		count_bin(sum->bins, outcome);
}

/* Sums become means. */
static void divide(struct simulate_result *result, double n)
{
	double decided = fmax(1, n - result->undecided);
	double *means[] = { &result->accuracy,	     &result->undecided,	&result->mean_runs,
			    &result->mean_ends_runs, &result->mean_search_runs, &result->mean_audit_runs,
			    &result->mean_switches,  &result->mean_skips,	&result->mean_seconds,
			    &result->mean_rounds,    &result->mean_builds };

	for (size_t i = 0; i < ARRAY_SIZE(means); i++)
		*means[i] /= n;
	result->confidence /= decided;
	result->decided_accuracy /= decided;
	for (size_t i = 0; i < SIMULATE_BINS; i++) {
		result->bins[i].claimed /= fmax(1, result->bins[i].searches);
		result->bins[i].right /= fmax(1, result->bins[i].searches);
	}
}

void simulate_run(const struct simulate_config *config, enum simulate_engine engine,
		  struct simulate_result *result)
{
	static void (*const searches[])(struct truth *, const struct model *,
					struct outcome *) = { search_ours, search_classic, search_beta };
	struct model *priors = model_new(MODEL_FLAKY), *independent = model_new_independent();
	struct model *model = engine == SIMULATE_BETA ? independent : priors;
	size_t n = config->graph->n;
	AUTO_FREE unsigned *runs = xcalloc(config->trials, sizeof(*runs));
	AUTO_FREE uint8_t *shows = xcalloc(2 * n, 1);
	AUTO_FREE bool *untestable = xcalloc(n, sizeof(*untestable));
	struct truth truth = { .config = config,
			       .model = priors,
			       .shows = shows,
			       .shows_second = shows + n,
			       .untestable = untestable };

	*result = (struct simulate_result){ 0 };
	for (unsigned i = 0; i < config->trials; i++) {
		struct outcome outcome = { 0 };

		truth_draw(&truth, i);
		searches[engine](&truth, model, &outcome);
		count(result, &outcome, &truth);
		runs[i] = outcome.runs;
		if (config->tick)
			config->tick(i + 1, config->arg);
	}
	qsort(runs, config->trials, sizeof(*runs), by_size);
	result->p95_runs = runs[(size_t)ceil(0.95 * config->trials) - 1];
	divide(result, config->trials);
	model_free(priors);
	model_free(independent);
}
