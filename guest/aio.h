/* Linux asynchronous I/O: libaio where it was there to build with, else the same system calls. */
#ifndef GUEST_AIO_H
#define GUEST_AIO_H

#include "util.h"

struct aio;

/* One read or write in flight. The caller sets all but `control`. */
struct aio_request {
	int fd;
	bool write;
	void *buffer;
	size_t len;
	uint64_t offset;
	long result; /* bytes, or -errno; set by aio_wait() */
	_Alignas(8) unsigned char control[64];
};

/* "libaio" or "raw". */
const char *aio_backend(void);

/* A queue of at most `depth` requests. Returns 0 or an errno. */
int aio_open(struct aio **aio, unsigned depth);

/* Hands over requests[0..n-1], which stay where they are until they are done. Returns 0 or an errno. */
int aio_submit(struct aio *aio, struct aio_request **requests, unsigned n);

/* Waits until at least one request is done. done[0..depth-1] gets them; returns how many, or -errno. */
int aio_wait(struct aio *aio, struct aio_request **done);

/* Waits for what is in flight. */
void aio_close(struct aio *aio);

#endif
