/* What the files hold: bytes that only their seed, iteration, file and offset decide, so that old ones are
 * told apart. */
#ifndef GUEST_CONTENT_H
#define GUEST_CONTENT_H

#include "util.h"

/* Names the content of one file pair in one iteration. */
uint64_t content_key(uint64_t seed, uint64_t iteration, uint64_t file);

/* Fills buf[0..len-1] with the content at `offset`; both are multiples of 8. */
void content_fill(void *buf, size_t len, uint64_t key, uint64_t offset);

/* FNV-1a, 64 bit (draft-eastlake-fnv). */
uint64_t content_hash(const void *data, size_t len);

/* The first byte that differs, or `len`. */
size_t content_difference(const void *a, const void *b, size_t len);

/* What is at data[0..len-1], that should be other content: "zeros", "stale" (that of `old_key` at `offset`)
 * or "other". */
const char *content_like(const void *data, size_t len, uint64_t old_key, uint64_t offset);

#endif
