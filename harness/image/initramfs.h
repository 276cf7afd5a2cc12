/*
 * The guest's whole root file system: a newc cpio archive, not compressed (under TCG that boots faster), the
 * same bytes for the same input.
 *
 *	/init			the guest binary
 *	/plan			what it shall do
 *	/modules/NAME.ko	modules, unpacked
 *	/inject/NAME		programs of the user
 *	/dev/console		and empty folders to mount on: /dev /proc /sys /mnt /tmp
 *
 * Format: https://docs.kernel.org/driver-api/early-userspace/buffer-format.html
 */
#ifndef QB_INITRAMFS_H
#define QB_INITRAMFS_H

#include "base/buf.h"
#include "base/err.h"

#define INITRAMFS_LIMIT ((size_t)512 << 20) /* more than the usual guest has room for */

struct initramfs {
	const char *init;	    /* host path of the guest binary */
	const char *plan;	    /* text of /plan */
	const struct strv *modules; /* host paths, as modules_closure() gave them; NULL: none */
	const struct strv *inject;  /* host paths; NULL: none. Two of one name are ERR_USAGE. */
	size_t limit;		    /* bytes, unpacked, of each file and of all of them: INITRAMFS_LIMIT */
};

/* "/modules/btrfs.ko" for the host path of a module, packed or not; the caller's to free(). */
char *initramfs_module_path(const char *host_path);

/*
 * ERR_HOST: a file cannot be read, or all of them, modules unpacked, are more than the limit.
 *
 * Makes sure that `cache_dir` (made when missing) holds the archive, named by the hash of all that goes into
 * it, and returns its path in *path, the caller's to free(). It is made once: what changes with every trial
 * belongs on the kernel's command line, not in the plan.
 */
int initramfs_make(const struct initramfs *spec, const char *cache_dir, char **path, struct err *err);

#endif
