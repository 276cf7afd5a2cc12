/* Small things that every part of the guest needs. The guest runs once and ends: what it allocates it
 * keeps. */
#ifndef GUEST_UTIL_H
#define GUEST_UTIL_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../harness/base/cleanup.h"
#include "proto.h"

/* Milliseconds from the kernel's boot. */
uint64_t boot_ms(void);

/* Reads at most size - 1 bytes of a file, NUL-terminated, without a newline at its end. Returns 0, or -1
 * with errno. */
int read_text(const char *path, char *text, size_t size);

/* Zeroed memory; out of memory is `broken`. */
void *must_calloc(size_t n, size_t size);

/* "EIO"; the number when it has no name. Valid until the next call. */
const char *errno_name(int error);

#endif
