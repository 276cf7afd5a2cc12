#include "guest/upload.h"

#include <fcntl.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/supervisor.h"

#define PIECE (128u << 10)

static const char pushing[] = "pushing a file";

struct upload {
	struct link *link;
	virStreamPtr stream;
	const char *file;
	int fd;
	uint64_t at, size;
	struct link_call call;
	int64_t began, pause; /* the piece; the longest so far */
};

static void begin(struct upload *upload)
{
	upload->began = clock_ms();
	link_begin(upload->link, &upload->call, pushing);
}

static void end(struct upload *upload)
{
	int64_t took = clock_ms() - upload->began;

	link_end(upload->link, &upload->call);
	upload->pause = took > upload->pause ? took : upload->pause;
}

static int send_hole(struct upload *upload, uint64_t until, struct err *err)
{
	int status;

	begin(upload);
	status = virStreamSendHole(upload->stream, (long long)(until - upload->at), 0);
	end(upload);
	upload->at = until;
	return status < 0 ? link_error(err, upload->file) : 0;
}

/* A piece of the file, each with the deadline of a call. */
static int send_piece(struct upload *upload, uint64_t until, struct err *err)
{
	char piece[PIECE];
	uint64_t left = until - upload->at;
	ssize_t n = pread(upload->fd, piece, left < PIECE ? left : PIECE, (off_t)upload->at);
	int sent;

	if (n < 0)
		return err_errno(err, ERR_HOST, "cannot read %s", upload->file);
	if (n == 0)
		return err_set(err, ERR_HOST, "%s became shorter while it was pushed", upload->file);
	begin(upload);
	sent = virStreamSend(upload->stream, piece, (size_t)n);
	end(upload);
	if (sent < 0)
		return link_error(err, upload->file);
	upload->at += (uint64_t)sent;
	return 0;
}

static int send_data(struct upload *upload, uint64_t until, struct err *err)
{
	while (upload->at < until) {
		if (supervise_interrupted())
			return err_set(err, ERR_INTERRUPTED, "interrupted while %s was pushed",
				       path_base(upload->file));
		if (send_piece(upload, until, err) < 0)
			return -1;
	}
	return 0;
}

/* Where data begins, from here on, or the file's end. */
static int find_data(const struct upload *upload, uint64_t *data, struct err *err)
{
	off_t at = lseek(upload->fd, (off_t)upload->at, SEEK_DATA);

	if (at < 0 && errno != ENXIO) /* ENXIO: there is none any more */
		return err_errno(err, ERR_HOST, "cannot read %s", upload->file);
	*data = at < 0 || (uint64_t)at > upload->size ? upload->size : (uint64_t)at;
	return 0;
}

static int send_all(struct upload *upload, struct err *err)
{
	while (upload->at < upload->size) {
		uint64_t data;
		off_t hole;

		if (find_data(upload, &data, err) < 0 ||
		    (data > upload->at && send_hole(upload, data, err) < 0))
			return -1;
		if (data == upload->size)
			return 0;
		hole = lseek(upload->fd, (off_t)data, SEEK_HOLE);
		if (hole < 0)
			return err_errno(err, ERR_HOST, "cannot read %s", upload->file);
		if (send_data(upload, (uint64_t)hole < upload->size ? (uint64_t)hole : upload->size, err) < 0)
			return -1;
	}
	return 0;
}

static int send_file(struct upload *upload, virStorageVolPtr volume, struct err *err)
{
	int status;

	begin(upload);
	status = virStorageVolUpload(volume, upload->stream, 0, 0, VIR_STORAGE_VOL_UPLOAD_SPARSE_STREAM);
	end(upload);
	if (status < 0)
		return link_error(err, upload->file);
	status = send_all(upload, err);
	begin(upload);
	if (status < 0)
		virStreamAbort(upload->stream);
	else if (virStreamFinish(upload->stream) < 0)
		status = link_error(err, upload->file);
	end(upload);
	return status;
}

int upload_file(struct link *link, virStorageVolPtr volume, const char *file, uint64_t size, int64_t *pause,
		struct err *err)
{
	AUTO_CLOSE int fd = open(file, O_RDONLY | O_CLOEXEC);
	struct upload upload = { .link = link,
				 .stream = virStreamNew(virStorageVolGetConnect(volume), 0),
				 .file = file,
				 .fd = fd,
				 .size = size };
	int status;

	if (!upload.stream)
		return link_error(err, file);
	if (fd < 0)
		status = err_errno(err, ERR_HOST, "cannot read %s", file);
	else
		status = send_file(&upload, volume, err);
	virStreamFree(upload.stream);
	*pause = upload.pause;
	return status;
}
