/*
 * Where the pieces of a kernel lie in packages, installed trees and build trees, and which paths are safe.
 * Pure.
 *
 *	boot/vmlinux-R vmlinuz-R Image-R config-R	Debian to 6.12, and the like
 *	lib/modules/R/ usr/lib/modules/R/		modules; since 7.2 also vmlinuz and config there
 *	vmlinux vmlinuz bzImage Image config .config	at the top of a folder, with or without -R
 *	arch/A/boot/bzImage, include/config/kernel.release, NAME.ko anywhere: a build tree
 */
#ifndef QB_LAYOUT_H
#define QB_LAYOUT_H

#include "config/candidate.h"

enum layout_kind {
	LAYOUT_OTHER,	/* not needed */
	LAYOUT_IMAGE,	/* something that may be booted */
	LAYOUT_CONFIG,	/* the kernel's .config */
	LAYOUT_MODULES, /* a module, or one of the lists depmod reads */
};

struct layout {
	enum layout_kind kind;
	char release[65]; /* as the path says; "" when it does not */
	struct buf rest;  /* of LAYOUT_MODULES: the path below lib/modules/R; owned */
};
#define LAYOUT_INIT                                                                                          \
	{                                                                                                    \
		LAYOUT_OTHER, "", BUF_INIT                                                                   \
	}

/*
 * Puts a member's path into its plain form: no "./" in front, no empty components, no slash behind; the
 * root is "". Returns NULL, or what is wrong with it: it is absolute, has a "..", control characters, or is
 * too long.
 */
const char *layout_clean(const char *raw, struct buf *clean);

/* Whether a link at the plain path `member` stays in the root: not absolute, and no more ".." than depth. */
bool layout_link_stays(const char *member, const char *target);

/* Says what the plain path is. `build`: it is that of a file in a build tree. */
void layout_find(const char *path, bool build, struct layout *out);

/* Whether a folder may hold pieces, so that a walk has to enter it. */
bool layout_descend(const char *path, bool build);

void layout_release(struct layout *layout);
AUTO_DEFINE(layout, struct layout, layout_release);

#endif
