/*
 * The pieces of one kernel while they are collected in a folder, and what they must agree on.
 *
 *	1. set `dir` (and `wanted`), the rest empty
 *	2. for each piece: pieces_release(), then write it where pieces_image(), pieces_config() or
 *	   pieces_module() say
 *	3. pieces_finish(): probes, compares and describes what was collected
 *	4. pieces_index(), unless the catalog has this kernel already
 */
#ifndef QB_PIECES_H
#define QB_PIECES_H

#include "config/candidate.h"

struct pieces {
	const char *dir;    /* where they are collected */
	const char *wanted; /* the only release to take; NULL: there is but one */
	char *release;	    /* what all agree on; NULL: not known yet */
	char *release_from; /* which piece said so */
	struct strv images; /* where the n-th image in dir/images comes from */
	char *config_from;  /* NULL: there is none */
};

/*
 * Takes note that the piece `from` is of `release` ("": it does not say). 1: it is to be left out, another
 * release is wanted. ERR_USAGE: it is not the release of the pieces before.
 */
int pieces_release(struct pieces *pieces, const char *release, const char *from, struct err *err);

/* Append the path to write a piece to; nothing for a second config. */
void pieces_image(struct pieces *pieces, const char *from, struct buf *target);
void pieces_config(struct pieces *pieces, const char *from, struct buf *target);
void pieces_module(struct pieces *pieces, const char *rest, struct buf *target);

/*
 * Looks at all that was collected, puts it where the catalog wants it, and fills in all of *out but id,
 * origin and sources. ERR_USAGE when it does not make a kernel.
 */
int pieces_finish(struct pieces *pieces, struct candidate *out, struct err *err);

/* Makes the index of the modules, if there are any, with kmod's depmod. */
int pieces_index(const struct pieces *pieces, const struct candidate *candidate, struct err *err);

void pieces_free(struct pieces *pieces);
AUTO_DEFINE(pieces, struct pieces, pieces_free);

#endif
