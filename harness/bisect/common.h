/*
 * What failures have in common: the page size, the architecture, ...? Pure.
 *
 * A hypothesis is a set of attributes. By it a case can fail if for each attribute in the set its value is one
 * of those that have failed somewhere, and then fails with the rate of its scenario; all others never fail. With
 * f failures in the n trials of a scenario's cases that can fail, its likelihood is that of the best rates,
 *
 *	log L = sum over scenarios of f log(f / n) + (n - f) log(1 - f / n)
 *
 * and beforehand each choice of failing values is as likely as any other, which costs log 2 for each value that
 * an attribute of the set takes. A hypothesis that calls fewer cases able to fail explains the passes of the
 * others; one with more attributes or values pays for having had more to choose from. The empty set, one rate
 * for all, is among them. The evidence says something when the best is COMMON_ODDS times as likely as the empty
 * set; those that are not so much less likely than the best cannot be told apart from it.
 */
#ifndef QB_COMMON_H
#define QB_COMMON_H

#include "base/buf.h"

#define COMMON_ODDS 20

enum common_attribute {
	COMMON_PAGESIZE,    /* "64k" */
	COMMON_ARCH,	    /* "ppc64le" */
	COMMON_FILESYSTEM,  /* "btrfs" */
	COMMON_ENVIRONMENT, /* a name */
	COMMON_KERNEL,	    /* a release */
	COMMON_ATTRIBUTES
};

struct common_case {
	const char *scenario;
	unsigned failures, trials;
	const char *value[COMMON_ATTRIBUTES]; /* of an attribute that counts in all cases or in none: NULL */
};

/* Appends one sentence without a full stop, or nothing: "it is the page size: 64k pages fail (5 of 6 trials;
 * ppc64le), 4k pages do not (0 of 20; ppc64le, x86_64)". */
void common_find(const struct common_case *cases, size_t n, struct buf *out);

#endif
