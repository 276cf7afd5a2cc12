/* Taking old campaigns away, their folders and their rows. */
#ifndef QB_GC_H
#define QB_GC_H

#include "base/buf.h"
#include "base/err.h"

struct campaign;

struct gc_options {
	unsigned keep; /* the newest so many campaigns stay; 0: as many as `days` keeps */
	unsigned days; /* and those that started within so many days; 0: as many as `keep` keeps */
	bool dry;      /* nothing is removed */
};

/* In front of the name of a campaign that is being removed: no campaign's begins with a dot. */
#define GC_GONE ".gone-"

struct gc {
	struct strv removed;   /* or that would be; oldest first */
	struct strv protected; /* "NAME: why" of those that would go by their age */
	unsigned kept;
};
#define GC_INIT                                                                                              \
	{                                                                                                    \
		STRV_INIT, STRV_INIT, 0                                                                      \
	}

/*
 * Never removes a campaign that has not ended, nor the run that such a one is compared with, nor one that another process
 * has, nor one whose file cannot be read. A campaign goes whole: who is killed in between leaves a folder that is
 * hidden, and the next call removes. ERR_HOST; what was removed before stays so.
 */
int gc_store(const char *results, const struct gc_options *options, struct gc *gc, struct err *err);

/* Takes one campaign of the folder `results` away, which the caller has locked. ERR_HOST: it stays. */
int gc_campaign(const char *results, const struct campaign *campaign, struct err *err);

void gc_release(struct gc *gc);
AUTO_DEFINE(gc, struct gc, gc_release);

#endif
