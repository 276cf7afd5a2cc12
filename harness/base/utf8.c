#include "base/utf8.h"

size_t utf8_next(const char *s, size_t len, uint32_t *code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char first = len ? (unsigned char)s[0] : 0x80;
	size_t n = first < 0x80	  ? 1
		   : first < 0xc0 ? 0
		   : first < 0xe0 ? 2
		   : first < 0xf0 ? 3
		   : first < 0xf8 ? 4
				  : 0;
	uint32_t c = n < 2 ? first : first & (0x7fu >> n);

	if (!n || n > len)
		return 0;
	for (size_t i = 1; i < n; i++) {
		unsigned char next = (unsigned char)s[i];

		if ((next & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (next & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*code = c;
	return n;
}

bool utf8_is_control(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

static void add_control(struct buf *out, const char *s, size_t n)
{
	static const char names[] = "\t\n\r", letters[] = "tnr";
	const char *name = n == 1 && *s ? strchr(names, *s) : NULL;

	if (name)
		buf_addf(out, "\\%c", letters[name - names]);
	else
		for (size_t i = 0; i < n; i++)
			buf_addf(out, "\\x%02x", (unsigned char)s[i]);
}

void utf8_add_escaped(struct buf *out, const char *s, size_t len, size_t limit)
{
	static const char mark[] = "...";
	size_t start = out->len, cut = start; /* cut: the last place that leaves room for the mark */

	while (len) {
		uint32_t code = 0;
		size_t n = utf8_next(s, len, &code);

		if (n && !utf8_is_control(code))
			buf_add(out, s, n);
		else
			add_control(out, s, n ? n : 1);
		if (out->len - start > limit) {
			out->len = cut;
			buf_adds(out, mark);
			return;
		}
		if (out->len - start + strlen(mark) <= limit)
			cut = out->len;
		s += n ? n : 1;
		len -= n ? n : 1;
	}
}
