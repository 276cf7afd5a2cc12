#include "writer.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "aio.h"
#include "buffers.h"

int writer_open(const char *file, uint64_t size, struct outcome *outcome)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC | O_DIRECT, 0666);

	if (fd >= 0 && ftruncate(fd, (off_t)size) == 0)
		return fd;
	outcome_fail(outcome, GUEST_KIND_OPEN, errno, file);
	if (fd >= 0)
		close(fd);
	return -1;
}

/* LTP aligns its buffers to what stat() calls the preferred block size. */
static size_t alignment(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_blksize > BUFFERS_ALIGNMENT ? (size_t)st.st_blksize
									: BUFFERS_ALIGNMENT;
}

static void fail_at(struct writer *w, enum guest_kind kind, int error, uint64_t offset)
{
	if (outcome_fail(w->outcome, kind, error, w->file))
		outcome_number(w->outcome, GUEST_DETAIL_OFFSET, offset);
}

static void count(struct writer *w, uint64_t offset, size_t n)
{
	atomic_fetch_add(&w->crowd->written, n);
	if (offset + n > w->end)
		w->end = offset + n;
}

void writer_in_turn(struct writer *w, int fd)
{
	size_t len = w->plan->blocksize, start = alignment(fd);
	uint64_t at = w->offset, until = w->offset + w->blocks * len;
	AUTO_FREE char *memory = buffers_make(1, len, start);

	memset(memory, w->byte, buffers_room(len, start));
	for (uint64_t i = 0; at < until && crowd_writes_on(w->crowd); i++) {
		ssize_t n = pwrite(fd, memory + buffers_shift(w->plan, w->iteration, i), len, (off_t)at);

		if (n <= 0) {
			fail_at(w, GUEST_KIND_WRITE, n ? errno : ENOSPC, at);
			return;
		}
		count(w, at, (size_t)n);
		at += (uint64_t)n;
	}
}

/* A queue in use. */
struct queue {
	struct writer *w;
	struct aio *aio;
	struct aio_request *requests, **done; /* `depth` each */
	unsigned in_flight;
	uint64_t issued; /* blocks */
	bool stop;
};

static void submit(struct queue *q, struct aio_request *request)
{
	struct writer *w = q->w;
	int error;

	request->len = w->plan->blocksize;
	request->offset = w->offset + q->issued++ * request->len;
	error = aio_submit(q->aio, &request, 1);
	q->stop = error;
	if (error)
		fail_at(w, GUEST_KIND_SUBMIT, error, request->offset);
	else
		q->in_flight++;
}

static void take_result(struct queue *q, struct aio_request *request)
{
	struct writer *w = q->w;

	q->in_flight--;
	if (request->result == (long)request->len) {
		count(w, request->offset, request->len);
		return;
	}
	q->stop = true;
	if (request->result < 0) {
		fail_at(w, GUEST_KIND_WRITE, (int)-request->result, request->offset);
	} else if (outcome_fail(w->outcome, GUEST_KIND_SHORT_WRITE, 0, w->file)) {
		outcome_number(w->outcome, GUEST_DETAIL_OFFSET, request->offset);
		outcome_number(w->outcome, GUEST_DETAIL_GOT, (uint64_t)request->result);
	}
}

/* Waits for some; what is done is sent out again while there is more to write. */
static void turn(struct queue *q)
{
	int n = aio_wait(q->aio, q->done);

	if (n < 0) {
		outcome_fail(q->w->outcome, GUEST_KIND_WAIT, -n, q->w->file);
		q->in_flight = 0;
	}
	for (int i = 0; i < n; i++) {
		take_result(q, q->done[i]);
		if (!q->stop && q->issued < q->w->blocks && crowd_writes_on(q->w->crowd))
			submit(q, q->done[i]);
	}
}

static void run_queue(struct queue *q, int fd, char *memory, unsigned depth, size_t room)
{
	for (unsigned i = 0; i < depth && !q->stop; i++) {
		struct aio_request *request = &q->requests[i];

		request->fd = fd;
		request->write = true;
		request->buffer = memory + i * room + buffers_shift(q->w->plan, q->w->iteration, i);
		submit(q, request);
	}
	while (q->in_flight)
		turn(q);
}

void writer_queued(struct writer *w, int fd, unsigned depth)
{
	size_t start = alignment(fd), room = buffers_room(w->plan->blocksize, start);
	struct queue q = { .w = w };
	int error = aio_open(&q.aio, depth);
	char *memory;

	if (error) {
		outcome_fail(w->outcome, GUEST_KIND_SETUP, error, NULL);
		return;
	}
	q.requests = must_calloc(depth, sizeof(*q.requests));
	q.done = must_calloc(depth, sizeof(struct aio_request *));
	memory = buffers_make(depth, w->plan->blocksize, start);
	memset(memory, w->byte, room * depth);
	run_queue(&q, fd, memory, depth, room);
	aio_close(q.aio);
	free(memory);
	free(q.done);
	free(q.requests);
}
