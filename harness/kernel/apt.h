/*
 * apt with a state of its own, one for each suite and architecture, so that the system's is not touched.
 *
 * The mirror and the keys are those of the system's own entry for Debian's archive; of the system's
 * configuration the Acquire settings apply (proxies, time limits), hooks and pins do not. Signatures are
 * checked by apt.
 *
 *	AUTO(apt) apt = APT_INIT;
 *	apt_open(...)		writes the configuration and takes the state's lock
 *	apt_update(...)		when apt_is_stale(), or when a package is not found
 *	apt_show(), apt_download()
 */
#ifndef QB_APT_H
#define QB_APT_H

#include "base/buf.h"
#include "base/err.h"

struct apt {
	char *suite, *arch; /* Debian's words */
	char *dir;	    /* the state's folder */
	char *config;	    /* "APT_CONFIG=FILE", for the environment */
	int lock;
	bool updated; /* in this run */
};
#define APT_INIT                                                                                             \
	{                                                                                                    \
		NULL, NULL, NULL, NULL, -1, false                                                            \
	}

/* `downloads` is home_downloads_dir(). ERR_HOST: apt is not there, or has no entry for Debian's archive. */
int apt_open(const char *downloads, const char *suite, const char *arch, struct apt *apt, struct err *err);

/* The lists are not there, or are more than a day old. */
bool apt_is_stale(const struct apt *apt);

/*
 * Fetches the suite's lists, with some patience for a mirror in the middle of a sync. When it fails in the
 * end and older lists are there, it says so and goes on with them.
 */
int apt_update(struct apt *apt, struct err *err);

/* The control stanza of a package, into *control. 1: the lists have no such package. */
int apt_show(const struct apt *apt, const char *package, struct buf *control, struct err *err);

/* Appends the names of all packages that begin with `prefix`. */
int apt_names(const struct apt *apt, const char *prefix, struct strv *out, struct err *err);

/*
 * Downloads the package into `folder` unless it is there with the size and hash that the lists say. *path
 * gets the file, the caller's to free().
 */
int apt_download(const struct apt *apt, const char *package, const char *folder, char **path,
		 struct err *err);

void apt_release(struct apt *apt);
AUTO_DEFINE(apt, struct apt, apt_release);

#endif
