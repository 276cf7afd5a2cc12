#include "bisect/depends.h"

#include <stdlib.h>

#include "base/buf.h"
#include "bisect/model.h"

static int compare_trials(const void *a, const void *b)
{
	const struct depends_trial *x = a, *y = b;
	int order = strcmp(x->cell, y->cell);

	return order ? order : strcmp(x->value, y->value);
}

/* The evidence of the trials from the first on that have its cell, and unless `all` its value; they are `*n`. */
static double evidence(const struct depends_trial *first, const struct depends_trial *end, bool all,
		       size_t *n)
{
	const struct depends_trial *trial = first;
	double failures = 0;

	while (trial < end && str_eq(trial->cell, first->cell) && (all || str_eq(trial->value, first->value)))
		failures += trial++->failed;
	*n = (size_t)(trial - first);
	return model_log_jeffreys(failures, (double)*n - failures);
}

double depends_log_odds(struct depends_trial *trials, size_t n)
{
	const struct depends_trial *end = trials + n, *cell = trials, *value = trials;
	double odds = 0;
	size_t of;

	if (n)
		qsort(trials, n, sizeof(*trials), compare_trials);
	for (; cell < end; cell += of)
		odds -= evidence(cell, end, true, &of);
	for (; value < end; value += of)
		odds += evidence(value, end, false, &of);
	return odds;
}
