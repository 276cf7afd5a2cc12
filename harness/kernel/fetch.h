/* Kernels from Debian's archive: through apt (kernel/apt.h), then imported (kernel/import.h). */
#ifndef QB_FETCH_H
#define QB_FETCH_H

#include "config/candidate.h"

/*
 * Fetches one package, NAME or NAME:ARCH, of a suite, follows it from a meta package to the kernel and its
 * parts, and imports what it found into the catalog at `cache`. Packages are kept below `downloads` and not
 * fetched twice. When the mirror does not have what a meta package leads to, the newest kernel of the flavour
 * before that is taken, and said so. ERR_USAGE: there is no such package; the text names near ones.
 */
int fetch_debian(const char *cache, const char *downloads, const char *suite, const char *package,
		 struct candidate *out, struct err *err);

#endif
