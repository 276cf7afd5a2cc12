/*
 * The commits of a campaign as kernels: built by the campaign's runtime when the search asks, the likely next one while a
 * trial runs. Any number of threads may ask; those that ask for the same commit wait for one build.
 */
#ifndef QB_BUILDS_H
#define QB_BUILDS_H

#include <pthread.h>

#include "campaign/setup.h"
#include "campaign/source.h"
#include "kernel/build.h"
#include "store/campaign.h"

struct builds {
	struct source source; /* first */
	const struct setup *setup;
	const struct campaign *campaign;
	char *config; /* owned */
	struct build_spec spec;
	/* private */
	pthread_mutex_t lock;
	pthread_cond_t ended;
	struct built *built; /* a list: trials keep addresses in its pieces */
	struct ahead *ahead;
};

/* For the campaign's repository and configuration; `pagesize` as in build_spec. The setup must be connected before anything
 * is asked for, and the campaign's lock held. */
void builds_open(const struct setup *setup, const struct campaign *campaign, unsigned pagesize,
		 struct builds *builds);

/* The build of a commit, which stays ours; *seconds is what it took, told once; `seconds` may be NULL. NULL: as build_kernel(). */
const struct build_result *builds_get(struct builds *builds, const char *name, double *seconds,
				      struct err *err);

/* Nothing more is expected: ends what is under way ahead, and waits for that. */
void builds_settle(struct builds *builds);

void builds_close(struct builds *builds);
AUTO_DEFINE(builds, struct builds, builds_close);

#endif
