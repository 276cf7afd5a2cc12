#include "bisect/choose.h"

#include <math.h>

#define LEAST_BITS 1e-9
#define LN2	   0.6931471805599453
#define MOST	   16 /* candidates for which batches are considered, and the largest batch */

/* Entropy of a coin, in nats. */
static double coin(double p)
{
	return p <= 0 || p >= 1 ? 0 : -p * log(p) - (1 - p) * log1p(-p);
}

double choose_entropy(const double *mass, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		if (mass[i] > 0)
			sum -= mass[i] * log(mass[i]);
	return sum / LN2;
}

/* --- information of one trial ------------------------------------------------------------------------- */

struct scan {
	const struct question *question;
	const struct graph *graph;
	double *shown_coin, *other_coin;     /* by class: coin() of the rates */
	double *mass;			     /* of each suspect, given outcomes of what is under way */
	double *weight, *prefix, *sum, *low; /* room */
	double *bits, *chance;		     /* of each candidate; the chance that it can be tested */
	double *shows;			     /* 1 if it shows the suspect to make sure of, else 0 */
};

static void scan_init(struct scan *scan, const struct question *question)
{
	const struct weights *weights = question->weights;
	const struct graph *graph = question->posterior->graph;
	size_t n_classes = question->posterior->n_classes, n = graph->n + 1;

	*scan = (struct scan){ .question = question, .graph = graph };
	scan->shown_coin = xcalloc(2 * n_classes, sizeof(double));
	scan->other_coin = scan->shown_coin + n_classes;
	for (size_t k = 0; k < n_classes; k++) {
		scan->shown_coin[k] = coin(weights->shown_rate[k]);
		scan->other_coin[k] = coin(weights->other_rate[k]);
	}
	scan->mass = xcalloc(8 * n, sizeof(double));
	scan->weight = scan->mass + n;
	scan->prefix = scan->mass + 2 * n;
	scan->sum = scan->mass + 3 * n;
	scan->low = scan->mass + 4 * n;
	scan->bits = scan->mass + 5 * n;
	scan->chance = scan->mass + 6 * n;
	scan->shows = scan->mass + 7 * n;
	if (question->suspect != GRAPH_NONE) {
		scan->weight[question->suspect] = 1;
		graph_sums(graph, scan->weight, scan->prefix, scan->shows);
	}
	for (size_t t = 0; t < n; t++)
		scan->chance[t] = 1;
	memcpy(scan->mass, weights->mass, graph->suspects * sizeof(double));
}

static void scan_release(struct scan *scan)
{
	free(scan->shown_coin);
	free(scan->mass);
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

/* One outcome's part of a divergence: its probability if the suspect is the culprit, and in all. */
static double diverge(double mass, double suspect, double all)
{
	double other = (all - mass * suspect) / (1 - mass);

	return suspect > 0 && other > 0 ? suspect * log(suspect / other) : 0;
}

static double rate_if(const struct question *question, bool shown)
{
	uint32_t k = question->posterior->class_of[question->suspect];

	return shown ? question->weights->shown_rate[k] : question->weights->other_rate[k];
}

/* As add_bits(), of the doubt about one suspect. */
static void add_divergences(struct scan *scan, double probability)
{
	const struct weights *weights = scan->question->weights;
	double mass = scan->mass[scan->question->suspect];

	expect(scan, weights->shown_rate, weights->other_rate, scan->sum);
	for (size_t t = 0; t < scan->graph->n && mass < 1; t++) {
		double fails = rate_if(scan->question, scan->shows[t] > 0);

		scan->bits[t] +=
		    probability *
		    (diverge(mass, fails, scan->sum[t]) + diverge(mass, 1 - fails, 1 - scan->sum[t])) / LN2;
	}
}

/* What one outcome adds to the information because it tells a suspect from all others; the arguments are those
 * of diverge(). */
static double part(double mass, double suspect, double all)
{
	double other = (all - mass * suspect) / (1 - mass);

	return suspect > 0 && other > 0 ? mass * suspect * log(all / other) : 0;
}

static bool is_heavy(const struct question *question, double mass)
{
	return question->part && mass >= CHOOSE_HEAVY && mass < 1;
}

/* As add_bits(), for what tells suspect c from all others; sum[] holds how likely each trial fails. */
static void add_parting(struct scan *scan, uint32_t c, double probability)
{
	const struct weights *weights = scan->question->weights;
	double mass = scan->mass[c];
	uint32_t k = scan->question->posterior->class_of[c];

	memset(scan->weight, 0, scan->graph->n * sizeof(*scan->weight));
	scan->weight[c] = 1;
	graph_sums(scan->graph, scan->weight, scan->prefix, scan->low);
	for (size_t t = 0; t < scan->graph->n; t++) {
		bool shown = graph_is_suspect(scan->graph, (uint32_t)t) && scan->low[t] > 0;
		double fails = shown ? weights->shown_rate[k] : weights->other_rate[k];

		scan->bits[t] += probability *
				 (part(mass, fails, scan->sum[t]) + part(mass, 1 - fails, 1 - scan->sum[t])) /
				 LN2;
	}
}

/* Adds to bits[] what each trial tells, times the probability of the mass at hand. */
static void add_bits(struct scan *scan, double probability)
{
	const struct weights *weights = scan->question->weights;

	expect(scan, weights->shown_rate, weights->other_rate, scan->sum);
	expect(scan, scan->shown_coin, scan->other_coin, scan->low);
	for (size_t t = 0; t < scan->graph->n; t++)
		scan->bits[t] += probability * (coin(scan->sum[t]) - scan->low[t]) / LN2;
	for (uint32_t c = 0; c < scan->graph->suspects; c++)
		if (is_heavy(scan->question, scan->mass[c]))
			add_parting(scan, c, probability);
}

/* Makes the mass what it is after "no failure" or "a failure" in a batch under way, and returns how likely that was; when
 * it was impossible the mass is nothing. */
static double condition(struct scan *scan, const struct pending *pending, bool failure)
{
	const struct posterior *posterior = scan->question->posterior;
	const struct weights *weights = scan->question->weights;
	AUTO_FREE uint8_t *shown = xcalloc(scan->graph->suspects, 1);
	double sum = 0;

	graph_shown_by(scan->graph, pending->candidate, shown);
	for (size_t c = 0; c < scan->graph->suspects; c++) {
		uint32_t k = posterior->class_of[c];
		double passes =
		    pow(1 - (shown[c] ? weights->shown_rate[k] : weights->other_rate[k]), pending->trials);

		scan->mass[c] *= failure ? 1 - passes : passes;
		sum += scan->mass[c];
	}
	for (size_t c = 0; sum > 0 && c < scan->graph->suspects; c++)
		scan->mass[c] /= sum;
	return sum;
}

/* All outcomes of n batches under way, each by its probability; of what is unlikely already only the likelier one. */
static void add_branches(struct scan *scan, const struct pending *pending, size_t n, double probability)
{
	size_t size = scan->graph->suspects * sizeof(*scan->mass);
	AUTO_FREE double *before = NULL;
	double fails = 0;

	if (!n) {
		(scan->question->suspect == GRAPH_NONE ? add_bits : add_divergences)(scan, probability);
		return;
	}
	before = xcalloc(1, size);
	memcpy(before, scan->mass, size);
	for (int failure = 1; failure >= 0; failure--) {
		double share;

		memcpy(scan->mass, before, size);
		share = condition(scan, pending, failure);
		if (failure)
			fails = share;
		if (share <= 0 || (probability < CHOOSE_LEAST_BRANCH && failure != (fails >= 0.5)))
			continue;
		add_branches(scan, pending + 1, n - 1,
			     probability < CHOOSE_LEAST_BRANCH ? probability : probability * share);
	}
	memcpy(scan->mass, before, size);
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

/* --- batches
 * ------------------------------------------------------------------------------------------------
 */

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
		sum += diverge(mass, suspect.outcome[x], all->outcome[x]);
	return sum;
}

/* What a batch adds to the information because it tells suspects of much mass from all others; `shown` of each
 * suspect, whether the candidate shows it. */
static double batch_parting(const struct question *question, const struct spread *all, const uint8_t *shown,
			    unsigned trials)
{
	const struct weights *weights = question->weights;
	double sum = 0;

	for (size_t c = 0; c < question->posterior->graph->suspects; c++) {
		uint32_t k = question->posterior->class_of[c];
		struct spread suspect = { .entropy = 0 };

		if (!is_heavy(question, weights->mass[c]))
			continue;
		spread_add(&suspect, 1, shown[c] ? weights->shown_rate[k] : weights->other_rate[k], trials);
		for (unsigned x = 0; x <= trials; x++)
			sum += part(weights->mass[c], suspect.outcome[x], all->outcome[x]);
	}
	return sum;
}

/* The information of so many trials of one candidate; `by_class` holds the mass it shows and does not,
 * `shown` is of each suspect. */
static double batch_bits(const struct question *question, const double *by_class, const uint8_t *shown,
			 unsigned trials)
{
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
		return (fmax(0, entropy - spread.entropy) + batch_parting(question, &spread, shown, trials)) /
		       LN2;
	return batch_divergence(question, &spread, rate_if(question, shown[question->suspect]), trials) / LN2;
}

static double ready_seconds(const struct question *question, uint32_t t)
{
	return t == question->current ? 0 : question->ready[t];
}

/* Replaces *best where a batch of t does better; `chance` that t can be tested. */
static void consider_batches(const struct question *question, uint32_t t, double chance, struct choice *best)
{
	const struct posterior *posterior = question->posterior;
	AUTO_FREE uint8_t *shown = xcalloc(posterior->graph->suspects, 1);
	AUTO_FREE double *by_class = xcalloc(2 * posterior->n_classes, sizeof(*by_class));

	graph_shown_by(posterior->graph, t, shown);
	for (size_t c = 0; c < posterior->graph->suspects; c++)
		by_class[2 * posterior->class_of[c] + shown[c]] += question->weights->mass[c];
	for (unsigned trials = 2; trials <= MOST; trials++) {
		double seconds = ready_seconds(question, t) + trials * question->seconds[t];
		double bits = chance * batch_bits(question, by_class, shown, trials);

		if (bits / seconds > best->bits / best->seconds)
			*best = (struct choice){ t, trials, bits, seconds, 0, 0 };
	}
}

/* --- choosing ----------------------------------------------------------------------------------------- */

static bool can_test(const struct question *question, uint32_t t)
{
	return !question->untestable[t];
}

/* The best by one trial among those not taken yet, or GRAPH_NONE. */
static uint32_t best_single(const struct scan *scan, const bool *taken)
{
	const struct question *question = scan->question;
	uint32_t best = GRAPH_NONE;
	double best_score = 0;

	for (uint32_t t = 0; t < scan->graph->n; t++) {
		double score = scan->bits[t] / (ready_seconds(question, t) + question->seconds[t]);

		if (scan->bits[t] > LEAST_BITS && score > best_score && can_test(question, t) && !taken[t]) {
			best = t;
			best_score = score;
		}
	}
	return best;
}

static void choose_among(const struct scan *scan, struct choice *choice)
{
	const struct question *question = scan->question;
	AUTO_FREE bool *taken = xcalloc(scan->graph->n, sizeof(*taken));

	for (int i = 0; i < MOST; i++) {
		uint32_t t = best_single(scan, taken);
		struct choice single;

		if (t == GRAPH_NONE)
			return;
		taken[t] = true;
		single =
		    (struct choice){ t, 1, scan->bits[t], ready_seconds(question, t) + question->seconds[t],
				     0, 0 };
		if (!i || single.bits / single.seconds > choice->bits / choice->seconds)
			*choice = single;
		if (ready_seconds(question, t) <= 0)
			return;
		if (!question->n_pending)
			consider_batches(question, t, scan->chance[t], choice);
	}
}

/* The bits of those next to untestable ones count by the chance that they can be tested. */
static void weigh_chances(struct scan *scan)
{
	bool some = false;

	for (size_t t = 0; t < scan->graph->suspects; t++)
		some |= scan->question->untestable[t];
	if (!some)
		return;
	find_chances(scan->question, scan->chance);
	for (size_t t = 0; t < scan->graph->suspects; t++)
		scan->bits[t] *= scan->chance[t];
}

static void describe(struct scan *scan, struct choice *choice)
{
	const struct weights *weights = scan->question->weights;

	memcpy(scan->mass, weights->mass, scan->graph->suspects * sizeof(double));
	expect(scan, weights->shown_rate, weights->other_rate, scan->sum);
	choice->fails = scan->sum[choice->candidate];
	graph_sums(scan->graph, scan->mass, scan->prefix, scan->sum);
	if (graph_is_suspect(scan->graph, choice->candidate))
		choice->shown = scan->sum[choice->candidate];
}

bool choose_next(const struct question *question, struct choice *choice)
{
	size_t n = question->n_pending < CHOOSE_MOST_PENDING ? question->n_pending : CHOOSE_MOST_PENDING;
	AUTO(scan) scan;

	scan_init(&scan, question);
	*choice = (struct choice){ .candidate = GRAPH_NONE };
	add_branches(&scan, n ? question->pending + (question->n_pending - n) : NULL, n, 1);
	weigh_chances(&scan);
	choose_among(&scan, choice);
	if (choice->candidate == GRAPH_NONE)
		return false;
	describe(&scan, choice);
	return true;
}
