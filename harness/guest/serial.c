#include "guest/serial.h"

#include <fcntl.h>

#include "base/fs.h"

/* virtlogd puts a log aside that became large, and another one begins, which soon is as long: what was fetched last is
 * fetched again, and compared. */
#define TAIL 256

struct serial {
	struct link *link;
	virStorageVolPtr volume;
	int fd;
	uint64_t offset;
	char tail[TAIL]; /* the last bytes before `offset` */
	size_t n_tail;
	size_t compared; /* bytes of it that have come again */
};

static const char fetching[] = "fetching what a guest wrote";

struct serial *serial_open(struct link *link, virStorageVolPtr volume, const char *path, struct err *err)
{
	struct serial *serial = xcalloc(1, sizeof(*serial));

	*serial = (struct serial){ .link = link,
				   .volume = volume,
				   .fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC) };
	if (serial->fd >= 0)
		return serial;
	err_errno(err, ERR_HOST, "cannot write %s", path);
	serial_close(serial);
	return NULL;
}

static void remember(struct serial *serial, const char *piece, size_t n)
{
	size_t keep = n >= TAIL ? 0 : serial->n_tail + n > TAIL ? TAIL - n : serial->n_tail;
	size_t more = n < TAIL ? n : TAIL;

	memmove(serial->tail, serial->tail + serial->n_tail - keep, keep);
	memcpy(serial->tail + keep, piece + n - more, more);
	serial->n_tail = keep + more;
	serial->offset += n;
}

/* First comes what was there before. Returns how many new bytes the piece had; -1. */
static int take(struct serial *serial, const char *piece, size_t n)
{
	size_t known = serial->n_tail - serial->compared;

	known = known < n ? known : n;
	if (memcmp(piece, serial->tail + serial->compared, known) != 0)
		return SERIAL_CUT;
	serial->compared += known;
	if (n == known)
		return 0;
	if (fs_write_all(serial->fd, piece + known, n - known) < 0)
		return SERIAL_LOST;
	remember(serial, piece + known, n - known);
	serial->compared = serial->n_tail;
	return (int)(n - known);
}

static int receive(struct serial *serial, virStreamPtr stream)
{
	char piece[65536];
	int sum = 0;

	serial->compared = 0;
	for (;;) {
		struct link_call call;
		int n, taken;

		link_begin(serial->link, &call, fetching);
		n = virStreamRecv(stream, piece, sizeof(piece));
		link_end(serial->link, &call);
		if (n < 0)
			return SERIAL_LOST;
		if (n == 0)
			return serial->compared < serial->n_tail ? SERIAL_CUT : sum;
		taken = take(serial, piece, (size_t)n);
		if (taken < 0)
			return taken;
		sum += taken;
	}
}

int serial_fetch(struct serial *serial)
{
	virStreamPtr stream = virStreamNew(virStorageVolGetConnect(serial->volume), 0);
	struct link_call call;
	int n = SERIAL_LOST;

	if (!stream)
		return SERIAL_LOST;
	link_begin(serial->link, &call, fetching);
	if (virStorageVolDownload(serial->volume, stream, serial->offset - serial->n_tail,
				  SERIAL_MOST + serial->n_tail, 0) == 0)
		n = 0;
	link_end(serial->link, &call);
	if (n == 0)
		n = receive(serial, stream);
	link_begin(serial->link, &call, fetching);
	if (n < 0)
		virStreamAbort(stream);
	else if (virStreamFinish(stream) < 0)
		n = SERIAL_LOST;
	virStreamFree(stream);
	link_end(serial->link, &call);
	return n;
}

void serial_close(struct serial *serial)
{
	if (!serial)
		return;
	virStorageVolFree(serial->volume);
	auto_close_(&serial->fd);
	free(serial);
}
