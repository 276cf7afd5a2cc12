#include "bisect/choose.h"

#include <math.h>

#include "bisect/beside.h"
#include "bisect/information.h"

#define LEAST_BITS 1e-9
#define MOST	   16 /* candidates for which batches are considered, and the largest batch */

double choose_entropy(const double *mass, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		if (mass[i] > 0)
			sum -= mass[i] * log(mass[i]);
	return sum / INFORMATION_BIT;
}

/* --- information of one trial ------------------------------------------------------------------------- */

struct scan {
	const struct question *question;
	const struct graph *graph;
	const double *mass;		     /* of each suspect */
	double *shown_coin, *other_coin;     /* by class: information_coin() of the rates */
	uint32_t heavy[2];		     /* suspects of much mass that are to be parted from all others */
	size_t n_heavy;			     /* CHOOSE_HEAVY allows no third */
	double *weight, *prefix, *sum, *low; /* room; sum[] is how likely a trial of each candidate fails */
	double *bits, *chance;		     /* of each candidate; the chance that it can be tested */
	double *score;			     /* bits per second, 0 when it is not to be chosen */
	double *shows;			     /* 1 if it shows the suspect to make sure of, else 0 */
};

bool choose_is_heavy(const struct question *question, double mass)
{
	return question->part && mass >= CHOOSE_HEAVY && mass < 1;
}

static void scan_init(struct scan *scan, const struct question *question)
{
	const struct weights *weights = question->weights;
	const struct graph *graph = question->posterior->graph;
	size_t n_classes = question->posterior->n_classes, n = graph->n + 1;

	*scan = (struct scan){ .question = question, .graph = graph, .mass = weights->mass };
	scan->shown_coin = xcalloc(2 * n_classes, sizeof(double));
	scan->other_coin = scan->shown_coin + n_classes;
	for (size_t k = 0; k < n_classes; k++) {
		scan->shown_coin[k] = information_coin(weights->shown_rate[k]);
		scan->other_coin[k] = information_coin(weights->other_rate[k]);
	}
	for (uint32_t c = 0; c < graph->suspects; c++)
		if (choose_is_heavy(question, scan->mass[c]))
			scan->heavy[scan->n_heavy++] = c;
	scan->weight = xcalloc(8 * n, sizeof(double));
	scan->prefix = scan->weight + n;
	scan->sum = scan->weight + 2 * n;
	scan->low = scan->weight + 3 * n;
	scan->bits = scan->weight + 4 * n;
	scan->chance = scan->weight + 5 * n;
	scan->score = scan->weight + 6 * n;
	scan->shows = scan->weight + 7 * n;
	if (question->suspect != GRAPH_NONE) {
		scan->weight[question->suspect] = 1;
		graph_sums(graph, scan->weight, scan->prefix, scan->shows);
	}
	for (size_t t = 0; t < n; t++)
		scan->chance[t] = 1;
}

static void scan_release(struct scan *scan)
{
	free(scan->shown_coin);
	free(scan->weight);
}
AUTO_DEFINE(scan, struct scan, scan_release);

/* out[t] = sum of mass[c] * (shown[c] if t shows c, else other[c]); the values are by class. */
static void expect(struct scan *scan, const double *shown, const double *other, double *out)
{
	const uint32_t *class_of = scan->question->posterior->class_of;
	double rest = 0;

	for (size_t c = 0; c < scan->graph->suspects; c++) {
		uint32_t k = class_of[c];

		scan->weight[c] = scan->mass[c] * (shown[k] - other[k]);
		rest += scan->mass[c] * other[k];
	}
	graph_sums(scan->graph, scan->weight, scan->prefix, out);
	for (size_t t = 0; t < scan->graph->suspects; t++)
		out[t] += rest;
	for (size_t t = scan->graph->suspects; t < scan->graph->n; t++)
		out[t] = rest;
}

static double rate_if(const struct question *question, bool shown)
{
	uint32_t k = question->posterior->class_of[question->suspect];

	return shown ? question->weights->shown_rate[k] : question->weights->other_rate[k];
}

/* As find_bits(), of the doubt about one suspect. */
static void find_divergences(struct scan *scan)
{
	const struct weights *weights = scan->question->weights;
	double mass = scan->mass[scan->question->suspect];

	expect(scan, weights->shown_rate, weights->other_rate, scan->sum);
	for (size_t t = 0; t < scan->graph->n && mass < 1; t++) {
		double fails = rate_if(scan->question, scan->shows[t] > 0), all = scan->sum[t];

		scan->bits[t] =
		    (information_diverge(mass, fails, all) + information_diverge(mass, 1 - fails, 1 - all)) /
		    INFORMATION_BIT;
	}
}

/* Adds what tells suspect c from all others; sum[] holds how likely each trial fails. */
static void add_parting(struct scan *scan, uint32_t c)
{
	const struct weights *weights = scan->question->weights;
	double mass = scan->mass[c];
	uint32_t k = scan->question->posterior->class_of[c];

	memset(scan->weight, 0, scan->graph->n * sizeof(*scan->weight));
	scan->weight[c] = 1;
	graph_sums(scan->graph, scan->weight, scan->prefix, scan->low);
	for (size_t t = 0; t < scan->graph->n; t++) {
		bool shown = graph_is_suspect(scan->graph, (uint32_t)t) && scan->low[t] > 0;
		double fails = shown ? weights->shown_rate[k] : weights->other_rate[k], all = scan->sum[t];

		scan->bits[t] +=
		    (information_part(mass, fails, all) + information_part(mass, 1 - fails, 1 - all)) /
		    INFORMATION_BIT;
	}
}

/* Sets bits[] to what each trial tells. */
static void find_bits(struct scan *scan)
{
	const struct weights *weights = scan->question->weights;

	expect(scan, weights->shown_rate, weights->other_rate, scan->sum);
	expect(scan, scan->shown_coin, scan->other_coin, scan->low);
	for (size_t t = 0; t < scan->graph->n; t++)
		scan->bits[t] = (information_coin(scan->sum[t]) - scan->low[t]) / INFORMATION_BIT;
	for (size_t i = 0; i < scan->n_heavy; i++)
		add_parting(scan, scan->heavy[i]);
}

/* --- candidates that cannot be tested ----------------------------------------------------------------- */

/* The chance that t can be tested, from the nearest suspects on either side of which that is known. */
static void find_chances(const struct question *question, double *chance)
{
	static const double first_guess = 0.95, first_weight = 0.1;
	const struct posterior *posterior = question->posterior;
	size_t n = posterior->graph->suspects;
	AUTO_FREE double *total = xcalloc(n, sizeof(*total));

	for (size_t t = 0; t < n; t++) {
		chance[t] = first_guess * first_weight;
		total[t] = first_weight;
	}
	for (int side = 0; side < 2; side++) {
		double distance = INFINITY;
		bool good = false;

		for (size_t i = 0; i < n; i++) {
			size_t t = side ? n - 1 - i : i;

			if (question->untestable[t] || posterior->trials[t]) {
				distance = 0;
				good = !question->untestable[t];
			}
			chance[t] += good / fmax(distance, 0.01);
			total[t] += 1 / fmax(distance, 0.01);
			distance++;
		}
	}
	for (size_t t = 0; t < n; t++)
		chance[t] /= total[t];
}

/* --- batches ------------------------------------------------------------------------------------------ */

struct spread {
	double outcome[MOST + 1]; /* probability of each number of failures */
	double entropy;		  /* expected, once the culprit is known */
};

/* Adds the outcomes of so many trials that fail with this rate. */
static void spread_add(struct spread *spread, double mass, double rate, unsigned trials)
{
	double p = pow(1 - rate, trials), odds = rate < 1 ? rate / (1 - rate) : 0;

	for (unsigned x = 0; x <= trials; x++) {
		double probability = rate < 1 ? p : x == trials;

		spread->outcome[x] += mass * probability;
		if (probability > 0)
			spread->entropy -= mass * probability * log(probability);
		p *= odds * (trials - x) / (x + 1);
	}
}

static double batch_divergence(const struct question *question, const struct spread *all, double rate,
			       unsigned trials)
{
	struct spread suspect = { .entropy = 0 };
	double mass = question->weights->mass[question->suspect], sum = 0;

	spread_add(&suspect, 1, rate, trials);
	for (unsigned x = 0; x <= trials && mass < 1; x++)
		sum += information_diverge(mass, suspect.outcome[x], all->outcome[x]);
	return sum;
}

/* What a batch adds to the information because it tells suspects of much mass from all others; `shown` of each
 * suspect, whether the candidate shows it. */
static double batch_parting(const struct scan *scan, const struct spread *all, const uint8_t *shown,
			    unsigned trials)
{
	const struct weights *weights = scan->question->weights;
	double sum = 0;

	for (size_t i = 0; i < scan->n_heavy; i++) {
		uint32_t c = scan->heavy[i], k = scan->question->posterior->class_of[c];
		struct spread suspect = { .entropy = 0 };

		spread_add(&suspect, 1, shown[c] ? weights->shown_rate[k] : weights->other_rate[k], trials);
		for (unsigned x = 0; x <= trials; x++)
			sum += information_part(weights->mass[c], suspect.outcome[x], all->outcome[x]);
	}
	return sum;
}

/* The information of so many trials of one candidate; `by_class` holds the mass it shows and does not,
 * `shown` is of each suspect. */
static double batch_bits(const struct scan *scan, const double *by_class, const uint8_t *shown,
			 unsigned trials)
{
	const struct question *question = scan->question;
	const struct weights *weights = question->weights;
	struct spread spread = { .entropy = 0 };
	double entropy = 0;

	for (size_t k = 0; k < question->posterior->n_classes; k++) {
		spread_add(&spread, by_class[2 * k + 1], weights->shown_rate[k], trials);
		spread_add(&spread, by_class[2 * k], weights->other_rate[k], trials);
	}
	for (unsigned x = 0; x <= trials && question->suspect == GRAPH_NONE; x++)
		if (spread.outcome[x] > 0)
			entropy -= spread.outcome[x] * log(spread.outcome[x]);
	if (question->suspect == GRAPH_NONE)
		return (fmax(0, entropy - spread.entropy) + batch_parting(scan, &spread, shown, trials)) /
		       INFORMATION_BIT;
	return batch_divergence(question, &spread, rate_if(question, shown[question->suspect]), trials) /
	       INFORMATION_BIT;
}

static double ready_seconds(const struct question *question, uint32_t t)
{
	return t == question->current ? 0 : question->ready[t];
}

/* Replaces *best where a batch of t does better. */
static void consider_batches(const struct scan *scan, uint32_t t, struct choice *best)
{
	const struct question *question = scan->question;
	const struct posterior *posterior = question->posterior;
	AUTO_FREE uint8_t *shown = xcalloc(posterior->graph->suspects, 1);
	AUTO_FREE double *by_class = xcalloc(2 * posterior->n_classes, sizeof(*by_class));

	graph_shown_by(posterior->graph, t, shown);
	for (size_t c = 0; c < posterior->graph->suspects; c++)
		by_class[2 * posterior->class_of[c] + shown[c]] += question->weights->mass[c];
	for (unsigned trials = 2; trials <= MOST; trials++) {
		double seconds = ready_seconds(question, t) + trials * question->seconds[t];
		double bits = scan->chance[t] * batch_bits(scan, by_class, shown, trials);

		if (bits / seconds > best->bits / best->seconds)
			*best = (struct choice){ t, trials, bits, seconds, 0, 0 };
	}
}

/* --- choosing ----------------------------------------------------------------------------------------- */

/* The bits of those next to untestable ones count by the chance that they can be tested. */
static void set_scores(struct scan *scan)
{
	const struct question *question = scan->question;

	for (uint32_t t = 0; t < scan->graph->n; t++) {
		scan->bits[t] *= scan->chance[t];
		scan->score[t] = scan->bits[t] > LEAST_BITS && !question->untestable[t]
				     ? scan->bits[t] / (ready_seconds(question, t) + question->seconds[t])
				     : 0;
	}
}

/* The best by one trial, or GRAPH_NONE. */
static uint32_t best_single(const struct scan *scan)
{
	uint32_t best = 0;

	for (uint32_t t = 1; t < scan->graph->n; t++)
		if (scan->score[t] > scan->score[best])
			best = t;
	return scan->score[best] > 0 ? best : GRAPH_NONE;
}

/* Takes the scores away of those it has looked at. */
static void choose_among(struct scan *scan, struct choice *choice)
{
	const struct question *question = scan->question;

	for (int i = 0; i < MOST; i++) {
		uint32_t t = best_single(scan);
		struct choice single;

		if (t == GRAPH_NONE)
			return;
		scan->score[t] = 0;
		single =
		    (struct choice){ t, 1, scan->bits[t], ready_seconds(question, t) + question->seconds[t],
				     0, 0 };
		if (!i || single.bits / single.seconds > choice->bits / choice->seconds)
			*choice = single;
		if (ready_seconds(question, t) <= 0 || question->n_pending)
			return;
		consider_batches(scan, t, choice);
	}
}

static bool some_untestable(const struct question *question)
{
	for (size_t t = 0; t < question->posterior->graph->suspects; t++)
		if (question->untestable[t])
			return true;
	return false;
}

static void describe(struct scan *scan, struct choice *choice)
{
	choice->fails = scan->sum[choice->candidate];
	graph_sums(scan->graph, scan->mass, scan->prefix, scan->low);
	if (graph_is_suspect(scan->graph, choice->candidate))
		choice->shown = scan->low[choice->candidate];
}

bool choose_next(const struct question *question, struct choice *choice)
{
	AUTO(scan) scan;

	scan_init(&scan, question);
	*choice = (struct choice){ .candidate = GRAPH_NONE };
	(question->suspect == GRAPH_NONE ? find_bits : find_divergences)(&scan);
	if (some_untestable(question))
		find_chances(question, scan.chance);
	set_scores(&scan);
	if (question->n_pending) {
		beside_bits(question, scan.score, scan.bits);
		set_scores(&scan);
	}
	choose_among(&scan, choice);
	if (choice->candidate == GRAPH_NONE)
		return false;
	describe(&scan, choice);
	return true;
}
