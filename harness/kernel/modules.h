/*
 * Which modules a guest must load, and in which order: the closure of what the environment needs, with soft
 * dependencies, as kmod computes it from the index that was made at import.
 */
#ifndef QB_MODULES_H
#define QB_MODULES_H

#include "config/candidate.h"

/* Bytes of memory that kmod may have. It unpacks each module whole, and a small file can unpack to anything. */
#define KMOD_MEMORY ((size_t)1 << 30)

struct module_need {
	const char *module; /* "btrfs"; NULL: it can only be built in */
	const char *symbol; /* its CONFIG symbol without the prefix: "BTRFS_FS" */
	const char *advice; /* what to do when the kernel lacks it; NULL: choose another kernel */
};

/*
 * Appends the host paths of the modules to load, in load order, none twice; what is built in is left out. A
 * kernel that came without its config is believed to have built in what is not found as a module. The list
 * may hold modules for hardware the guest lacks (their insmod says ENODEV), which is no fault.
 *
 * ERR_CANDIDATE: the kernel lacks one; the text names it, its CONFIG symbol and what to do.
 * ERR_HOST: kmod is missing or failed.
 */
int modules_closure(const char *cache, const struct candidate *candidate, const struct module_need *needs,
		    size_t n, struct strv *paths, struct err *err);

/*
 * modules_closure() of what every guest needs (virtio_pci, virtio_blk, AIO) and of `filesystem` ("btrfs",
 * "ext4" or "xfs"; another word is ERR_USAGE).
 */
int modules_for_filesystem(const char *cache, const struct candidate *candidate, const char *filesystem,
			   struct strv *paths, struct err *err);

/* Adds the paths of the lines "insmod PATH " of modprobe's answer, which is changed, none twice; the others are "builtin NAME".
 * Pure. */
void modules_read(char *answer, struct strv *paths);

#endif
