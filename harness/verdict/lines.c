#include "verdict/lines.h"

#include <ctype.h>

#include "base/utf8.h"

/* Where we are in an escape sequence (ECMA-48): ESC; ESC [ ...; ESC ] ... up to BEL or ESC \. */
enum { TEXT, ESCAPE, CSI, STRING, STRING_ESCAPE };
#define ESCAPE_MAX 256 /* bytes of one that are believed */

/*
 * Where we are in a time stamp, as printk writes it: "[%5lu.%06lu]", then a space or the '[' of a caller id.
 * Its bytes are in the text already; when it is complete they are taken back.
 */
enum { STAMP_NONE, STAMP_OPEN, STAMP_SECONDS, STAMP_MICROS, STAMP_CLOSED };

void lines_init(struct lines *l, void (*take)(void *arg, const struct line *line), void *arg)
{
	memset(l, 0, sizeof(*l));
	l->take = take;
	l->arg = arg;
	l->number = 1;
}

/* Replaces, in place, what is not UTF-8. */
static void clean_utf8(char *s, size_t len)
{
	for (size_t at = 0; at < len;) {
		uint32_t code = 0;
		size_t n = utf8_next(s + at, len - at, &code);

		if (!n || utf8_is_control(code))
			s[at] = '?';
		if (n == 2 && utf8_is_control(code))
			s[at + 1] = '?';
		at += n ? n : 1;
	}
}

/* Bytes of "<4>" (a log level), or of "[   T123]" or "[    C0]" (the caller: a task or a CPU). */
static size_t prefix_len(const char *s, char open, char close)
{
	size_t n = 1;

	if (*s != open)
		return 0;
	if (open == '[') {
		n += strspn(s + n, " ");
		if (s[n] != 'T' && s[n] != 'C')
			return 0;
		n++;
	}
	if (!isdigit((unsigned char)s[n]))
		return 0;
	n += strspn(s + n, "0123456789");
	return s[n] == close ? n + 1 : 0;
}

/* Gives out what was read, when that is anything, and begins the next piece behind it. */
static void end_piece(struct lines *l)
{
	struct line line = {
		.number = l->number, .offset = l->start, .dropped = l->dropped, .stamped = l->stamped
	};
	const char *text = l->text;

	l->text[l->len] = '\0';
	if (l->high)
		clean_utf8(l->text, l->len);
	text += prefix_len(text, '<', '>');
	if (l->stamped) {
		text += prefix_len(text, '[', ']');
		text += *text == ' ';
	}
	line.text = text;
	line.len = l->len - (size_t)(text - l->text);
	l->len = 0;
	l->dropped = 0;
	l->stamped = l->high = l->begun = false;
	l->stamp = STAMP_NONE;
	l->state = TEXT;
	if (text[strspn(text, " ")] || line.dropped)
		l->take(l->arg, &line);
}

static void add(struct lines *l, char c, uint64_t at)
{
	if (!l->begun) {
		l->begun = true;
		l->start = at;
	}
	if ((unsigned char)c >= 0x80)
		l->high = true;
	if (l->len < LINE_TEXT_MAX)
		l->text[l->len++] = c;
	else
		l->dropped++;
}

/* What stood in front of the stamp is one piece; what follows begins the next. */
static void begin_stamped(struct lines *l)
{
	l->len = l->stamp_len;
	l->dropped = l->stamp_dropped;
	end_piece(l);
	l->stamped = l->begun = true;
	l->start = l->stamp_start;
}

static void open_stamp(struct lines *l, uint64_t at)
{
	l->stamp = STAMP_OPEN;
	l->stamp_digits = 0;
	l->stamp_len = l->len;
	l->stamp_dropped = l->dropped;
	l->stamp_start = at;
}

/* Takes the next byte of what may be a stamp. */
static void step_stamp(struct lines *l, char c, uint64_t at)
{
	bool digit = isdigit((unsigned char)c);

	if (l->stamp == STAMP_CLOSED && (c == ' ' || c == '['))
		begin_stamped(l);
	else if (c == '[')
		open_stamp(l, at);
	else if ((l->stamp == STAMP_OPEN || l->stamp == STAMP_SECONDS) && digit)
		l->stamp = STAMP_SECONDS;
	else if (l->stamp == STAMP_SECONDS && c == '.')
		l->stamp = STAMP_MICROS;
	else if (l->stamp == STAMP_MICROS && digit && l->stamp_digits < 6)
		l->stamp_digits++;
	else if (l->stamp == STAMP_MICROS && c == ']' && l->stamp_digits == 6)
		l->stamp = STAMP_CLOSED;
	else if (l->stamp != STAMP_OPEN || c != ' ')
		l->stamp = STAMP_NONE;
}

static void end_line(struct lines *l)
{
	end_piece(l);
	l->number++;
}

static void take_text(struct lines *l, char c, uint64_t at)
{
	if (c == '\x1b') {
		l->state = ESCAPE;
		l->escape_len = 0;
		return;
	}
	if (c == '\t')
		c = ' ';
	if (utf8_is_control((unsigned char)c) && (unsigned char)c < 0x80)
		return;
	if (l->stamp || c == '[')
		step_stamp(l, c, at);
	add(l, c, at);
}

/* The state behind the next byte of an escape sequence. */
static unsigned char escape_step(unsigned char state, unsigned char c)
{
	switch (state) {
	case ESCAPE:
		if (c == '[')
			return CSI;
		if (c && strchr("]PX^_", c))
			return STRING;
		return c >= '0' ? TEXT : ESCAPE;
	case CSI:
		return c >= '@' ? TEXT : CSI;
	case STRING:
		return c == '\a' ? TEXT : c == '\x1b' ? STRING_ESCAPE : STRING;
	default:
		return c == '\\' ? TEXT : STRING;
	}
}

static void take_escape(struct lines *l, unsigned char c)
{
	l->state = ++l->escape_len > ESCAPE_MAX ? TEXT : escape_step(l->state, c);
}

/* How many bytes from here are text without a meaning of their own; nearly all are. */
static size_t plain_len(const struct lines *l, const unsigned char *s, size_t len)
{
	size_t n = 0;

	if (l->state != TEXT || l->stamp || !l->begun)
		return 0;
	while (n < len && s[n] >= ' ' && s[n] < 0x7f && s[n] != '[')
		n++;
	return n;
}

static void add_plain(struct lines *l, const unsigned char *s, size_t len)
{
	size_t room = LINE_TEXT_MAX - l->len, n = len < room ? len : room;

	memcpy(l->text + l->len, s, n);
	l->len += n;
	l->dropped += len - n;
}

void lines_feed(struct lines *l, const void *data, size_t len)
{
	const unsigned char *s = data;

	for (size_t i = 0; i < len;) {
		size_t plain = plain_len(l, s + i, len - i);

		if (plain) {
			add_plain(l, s + i, plain);
			i += plain;
			continue;
		}
		if (s[i] == '\n')
			end_line(l);
		else if (s[i] == '\r')
			end_piece(l);
		else if (l->state != TEXT)
			take_escape(l, s[i]);
		else
			take_text(l, (char)s[i], l->fed + i);
		i++;
	}
	l->fed += len;
}

void lines_end(struct lines *l)
{
	bool open = l->begun;

	end_piece(l);
	if (!open)
		l->number--;
}
