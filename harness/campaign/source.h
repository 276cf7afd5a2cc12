/* Where the kernels of a search come from: a list that is there, or commits that are built when they are
 * asked for. */
#ifndef QB_SOURCE_H
#define QB_SOURCE_H

#include "config/candidate.h"

struct source {
	/*
	 * The kernel that the search calls `name`; it stays the source's. *seconds is what making it took.
	 * NULL: ERR_CANDIDATE (it cannot be had: it does not build), or any other kind, which ends the
	 * search. Several threads may call it at once.
	 */
	const struct candidate *(*get)(struct source *source, const char *name, double *seconds,
				       struct err *err);

	/* Says that this one will likely be asked for next, so that it may be made meanwhile. May be NULL. */
	void (*expect)(struct source *source, const char *name);

	bool commits; /* names are commits: two of them may have the same image */
	const char *arch;
};

#endif
