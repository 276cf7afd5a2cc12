/* Where the files that come with qbisect are: configs/, kernels/, guest binaries. */
#ifndef QB_DATADIR_H
#define QB_DATADIR_H

#include "base/buf.h"
#include "base/err.h"

/*
 * The path of a data file, such as "configs/signatures.json"; the caller's to free(). It is looked for in the
 * folder that the environment variable QBISECT_DATA names, and nowhere else when that is set; else beside the
 * running program: ".." (it runs from build/ in the tree), then "../share/qbisect" (it is installed).
 * NULL and ERR_HOST, with the places that were tried, when there is no such file.
 */
char *datadir_path(const char *relative, struct err *err);

/* The root of the working tree that the running program was built in; NULL when it is installed. */
char *datadir_tree(void);

#endif
