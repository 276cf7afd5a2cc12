/*
 * Where state lives. `home` is the value of --home or NULL: then it is the root of the working tree that this
 * program was built in (the folder that holds configs/), or, when it is installed, $XDG_DATA_HOME/qbisect
 * (~/.local/share/qbisect). The folders need not exist. Paths are the caller's to free(); NULL and ERR_HOST
 * when there is no home at all, or it is there and we may not look into it.
 */
#ifndef QB_HOME_H
#define QB_HOME_H

#include "base/buf.h"
#include "base/err.h"

/* <home>/results */
char *home_results_dir(const char *home, struct err *err);

/* <home>/kernels/cache: the catalog of kernel/catalog.h */
char *home_cache_dir(const char *home, struct err *err);

/* What can be downloaded again: $XDG_CACHE_HOME/qbisect (~/.cache/qbisect), whatever the home. */
char *home_downloads_dir(struct err *err);

#endif
