/* The content of a file, into a volume of another host. */
#ifndef QB_UPLOAD_H
#define QB_UPLOAD_H

#include "guest/link.h"

/*
 * Writes the first `size` bytes of a file to an empty volume, from the first to the last; what is a hole here is one
 * there. Each piece has the deadline of a call. *pause becomes the longest time, in ms, that one took. -1, and the volume
 * has a part of it: ERR_HOST, ERR_INTERRUPTED.
 */
int upload_file(struct link *link, virStorageVolPtr volume, const char *file, uint64_t size, int64_t *pause,
		struct err *err);

#endif
