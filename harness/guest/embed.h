/*
 * The root folders of qemu:///embed: one process at a time may use one, so there are several and each process
 * takes a free one. Kept between runs for libvirt's cache of QEMU's abilities.
 */
#ifndef QB_EMBED_H
#define QB_EMBED_H

#include "base/buf.h"
#include "base/err.h"

struct embed_root {
	char *path; /* absolute and short: socket names below it have at most 108 bytes */
	int lock;   /* held while the root is ours */
};
#define EMBED_ROOT_INIT                                                                                      \
	{                                                                                                    \
		NULL, -1                                                                                     \
	}

/*
 * Takes a free root below `cache_dir` (NULL: below /tmp, which is this host's alone), writes its qemu.conf, ends
 * guests that a killed qbisect left in it, and removes what libvirt left there but for that cache and the logs of some
 * guests. ERR_HOST when all are in use or the folder cannot be made.
 */
int embed_root_take(const char *cache_dir, struct embed_root *root, struct err *err);

/*
 * Ends guests that a killed qbisect left in other roots. To be called now and then: one that is killed holds its lock
 * until its last thread is gone, some seconds on a busy disk, and its folder must not be taken for one in use for
 * good. Nothing where the root is not ours. Not for two threads at once.
 */
void embed_sweep_others(const struct embed_root *root);

/* Removes QEMU's log of a guest: each has one, and libvirt keeps them all. */
void embed_forget(const struct embed_root *root, const char *name);

/* Gives it back; the folder stays. */
void embed_root_release(struct embed_root *root);
AUTO_DEFINE(embed_root, struct embed_root, embed_root_release);

#endif
