/* A file that a guest's serial appends to, read as it grows. */
#ifndef QB_FOLLOW_H
#define QB_FOLLOW_H

#include "base/buf.h"
#include "base/err.h"

struct follow {
	char *path;
	int fd;
	uint64_t offset; /* read so far */
	uint64_t limit;	 /* bytes */
};
#define FOLLOW_INIT                                                                                          \
	{                                                                                                    \
		NULL, -1, 0, 0                                                                               \
	}

/* Makes the file, empty (it must not exist), and opens it. */
int follow_open(struct follow *f, const char *path, uint64_t limit, struct err *err);

/*
 * Reads what has come, at most `max` bytes, into *chunk (replaced). *over is set once the file is larger than
 * the limit; what lies behind the limit is never read, and follow_close() cuts it off.
 */
int follow_read(struct follow *f, size_t max, struct buf *chunk, bool *over, struct err *err);

void follow_close(struct follow *f);
AUTO_DEFINE(follow, struct follow, follow_close);

#endif
