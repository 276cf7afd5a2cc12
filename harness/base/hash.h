/*
 * Hashes through nettle, as lower-case hex; SHA-256 where no algorithm is named. The texts returned are the
 * caller's to free().
 */
#ifndef QB_HASH_H
#define QB_HASH_H

#include "base/buf.h"
#include "base/err.h"

#define HASH_HEX_LEN 64

char *hash_bytes(const void *data, size_t len);

/* The same in base64, as Content-Security-Policy takes it behind "sha256-". */
char *hash_bytes_base64(const void *data, size_t len);

/* NULL and ERR_HOST when the file cannot be read. */
char *hash_file(const char *path, struct err *err);

/* How many characters a hash by this algorithm has: "sha256", "sha384" or "sha512". 0: not known here. */
size_t hash_hex_len(const char *algorithm);

/* hash_file() by an algorithm that is known. */
char *hash_file_by(const char *algorithm, const char *path, struct err *err);

#endif
