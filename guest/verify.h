/* A source and its copy: filled with known content before the copy, compared with it after, through the page
 * cache. */
#ifndef GUEST_VERIFY_H
#define GUEST_VERIFY_H

#include "emit.h"

struct pair {
	char source[16], copy[16]; /* names */
	uint64_t size;		   /* bytes */
	uint64_t key, old_key;	   /* of the content, and of the same pair's in the iteration before */
};

/* Writes and fsyncs the source. False: it failed, and the outcome says so. */
bool pair_fill(const struct pair *pair, struct outcome *outcome);

/*
 * Compares the copy's size, then both files' content, page by page. The first difference is the iteration's
 * failure, or, when it has failed before, a detail of it.
 */
void pair_verify(const struct pair *pair, struct outcome *outcome);

#endif
