/*
 * A history made small: some of its candidates, and its suspects in lumps that none of these tells apart. Pure.
 *
 * The suspects of a lump are shown by the same of the candidates and are of one class of the posterior, so that whatever
 * trials of these candidates say is said of the lump as a whole. It is exact: what is left out is the other candidates.
 *
 * Which of the candidates show a suspect is a bitset that is handed down from children to parents in one walk; lumps
 * are numbered as their first suspects, in the order of a depth-first walk, so that what a candidate shows is few spans.
 */
#ifndef QB_LUMPS_H
#define QB_LUMPS_H

#include "bisect/posterior.h"

struct lumps {
	uint32_t *candidates; /* ascending */
	size_t n_candidates;

	size_t n;
	uint32_t *first;   /* a suspect of each lump: the first */
	uint32_t *size;	   /* how many there are */
	double *mass;	   /* of all together */
	uint32_t *lump_of; /* of each suspect; GRAPH_NONE when it has no mass */

	/* Candidate i shows the lumps spans[j].from <= lump < spans[j].to, span_at[i] <= j < span_at[i + 1]. */
	uint32_t *span_at;
	struct graph_span *spans;

	/* private */
	uint64_t *bits; /* of each lump, by candidate */
	size_t words;
};
#define LUMPS_INIT                                                                                           \
	{                                                                                                    \
		.n = 0                                                                                       \
	}

/* `chosen` is by candidate of posterior->graph; suspects without mass are in no lump. *lumps must be fresh. */
void lumps_make(const struct posterior *posterior, const double *mass, const bool *chosen,
		struct lumps *lumps);

/* Whether the i-th of the candidates shows the lump. */
static inline bool lumps_shows(const struct lumps *lumps, size_t i, size_t lump)
{
	return lumps->bits[lump * lumps->words + i / 64] >> (i % 64) & 1;
}

void lumps_release(struct lumps *lumps);
AUTO_DEFINE(lumps, struct lumps, lumps_release);

#endif
