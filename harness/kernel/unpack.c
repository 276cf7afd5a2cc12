#include "kernel/unpack.h"

#include <archive_entry.h>

#include "kernel/filters.h"

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
