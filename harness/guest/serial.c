#include "guest/serial.h"

#include <fcntl.h>

#include "base/fs.h"

struct serial {
	struct link *link;
	virStorageVolPtr volume;
	int fd;
	uint64_t offset;
};

static const char fetching[] = "fetching what a guest wrote";

struct serial *serial_open(struct link *link, virStorageVolPtr volume, const char *path, struct err *err)
{
	struct serial *serial = xcalloc(1, sizeof(*serial));

	*serial = (struct serial){ link, volume, open(path, O_WRONLY | O_APPEND | O_CLOEXEC), 0 };
	if (serial->fd >= 0)
		return serial;
	err_errno(err, ERR_HOST, "cannot write %s", path);
	serial_close(serial);
	return NULL;
}

/* Bytes that were appended; -1: not all that came. */
static int take_all(struct serial *serial, virStreamPtr stream)
{
	char piece[65536];
	int sum = 0;

	for (;;) {
		struct link_call call;
		int n;

		link_begin(serial->link, &call, fetching);
		n = virStreamRecv(stream, piece, sizeof(piece));
		link_end(serial->link, &call);
		if (n < 0 || (n > 0 && fs_write_all(serial->fd, piece, (size_t)n) < 0))
			return -1;
		if (n == 0)
			return sum;
		sum += n;
		serial->offset += (uint64_t)n;
	}
}

/* A log that virtlogd has put aside, because it became large, begins anew. */
static bool was_cut(struct serial *serial)
{
	virStorageVolInfo info;
	struct link_call call;
	bool cut;

	link_begin(serial->link, &call, fetching);
	cut = virStorageVolGetInfo(serial->volume, &info) < 0 || info.capacity < serial->offset;
	link_end(serial->link, &call);
	return cut;
}

int serial_fetch(struct serial *serial)
{
	virStreamPtr stream;
	struct link_call call;
	int n = -1;

	if (was_cut(serial))
		return -1;
	link_begin(serial->link, &call, fetching);
	stream = virStreamNew(virStorageVolGetConnect(serial->volume), 0);
	if (stream && virStorageVolDownload(serial->volume, stream, serial->offset, SERIAL_MOST, 0) == 0)
		n = 0;
	link_end(serial->link, &call);
	if (n == 0)
		n = take_all(serial, stream);
	link_begin(serial->link, &call, fetching);
	if (n < 0 && stream)
		virStreamAbort(stream);
	else if (stream && virStreamFinish(stream) < 0)
		n = -1;
	if (stream)
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
