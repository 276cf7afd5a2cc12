#include "report/outward.h"

#include <ctype.h>

#include "base/utf8.h"

static bool is_path_char(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 0x80 || (c && strchr("._-+~@%", c));
}

/* The last name of an absolute path that begins at `path`, which goes to *end. */
static const char *last_name(const char *path, const char *until, const char **end)
{
	const char *name = path, *p = path;

	for (; p < until && (*p == '/' || is_path_char(*p)); p++)
		if (*p == '/' && p + 1 < until && is_path_char(p[1]))
			name = p + 1;
	*end = p;
	return name;
}

static void drop_folders(const char *text, size_t len, struct buf *out)
{
	const char *until = text + len;

	for (const char *p = text; p < until;) {
		const char *slash = memchr(p, '/', (size_t)(until - p)), *from = p,
			   *end = slash ? slash : until;

		if (slash == p) {
			end = p + 1;
			if (p == text || !is_path_char(p[-1]))
				from = last_name(p, until, &end);
		}
		buf_add(out, from, (size_t)(end - from));
		p = end;
	}
}

static bool is_unseen(uint32_t code)
{
	return code == 0x061c || code == 0x200e || code == 0x200f || (code >= 0x2028 && code <= 0x202e) ||
	       (code >= 0x2066 && code <= 0x2069) || code == 0xfeff || (code >= 0xfdd0 && code <= 0xfdef) ||
	       (code & 0xfffe) == 0xfffe;
}

static void show_unseen(const char *text, size_t len, struct buf *out)
{
	for (size_t i = 0; i < len;) {
		uint32_t code = 0;
		size_t n = utf8_next(text + i, len - i, &code);

		if (n && is_unseen(code))
			buf_addf(out, "\\u%04x", code);
		else
			buf_add(out, text + i, n ? n : 1);
		i += n ? n : 1;
	}
}

/* Most texts are: what may be passed on as it is. */
static bool is_plain(const char *data, size_t len, bool folders)
{
	for (size_t i = 0; i < len; i++)
		if (data[i] < ' ' || data[i] > '~' || (data[i] == '/' && !folders))
			return false;
	return len <= OUTWARD_TEXT_MAX;
}

static void add_unplain(struct buf *out, const char *data, size_t len, bool folders)
{
	AUTO(buf) bare = BUF_INIT;
	AUTO(buf) seen = BUF_INIT;

	if (folders)
		buf_add(&bare, data, len);
	else
		drop_folders(data, len, &bare);
	show_unseen(bare.s, bare.len, &seen);
	utf8_add_escaped(out, seen.s, seen.len, OUTWARD_TEXT_MAX);
}

void outward_add_bytes(struct buf *out, const char *data, size_t len, bool folders)
{
	if (is_plain(data, len, folders)) {
		buf_add(out, data, len);
		return;
	}
	add_unplain(out, data, len, folders);
}

void outward_add(struct buf *out, const char *text)
{
	outward_add_bytes(out, text, strlen(text), false);
}

void outward_log(struct buf *out, const struct record *record)
{
	size_t start = out->len;

	if (*record->evidence) {
		buf_addf(out, "console line %u: ", record->evidence_line);
		outward_add(out, record->evidence);
		buf_addc(out, '\n');
	}
	for (size_t i = 0; i < record->failures.n; i++) {
		AUTO(buf) line = BUF_INIT;

		buf_adds(&line, "iteration ");
		outward_add(&line, record->failures.v[i]);
		buf_addc(&line, '\n');
		if (out->len - start + line.len > OUTWARD_LOG_MAX)
			return;
		buf_add(out, line.s, line.len);
	}
}
