#include "report/kernels.h"

static size_t place_of(const struct campaign *campaign, const struct record *record)
{
	size_t i = 0;

	while (i < campaign->candidates.n && !str_eq(campaign->candidates.v[i], record_name(record)))
		i++;
	return i;
}

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
	    (struct kernel){ .records = records->v, .place = place_of(campaign, record) };
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

unsigned kernel_evidence(const struct kernel *kernel)
{
	return kernel->verdicts[VERDICT_BAD] + kernel->verdicts[VERDICT_GOOD];
}

void kernels_release(struct kernels *kernels)
{
	for (size_t i = 0; i < kernels->n; i++)
		free(kernels->v[i].trials);
	free(kernels->v);
	*kernels = (struct kernels)KERNELS_INIT;
}
