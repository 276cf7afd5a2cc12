/*
 * Reads an rpm-md repository's metadata, as createrepo_c writes it. Pure.
 *
 * Formats: repodata/repomd.xml says where primary.xml is and what its checksum is; that lists the packages.
 * Neither is trusted: no document type, so no entities; what is kept, and what the parser keeps, has limits;
 * a location is a plain path below the repository.
 */
#ifndef QB_RPMMD_H
#define QB_RPMMD_H

#include "base/buf.h"
#include "base/err.h"

/* A file of the repository. */
struct rpmmd_file {
	char *base; /* where to look instead of the repository (xml:base); NULL: in the repository */
	char *href; /* path below it: plain, without "..", of printable characters */
	char *algorithm, *hash; /* one that base/hash.h knows, and lower-case hex of its length */
	uint64_t size;		/* bytes; 0: not said */
};

struct rpmmd_package {
	char *name, *arch;
	char *version; /* [EPOCH:]VERSION-RELEASE, as kernel/version.h takes it; no epoch when it is 0 */
	char *source;  /* file name of the source package; NULL: not said */
	struct rpmmd_file file;
};

/* Finds the entry of primary.xml in a repomd.xml. ERR_HOST: `name`, the line, and what was expected. */
int rpmmd_primary(const char *name, const char *text, size_t len, struct rpmmd_file *out, struct err *err);

/*
 * A primary.xml as it comes, in pieces of any size, so that it never stands in memory as a whole.
 *
 *	reader = rpmmd_reader_new(name, take, arg)
 *	rpmmd_reader_feed(reader, ...)		as often as there is something
 *	rpmmd_reader_end(reader, err)		the document is whole
 *
 * `take` gets each binary package and may move what it wants out of it; -1 ends the reading. Errors are as
 * above; after one nothing but rpmmd_reader_free() makes sense.
 */
struct rpmmd_reader;
typedef int (*rpmmd_take)(void *arg, struct rpmmd_package *package, struct err *err);

struct rpmmd_reader *rpmmd_reader_new(const char *name, rpmmd_take take, void *arg);
int rpmmd_reader_feed(struct rpmmd_reader *reader, const void *data, size_t len, struct err *err);
int rpmmd_reader_end(struct rpmmd_reader *reader, struct err *err);
void rpmmd_reader_free(struct rpmmd_reader *reader);

static inline void rpmmd_reader_release(struct rpmmd_reader **reader)
{
	rpmmd_reader_free(*reader);
}
AUTO_DEFINE(rpmmd_reader, struct rpmmd_reader *, rpmmd_reader_release);

void rpmmd_file_release(struct rpmmd_file *file);
AUTO_DEFINE(rpmmd_file, struct rpmmd_file, rpmmd_file_release);
void rpmmd_package_release(struct rpmmd_package *package);
AUTO_DEFINE(rpmmd_package, struct rpmmd_package, rpmmd_package_release);

#endif
