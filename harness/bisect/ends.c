#include "bisect/ends.h"

#include <math.h>

static double coin(double p)
{
	return p <= 0 || p >= 1 ? 0 : -(p * log(p) + (1 - p) * log1p(-p)) / M_LN2;
}

struct ends_account ends_differ(const struct model *model, double clean, const struct model_counts *counts)
{
	struct model_view view;
	double a, b, top;

	model_look(model, counts, &view);
	top = fmax(view.clean, view.flaky);
	a = clean * exp(view.clean - top);
	b = (1 - clean) * exp(view.flaky - top);
	return (struct ends_account){ log(a + b) + top, (a * view.clean_bad + b * view.flaky_bad) / (a + b),
				      b * view.flaky_good / (a + b) };
}

static struct ends_account swapped(const struct model *model, const struct model_counts *counts)
{
	struct model_counts other = { counts->good_failures, counts->good_passes, counts->bad_failures,
				      counts->bad_passes };
	struct ends_account account = ends_differ(model, POSTERIOR_CLEAN, &other);

	return (struct ends_account){ account.log_likelihood, account.other, account.failing };
}

static struct ends_account same(const struct model_counts *counts)
{
	double failures = (double)counts->bad_failures + counts->good_failures;
	double trials = failures + counts->bad_passes + counts->good_passes;
	double rate = (failures + 0.5) / (trials + 1);

	return (struct ends_account){ model_same(counts), rate, rate };
}

void ends_judge(const struct model *model, const struct model_counts *counts, struct ends *ends)
{
	struct ends_account of[3] = { ends_differ(model, POSTERIOR_CLEAN, counts), same(counts),
				      swapped(model, counts) };
	double p[3] = { 1 - ENDS_SAME - ENDS_SWAPPED, ENDS_SAME, ENDS_SWAPPED };
	double top = fmax(of[0].log_likelihood, fmax(of[1].log_likelihood, of[2].log_likelihood)), sum = 0;
	double failing = 0, other = 0;

	for (int i = 0; i < 3; i++)
		sum += p[i] *= exp(of[i].log_likelihood - top);
	*ends = (struct ends){ p[0] / sum, p[1] / sum, p[2] / sum, 0, 0 };
	for (int i = 0; i < 3; i++) {
		failing += p[i] / sum * of[i].failing;
		other += p[i] / sum * of[i].other;
		ends->failing_bits -= p[i] / sum * coin(of[i].failing);
		ends->other_bits -= p[i] / sum * coin(of[i].other);
	}
	ends->failing_bits += coin(failing);
	ends->other_bits += coin(other);
}

bool ends_wants_failing(unsigned failures, unsigned trials, unsigned least)
{
	if (failures == trials)
		return failures < ENDS_ALWAYS;
	return trials < least || failures < (trials < ENDS_PATIENCE ? ENDS_FAILURES : 1);
}

double ends_same(const struct posterior *posterior, double evidence)
{
	struct model_counts all = { posterior->all_failures, posterior->all_trials - posterior->all_failures,
				    0, 0 };

	return 1 / (1 + (1 - ENDS_SAME) / ENDS_SAME * exp(evidence - model_same(&all)));
}

unsigned ends_trials_to_see(double rate, double probability)
{
	return (unsigned)fmin(4e9, ceil(log1p(-probability) / log1p(-rate)));
}
