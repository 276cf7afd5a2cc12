/*
 * The configuration that a kernel is asked to have, before the tree's own rules complete it.
 *
 *	kernels/base.config		small and quick; only when the user brings no configuration
 *	the user's configuration
 *	kernels/own.config		over it: what stands in the way of a build outside its distribution
 *	kernels/common.config		what every guest needs
 *	kernels/<arch>.config		what this architecture's guests need
 *	kernels/<arch>-<size>.config	the page size, when it is asked for or the user brings no
 *					configuration
 *
 * A later one counts before an earlier one. All lines but those of the user and of own.config must be in the
 * finished .config.
 */
#ifndef QB_FRAGMENT_H
#define QB_FRAGMENT_H

#include "base/buf.h"
#include "base/err.h"

struct fragment {
	struct buf text;     /* all of them, in this order */
	struct buf required; /* those that must be in the finished .config */
	char *hash;	     /* SHA-256 of `text` */
	bool own;	     /* the user's configuration is in it */
	unsigned pagesize;   /* bytes that the finished .config must say; 0: any, it is the user's */
};
#define FRAGMENT_INIT                                                                                        \
	{                                                                                                    \
		BUF_INIT, BUF_INIT, NULL, false, 0                                                           \
	}

/*
 * `config` is the user's file or NULL, `pagesize` bytes, or 0 for `usual`, or what the user's file says.
 * ERR_USAGE: there is no fragment for this page size (lists those there are), the file is no .config, or it
 * is one for another architecture or page size.
 */
int fragment_load(const char *arch, unsigned pagesize, unsigned usual, const char *config,
		  struct fragment *out, struct err *err);

/*
 * Compares the finished .config at `path` with what was asked for. ERR_CANDIDATE, with the symbols: this
 * tree's rules do not let it be so.
 */
int fragment_check(const struct fragment *fragment, const char *path, struct err *err);

void fragment_release(struct fragment *fragment);
AUTO_DEFINE(fragment, struct fragment, fragment_release);

#endif
