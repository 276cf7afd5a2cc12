#include "zeros.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "buffers.h"
#include "content.h"

#define CHUNK	   4096 /* LTP's readers have it so */
#define VERIFY	   65536
#define DIRTY_NAME "dirty"

static bool is_all(const char *data, size_t len, int byte)
{
	return !len || (data[0] == (char)byte && memcmp(data, data + 1, len - 1) == 0);
}

/* Hash of `len` zeros. */
static uint64_t hash_of_zeros(size_t len)
{
	char *zeros = must_calloc(1, len);
	uint64_t hash = content_hash(zeros, len);

	free(zeros);
	return hash;
}

bool zeros_check(const char *data, size_t len, const char *file, uint64_t offset, struct outcome *outcome)
{
	size_t at = 0, rest;

	if (is_all(data, len, 0))
		return true;
	while (!data[at])
		at++;
	rest = len - at < CHUNK ? len - at : CHUNK;
	if (outcome_fail(outcome, GUEST_KIND_CONTENT, 0, file)) {
		outcome_number(outcome, GUEST_DETAIL_OFFSET, offset + at);
		outcome_number(outcome, GUEST_DETAIL_PAGE, (offset + at) / (uint64_t)sysconf(_SC_PAGESIZE));
		outcome_number(outcome, GUEST_DETAIL_EXPECTED, hash_of_zeros(rest));
		outcome_number(outcome, GUEST_DETAIL_ACTUAL, content_hash(data + at, rest));
		outcome_word(outcome, GUEST_DETAIL_LIKE,
			     is_all(data + at, rest < BUFFERS_SHIFT ? rest : BUFFERS_SHIFT, ZEROS_JUNK)
				 ? "junk"
				 : "other");
	}
	return false;
}

bool zeros_dirty_free_blocks(uint64_t size, struct outcome *outcome)
{
	AUTO_CLOSE int fd = open(DIRTY_NAME, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	void *map = MAP_FAILED;
	bool good = false;

	if (fd >= 0 && ftruncate(fd, (off_t)size) == 0)
		map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map != MAP_FAILED) {
		memset(map, ZEROS_JUNK, size);
		good = msync(map, size, MS_SYNC) == 0;
	}
	if (!good)
		outcome_fail(outcome, GUEST_KIND_FILL, errno, DIRTY_NAME);
	if (map != MAP_FAILED)
		munmap(map, size);
	unlink(DIRTY_NAME);
	return good;
}

void zeros_verify(struct crowd *crowd, const char *file, uint64_t size, struct outcome *outcome)
{
	AUTO_CLOSE int fd = open(file, O_RDONLY | O_CLOEXEC);
	static char data[VERIFY];
	struct stat st;
	ssize_t n = 0;

	if (outcome_failed(outcome))
		return;
	if (fd < 0 || fstat(fd, &st) < 0) {
		outcome_fail(outcome, GUEST_KIND_OPEN, errno, file);
		return;
	}
	if ((uint64_t)st.st_size != size && outcome_fail(outcome, GUEST_KIND_SIZE, 0, file))
		outcome_number(outcome, GUEST_DETAIL_GOT, (uint64_t)st.st_size);
	for (uint64_t at = 0; (n = read(fd, data, sizeof(data))) > 0; at += (uint64_t)n) {
		atomic_fetch_add(&crowd->checked, (unsigned long long)n);
		if (!zeros_check(data, (size_t)n, file, at, outcome))
			return;
	}
	if (n < 0)
		outcome_fail(outcome, GUEST_KIND_VERIFY, errno, file);
}

/* Opens what another process is about to create; -1 when the time is over. */
static int open_when_there(const struct crowd *crowd, const char *file, int flags)
{
	int fd;

	while ((fd = open(file, O_RDONLY | O_CLOEXEC | flags)) < 0 && crowd_goes_on(crowd))
		poll(NULL, 0, 1);
	return fd;
}

/* Reads and checks once; returns how many bytes were there, or -1 when something is wrong and reported. */
static ssize_t read_once(struct crowd *crowd, int fd, char *data, size_t len, uint64_t offset,
			 const char *file)
{
	struct outcome outcome = { 0 };
	ssize_t n = pread(fd, data, len, (off_t)offset);

	if (n < 0)
		outcome_fail(&outcome, GUEST_KIND_READ, errno, file);
	else if (zeros_check(data, (size_t)n, file, offset, &outcome))
		atomic_fetch_add(&crowd->checked, (unsigned long long)n);
	crowd_report(crowd, &outcome);
	return outcome_failed(&outcome) ? -1 : n;
}

void zeros_read_all(struct crowd *crowd, const void *arg)
{
	AUTO_CLOSE int fd = open_when_there(crowd, arg, 0);
	char data[CHUNK];
	uint64_t at = 0;

	while (fd >= 0) {
		ssize_t n = read_once(crowd, fd, data, sizeof(data), at, arg);

		if (n < 0 || !crowd_goes_on(crowd))
			return;
		at = n ? at + (uint64_t)n : 0;
	}
}

void zeros_read_end(struct crowd *crowd, const void *arg)
{
	AUTO_CLOSE int fd = open_when_there(crowd, arg, 0);
	char data[CHUNK];

	for (unsigned turn = 0; fd >= 0 && crowd_goes_on(crowd); turn++) {
		off_t end = lseek(fd, 0, SEEK_END);
		uint64_t at = turn % 2 || end < 0 ? 2 : (uint64_t)end;

		if (read_once(crowd, fd, data, sizeof(data), at, arg) < 0)
			return;
	}
}

void zeros_read_direct(struct crowd *crowd, const void *arg)
{
	AUTO_CLOSE int fd = open_when_there(crowd, arg, O_DIRECT);
	size_t len = crowd->plan->blocksize;
	AUTO_FREE char *data = buffers_make(1, len, BUFFERS_ALIGNMENT);
	uint64_t at = 0;

	while (fd >= 0 && crowd_goes_on(crowd)) {
		ssize_t n = read_once(crowd, fd, data, len, at, arg);

		if (n < 0)
			return;
		at = (size_t)n == len ? at + (uint64_t)n : 0;
	}
}
