/*
 * Makes a candidate of packages, a folder, or a bare image.
 *
 *	.deb .rpm	one or several that make one kernel (image, modules, base)
 *	folder		an installed tree (boot/, lib/modules/ or usr/lib/modules/), a build tree of the
 *			kernel, or else .deb or .rpm files that make one kernel
 *	file		vmlinux, bzImage or arm64 Image; a config may stand beside it as another PATH
 *
 * What comes from outside is not trusted: a package with a path or link that leaves it, a device, or more
 * than the stated sizes is refused as a whole, with its name and the member's; nothing but regular files that
 * a kernel needs is ever written, and nothing half-written stays.
 */
#ifndef QB_IMPORT_H
#define QB_IMPORT_H

#include "config/candidate.h"

struct import_spec {
	const char *const *paths;
	size_t n;
	const char *id;	     /* NULL: made from the release */
	const char *release; /* which kernel to take from a folder that holds several; NULL: the only one */
	/* For an image that was built here, else NULL: of what, and in which repository, which is recorded as
	 * its source. Without `id` it is named by release, architecture, page size and content. */
	const struct candidate_git *git;
	const char *repository;
};

/*
 * Imports into the catalog at `cache` and returns its record. A kernel that is there already is returned as
 * it is. ERR_USAGE: a path cannot be read, is hostile or broken, is not a kernel for an architecture we know,
 * or the pieces do not belong together. ERR_INTERRUPTED.
 */
int import_kernel(const char *cache, const struct import_spec *spec, struct candidate *out, struct err *err);

#endif
