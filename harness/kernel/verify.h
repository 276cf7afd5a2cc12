/*
 * That what is about to boot is what was imported. The catalog is a folder like any other, and a kernel that was changed
 * in it would give its verdicts to the one that stood there before.
 */
#ifndef QB_VERIFY_H
#define QB_VERIFY_H

#include "config/candidate.h"

#define VERIFY_MANIFEST                                                                                      \
	"manifest" /* in the candidate's folder: "SHA-256  FILE" for each file that was imported */

/*
 * Compares the image with its record, and the config and the modules (host paths of files in the candidate's folder) with
 * the manifest, which the record's content hash vouches for. ERR_HOST: one was changed, or lies elsewhere; the text says
 * which, and what to do. A kernel that was built here, or imported before there were manifests, has its image alone
 * compared. A file is read once by a process, and again when its times say that it was touched.
 */
int verify_kernel(const char *cache, const struct candidate *candidate, const struct strv *modules,
		  struct err *err);

/* The name of a file as a manifest has it: its path below `dir`, inside `path`. NULL: it is not below, or not plainly so. Pure. */
const char *verify_name(const char *dir, const char *path);

/* Whether the manifest has that file with that hash. Pure. */
bool verify_lists(const char *manifest, const char *hash, const char *name);

#endif
