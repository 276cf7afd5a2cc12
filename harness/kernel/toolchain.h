/*
 * What compiles a kernel for an architecture: Debian's cross compilers, and the programs that every kernel
 * build needs.
 */
#ifndef QB_TOOLCHAIN_H
#define QB_TOOLCHAIN_H

#include "base/buf.h"
#include "base/err.h"

struct toolchain {
	const char *arch;	 /* as in candidates: "ppc64le" */
	const char *kernel_arch; /* the kernel's ARCH */
	const char *prefix;	 /* the kernel's CROSS_COMPILE */
	const char *package;	 /* that brings the compiler */
	const char *target;	 /* what make is to make */
	const char *image;	 /* where that is in the object folder */
	bool strip;		 /* the image is an ELF file with symbols that no guest needs */
	unsigned pagesize;	 /* bytes, when none is asked for */
};

/* NULL and ERR_USAGE: kernels for this architecture cannot be built. */
const struct toolchain *toolchain_find(const char *arch, struct err *err);

/*
 * Checks that all programs are there and appends what they call themselves, one line: two kernels of one tree
 * and configuration are the same when these words are. ERR_HOST names the package of one that is missing.
 */
int toolchain_version(const struct toolchain *toolchain, struct buf *out, struct err *err);

/* The compiler as make is to call it: through kernels/cc when ccache is there. The caller's to free(). */
char *toolchain_compiler(const struct toolchain *toolchain);

#endif
