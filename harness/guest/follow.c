#include "guest/follow.h"

#include <fcntl.h>
#include <sys/stat.h>

int follow_open(struct follow *f, const char *path, uint64_t limit, struct err *err)
{
	f->fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (f->fd < 0)
		return err_errno(err, ERR_HOST, "cannot make %s", path);
	f->path = xstrdup(path);
	f->limit = limit;
	f->offset = 0;
	return 0;
}

int follow_read(struct follow *f, size_t max, struct buf *chunk, bool *over, struct err *err)
{
	char part[16384];

	buf_reset(chunk);
	while (chunk->len < max && f->offset < f->limit) {
		uint64_t room = f->limit - f->offset;
		ssize_t n = pread(f->fd, part, room < sizeof(part) ? room : sizeof(part), (off_t)f->offset);

		if (n < 0)
			return err_errno(err, ERR_HOST, "cannot read %s", f->path);
		if (n == 0)
			return 0;
		buf_add(chunk, part, (size_t)n);
		f->offset += (uint64_t)n;
	}
	if (f->offset >= f->limit)
		*over = true;
	return 0;
}

void follow_close(struct follow *f)
{
	struct stat st;

	if (f->fd >= 0 && fstat(f->fd, &st) == 0 && (uint64_t)st.st_size > f->limit &&
	    ftruncate(f->fd, (off_t)f->limit) < 0)
		fprintf(stderr, "qbisect: cannot shorten %s\n", f->path);
	auto_close_(&f->fd);
	f->fd = -1;
	free(f->path);
	f->path = NULL;
}
