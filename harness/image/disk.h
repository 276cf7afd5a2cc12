/*
 * The disk of an environment: an image with a fresh file system, made once; each trial gets a copy.
 *
 * UUID, label and hash seed are fixed, so that two images made by the same tool are as alike as it allows.
 */
#ifndef QB_DISK_H
#define QB_DISK_H

#include "base/buf.h"
#include "base/err.h"

struct disk_spec {
	const char *filesystem;	    /* "btrfs", "ext4" or "xfs" */
	unsigned sectorsize;	    /* bytes, a power of two: btrfs' sector size, the others' block size */
	unsigned size_mib;	    /* of the disk */
	const struct strv *options; /* more words for mkfs, before the device; NULL: none */
};

/*
 * Makes sure that `cache_dir` (made when missing) holds the image and returns its path in *path, the caller's
 * to free(). It is for copying (fs_copy_sparse()), never for use. `tool` (may be NULL) gets "mkfs.btrfs, part
 * of btrfs-progs v6.2" or the like for the record, the caller's to free(). ERR_USAGE: the spec makes no sense
 * or mkfs refused it, with its words. ERR_HOST: mkfs is not installed (the text names the package) or the
 * disk is full.
 */
int disk_make(const struct disk_spec *spec, const char *cache_dir, char **path, char **tool, struct err *err);

#endif
