#include "kernel/unpack.h"

#include <archive_entry.h>

#include "kernel/filters.h"

#define FILE_CHUNK 65536

static int damaged(const char *name, struct archive *a, struct err *err)
{
	const char *reason = archive_error_string(a);

	return err_set(err, ERR_HOST, "cannot unpack %s: %s", name, reason ? reason : "damaged");
}

static int read_all(const char *name, struct archive *a, size_t limit, struct buf *out, struct err *err)
{
	char chunk[1 << 16];
	la_ssize_t n;

	while ((n = archive_read_data(a, chunk, sizeof(chunk))) > 0) {
		if ((size_t)n > limit - out->len)
			return err_set(err, ERR_HOST, "cannot unpack %s: larger than %zu bytes", name, limit);
		buf_add(out, chunk, (size_t)n);
	}
	return n < 0 ? damaged(name, a, err) : 0;
}

int unpack_bytes(const char *name, const void *data, size_t len, size_t limit, struct buf *out,
		 struct err *err)
{
	AUTO(reader) a = archive_read_new();
	struct archive_entry *entry;

	buf_reset(out);
	filters_support(a);
	archive_read_support_format_raw(a);
	if (archive_read_open_memory(a, data, len) != ARCHIVE_OK ||
	    archive_read_next_header(a, &entry) != ARCHIVE_OK)
		return damaged(name, a, err);
	return read_all(name, a, limit, out, err);
}

int unpack_file(const char *path, uint64_t limit,
		int (*take)(void *arg, const void *data, size_t len, struct err *err), void *arg,
		struct err *err)
{
	AUTO(reader) a = archive_read_new();
	AUTO_FREE char *chunk = xcalloc(1, FILE_CHUNK);
	struct archive_entry *entry;
	uint64_t total = 0;
	la_ssize_t n;

	filters_support(a);
	archive_read_support_format_raw(a);
	if (archive_read_open_filename(a, path, FILE_CHUNK) != ARCHIVE_OK ||
	    archive_read_next_header(a, &entry) != ARCHIVE_OK)
		return damaged(path, a, err);
	while ((n = archive_read_data(a, chunk, FILE_CHUNK)) > 0) {
		total += (uint64_t)n;
		if (total > limit)
			return err_set(err, ERR_HOST, "cannot unpack %s: larger than %llu bytes", path,
				       (unsigned long long)limit);
		if (take(arg, chunk, (size_t)n, err) < 0)
			return -1;
	}
	return n < 0 ? damaged(path, a, err) : 0;
}
