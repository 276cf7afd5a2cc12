/*
 * The search over a list in order of history, with a fixed number of trials for each candidate: halve what is
 * left, walk around what cannot be judged. Pure.
 */
#ifndef QB_LINEAR_H
#define QB_LINEAR_H

#include "base/buf.h"

enum linear_side {
	LINEAR_UNKNOWN,
	LINEAR_OLD,  /* as the first candidate */
	LINEAR_NEW,  /* as the last candidate */
	LINEAR_SKIP, /* cannot be judged */
};

/*
 * The next candidate to judge, given what is known of each of the n >= 2, or n when there is none left. The
 * ends come first; inside, the one nearest to the middle that is neither judged nor skipped.
 */
size_t linear_next(const enum linear_side *sides, size_t n);

/*
 * What is left: the change came after *old_end (the last that is like the first) and with *new_end at the
 * latest (the first that is like the last). What lies between them was skipped. Both ends must have been
 * judged.
 */
void linear_range(const enum linear_side *sides, size_t n, size_t *old_end, size_t *new_end);

#endif
