/*
 * Which files of a kernel tree a build used, from the dependency files that the kernel's own make leaves in
 * its object folder (one NAME.cmd for each thing it made; Documentation/kbuild tells of them, and
 * scripts/basic/fixdep.c writes them).
 */
#ifndef QB_DEPS_H
#define QB_DEPS_H

#include "base/buf.h"
#include "base/err.h"

/* Appends to *out every name of a file in `tree` that the text of one .cmd file mentions, below `tree`.
 * Pure. */
void deps_scan(const char *text, size_t len, const char *tree, struct strv *out);

/* Sorts the names and drops those that stand there twice. */
void deps_sort(struct strv *files);

/* Writes the names of all files that the build in `objects` used, sorted, a line each. */
int deps_collect(const char *objects, const char *tree, const char *path, struct err *err);

#endif
