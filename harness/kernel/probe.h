/*
 * What a kernel image says about itself. Pure: over its bytes.
 *
 * Formats: ELF (vmlinux); bzImage, https://docs.kernel.org/arch/x86/boot.html; arm64 Image,
 * https://docs.kernel.org/arch/arm64/booting.html. The release is that of the banner "Linux version X (" or
 * of bzImage's kernel_version. The .config is there when the kernel was built with CONFIG_IKCONFIG.
 */
#ifndef QB_PROBE_H
#define QB_PROBE_H

#include "config/candidate.h"

struct probe {
	const char *arch;	    /* as in a candidate */
	const char *name;	    /* what such a file is called: "vmlinux", "bzImage" or "Image" */
	char release[65];	    /* "" when the image does not say */
	unsigned pagesize;	    /* bytes; 0 when the image does not say */
	size_t config_at, config_n; /* the gzip-compressed .config in it; 0 bytes: none */
};

/*
 * ERR_USAGE with `name`: not a kernel that can be booted here (32 bit, big-endian, another machine, an object
 * file or a user program, truncated), and what was expected.
 */
int probe_image(const char *name, const void *data, size_t len, struct probe *out, struct err *err);

#endif
