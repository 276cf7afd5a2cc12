/* The trials of a campaign by kernel, for the formats that nest them. Pure. */
#ifndef QB_REPORT_KERNELS_H
#define QB_REPORT_KERNELS_H

#include "store/campaign.h"

/* A candidate of one architecture. */
struct kernel {
	const struct record *records; /* the campaign's */
	size_t *trials;		      /* places in them, in order */
	size_t n, cap;		      /* one at least */
	unsigned verdicts[VERDICT_N]; /* trials of each */
	size_t place;		      /* in the campaign's list of candidates; behind it: it was compared */
};

struct kernels {
	struct kernel *v;
	size_t n, cap;
};
#define KERNELS_INIT                                                                                         \
	{                                                                                                    \
		NULL, 0, 0                                                                                   \
	}

/* In the order of the campaign's list, not that in which a search went; behind them those compared. The records must outlive
 * what was collected. */
void kernels_collect(const struct campaign *campaign, const struct record_list *records,
		     struct kernels *kernels);

static inline const struct record *kernel_trial(const struct kernel *kernel, size_t i)
{
	return &kernel->records[kernel->trials[i]];
}

/*
 * As the campaign judges a kernel: one bad trial makes it bad, else one that says nothing makes it skip. A
 * broken trial that was tried again to an answer counts for nothing.
 */
enum verdict kernel_verdict(const struct kernel *kernel);

/* Trials that are evidence, bad ones and good ones: the n of the rate. */
unsigned kernel_evidence(const struct kernel *kernel);

void kernels_release(struct kernels *kernels);
AUTO_DEFINE(kernels, struct kernels, kernels_release);

#endif
