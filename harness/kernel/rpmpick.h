/*
 * Which packages of an rpm-md repository make the kernels that were asked for. Pure.
 *
 *	rpmpick_parse(...)		the words of the command line
 *	rpmpick_take(...)		for each package of the repository: keeps what may matter
 *	rpmpick_choose(...)		the kernels, oldest first
 */
#ifndef QB_RPMPICK_H
#define QB_RPMPICK_H

#include "kernel/rpmmd.h"

#define RPMPICK_PARTS_MAX 8

struct rpmpick_kernel {
	const struct rpmmd_package *parts[RPMPICK_PARTS_MAX]; /* first the package that was asked for */
	size_t n;
};

struct rpmpick {
	char *name;
	const char *arch;     /* as in candidates: "ppc64le"; NULL: the only one that the repository has */
	struct strv versions; /* empty: the newest */
	struct rpmmd_package *packages;
	size_t n, cap;
	struct strv near;		/* names that begin alike, for hints */
	struct rpmpick_kernel *kernels; /* they borrow from `packages` */
	size_t n_kernels, cap_kernels;
};
#define RPMPICK_INIT                                                                                         \
	{                                                                                                    \
		0                                                                                            \
	}

/*
 * `package` is NAME or NAME:ARCH, with our word or Debian's for ARCH. `versions` (NULL: the newest) are the
 * items that a comma separates, each
 *
 *	6.7.1 or 6.7.1-1.1	this version; without a release, all releases of it
 *	6.7..6.9		from this to that, both included, either may be left out
 *	6.7.*			a pattern as the shell's, for the version with or without its release
 *
 * with an epoch in front where there is one. ERR_USAGE: not such words.
 */
int rpmpick_parse(const char *package, const char *versions, struct rpmpick *out, struct err *err);

/* An rpmmd_take; `arg` is the struct rpmpick. */
int rpmpick_take(void *arg, struct rpmmd_package *package, struct err *err);

/*
 * Fills in `kernels`: those that any of the items means, by rpm's order of versions, none twice, each with
 * its parts: packages of the same version, architecture and source that are called NAME-base, NAME-extra,
 * NAME-core, NAME-modules and the like. ERR_USAGE: there is no such package, or for several architectures,
 * or an item means nothing; the text says what there is.
 */
int rpmpick_choose(struct rpmpick *pick, struct err *err);

void rpmpick_release(struct rpmpick *pick);
AUTO_DEFINE(rpmpick, struct rpmpick, rpmpick_release);

#endif
