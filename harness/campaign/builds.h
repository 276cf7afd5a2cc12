/* The commits of a campaign as kernels: built when the search asks, the likely next one while a trial
 * runs. */
#ifndef QB_BUILDS_H
#define QB_BUILDS_H

#include "campaign/source.h"
#include "kernel/build.h"
#include "store/campaign.h"

struct builds {
	struct source source; /* first; get() and expect() are kernel/build's */
	const char *cache;    /* not owned, like all of spec but its config */
	char *config;	      /* owned */
	struct build_spec spec;
	struct built *made; /* private */
	size_t n, cap;
	struct ahead *ahead;
};

/* For the campaign's repository and configuration; `pagesize` as in build_spec. */
void builds_open(const char *cache, const struct campaign *campaign, unsigned pagesize,
		 struct builds *builds);

/* A build that is under way ahead is left behind; it ends with the process. */
void builds_close(struct builds *builds);
AUTO_DEFINE(builds, struct builds, builds_close);

#endif
