/* The harness's own health, from the trials of a dump: what says nothing and why, and how long boots take. */
#ifndef QB_HTML_HEALTH_H
#define QB_HTML_HEALTH_H

#include "store/record.h"

/* Trials that ended alike. */
struct health_class {
	enum verdict verdict; /* skip or broken */
	char *class;
	unsigned trials;
};

/* Boots of one architecture with one accelerator. */
struct health_boots {
	char *arch, *accelerator;
	int64_t *ms[TRIAL_PHASE_N]; /* of each boot that came up */
	size_t n, cap;
};

/* What trials ran on, in words. */
struct health_machine {
	char *machine, *accelerator;
	unsigned trials;
};

struct health {
	unsigned trials, verdicts[VERDICT_N];
	struct health_class *classes;
	size_t n_classes, cap_classes;
	struct health_boots *boots;
	size_t n_boots, cap_boots;
	struct health_machine *machines;
	size_t n_machines, cap_machines;
};
#define HEALTH_INIT                                                                                          \
	{                                                                                                    \
		.trials = 0                                                                                  \
	}

void health_add(struct health *health, const struct record *record);

/* The median of a phase of these boots, of which there is one at least. Sorts them by this phase. */
int64_t health_median(const struct health_boots *boots, enum trial_phase phase);

void health_release(struct health *health);

#endif
