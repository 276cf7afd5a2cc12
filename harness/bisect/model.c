#include "bisect/model.h"

#include <math.h>

#define LOG_PI	  1.1447298858494002
#define HALF_PI	  1.5707963267948966
#define NEGLECTED (-40.0) /* e^-40 is below what a double adds to 1 */

struct grid {
	size_t n;
	double *rate, *log_rate, *log_rest; /* rate, log(rate), log(1 - rate) */
	double *weight;			    /* prior of the bad side's rate, sums to 1 - MODEL_ALWAYS */
	double
	    *good; /* n + 1 rows of n: prior of the good side's rate, given the bad's; the last for rate 1 */
};

struct model {
	bool independent;
	double flaky;
	struct grid coarse, fine;
};

/* --- tables ------------------------------------------------------------------------------------------- */

/* Fills one row: proportional to (1 - g / b)^(flaky - 1) for g below b, and sums to 1. */
static void good_prior(const struct grid *grid, double flaky, double b, double *row)
{
	double sum = 0;

	for (size_t m = 0; m < grid->n && grid->rate[m] < b; m++) {
		double jacobian = sqrt(grid->rate[m] * (1 - grid->rate[m]));

		row[m] = jacobian * pow(1 - grid->rate[m] / b, flaky - 1);
		sum += row[m];
	}
	for (size_t m = 0; m < grid->n && sum > 0; m++)
		row[m] /= sum;
}

/* The density of the bad side's rate in the angle, but for a factor. */
static double bad_prior(double b)
{
	return pow(b, -MODEL_STEEP) / (1 + pow(MODEL_LEAST / b, MODEL_SHARP)) * sqrt(b * (1 - b));
}

static void grid_make(struct grid *grid, size_t n, double flaky)
{
	double sum = 0;

	grid->n = n;
	grid->rate = xcalloc(4 * n + (n + 1) * n, sizeof(double));
	grid->log_rate = grid->rate + n;
	grid->log_rest = grid->rate + 2 * n;
	grid->weight = grid->rate + 3 * n;
	grid->good = grid->rate + 4 * n;
	for (size_t k = 0; k < n; k++) {
		double angle = ((double)k + 0.5) / (double)n * HALF_PI, s = sin(angle);

		grid->rate[k] = s * s;
		grid->log_rate[k] = 2 * log(s);
		grid->log_rest[k] = 2 * log(cos(angle));
		grid->weight[k] = bad_prior(grid->rate[k]);
		sum += grid->weight[k];
		good_prior(grid, flaky, grid->rate[k], grid->good + k * n);
	}
	good_prior(grid, flaky, 1, grid->good + n * n);
	for (size_t k = 0; k < n; k++)
		grid->weight[k] *= (1 - MODEL_ALWAYS) / sum;
}

struct model *model_new(double flaky)
{
	struct model *model = xcalloc(1, sizeof(*model));

	model->flaky = flaky;
	grid_make(&model->coarse, MODEL_COARSE, flaky);
	grid_make(&model->fine, MODEL_FINE, flaky);
	return model;
}

void model_draw(const struct model *model, double u, double v, double *bad, double *good)
{
	const struct grid *grid = &model->fine;
	size_t k = 0;

	*bad = 1;
	for (u -= MODEL_ALWAYS; k < grid->n && u >= grid->weight[k]; k++)
		u -= grid->weight[k];
	if (u >= 0 && k < grid->n)
		*bad = grid->rate[k];
	*good = *bad * (1 - pow(1 - v, 1 / model->flaky));
}

struct model *model_new_independent(void)
{
	struct model *model = xcalloc(1, sizeof(*model));

	model->independent = true;
	return model;
}

void model_free(struct model *model)
{
	if (!model)
		return;
	free(model->coarse.rate);
	free(model->fine.rate);
	free(model);
}

/* --- looking ------------------------------------------------------------------------------------------ */

struct logs {
	double bad[MODEL_FINE], good[MODEL_FINE]; /* log likelihoods at each rate of the grid */
	double bad_top;				  /* the largest of bad[] and of what `always` has */
	double flaky_top; /* the largest of bad[k] + good[m] with m < k, and of `always` */
	double always;	  /* log likelihood of the bad side failing each time */
};

static void logs_make(const struct grid *grid, const struct model_counts *counts, struct logs *logs)
{
	double good_top = -INFINITY;

	logs->bad_top = logs->flaky_top = -INFINITY;
	for (size_t k = 0; k < grid->n; k++) {
		logs->bad[k] =
		    counts->bad_failures * grid->log_rate[k] + counts->bad_passes * grid->log_rest[k];
		logs->good[k] =
		    counts->good_failures * grid->log_rate[k] + counts->good_passes * grid->log_rest[k];
		logs->bad_top = fmax(logs->bad_top, logs->bad[k]);
		logs->flaky_top = fmax(logs->flaky_top, logs->bad[k] + good_top);
		good_top = fmax(good_top, logs->good[k]);
	}
	logs->always = counts->bad_passes ? -INFINITY : 0;
	logs->bad_top = fmax(logs->bad_top, logs->always);
	logs->flaky_top = fmax(logs->flaky_top, logs->always + good_top);
}

/* exp(x) where it matters beside 1. */
static double weight(double x)
{
	return x < NEGLECTED ? 0 : exp(x);
}

struct sums {
	double all, failing_bad, failing_good;
};

static void look_clean(const struct grid *grid, const struct logs *logs, struct model_view *view)
{
	struct sums sums = { 0 };

	sums.all = sums.failing_bad = MODEL_ALWAYS * weight(logs->always - logs->bad_top);
	for (size_t k = 0; k < grid->n; k++) {
		double x = weight(logs->bad[k] - logs->bad_top) * grid->weight[k];

		sums.all += x;
		sums.failing_bad += x * grid->rate[k];
	}
	view->clean = log(sums.all) + logs->bad_top;
	view->clean_bad = sums.failing_bad / sums.all;
}

/* The good side's likelihoods at the rates below the one at hand, relative to the largest of these. */
struct below {
	double top;
	size_t from, to;				    /* where they are not nothing */
	double likelihood[MODEL_FINE], failing[MODEL_FINE]; /* the latter times the rate */
};

static void below_add(struct below *below, double log_likelihood, double rate)
{
	double scale;

	if (log_likelihood > below->top) {
		scale = weight(below->top - log_likelihood);
		for (size_t m = below->from; m < below->to; m++) {
			below->likelihood[m] *= scale;
			below->failing[m] *= scale;
		}
		if (scale <= 0)
			below->from = below->to;
		below->top = log_likelihood;
	}
	scale = weight(log_likelihood - below->top);
	below->likelihood[below->to] = scale;
	below->failing[below->to++] = scale * rate;
}

/* Adds one rate of the bad side, of weight x; `prior` is the good side's given that rate. */
static void sums_add(struct sums *sums, const struct below *below, const double *prior, double rate, double x)
{
	double good = 0, failing = 0;

	for (size_t m = below->from; m < below->to; m++) {
		good += prior[m] * below->likelihood[m];
		failing += prior[m] * below->failing[m];
	}
	sums->all += x * good;
	sums->failing_bad += x * good * rate;
	sums->failing_good += x * failing;
}

static void look_flaky(const struct grid *grid, const struct logs *logs, struct model_view *view)
{
	struct below below;
	struct sums sums = { 0 };
	double x;

	below.top = -INFINITY;
	below.from = below.to = 0;
	for (size_t k = 0; k < grid->n; k++) {
		x = weight(logs->bad[k] + below.top - logs->flaky_top);
		if (x > 0)
			sums_add(&sums, &below, grid->good + k * grid->n, grid->rate[k], x * grid->weight[k]);
		below_add(&below, logs->good[k], grid->rate[k]);
	}
	x = weight(logs->always + below.top - logs->flaky_top);
	if (x > 0)
		sums_add(&sums, &below, grid->good + grid->n * grid->n, 1, x * MODEL_ALWAYS);
	view->flaky = log(sums.all) + logs->flaky_top;
	view->flaky_bad = sums.failing_bad / sums.all;
	view->flaky_good = sums.failing_good / sums.all;
}

/* log(Gamma(x)); lgamma() itself writes a global. */
static double log_gamma(double x)
{
	int sign;

	return lgamma_r(x, &sign);
}

double model_log_jeffreys(double failures, double passes)
{
	return log_gamma(failures + 0.5) + log_gamma(passes + 0.5) - log_gamma(failures + passes + 1) -
	       LOG_PI;
}

static void look_independent(const struct model_counts *counts, struct model_view *view)
{
	double bad = (double)counts->bad_failures + counts->bad_passes;
	double good = (double)counts->good_failures + counts->good_passes;

	view->clean = -INFINITY;
	view->flaky = model_log_jeffreys(counts->bad_failures, counts->bad_passes) +
		      model_log_jeffreys(counts->good_failures, counts->good_passes);
	view->flaky_bad = view->clean_bad = (counts->bad_failures + 0.5) / (bad + 1);
	view->flaky_good = (counts->good_failures + 0.5) / (good + 1);
}

void model_look(const struct model *model, const struct model_counts *counts, struct model_view *view)
{
	unsigned trials =
	    counts->bad_failures + counts->bad_passes + counts->good_failures + counts->good_passes;
	const struct grid *grid = trials <= MODEL_COARSE_LIMIT ? &model->coarse : &model->fine;
	struct logs logs;

	if (model->independent) {
		look_independent(counts, view);
		return;
	}
	logs_make(grid, counts, &logs);
	look_clean(grid, &logs, view);
	if (counts->good_failures)
		view->clean = -INFINITY;
	look_flaky(grid, &logs, view);
}

double model_same(const struct model_counts *counts)
{
	double failures = (double)counts->bad_failures + counts->good_failures;
	double passes = (double)counts->bad_passes + counts->good_passes;
	double mixed = log(1 - MODEL_ALWAYS) + model_log_jeffreys(failures, passes);
	double extreme = MODEL_ALWAYS * ((failures == 0) + (passes == 0)) / 2;

	return extreme > 0 ? log(exp(mixed) + extreme) : mixed;
}
