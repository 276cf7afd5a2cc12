#include "bisect/model.h"

#include <math.h>

#define MOMENTS	  (MODEL_FLAKY + 1)
#define LOG_PI	  1.1447298858494002
#define HALF_PI	  1.5707963267948966
#define NEGLECTED (-40.0) /* e^-40 is below what a double adds to 1 */

struct grid {
	size_t n;
	double *rate, *log_rate, *log_rest; /* rate, log(rate), log(1 - rate) */
	double *weight;			    /* prior of the bad side's rate, sums to 1 - MODEL_ALWAYS */
	double *jacobian;		    /* of the step from angle to rate */
	double *norm; /* n + 1, the last for rate 1: makes the prior of the good side's rate sum to 1, given
			 the bad's */
};

struct model {
	bool independent;
	struct grid coarse, fine;
	double binomial[MODEL_FLAKY]; /* of (1 - x)^(MODEL_FLAKY - 1), with sign */
};

/* --- tables ------------------------------------------------------------------------------------------------
 */

/* Running sums of y * rate^j over the good side's rates below the one at hand. */
static void moments_add(double *moments, double y, double rate)
{
	for (size_t j = 0; j < MOMENTS; j++) {
		moments[j] += y;
		y *= rate;
	}
}

/* The sum over rates g below b of (1 - g / b)^(MODEL_FLAKY - 1) y(g) g^shift. */
static double moments_at(const struct model *model, const double *moments, double inverse, size_t shift)
{
	double sum = 0;

	for (size_t j = MODEL_FLAKY; j-- > 0;)
		sum = sum * inverse + model->binomial[j] * moments[j + shift];
	return sum;
}

static void grid_make(const struct model *model, struct grid *grid, size_t n)
{
	double moments[MOMENTS] = { 0 };

	grid->n = n;
	grid->rate = xcalloc(6 * n + 1, sizeof(double));
	grid->log_rate = grid->rate + n;
	grid->log_rest = grid->rate + 2 * n;
	grid->weight = grid->rate + 3 * n;
	grid->jacobian = grid->rate + 4 * n;
	grid->norm = grid->rate + 5 * n;
	for (size_t k = 0; k < n; k++) {
		double angle = ((double)k + 0.5) / (double)n * HALF_PI, s = sin(angle), sum;

		grid->rate[k] = s * s;
		grid->log_rate[k] = 2 * log(s);
		grid->log_rest[k] = 2 * log(cos(angle));
		grid->weight[k] = (1 - MODEL_ALWAYS) / (double)n;
		grid->jacobian[k] = s * cos(angle);
		sum = moments_at(model, moments, 1 / grid->rate[k], 0);
		grid->norm[k] = sum > 0 ? 1 / sum : 0;
		moments_add(moments, grid->jacobian[k], grid->rate[k]);
	}
	grid->norm[n] = 1 / moments_at(model, moments, 1, 0);
}

struct model *model_new(void)
{
	struct model *model = xcalloc(1, sizeof(*model));
	double binomial = 1;

	for (int j = 0; j < MODEL_FLAKY; j++) {
		model->binomial[j] = binomial;
		binomial *= -(double)(MODEL_FLAKY - 1 - j) / (j + 1);
	}
	grid_make(model, &model->coarse, MODEL_COARSE);
	grid_make(model, &model->fine, MODEL_FINE);
	return model;
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

/* --- looking ----------------------------------------------------------------------------------------------
 */

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

/* Running sums over the good side's rates below the one at hand, relative to the largest likelihood so far.
 */
struct running {
	double top;
	double moments[MOMENTS];
};

static void running_add(struct running *running, double log_likelihood, double jacobian, double rate)
{
	double scale;

	if (log_likelihood > running->top) {
		scale = weight(running->top - log_likelihood);
		for (size_t j = 0; j < MOMENTS; j++)
			running->moments[j] *= scale;
		running->top = log_likelihood;
	}
	scale = weight(log_likelihood - running->top);
	if (scale > 0)
		moments_add(running->moments, scale * jacobian, rate);
}

static void sums_add(const struct model *model, struct sums *sums, const struct running *running, double norm,
		     double rate, double x)
{
	double good = norm * moments_at(model, running->moments, 1 / rate, 0);
	double failing = norm * moments_at(model, running->moments, 1 / rate, 1);

	sums->all += x * good;
	sums->failing_bad += x * good * rate;
	sums->failing_good += x * failing;
}

static void look_flaky(const struct model *model, const struct grid *grid, const struct logs *logs,
		       struct model_view *view)
{
	struct running running = { .top = -INFINITY };
	struct sums sums = { 0 };
	double x;

	for (size_t k = 0; k < grid->n; k++) {
		x = weight(logs->bad[k] + running.top - logs->flaky_top);
		if (x > 0)
			sums_add(model, &sums, &running, grid->norm[k], grid->rate[k], x * grid->weight[k]);
		running_add(&running, logs->good[k], grid->jacobian[k], grid->rate[k]);
	}
	x = weight(logs->always + running.top - logs->flaky_top);
	if (x > 0)
		sums_add(model, &sums, &running, grid->norm[grid->n], 1, x * MODEL_ALWAYS);
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

/* Log of the mean of rate^failures (1 - rate)^passes over Beta(1/2, 1/2). */
static double log_jeffreys(double failures, double passes)
{
	return log_gamma(failures + 0.5) + log_gamma(passes + 0.5) - log_gamma(failures + passes + 1) -
	       LOG_PI;
}

static void look_independent(const struct model_counts *counts, struct model_view *view)
{
	double bad = (double)counts->bad_failures + counts->bad_passes;
	double good = (double)counts->good_failures + counts->good_passes;

	view->clean = -INFINITY;
	view->flaky = log_jeffreys(counts->bad_failures, counts->bad_passes) +
		      log_jeffreys(counts->good_failures, counts->good_passes);
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
	look_flaky(model, grid, &logs, view);
}

double model_same(const struct model_counts *counts)
{
	double failures = (double)counts->bad_failures + counts->good_failures;
	double passes = (double)counts->bad_passes + counts->good_passes;
	double mixed = log(1 - MODEL_ALWAYS) + log_jeffreys(failures, passes);
	double extreme = MODEL_ALWAYS * ((failures == 0) + (passes == 0)) / 2;

	return extreme > 0 ? log(exp(mixed) + extreme) : mixed;
}
