/*
 * Kernels from a distribution, then imported (kernel/import.h): Debian's through apt (kernel/apt.h), others'
 * from rpm-md repositories (kernel/rpmrepo.h).
 */
#ifndef QB_FETCH_H
#define QB_FETCH_H

#include "kernel/catalog.h"

/*
 * Fetches one package, NAME or NAME:ARCH, of a suite, follows it from a meta package to the kernel and its
 * parts, and imports what it found into the catalog at `cache`. Packages are kept below `downloads` and not
 * fetched twice. When the mirror does not have what a meta package leads to, the newest kernel of the flavour
 * before that is taken, and said so. ERR_USAGE: there is no such package; the text names near ones.
 */
int fetch_debian(const char *cache, const char *downloads, const char *suite, const char *package,
		 struct candidate *out, struct err *err);

/*
 * Fetches the kernels that `package` (NAME or NAME:ARCH) and `versions` mean, as kernel/rpmpick.h takes them,
 * from the repository at `where`, a folder or URL, and imports each, oldest first. Appends their records in
 * that order; on an error those before it, which stay in the catalog. ERR_USAGE: there is no such repository,
 * package or version. ERR_HOST: the repository is damaged or out of reach.
 */
int fetch_rpm(const char *cache, const char *downloads, const char *where, const char *package,
	      const char *versions, struct candidate_list *out, struct err *err);

#endif
