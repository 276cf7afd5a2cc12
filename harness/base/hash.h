/* SHA-256 through nettle, as lower-case hex. The texts returned are the caller's to free(). */
#ifndef QB_HASH_H
#define QB_HASH_H

#include "base/buf.h"
#include "base/err.h"

#define HASH_HEX_LEN 64

char *hash_bytes(const void *data, size_t len);

/* NULL and ERR_HOST when the file cannot be read. */
char *hash_file(const char *path, struct err *err);

#endif
