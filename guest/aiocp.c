#include "aiocp.h"

#include <fcntl.h>

#include "aio.h"
#include "buffers.h"
#include "content.h"
#include "verify.h"

/* One pair of files while it is copied. */
struct copy {
	const struct plan *plan;
	struct outcome *outcome;
	struct pair pair;
	int from, to;
	struct aio *aio;
	struct aio_request *requests, **idle, **batch; /* `depth` each; idle is a stack, as LTP's */
	unsigned n_idle;
	uint64_t next, left; /* offset of the next read, bytes that are not written yet */
	bool stop;
};

const char *aiocp_unfit(const struct plan *plan, uint64_t logical_block)
{
	if (plan->flags != FLAGS_DIRECT)
		return NULL;
	if (plan->buffers != BUFFERS_ALIGNED && logical_block > BUFFERS_SHIFT)
		return "buffers off 4096-byte boundaries need a disk with logical blocks of 512 bytes";
	if (plan->blocksize % (logical_block ? logical_block : BUFFERS_SHIFT))
		return "the block size is no multiple of the disk's logical block size";
	return NULL;
}

/* The memory that the buffers are in; the caller frees it. */
static void *lay_out_buffers(struct copy *c, uint64_t iteration)
{
	const struct plan *plan = c->plan;
	size_t room = buffers_room(plan->blocksize, BUFFERS_ALIGNMENT);
	char *memory = buffers_make((unsigned)plan->depth, plan->blocksize, BUFFERS_ALIGNMENT);

	for (unsigned n = 0; n < plan->depth; n++) {
		c->requests[n].buffer = memory + n * room + buffers_shift(plan, iteration, n);
		c->idle[c->n_idle++] = &c->requests[n];
	}
	return memory;
}

static void fail_at(struct copy *c, enum guest_kind kind, int error, const char *file,
		    const struct aio_request *request)
{
	if (!outcome_fail(c->outcome, kind, error, file))
		return;
	outcome_number(c->outcome, GUEST_DETAIL_OFFSET, request->offset);
	if (kind == GUEST_KIND_SHORT_READ || kind == GUEST_KIND_SHORT_WRITE)
		outcome_number(c->outcome, GUEST_DETAIL_GOT, (uint64_t)request->result);
}

static void submit(struct copy *c, struct aio_request **requests, unsigned n)
{
	int error = aio_submit(c->aio, requests, n);

	if (!error)
		return;
	fail_at(c, GUEST_KIND_SUBMIT, error, requests[0]->write ? c->pair.copy : c->pair.source, requests[0]);
	c->stop = true;
}

/* Reads as many blocks as there are idle buffers, at rising offsets. */
static void submit_reads(struct copy *c)
{
	unsigned n = 0;

	while (c->n_idle && c->next < c->pair.size) {
		struct aio_request *request = c->idle[--c->n_idle];

		request->fd = c->from;
		request->write = false;
		request->len = c->plan->blocksize;
		request->offset = c->next;
		c->next += request->len;
		c->batch[n++] = request;
	}
	if (n)
		submit(c, c->batch, n);
}

static void read_is_done(struct copy *c, struct aio_request *request)
{
	request->fd = c->to;
	request->write = true;
	submit(c, &request, 1);
}

static void write_is_done(struct copy *c, struct aio_request *request)
{
	c->left -= request->len;
	c->idle[c->n_idle++] = request;
	if (c->plan->flags == FLAGS_DIRECT && fsync(c->to) < 0)
		fail_at(c, GUEST_KIND_FSYNC, errno, c->pair.copy, request);
}

static void is_done(struct copy *c, struct aio_request *request)
{
	bool write = request->write;
	const char *file = write ? c->pair.copy : c->pair.source;

	if (request->result == (long)request->len) {
		(write ? write_is_done : read_is_done)(c, request);
		return;
	}
	c->stop = true;
	if (request->result < 0)
		fail_at(c, write ? GUEST_KIND_WRITE : GUEST_KIND_READ, (int)-request->result, file, request);
	else
		fail_at(c, write ? GUEST_KIND_SHORT_WRITE : GUEST_KIND_SHORT_READ, 0, file, request);
}

static void transfer(struct copy *c)
{
	while (c->left && !c->stop) {
		int n;

		submit_reads(c);
		if (c->stop)
			return;
		n = aio_wait(c->aio, c->batch);
		if (n < 0) {
			outcome_fail(c->outcome, GUEST_KIND_WAIT, -n, NULL);
			c->stop = true;
		}
		for (int i = 0; i < n && !c->stop; i++)
			is_done(c, c->batch[i]);
	}
}

/* Copies between the open files. When the copy stops early, aio_close() waits for what is in flight. */
static void copy_open_files(struct copy *c, uint64_t iteration)
{
	unsigned depth = (unsigned)c->plan->depth;
	int error = aio_open(&c->aio, depth);
	void *memory;

	if (error) {
		outcome_fail(c->outcome, GUEST_KIND_SETUP, error, NULL);
		c->stop = true;
		return;
	}
	c->requests = must_calloc(depth, sizeof(*c->requests));
	c->idle = must_calloc(depth, sizeof(struct aio_request *));
	c->batch = must_calloc(depth, sizeof(struct aio_request *));
	memory = lay_out_buffers(c, iteration);
	c->left = c->pair.size;
	transfer(c);
	aio_close(c->aio);
	free(memory);
	free(c->batch);
	free(c->idle);
	free(c->requests);
}

static bool fail_to_open(struct copy *c, const char *file)
{
	outcome_fail(c->outcome, GUEST_KIND_OPEN, errno, file);
	return false;
}

/* Opens both files with LTP's flags. */
static bool open_files(struct copy *c)
{
	int direct = c->plan->flags == FLAGS_DIRECT ? O_DIRECT : 0;
	int sync = c->plan->flags == FLAGS_SYNC ? O_SYNC : 0;

	c->from = open(c->pair.source, O_RDWR | O_CREAT | O_CLOEXEC | direct, 0666);
	if (c->from < 0)
		return fail_to_open(c, c->pair.source);
	c->to = open(c->pair.copy, O_WRONLY | O_CREAT | O_CLOEXEC | direct | sync, 0666);
	return c->to >= 0 || fail_to_open(c, c->pair.copy);
}

static void close_files(struct copy *c)
{
	if (c->from >= 0 && close(c->from) < 0)
		fail_to_open(c, c->pair.source);
	if (c->to >= 0 && close(c->to) < 0)
		fail_to_open(c, c->pair.copy);
}

static void remove_files(struct copy *c)
{
	if (unlink(c->pair.source) < 0 && errno != ENOENT)
		fail_to_open(c, c->pair.source);
	if (unlink(c->pair.copy) < 0 && errno != ENOENT)
		fail_to_open(c, c->pair.copy);
}

static void copy_pair(struct copy *c, uint64_t iteration)
{
	remove_files(c);
	if (!pair_fill(&c->pair, c->outcome))
		return;
	if (open_files(c))
		copy_open_files(c, iteration);
	else
		c->stop = true;
	close_files(c);
	if (!c->stop)
		pair_verify(&c->pair, c->outcome);
	remove_files(c);
}

void aiocp_iteration(const struct plan *plan, uint64_t i, struct outcome *outcome)
{
	uint64_t blocks = (plan->filesize + plan->blocksize - 1) / plan->blocksize;

	for (unsigned file = 0; file < plan->files; file++) {
		struct copy c = { .plan = plan, .outcome = outcome, .from = -1, .to = -1 };

		snprintf(c.pair.source, sizeof(c.pair.source), "src%u", file);
		snprintf(c.pair.copy, sizeof(c.pair.copy), "dst%u", file);
		c.pair.size = blocks * plan->blocksize;
		c.pair.key = content_key(plan->seed, i, file);
		c.pair.old_key = content_key(plan->seed, i - 1, file);
		copy_pair(&c, i);
	}
}
