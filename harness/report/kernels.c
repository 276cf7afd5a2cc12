#include "report/kernels.h"

#include "bisect/rate.h"

static bool is_trial_of(const struct kernel *kernel, const struct record *record)
{
	return str_eq(kernel_trial(kernel, 0)->candidate, record->candidate) &&
	       str_eq(kernel_trial(kernel, 0)->arch, record->arch);
}

static struct kernel *kernel_of(struct kernels *kernels, const struct campaign *campaign,
				const struct record_list *records, const struct record *record)
{
	for (size_t i = 0; i < kernels->n; i++)
		if (is_trial_of(&kernels->v[i], record))
			return &kernels->v[i];
	GROW(kernels->v, kernels->n, kernels->cap);
	kernels->v[kernels->n] =
	    (struct kernel){ .records = records->v,
			     .place = strv_find(&campaign->candidates, record_name(record)) };
	return &kernels->v[kernels->n++];
}

/* Of one place are a commit's kernels for two page sizes, say: the one that was asked first stands first. */
static int by_place(const void *pa, const void *pb)
{
	const struct kernel *a = pa, *b = pb;

	if (a->place != b->place)
		return a->place < b->place ? -1 : 1;
	return (a->trials[0] > b->trials[0]) - (a->trials[0] < b->trials[0]);
}

void kernels_collect(const struct campaign *campaign, const struct record_list *records,
		     struct kernels *kernels)
{
	for (size_t i = 0; i < records->n; i++) {
		struct kernel *kernel = kernel_of(kernels, campaign, records, &records->v[i]);

		GROW(kernel->trials, kernel->n, kernel->cap);
		kernel->trials[kernel->n++] = i;
		kernel->verdicts[records->v[i].verdict]++;
	}
	if (kernels->n)
		qsort(kernels->v, kernels->n, sizeof(*kernels->v), by_place);
}

enum verdict kernel_verdict(const struct kernel *kernel)
{
	if (kernel->verdicts[VERDICT_BAD])
		return VERDICT_BAD;
	if (kernel->verdicts[VERDICT_SKIP])
		return VERDICT_SKIP;
	return kernel->verdicts[VERDICT_GOOD] ? VERDICT_GOOD : VERDICT_BROKEN;
}

static bool is_asked_alike(const struct record *a, const struct record *b)
{
	return str_eq(a->scenario, b->scenario) && str_eq(a->environment_name, b->environment_name);
}

struct kernel_rate kernel_rate(const struct kernel *kernel, size_t i)
{
	struct kernel_rate rate = { 0, 0, 0 };

	for (size_t j = 0; j < kernel->n; j++) {
		const struct record *record = kernel_trial(kernel, j);

		if (!is_asked_alike(record, kernel_trial(kernel, i)))
			continue;
		rate.failures += record->verdict == VERDICT_BAD;
		rate.trials += record->verdict == VERDICT_BAD || record->verdict == VERDICT_GOOD;
		rate.place += j <= i;
	}
	return rate;
}

static bool is_one_question(const struct kernel *kernel)
{
	for (size_t i = 1; i < kernel->n; i++)
		if (!is_asked_alike(kernel_trial(kernel, i), kernel_trial(kernel, 0)))
			return false;
	return true;
}

void kernel_add_rate(const struct kernel *kernel, struct buf *out)
{
	unsigned failures = kernel->verdicts[VERDICT_BAD];
	unsigned trials = failures + kernel->verdicts[VERDICT_GOOD];
	struct rate rate = rate_interval(failures, trials);

	buf_addf(out, "%u/%u", failures, trials);
	if (is_one_question(kernel))
		buf_addf(out, " (%.0f-%.0f %%)", 100 * rate.low, 100 * rate.high);
}

void kernels_release(struct kernels *kernels)
{
	for (size_t i = 0; i < kernels->n; i++)
		free(kernels->v[i].trials);
	free(kernels->v);
	*kernels = (struct kernels)KERNELS_INIT;
}
