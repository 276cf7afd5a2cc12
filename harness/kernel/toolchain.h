/*
 * What compiles a kernel for an architecture: Debian's cross compilers, and the programs that every kernel
 * build needs.
 */
#ifndef QB_TOOLCHAIN_H
#define QB_TOOLCHAIN_H

#include "config/arch.h"

/*
 * Checks that all programs are there and appends what they call themselves, one line: two kernels of one tree
 * and configuration are the same when these words are. ERR_HOST names the package of one that is missing.
 */
int toolchain_version(const struct arch *arch, struct buf *out, struct err *err);

/* The compiler as make is to call it: through kernels/cc when ccache is there. The caller's to free(). */
char *toolchain_compiler(const struct arch *arch);

#endif
