#include "verify.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "content.h"

#define CHUNK  65536
#define SECTOR 512 /* what is looked at to say what a differing page holds instead */

/* Returns 0 or an errno. */
static int write_content(int fd, const struct pair *pair)
{
	static char chunk[CHUNK];

	for (uint64_t at = 0; at < pair->size; at += CHUNK) {
		size_t len = pair->size - at < CHUNK ? pair->size - at : CHUNK;
		ssize_t n;

		content_fill(chunk, len, pair->key, at);
		n = write(fd, chunk, len);
		if (n != (ssize_t)len)
			return n < 0 ? errno : ENOSPC; /* a regular file takes less only when it is full */
	}
	return fsync(fd) < 0 ? errno : 0;
}

bool pair_fill(const struct pair *pair, struct outcome *outcome)
{
	AUTO_CLOSE int fd = open(pair->source, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	int error;

	if (fd < 0) {
		outcome_fail(outcome, GUEST_KIND_OPEN, errno, pair->source);
		return false;
	}
	error = write_content(fd, pair);
	if (error)
		outcome_fail(outcome, GUEST_KIND_FILL, error, pair->source);
	return !error;
}

/* Reads a whole page of a file; less only at its end. Returns bytes, or -1 with errno. */
static ssize_t read_page(int fd, char *page, size_t len)
{
	size_t done = 0;
	ssize_t n = 1;

	while (done < len && n) {
		n = read(fd, page + done, len - done);
		if (n < 0)
			return -1;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

/* Three pages: as it should be, as it is, and where. */
struct pages {
	char *expected, *actual;
	size_t size, len; /* len: of these, in the file's last page less than size */
	uint64_t offset;
};

static void note_difference(const struct pair *pair, const struct pages *p, size_t at, const char *file,
			    struct outcome *outcome)
{
	size_t sector = at / SECTOR * SECTOR;
	size_t len = p->len - sector < SECTOR ? p->len - sector : SECTOR;

	if (outcome_fail(outcome, GUEST_KIND_CONTENT, 0, file))
		outcome_number(outcome, GUEST_DETAIL_OFFSET, p->offset + at);
	else
		outcome_word(outcome, GUEST_DETAIL_DIFFERS, file);
	outcome_number(outcome, GUEST_DETAIL_PAGE, p->offset / p->size);
	outcome_number(outcome, GUEST_DETAIL_EXPECTED, content_hash(p->expected, p->len));
	outcome_number(outcome, GUEST_DETAIL_ACTUAL, content_hash(p->actual, p->len));
	outcome_word(outcome, GUEST_DETAIL_LIKE,
		     content_like(p->actual + sector, len, pair->old_key, p->offset + sector));
}

/* False at the first page that differs or cannot be read. */
static bool verify_content(const struct pair *pair, const char *file, struct pages *p,
			   struct outcome *outcome)
{
	AUTO_CLOSE int fd = open(file, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		outcome_fail(outcome, GUEST_KIND_OPEN, errno, file);
		return false;
	}
	for (p->offset = 0; p->offset < pair->size; p->offset += p->size) {
		size_t at;
		ssize_t n;

		p->len = pair->size - p->offset < p->size ? pair->size - p->offset : p->size;
		n = read_page(fd, p->actual, p->len);
		if (n != (ssize_t)p->len) {
			if (outcome_fail(outcome, GUEST_KIND_VERIFY, n < 0 ? errno : 0, file))
				outcome_number(outcome, GUEST_DETAIL_OFFSET, p->offset);
			return false;
		}
		content_fill(p->expected, p->len, pair->key, p->offset);
		at = content_difference(p->expected, p->actual, p->len);
		if (at == p->len)
			continue;
		note_difference(pair, p, at, file, outcome);
		return false;
	}
	return true;
}

static bool verify_size(const struct pair *pair, struct outcome *outcome)
{
	struct stat st = { 0 };

	if (stat(pair->copy, &st) < 0) {
		outcome_fail(outcome, GUEST_KIND_SIZE, errno, pair->copy);
		return false;
	}
	if ((uint64_t)st.st_size == pair->size)
		return true;
	if (outcome_fail(outcome, GUEST_KIND_SIZE, 0, pair->copy))
		outcome_number(outcome, GUEST_DETAIL_GOT, (uint64_t)st.st_size);
	return false;
}

void pair_verify(const struct pair *pair, struct outcome *outcome)
{
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	struct pages pages = { must_calloc(1, size), must_calloc(1, size), size, 0, 0 };
	bool same = verify_size(pair, outcome) && verify_content(pair, pair->source, &pages, outcome) &&
		    verify_content(pair, pair->copy, &pages, outcome);

	free(pages.expected);
	free(pages.actual);
	if (same && outcome_failed(outcome) && !(outcome->has & 1U << GUEST_DETAIL_DIFFERS))
		outcome_word(outcome, GUEST_DETAIL_DIFFERS, "no");
}
