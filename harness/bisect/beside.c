#include "bisect/beside.h"

#include <math.h>

#include "bisect/information.h"
#include "bisect/lumps.h"
#include "bisect/random.h"

#define NEGLECTED  (-40.0) /* e^-40 is below what a double adds to 1 */
#define IMPOSSIBLE 1e-12
#define LEAST_RATE 1e-30 /* its logarithm is a number */

/* --- candidates --------------------------------------------------------------------------------------- */

/* How many of something that is to be `least`, and four for each trial under way. */
static size_t grow(const struct question *question, size_t least)
{
	size_t trials = 1;

	for (size_t i = 0; i < question->n_pending; i++)
		trials += question->pending[i].trials;
	return 4 * trials < least ? least : 4 * trials > BESIDE_MOST ? BESIDE_MOST : 4 * trials;
}

/* A suspect that is a lump of its own. */
static void set_apart(const struct graph *graph, uint32_t suspect, bool *chosen)
{
	chosen[suspect] = true;
	for (uint32_t e = graph->parent_at[suspect]; e < graph->parent_at[suspect + 1]; e++)
		chosen[graph->parents[e]] = true;
}

static void keep_best(uint32_t *best, uint32_t t, const double *alone)
{
	if (alone[t] > 0 && (*best == GRAPH_NONE || alone[t] > alone[*best]))
		*best = t;
}

/* The best of each of n stretches that hold an equal share of the mass, and of the old ends. */
static void choose_stretches(const struct question *question, const double *alone, size_t n, bool *chosen)
{
	const struct graph *graph = question->posterior->graph;
	AUTO_FREE uint32_t *best = xcalloc(n + 1, sizeof(*best));
	double before = 0;

	for (size_t i = 0; i <= n; i++)
		best[i] = GRAPH_NONE;
	for (uint32_t t = 0; t < graph->suspects; t++) {
		size_t stretch = (size_t)(before * (double)n);

		keep_best(&best[stretch < n ? stretch : n - 1], t, alone);
		before += question->weights->mass[t];
	}
	for (uint32_t t = graph_old_end(graph); t < graph->n; t++)
		keep_best(&best[n], t, alone);
	for (size_t i = 0; i <= n; i++)
		if (best[i] != GRAPH_NONE)
			chosen[best[i]] = true;
}

static void choose_few(const struct question *question, const double *alone, bool *chosen)
{
	const struct graph *graph = question->posterior->graph;
	size_t n = grow(question, BESIDE_CANDIDATES);

	if (graph->n <= n) {
		memset(chosen, true, graph->n * sizeof(*chosen));
		return;
	}
	choose_stretches(question, alone, n, chosen);
	for (uint32_t c = 0; c < graph->suspects; c++)
		if (c == question->suspect || question->weights->mass[c] * (double)n >= 1)
			set_apart(graph, c, chosen);
	for (size_t i = 0; i < question->n_pending; i++)
		chosen[question->pending[i].candidate] = true;
}

/* --- outcomes ----------------------------------------------------------------------------------------- */

/* Trials of one candidate that are under way. */
struct batch {
	uint32_t candidate;
	size_t at; /* among those of the lumps */
	unsigned trials, failures;
};

/* Logarithms of the rates of a lump: of a trial that shows it, and that does not. */
struct rates {
	double shown, other, shown_coin, other_coin;
	double log_mass, shown_fails, shown_passes, other_fails, other_passes;
};

struct beside {
	const struct question *question;
	struct lumps lumps;
	struct batch *batches;
	size_t n_batches;
	struct rates *rates; /* of each lump */
	double *mass, *prefix, *low;
	int *failures, *passes; /* of trials that show each lump; room for differences */
	double *bits;		/* of each of the lumps' candidates */
};

static int by_candidate(const void *pa, const void *pb)
{
	const struct pending *a = pa, *b = pb;

	return (a->candidate > b->candidate) - (a->candidate < b->candidate);
}

static size_t place_of(const struct lumps *lumps, uint32_t candidate)
{
	size_t from = 0, to = lumps->n_candidates;

	while (to - from > 1) {
		size_t middle = (from + to) / 2;

		*(lumps->candidates[middle] <= candidate ? &from : &to) = middle;
	}
	return from;
}

static void find_batches(struct beside *beside)
{
	size_t n = beside->question->n_pending;
	AUTO_FREE struct pending *sorted = xcalloc(n, sizeof(*sorted));

	memcpy(sorted, beside->question->pending, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), by_candidate);
	beside->batches = xcalloc(n, sizeof(*beside->batches));
	for (size_t i = 0; i < n; i++) {
		uint32_t candidate = sorted[i].candidate;

		if (!i || candidate != sorted[i - 1].candidate)
			beside->batches[beside->n_batches++] =
			    (struct batch){ candidate, place_of(&beside->lumps, candidate), 0, 0 };
		beside->batches[beside->n_batches - 1].trials += sorted[i].trials;
	}
}

static void find_rates(struct beside *beside)
{
	const struct weights *weights = beside->question->weights;

	for (size_t i = 0; i < beside->lumps.n; i++) {
		uint32_t k = beside->question->posterior->class_of[beside->lumps.first[i]];
		double shown = weights->shown_rate[k], other = weights->other_rate[k];

		beside->rates[i] = (struct rates){ shown,
						   other,
						   information_coin(shown),
						   information_coin(other),
						   log(beside->lumps.mass[i]),
						   log(fmax(shown, LEAST_RATE)),
						   log(fmax(1 - shown, LEAST_RATE)),
						   log(fmax(other, LEAST_RATE)),
						   log(fmax(1 - other, LEAST_RATE)) };
	}
}

static void beside_init(struct beside *beside, const struct question *question, const bool *chosen)
{
	size_t n;

	*beside = (struct beside){ .question = question, .lumps = LUMPS_INIT };
	lumps_make(question->posterior, question->weights->mass, chosen, &beside->lumps);
	n = beside->lumps.n + 1;
	beside->rates = xcalloc(n, sizeof(*beside->rates));
	beside->mass = xcalloc(3 * n, sizeof(*beside->mass));
	beside->prefix = beside->mass + n;
	beside->low = beside->mass + 2 * n;
	beside->failures = xcalloc(2 * n, sizeof(*beside->failures));
	beside->passes = beside->failures + n;
	beside->bits = xcalloc(beside->lumps.n_candidates, sizeof(*beside->bits));
	find_rates(beside);
	find_batches(beside);
}

static void beside_release(struct beside *beside)
{
	lumps_release(&beside->lumps);
	free(beside->batches);
	free(beside->rates);
	free(beside->mass);
	free(beside->failures);
	free(beside->bits);
}
AUTO_DEFINE(beside, struct beside, beside_release);

/* Counts the failures and passes that show each lump; returns all passes. */
static int count_shown(struct beside *beside, int *all_failures)
{
	const struct lumps *lumps = &beside->lumps;
	int all_passes = 0;

	memset(beside->failures, 0, 2 * (lumps->n + 1) * sizeof(*beside->failures));
	*all_failures = 0;
	for (size_t i = 0; i < beside->n_batches; i++) {
		const struct batch *batch = &beside->batches[i];
		int failures = (int)batch->failures, passes = (int)batch->trials - failures;

		*all_failures += failures;
		all_passes += passes;
		for (uint32_t s = lumps->span_at[batch->at]; s < lumps->span_at[batch->at + 1]; s++) {
			beside->failures[lumps->spans[s].from] += failures;
			beside->failures[lumps->spans[s].to] -= failures;
			beside->passes[lumps->spans[s].from] += passes;
			beside->passes[lumps->spans[s].to] -= passes;
		}
	}
	for (size_t i = 1; i < lumps->n; i++) {
		beside->failures[i] += beside->failures[i - 1];
		beside->passes[i] += beside->passes[i - 1];
	}
	return all_passes;
}

/* Makes the mass what it is after the outcome that stands in the batches, and returns the logarithm of how likely one
 * order of that outcome was. */
static double condition(struct beside *beside)
{
	size_t n = beside->lumps.n;
	double top = -INFINITY, sum = 0;
	int all_failures, all_passes = count_shown(beside, &all_failures);

	for (size_t i = 0; i < n; i++) {
		const struct rates *rates = &beside->rates[i];
		int failures = beside->failures[i], passes = beside->passes[i];

		beside->mass[i] = rates->log_mass + failures * rates->shown_fails +
				  passes * rates->shown_passes +
				  (all_failures - failures) * rates->other_fails +
				  (all_passes - passes) * rates->other_passes;
		top = fmax(top, beside->mass[i]);
	}
	for (size_t i = 0; i < n; i++) {
		double x = beside->mass[i] - top;

		beside->mass[i] = x < NEGLECTED ? 0 : exp(x);
		sum += beside->mass[i];
	}
	for (size_t i = 0; i < n; i++)
		beside->mass[i] /= sum;
	return log(fmax(sum, 1)) + top; /* the largest has counted as 1 */
}

/* --- what trials tell then ---------------------------------------------------------------------------- */

/* Sums over the lumps that a candidate shows. */
static double sum_shown(const struct lumps *lumps, size_t candidate, const double *prefix)
{
	double sum = 0;

	for (uint32_t s = lumps->span_at[candidate]; s < lumps->span_at[candidate + 1]; s++)
		sum += prefix[lumps->spans[s].to] - prefix[lumps->spans[s].from];
	return sum;
}

static double rate_if(const struct beside *beside, size_t candidate, size_t lump)
{
	const struct rates *rates = &beside->rates[lump];

	return lumps_shows(&beside->lumps, candidate, lump) ? rates->shown : rates->other;
}

/* A lump that is a suspect of much mass, from `lump` on; lumps.n when there is none. */
static size_t next_heavy(const struct beside *beside, size_t lump)
{
	while (lump < beside->lumps.n &&
	       (beside->lumps.size[lump] > 1 || !choose_is_heavy(beside->question, beside->mass[lump])))
		lump++;
	return lump;
}

static double mutual(const struct beside *beside, size_t candidate, double fails, double low,
		     const size_t *heavy)
{
	double sum = information_coin(fails) - low;

	for (size_t i = 0; i < 2 && heavy[i] < beside->lumps.n; i++) {
		double mass = beside->mass[heavy[i]], rate = rate_if(beside, candidate, heavy[i]);

		sum += information_part(mass, rate, fails) + information_part(mass, 1 - rate, 1 - fails);
	}
	return sum;
}

static double divergence(const struct beside *beside, size_t candidate, double fails, size_t lump)
{
	double mass = beside->mass[lump], rate = rate_if(beside, candidate, lump);

	return mass >= 1
		   ? 0
		   : information_diverge(mass, rate, fails) + information_diverge(mass, 1 - rate, 1 - fails);
}

/* Adds what each trial tells, times the probability of the mass at hand. */
static void add_bits(struct beside *beside, double probability)
{
	const struct lumps *lumps = &beside->lumps;
	uint32_t suspect = beside->question->suspect;
	size_t heavy[2] = { next_heavy(beside, 0), lumps->n };
	double other = 0, other_coin = 0;

	if (heavy[0] < lumps->n)
		heavy[1] = next_heavy(beside, heavy[0] + 1);
	for (size_t i = 0; i < lumps->n; i++) {
		const struct rates *rates = &beside->rates[i];
		double mass = beside->mass[i];

		beside->prefix[i + 1] = beside->prefix[i] + mass * (rates->shown - rates->other);
		beside->low[i + 1] = beside->low[i] + mass * (rates->shown_coin - rates->other_coin);
		other += mass * rates->other;
		other_coin += mass * rates->other_coin;
	}
	for (size_t t = 0; t < lumps->n_candidates; t++) {
		double fails = other + sum_shown(lumps, t, beside->prefix), nats;

		if (suspect == GRAPH_NONE)
			nats = mutual(beside, t, fails, other_coin + sum_shown(lumps, t, beside->low), heavy);
		else
			nats = divergence(beside, t, fails, lumps->lump_of[suspect]);
		beside->bits[t] += probability * nats / INFORMATION_BIT;
	}
}

/* --- all outcomes, or samples ------------------------------------------------------------------------- */

/* How many there are, or more than BESIDE_OUTCOMES. */
static size_t count_outcomes(const struct beside *beside)
{
	size_t n = 1;

	for (size_t i = 0; i < beside->n_batches && n <= BESIDE_OUTCOMES; i++)
		n *= beside->batches[i].trials + 1;
	return n;
}

/* In how many orders so many of the trials fail. */
static double orders(unsigned trials, unsigned failures)
{
	double n = 1;

	for (unsigned i = 0; i < failures; i++)
		n *= (double)(trials - i) / (i + 1);
	return n;
}

/* The next outcome; false: that was the last. */
static bool next_outcome(struct beside *beside)
{
	for (size_t i = 0; i < beside->n_batches; i++) {
		struct batch *batch = &beside->batches[i];

		if (batch->failures++ < batch->trials)
			return true;
		batch->failures = 0;
	}
	return false;
}

static void add_all(struct beside *beside)
{
	do {
		double probability = exp(condition(beside));

		for (size_t i = 0; i < beside->n_batches; i++)
			probability *= orders(beside->batches[i].trials, beside->batches[i].failures);
		if (probability > IMPOSSIBLE)
			add_bits(beside, probability);
	} while (next_outcome(beside));
}

/* From 0 to below 1, by these numbers alone. */
static double chance(uint64_t sample, uint64_t candidate, uint64_t trial)
{
	uint64_t state = sample;

	state = random_bits(&state) ^ candidate;
	state = random_bits(&state) ^ trial;
	return random_unit(&state);
}

/* An outcome as it may come if the culprit is in the lump. */
static void draw(struct beside *beside, size_t lump, size_t sample)
{
	for (size_t i = 0; i < beside->n_batches; i++) {
		struct batch *batch = &beside->batches[i];
		double rate = rate_if(beside, batch->at, lump);

		batch->failures = 0;
		for (unsigned trial = 0; trial < batch->trials; trial++)
			batch->failures += chance(sample, batch->candidate, trial) < rate;
	}
}

static void add_samples(struct beside *beside, size_t n)
{
	double until = beside->lumps.mass[0]; /* of all lumps up to this one */
	size_t lump = 0;

	for (size_t sample = 0; sample < n; sample++) {
		while (((double)sample + 0.5) / (double)n > until && lump + 1 < beside->lumps.n)
			until += beside->lumps.mass[++lump];
		draw(beside, lump, sample);
		condition(beside);
		add_bits(beside, 1 / (double)n);
	}
}

void beside_bits(const struct question *question, const double *alone, double *bits)
{
	size_t n = question->posterior->graph->n;
	AUTO_FREE bool *chosen = xcalloc(n, sizeof(*chosen));
	AUTO(beside) beside;

	memset(bits, 0, n * sizeof(*bits));
	choose_few(question, alone, chosen);
	beside_init(&beside, question, chosen);
	if (question->suspect != GRAPH_NONE && beside.lumps.lump_of[question->suspect] == GRAPH_NONE)
		return;
	if (count_outcomes(&beside) <= BESIDE_OUTCOMES)
		add_all(&beside);
	else
		add_samples(&beside, grow(question, BESIDE_OUTCOMES));
	for (size_t i = 0; i < beside.lumps.n_candidates; i++)
		bits[beside.lumps.candidates[i]] = beside.bits[i];
}
