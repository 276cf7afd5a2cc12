/* The kernel that somebody names, wherever it is: in the catalog, in a file, in a distribution. */
#ifndef QB_OBTAIN_H
#define QB_OBTAIN_H

#include "config/candidate.h"
#include "config/origin.h"

/*
 * Finds an id, or the beginning of one, in the catalog at `cache`; imports (import.h) a path, which is what has a
 * slash or is the file of a package here; fetches (fetch.h) a package of a suite. Their errors.
 */
int obtain_kernel(const char *cache, const struct origin *origin, struct candidate *out, struct err *err);

#endif
