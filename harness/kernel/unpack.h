/* Decompresses what is gzip, bzip2, xz or zstd, by its content; anything else is taken as it is. */
#ifndef QB_UNPACK_H
#define QB_UNPACK_H

#include "base/buf.h"
#include "base/err.h"

/* Into *out (replaced). More than `limit` bytes, or a damaged file, is an error (ERR_HOST) with `name`. */
int unpack_bytes(const char *name, const void *data, size_t len, size_t limit, struct buf *out,
		 struct err *err);

/*
 * A file, piece by piece: `take` gets them in order and may refuse. Errors as above; more than `limit` bytes
 * is found when the piece that crosses it comes, before `take` gets it.
 */
int unpack_file(const char *path, uint64_t limit,
		int (*take)(void *arg, const void *data, size_t len, struct err *err), void *arg,
		struct err *err);

#endif
