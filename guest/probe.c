#include "probe.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "aio.h"
#include "buffers.h"
#include "content.h"
#include "crowd.h"

#define FILE_NAME   "file"
#define DIRECT_NAME "file-direct"
#define BLOCKS_MAX  8192

enum hand { LEFT, RIGHT };

struct probe {
	const struct plan *plan;
	uint64_t iteration, blocks; /* an odd number, so that the last one is the left hand's */
	struct crowd *crowd;
	int cached, direct; /* the same file */
	char *map;
};

/* A block that is to be written. */
struct job {
	const struct probe *p;
	char *data; /* what it shall hold */
	size_t len;
	uint64_t offset, block;
	bool append;
	enum guest_kind kind; /* of its failure, when it is not the write */
};

/* --- what a hand does with a block: 0 or an errno --- */

static int write_to(const struct job *job, int fd)
{
	ssize_t n = job->append ? write(fd, job->data, job->len)
				: pwrite(fd, job->data, job->len, (off_t)job->offset);

	if (n != (ssize_t)job->len)
		return n < 0 ? errno : ENOSPC; /* a regular file takes less only when it is full */
	return 0;
}

static int write_direct(struct job *job)
{
	return write_to(job, job->p->direct);
}

static int write_cached(struct job *job)
{
	return write_to(job, job->p->cached);
}

static int write_mapped(struct job *job)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint64_t begin = job->offset / page * page;

	memcpy(job->p->map + job->offset, job->data, job->len);
	job->kind = GUEST_KIND_FSYNC;
	return msync(job->p->map + begin, job->offset - begin + job->len, MS_SYNC) < 0 ? errno : 0;
}

static int punch(struct job *job)
{
	int error = write_cached(job);

	if (!error && fallocate(job->p->cached, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				(off_t)job->offset, (off_t)job->len) < 0)
		error = errno;
	return error;
}

/* Only the last block can be cut without touching another's. */
static int cut(struct job *job)
{
	off_t middle = (off_t)(job->offset + job->len / 2);

	if (job->block + 1 < job->p->blocks)
		return 0;
	return ftruncate(job->p->cached, middle) < 0 ||
		       ftruncate(job->p->cached, (off_t)(job->offset + job->len)) < 0
		   ? errno
		   : 0;
}

static const struct {
	int (*act[2])(struct job *job);
	enum { CONTENT, ZEROS, FILLED_AND_CUT } left_holds; /* in the end */
} types[] = {
	[PROBE_MIXED] = { { write_direct, write_cached }, CONTENT },
	[PROBE_MMAP] = { { write_direct, write_mapped }, CONTENT },
	[PROBE_PUNCH] = { { punch, write_cached }, ZEROS },
	[PROBE_CUT] = { { cut, write_direct }, FILLED_AND_CUT },
	[PROBE_APPEND] = { { write_direct, write_cached }, CONTENT },
};

/* --- the hands --- */

/* Round 0 is what the file is filled with. */
static uint64_t key_of(const struct probe *p, uint64_t round, uint64_t block)
{
	return content_key(p->plan->seed + p->iteration, round, block % 2);
}

static bool is_append(const struct probe *p)
{
	return p->plan->probe == PROBE_APPEND;
}

static uint64_t rounds_of(const struct probe *p)
{
	return is_append(p) ? 1 : p->plan->rounds;
}

static void fail_at(struct outcome *outcome, enum guest_kind kind, int error, uint64_t offset)
{
	if (outcome_fail(outcome, kind, error, FILE_NAME))
		outcome_number(outcome, GUEST_DETAIL_OFFSET, offset);
}

static bool do_block(const struct probe *p, struct job *job, uint64_t round, struct outcome *outcome)
{
	enum hand hand = job->block % 2 ? RIGHT : LEFT;
	int error;

	job->offset = job->block * job->len;
	content_fill(job->data, job->len, key_of(p, round, job->block), job->offset);
	job->kind = GUEST_KIND_WRITE;
	error = types[p->plan->probe].act[hand](job);
	if (error)
		fail_at(outcome, job->kind, error, job->offset);
	else
		atomic_fetch_add(&p->crowd->written, job->len);
	return !error;
}

/* Every second block from `hand` on, round by round. */
static void work(const struct probe *p, enum hand hand, struct outcome *outcome)
{
	size_t len = p->plan->blocksize;
	AUTO_FREE char *memory = buffers_make(1, len, BUFFERS_ALIGNMENT);
	struct job job = { .p = p, .len = len, .append = is_append(p) };

	job.data = memory + buffers_shift(p->plan, p->iteration, hand + 1);
	for (uint64_t round = 1; round <= rounds_of(p); round++) {
		for (job.block = hand; job.block < p->blocks; job.block += 2)
			if (!do_block(p, &job, round, outcome))
				return;
	}
}

/* --- the left hand of `mixed`: all its blocks of a round in flight, since a direct write that is waited for
 * holds the inode's lock, and nothing can come between its begin and its end --- */

struct queue {
	struct aio *aio;
	struct aio_request *requests, **done;
	unsigned n;
};

static bool take_results(const struct probe *p, struct aio_request **done, int n, struct outcome *outcome)
{
	for (int i = 0; i < n; i++) {
		if (done[i]->result == (long)done[i]->len) {
			atomic_fetch_add(&p->crowd->written, done[i]->len);
			continue;
		}
		fail_at(outcome, done[i]->result < 0 ? GUEST_KIND_WRITE : GUEST_KIND_SHORT_WRITE,
			done[i]->result < 0 ? (int)-done[i]->result : 0, done[i]->offset);
		return false;
	}
	return true;
}

static bool queue_round(const struct probe *p, struct queue *q, uint64_t round, struct outcome *outcome)
{
	unsigned in_flight = 0;

	for (unsigned i = 0; i < q->n; i++, in_flight++) {
		struct aio_request *request = &q->requests[i];
		int error;

		content_fill(request->buffer, request->len, key_of(p, round, LEFT), request->offset);
		error = aio_submit(q->aio, &request, 1);
		if (error)
			return fail_at(outcome, GUEST_KIND_SUBMIT, error, request->offset), false;
	}
	while (in_flight) {
		int n = aio_wait(q->aio, q->done);

		if (n < 0)
			return fail_at(outcome, GUEST_KIND_WAIT, -n, 0), false;
		if (!take_results(p, q->done, n, outcome))
			return false;
		in_flight -= (unsigned)n;
	}
	return true;
}

static void work_queued(const struct probe *p, struct outcome *outcome)
{
	struct queue q = { .n = (unsigned)(p->blocks / 2 + 1) };
	size_t len = p->plan->blocksize, room = buffers_room(len, BUFFERS_ALIGNMENT);
	AUTO_FREE char *memory = buffers_make(q.n, len, BUFFERS_ALIGNMENT);
	int error = aio_open(&q.aio, q.n);

	if (error) {
		fail_at(outcome, GUEST_KIND_SETUP, error, 0);
		return;
	}
	q.requests = must_calloc(q.n, sizeof(*q.requests));
	q.done = must_calloc(q.n, sizeof(struct aio_request *));
	for (unsigned i = 0; i < q.n; i++)
		q.requests[i] = (struct aio_request){
			.fd = p->direct,
			.write = true,
			.buffer = memory + i * room + buffers_shift(p->plan, p->iteration, i),
			.len = len,
			.offset = (uint64_t)i * 2 * len,
		};
	for (uint64_t round = 1; round <= rounds_of(p) && queue_round(p, &q, round, outcome); round++)
		;
	aio_close(q.aio);
	free(q.done);
	free(q.requests);
}

static void work_left(struct crowd *crowd, const void *arg)
{
	struct outcome outcome = { 0 };

	if (crowd->plan->probe == PROBE_MIXED)
		work_queued(arg, &outcome);
	else
		work(arg, LEFT, &outcome);
	crowd_report(crowd, &outcome);
}

/* --- what must be there --- */

static void expect(const struct probe *p, uint64_t block, char *data, size_t len)
{
	bool left = block % 2 == 0, cut_here = block + 1 == p->blocks;
	uint64_t round = rounds_of(p);

	if (left && types[p->plan->probe].left_holds == FILLED_AND_CUT)
		round = 0;
	content_fill(data, len, key_of(p, round, block), block * len);
	if (!left)
		return;
	if (types[p->plan->probe].left_holds == ZEROS)
		memset(data, 0, len);
	else if (types[p->plan->probe].left_holds == FILLED_AND_CUT && cut_here)
		memset(data + len / 2, 0, len - len / 2);
}

static void differ(const struct probe *p, const char *wanted, const char *actual, uint64_t offset,
		   uint64_t block, const char *file, struct outcome *outcome)
{
	size_t len = p->plan->blocksize, at = content_difference(wanted, actual, len), sector = at / 8 * 8;

	outcome_fail(outcome, GUEST_KIND_CONTENT, 0, file);
	outcome_number(outcome, GUEST_DETAIL_OFFSET, offset + at);
	outcome_number(outcome, GUEST_DETAIL_PAGE, (offset + at) / (uint64_t)sysconf(_SC_PAGESIZE));
	outcome_number(outcome, GUEST_DETAIL_EXPECTED, content_hash(wanted, len));
	outcome_number(outcome, GUEST_DETAIL_ACTUAL, content_hash(actual, len));
	outcome_word(
	    outcome, GUEST_DETAIL_LIKE,
	    content_like(actual + sector, len - sector, key_of(p, rounds_of(p) - 1, block), offset + sector));
}

/* The block that is next in the file: its own, or, of an append, the next one of either hand. */
static bool compare(const struct probe *p, uint64_t next[2], uint64_t place, char *wanted, const char *actual,
		    const char *file, struct outcome *outcome)
{
	size_t len = p->plan->blocksize;
	uint64_t block = is_append(p) ? next[LEFT] : place;

	expect(p, block, wanted, len);
	if (is_append(p) && memcmp(wanted, actual, len) != 0) {
		block = next[RIGHT];
		expect(p, block, wanted, len);
	}
	next[block % 2] += 2;
	if (memcmp(wanted, actual, len) == 0)
		return true;
	differ(p, wanted, actual, place * len, block, file, outcome);
	return false;
}

static void verify(const struct probe *p, int fd, const char *file, struct outcome *outcome)
{
	size_t len = p->plan->blocksize;
	AUTO_FREE char *wanted = must_calloc(1, len), *actual = buffers_make(1, len, BUFFERS_ALIGNMENT);
	uint64_t next[2] = { LEFT, RIGHT };

	for (uint64_t i = 0; i < p->blocks && !outcome_failed(outcome); i++) {
		ssize_t n = pread(fd, actual, len, (off_t)(i * len));

		if (n != (ssize_t)len) {
			outcome_fail(outcome, GUEST_KIND_VERIFY, n < 0 ? errno : 0, file);
			outcome_number(outcome, GUEST_DETAIL_OFFSET, i * len);
			return;
		}
		atomic_fetch_add(&p->crowd->checked, len);
		compare(p, next, i, wanted, actual, file, outcome);
	}
}

static void verify_all(const struct probe *p, struct outcome *outcome)
{
	struct stat st = { 0 };

	if (fsync(p->cached) < 0)
		outcome_fail(outcome, GUEST_KIND_FSYNC, errno, FILE_NAME);
	if (fstat(p->cached, &st) < 0 || (uint64_t)st.st_size != p->blocks * p->plan->blocksize) {
		if (outcome_fail(outcome, GUEST_KIND_SIZE, 0, FILE_NAME))
			outcome_number(outcome, GUEST_DETAIL_GOT, (uint64_t)st.st_size);
		return;
	}
	verify(p, p->cached, FILE_NAME, outcome);
	verify(p, p->direct, DIRECT_NAME, outcome);
}

/* --- an iteration --- */

static bool fill(const struct probe *p)
{
	size_t len = p->plan->blocksize;
	AUTO_FREE char *data = must_calloc(1, len);
	struct job job = { .p = p, .data = data, .len = len };

	for (; job.block < p->blocks; job.block++) {
		job.offset = job.block * len;
		content_fill(data, len, key_of(p, 0, job.block), job.offset);
		errno = write_cached(&job);
		if (errno)
			return false;
	}
	return fsync(p->cached) == 0;
}

static bool make_file(struct probe *p, struct outcome *outcome)
{
	int append = is_append(p) ? O_APPEND : 0;
	size_t size = p->blocks * p->plan->blocksize;

	p->cached = open(FILE_NAME, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | append, 0666);
	p->direct = open(FILE_NAME, O_RDWR | O_CLOEXEC | O_DIRECT | append);
	if (p->cached < 0 || p->direct < 0)
		return outcome_fail(outcome, GUEST_KIND_OPEN, errno, FILE_NAME), false;
	if (!append && !fill(p))
		return outcome_fail(outcome, GUEST_KIND_FILL, errno, FILE_NAME), false;
	p->map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, p->cached, 0);
	if (p->map == MAP_FAILED)
		broken(errno, "mapping the file");
	return true;
}

const char *probe_unfit(const struct plan *plan, uint64_t logical_block)
{
	uint64_t sector = logical_block ? logical_block : BUFFERS_SHIFT;

	if (plan->blocksize % sector)
		return "the block size is no multiple of the disk's logical block size";
	if (plan->buffers != BUFFERS_ALIGNED && logical_block > BUFFERS_SHIFT)
		return "buffers off 4096-byte boundaries need a disk with logical blocks of 512 bytes";
	if (plan->filesize / plan->blocksize > BLOCKS_MAX)
		return "the file has more blocks than can be in flight";
	return plan->filesize / plan->blocksize < 2 ? "the file has fewer than two blocks" : NULL;
}

void probe_iteration(const struct plan *plan, uint64_t i, struct outcome *outcome)
{
	struct plan alone = *plan; /* the left hand is the only child */
	struct probe p = { .plan = plan, .iteration = i, .cached = -1, .direct = -1, .map = MAP_FAILED };

	alone.children = 1;
	p.blocks = plan->filesize / plan->blocksize | 1;
	p.crowd = crowd_new(&alone);
	if (make_file(&p, outcome)) {
		crowd_start(p.crowd, work_left, &p);
		work(&p, RIGHT, outcome);
		crowd_join(p.crowd, outcome);
		if (!outcome_failed(outcome))
			verify_all(&p, outcome);
		munmap(p.map, p.blocks * plan->blocksize);
	}
	crowd_end(p.crowd, outcome);
	if (p.cached >= 0)
		close(p.cached);
	if (p.direct >= 0)
		close(p.direct);
	unlink(FILE_NAME);
}
