#include "stress.h"

#include <fcntl.h>
#include <sys/statvfs.h>

#include "buffers.h"
#include "writer.h"
#include "zeros.h"

#define FILE_NAME  "file"
#define JUNK_NAME  "junk"
#define DIRTY_SIZE (100 << 20) /* what dio_sparse makes dirty */

/* One iteration. */
struct stress {
	const struct plan *plan;
	uint64_t iteration;
	struct outcome *outcome;
	struct crowd *crowd;
};

static struct writer writer_for(const struct stress *s, const char *file)
{
	return (struct writer){ .plan = s->plan,
				.crowd = s->crowd,
				.file = file,
				.iteration = s->iteration,
				.outcome = s->outcome };
}

static uint64_t max(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* --- sparse --- */

static unsigned queue_depth(const struct plan *plan)
{
	uint64_t most = plan->filesize / plan->blocksize;

	return (unsigned)(plan->depth < most ? plan->depth : most);
}

/* Both write from `offset` to the file's end, the last block beyond it where it does not fit. */
static void run_sparse(struct stress *s)
{
	const struct plan *plan = s->plan;
	bool queued = plan->workload == WORKLOAD_AIODIO_SPARSE;
	struct writer w = writer_for(s, FILE_NAME);
	AUTO_CLOSE int fd = -1;

	if (!zeros_dirty_free_blocks(queued ? plan->filesize : DIRTY_SIZE, s->outcome))
		return;
	fd = writer_open(FILE_NAME, plan->filesize, s->outcome);
	if (fd < 0)
		return;
	w.offset = queued ? 0 : plan->offset;
	if (w.offset < plan->filesize)
		w.blocks = (plan->filesize - w.offset + plan->blocksize - 1) / plan->blocksize;
	crowd_start(s->crowd, zeros_read_all, FILE_NAME);
	if (queued)
		writer_queued(&w, fd, queue_depth(plan));
	else
		writer_in_turn(&w, fd);
	zeros_verify(s->crowd, FILE_NAME, max(plan->filesize, w.end), s->outcome);
}

/* --- append --- */

static void run_append(struct stress *s)
{
	bool queued = s->plan->workload == WORKLOAD_AIODIO_APPEND;
	struct writer w = writer_for(s, FILE_NAME);
	AUTO_CLOSE int fd = -1;

	crowd_start(s->crowd, zeros_read_end, FILE_NAME);
	fd = writer_open(FILE_NAME, 0, s->outcome);
	if (fd < 0)
		return;
	w.blocks = queued ? max(s->plan->appends, s->plan->depth) : s->plan->appends;
	if (queued)
		writer_queued(&w, fd, (unsigned)s->plan->depth);
	else
		writer_in_turn(&w, fd);
	zeros_verify(s->crowd, FILE_NAME, w.end, s->outcome);
}

/* --- truncate --- */

/* Fills a file and cuts it. */
static void fill_and_cut(const struct stress *s, const char *file, int byte)
{
	struct writer w = writer_for(s, file);
	AUTO_CLOSE int fd = writer_open(file, 0, s->outcome);

	if (fd < 0)
		return;
	w.blocks = s->plan->appends;
	w.byte = byte;
	writer_in_turn(&w, fd);
	if (truncate(file, 0) < 0)
		outcome_fail(s->outcome, GUEST_KIND_TRUNCATE, errno, file);
}

static void run_truncate(struct stress *s)
{
	crowd_start(s->crowd, zeros_read_direct, FILE_NAME);
	for (uint64_t i = 0; i < s->plan->rounds && crowd_writes_on(s->crowd); i++) {
		fill_and_cut(s, FILE_NAME, 0);
		fill_and_cut(s, JUNK_NAME, ZEROS_JUNK);
		if (outcome_failed(s->outcome))
			return;
	}
	zeros_verify(s->crowd, FILE_NAME, 0, s->outcome);
}

/* --- read --- */

/* Writes a block and fsyncs. Returns 0 or an errno; *kind is what failed. */
static int write_block(int fd, const char *data, size_t len, uint64_t at, enum guest_kind *kind)
{
	ssize_t n = pwrite(fd, data, len, (off_t)at);

	*kind = GUEST_KIND_WRITE;
	if (n != (ssize_t)len)
		return n < 0 ? errno : ENOSPC; /* a regular file takes less only when it is full */
	*kind = GUEST_KIND_FSYNC;
	return fsync(fd) < 0 ? errno : 0;
}

/* Writes the whole blocks of the file through the page cache, with fsync behind each. */
static void write_and_sync(struct crowd *crowd, int byte, struct outcome *outcome)
{
	size_t len = crowd->plan->blocksize;
	AUTO_FREE char *data = buffers_make(1, len, BUFFERS_ALIGNMENT);
	AUTO_CLOSE int fd = open(FILE_NAME, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	int error = fd < 0 ? errno : 0;
	enum guest_kind kind = GUEST_KIND_OPEN;
	uint64_t at = 0;

	memset(data, byte, len);
	for (; !error && at + len <= crowd->plan->filesize && crowd_writes_on(crowd); at += len) {
		error = write_block(fd, data, len, at, &kind);
		if (!error)
			atomic_fetch_add(&crowd->written, len);
	}
	if (error && outcome_fail(outcome, kind, error, FILE_NAME) && at)
		outcome_number(outcome, GUEST_DETAIL_OFFSET, at - len);
}

static void write_zeros(struct crowd *crowd, const void *arg)
{
	struct outcome outcome = { 0 };

	(void)arg;
	write_and_sync(crowd, 0, &outcome);
	crowd_report(crowd, &outcome);
}

/* A file of holes where there was junk. */
static bool make_holes(const struct stress *s)
{
	write_and_sync(s->crowd, ZEROS_JUNK, s->outcome);
	if (!outcome_failed(s->outcome) &&
	    (truncate(FILE_NAME, 0) < 0 || truncate(FILE_NAME, (off_t)s->plan->filesize) < 0))
		outcome_fail(s->outcome, GUEST_KIND_TRUNCATE, errno, FILE_NAME);
	return !outcome_failed(s->outcome);
}

/* Reads the blocks once; LTP leaves out the last one. False: something is wrong. */
static bool read_blocks(const struct stress *s, int fd, char *data)
{
	size_t len = s->plan->readsize;

	for (uint64_t at = 0; at + len < s->plan->filesize; at += len) {
		ssize_t n = pread(fd, data, len, (off_t)at);

		if (n != (ssize_t)len) {
			outcome_fail(s->outcome, n < 0 ? GUEST_KIND_READ : GUEST_KIND_SHORT_READ,
				     n < 0 ? errno : 0, FILE_NAME);
			return false;
		}
		atomic_fetch_add(&s->crowd->checked, len);
		if (!zeros_check(data, len, FILE_NAME, at, s->outcome))
			return false;
	}
	return true;
}

static void run_read(struct stress *s)
{
	AUTO_FREE char *data = buffers_make(1, s->plan->readsize, BUFFERS_ALIGNMENT);
	AUTO_CLOSE int fd = -1;

	if (!make_holes(s))
		return;
	fd = open(FILE_NAME, O_RDONLY | O_DIRECT | O_CLOEXEC);
	if (fd < 0) {
		outcome_fail(s->outcome, GUEST_KIND_OPEN, errno, FILE_NAME);
		return;
	}
	crowd_start(s->crowd, write_zeros, NULL);
	while (crowd_goes_on(s->crowd) && atomic_load(&s->crowd->finished) < s->plan->children)
		if (!read_blocks(s, fd, data))
			return;
	zeros_verify(s->crowd, FILE_NAME, s->plan->filesize, s->outcome);
}

/* --- all of them --- */

/* How each workload runs, and how much of the disk it needs. */
static void (*const run[WORKLOAD_N])(struct stress *s) = {
	[WORKLOAD_AIODIO_SPARSE] = run_sparse,	[WORKLOAD_DIO_SPARSE] = run_sparse,
	[WORKLOAD_AIODIO_APPEND] = run_append,	[WORKLOAD_DIO_APPEND] = run_append,
	[WORKLOAD_DIO_TRUNCATE] = run_truncate, [WORKLOAD_DIO_READ] = run_read,
};

static uint64_t space_needed(const struct plan *plan)
{
	switch ((enum workload)plan->workload) {
	case WORKLOAD_AIODIO_APPEND:
	case WORKLOAD_DIO_APPEND:
		return plan->appends * plan->blocksize;
	case WORKLOAD_DIO_TRUNCATE:
		return 2 * plan->appends * plan->blocksize;
	case WORKLOAD_DIO_SPARSE:
		return max(plan->filesize, DIRTY_SIZE);
	default:
		return plan->filesize;
	}
}

const char *stress_unfit(const struct plan *plan, uint64_t logical_block)
{
	uint64_t sector = logical_block ? logical_block : BUFFERS_SHIFT;
	struct statvfs fs;

	if (plan->blocksize % sector || plan->offset % sector || plan->readsize % sector)
		return "a block size or offset is no multiple of the disk's logical block size";
	if (plan->buffers != BUFFERS_ALIGNED && logical_block > BUFFERS_SHIFT)
		return "buffers off 4096-byte boundaries need a disk with logical blocks of 512 bytes";
	if (plan->workload == WORKLOAD_AIODIO_SPARSE && plan->blocksize > plan->filesize)
		return "a block is larger than the file";
	if (statvfs(".", &fs) < 0 || space_needed(plan) > (uint64_t)fs.f_bavail * fs.f_frsize)
		return "not enough space: raise disksize";
	return NULL;
}

void stress_iteration(const struct plan *plan, uint64_t i, struct outcome *outcome)
{
	struct stress s = { plan, i, outcome, NULL };

	unlink(FILE_NAME);
	unlink(JUNK_NAME);
	s.crowd = crowd_new(plan);
	run[plan->workload](&s);
	crowd_end(s.crowd, outcome);
	unlink(FILE_NAME);
	unlink(JUNK_NAME);
}
