/* Campaigns without their trials, for what is about many of them. */
#ifndef QB_HEADS_H
#define QB_HEADS_H

#include "store/campaign.h"

struct heads {
	struct campaign *v;
	size_t n, cap;
};
#define HEADS_INIT                                                                                           \
	{                                                                                                    \
		NULL, 0, 0                                                                                   \
	}

/* Appends a campaign, which is the list's from then on; *campaign is empty. */
void heads_take(struct heads *heads, struct campaign *campaign);

/*
 * Appends all of `results` in the order in which they began, which is that of the runs of a matrix. Of one that is
 * damaged "name: why" is appended to `damaged` instead. ERR_HOST: the folder cannot be read.
 */
int heads_load(const char *results, struct heads *heads, struct strv *damaged, struct err *err);

void heads_release(struct heads *heads);
AUTO_DEFINE(heads, struct heads, heads_release);

#endif
