/* Decompresses what is gzip, bzip2, xz or zstd, by its content; anything else is taken as it is. */
#ifndef QB_UNPACK_H
#define QB_UNPACK_H

#include "base/buf.h"
#include "base/err.h"

/* Into *out (replaced). More than `limit` bytes, or a damaged file, is an error (ERR_HOST) with `name`. */
int unpack_bytes(const char *name, const void *data, size_t len, size_t limit, struct buf *out,
		 struct err *err);

#endif
