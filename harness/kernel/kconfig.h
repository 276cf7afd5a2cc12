/*
 * Reads a kernel's .config. Pure.
 *
 * Format: https://docs.kernel.org/kbuild/kconfig.html; lines are "CONFIG_X=value", "# CONFIG_X is not set",
 * comments, or empty. The last line about a symbol counts, as it does for the kernel's own tools.
 */
#ifndef QB_KCONFIG_H
#define QB_KCONFIG_H

#include "base/buf.h"
#include "base/err.h"

struct kconfig {
	const char *text; /* borrowed */
	size_t len;
};

/* Looks at every line. ERR_USAGE with `name` and the line when the text is not a kernel's .config. */
int kconfig_open(const char *name, const char *text, size_t len, struct kconfig *config, struct err *err);

/* 'y' or 'm'; 'n' when it is not set or not there (a symbol whose dependencies fail is not written). */
char kconfig_state(const struct kconfig *config, const char *symbol);

/* Page size in bytes; 0: the config does not say (x86_64's did not before 6.9). */
unsigned kconfig_pagesize(const struct kconfig *config);

/* As in candidates: "ppc64le"; NULL: for another architecture. */
const char *kconfig_arch(const struct kconfig *config);

/*
 * Appends, a line each, what `wanted` says and `config` does not hold: "CONFIG_X=y" must be there as it is,
 * a symbol that "is not set" must be off. Returns how many they are.
 */
size_t kconfig_compare(const struct kconfig *config, const struct kconfig *wanted, struct buf *out);

#endif
