/*
 * An rpm-md repository: a folder, or a http, https or file URL.
 *
 * What comes from it is believed when its checksum is the one that the file above it in the chain states:
 * repomd.xml, primary.xml, package. repomd.xml itself is believed as the transport gives it: signatures are
 * not checked. Downloads are kept, a folder for each repository, and not fetched twice.
 *
 *	AUTO(rpmrepo) repo = RPMREPO_INIT;
 *	rpmrepo_open(...)
 *	rpmrepo_list(...)	all packages
 *	rpmrepo_get(...)	the file of one
 *
 * Errors: ERR_USAGE, there is no repository; ERR_HOST, it is damaged, not all there, or out of reach.
 */
#ifndef QB_RPMREPO_H
#define QB_RPMREPO_H

#include "kernel/rpmmd.h"

struct rpmrepo {
	char *where; /* folder, or URL; no slash behind */
	char *shown; /* the same for people: without a password */
	bool local;  /* a folder */
	char *dir;   /* where downloads are kept */
	int lock;
};
#define RPMREPO_INIT                                                                                         \
	{                                                                                                    \
		NULL, NULL, false, NULL, -1                                                                  \
	}

/* `downloads` is home_downloads_dir(). Takes a lock on what is kept of this repository. */
int rpmrepo_open(const char *downloads, const char *where, struct rpmrepo *repo, struct err *err);

/* Fetches the metadata, looks at its checksum, and hands each package to `take`. */
int rpmrepo_list(const struct rpmrepo *repo, rpmmd_take take, void *arg, struct err *err);

/* *path gets the package's file, which has the right size and checksum; the caller's to free(). */
int rpmrepo_get(const struct rpmrepo *repo, const struct rpmmd_package *package, char **path,
		struct err *err);

void rpmrepo_release(struct rpmrepo *repo);
AUTO_DEFINE(rpmrepo, struct rpmrepo, rpmrepo_release);

#endif
