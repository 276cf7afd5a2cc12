#include "config/json_scan.h"

#include <ctype.h>
#include <math.h>

#include "base/utf8.h"

struct scan {
	struct json_doc *doc;
	const char *text;
	size_t len, at;
	size_t counted; /* lines and columns are known up to here */
	unsigned line, column;
	struct err *err;
};

/* Moves the line and column count forward to s->at. */
static void count_to_here(struct scan *s)
{
	for (; s->counted < s->at; s->counted++) {
		unsigned char c = (unsigned char)s->text[s->counted];

		if (c == '\n') {
			s->line++;
			s->column = 1;
		} else if ((c & 0xc0) != 0x80) {
			s->column++;
		}
	}
}

static int fail(struct scan *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static int fail(struct scan *s, const char *fmt, ...)
{
	AUTO(buf) message = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&message, fmt, ap);
	va_end(ap);
	count_to_here(s);
	return err_set(s->err, ERR_USAGE, "%s:%u:%u: %s", s->doc->name, s->line, s->column, message.s);
}

/* What stands at the current place, for an error. */
static int unexpected(struct scan *s, const char *wanted)
{
	AUTO(buf) found = BUF_INIT;
	uint32_t code;
	size_t n;

	if (s->at >= s->len)
		return fail(s, "expected %s, found the end of the text", wanted);
	n = utf8_next(s->text + s->at, s->len - s->at, &code);
	utf8_add_escaped(&found, s->text + s->at, n ? n : 1, 16);
	return fail(s, "expected %s, found '%s'", wanted, found.s);
}

static char peek(const struct scan *s)
{
	return s->at < s->len ? s->text[s->at] : '\0';
}

static void skip_space(struct scan *s)
{
	while (s->at < s->len && strchr(" \t\r\n", s->text[s->at]) && s->text[s->at])
		s->at++;
}

/* The four hex digits of \uXXXX at the current place, or -1. */
static int hex4(struct scan *s)
{
	int value = 0;

	for (int i = 0; i < 4; i++, s->at++) {
		char c = peek(s);

		if (!isxdigit((unsigned char)c))
			return unexpected(s, "four hexadecimal digits after \\u");
		value = value * 16 + (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	return value;
}

static int scan_unicode_escape(struct scan *s)
{
	int high = hex4(s), low;

	if (high < 0)
		return -1;
	if (high == 0)
		return fail(s, "a string cannot hold a NUL character (\\u0000)");
	if (high < 0xd800 || high > 0xdfff)
		return 0;
	if (high > 0xdbff || strncmp(s->text + s->at, "\\u", 2) != 0)
		return fail(s, "half of a surrogate pair (\\u%04x)", (unsigned)high);
	s->at += 2;
	low = hex4(s);
	if (low < 0)
		return -1;
	if (low < 0xdc00 || low > 0xdfff)
		return fail(s, "half of a surrogate pair (\\u%04x)", (unsigned)high);
	return 0;
}

static int scan_escape(struct scan *s)
{
	char c;

	s->at++;
	c = peek(s);
	if (!c || !strchr("\"\\/bfnrtu", c))
		return unexpected(s, "one of \" \\ / b f n r t u after a backslash");
	s->at++;
	return c == 'u' ? scan_unicode_escape(s) : 0;
}

static int scan_string(struct scan *s)
{
	size_t start = s->at++;

	while (peek(s) != '"') {
		uint32_t code;
		size_t n = utf8_next(s->text + s->at, s->len - s->at, &code);

		if (s->at >= s->len) {
			s->at = start;
			return fail(s, "this string has no closing quote");
		}
		if (!n)
			return fail(s, "the text is not valid UTF-8 (byte 0x%02x)",
				    (unsigned char)s->text[s->at]);
		if (code < 0x20)
			return fail(s,
				    "a control character (0x%02x) in a string: write it as an escape, or "
				    "close the string",
				    code);
		if (code != '\\')
			s->at += n;
		else if (scan_escape(s) < 0)
			return -1;
	}
	s->at++;
	return 0;
}

static bool skip_digits(struct scan *s)
{
	size_t start = s->at;

	while (isdigit((unsigned char)peek(s)))
		s->at++;
	return s->at > start;
}

/* number = [ "-" ] int [ "." digits ] [ e [ sign ] digits ] */
static int scan_number(struct scan *s)
{
	size_t start = s->at;
	bool whole = true, fits;

	if (peek(s) == '-')
		s->at++;
	if (peek(s) == '0' && isdigit((unsigned char)s->text[s->at + 1]))
		return fail(s, "a number does not begin with 0 and another digit");
	if (!skip_digits(s))
		return unexpected(s, "a digit");
	if (peek(s) == '.') {
		whole = false;
		s->at++;
		if (!skip_digits(s))
			return unexpected(s, "a digit after the decimal point");
	}
	if ((peek(s) | 0x20) == 'e') {
		whole = false;
		s->at++;
		if (peek(s) == '+' || peek(s) == '-')
			s->at++;
		if (!skip_digits(s))
			return unexpected(s, "a digit in the exponent");
	}
	errno = 0;
	if (whole)
		fits = (strtoll(s->text + start, NULL, 10), errno != ERANGE);
	else
		fits = isfinite(strtod(s->text + start, NULL));
	if (fits)
		return 0;
	s->at = start;
	return fail(s, "this number is too large");
}

static int scan_word(struct scan *s)
{
	static const char *const words[] = { "true", "false", "null" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (s->len - s->at < strlen(words[i]) ||
		    memcmp(s->text + s->at, words[i], strlen(words[i])) != 0)
			continue;
		s->at += strlen(words[i]);
		return 0;
	}
	return unexpected(s, "a value (\"text\", number, true, false, null, { or [)");
}

static int scan_value(struct scan *s, size_t parent, size_t key_at, unsigned depth);

/* Appends a node for the value that begins here. */
static size_t add_node(struct scan *s, size_t parent, size_t key_at)
{
	struct json_doc *doc = s->doc;
	struct json_node *node;

	count_to_here(s);
	GROW(doc->nodes, doc->n, doc->cap);
	node = &doc->nodes[doc->n];
	*node = (struct json_node){
		.doc = doc, .line = s->line, .column = s->column, .parent = parent, .key_at = key_at
	};
	if (doc->n)
		node->index = doc->nodes[parent].children++;
	return doc->n++;
}

/* The '"key" :' of a member. */
static int scan_key(struct scan *s, size_t *key_at)
{
	*key_at = s->at;
	if (peek(s) != '"')
		return unexpected(s, "a key in double quotes");
	if (scan_string(s) < 0)
		return -1;
	skip_space(s);
	if (peek(s) != ':')
		return unexpected(s, "':' after the key");
	s->at++;
	skip_space(s);
	return 0;
}

static int scan_container(struct scan *s, size_t self, unsigned depth)
{
	bool object = peek(s) == '{';
	char close = object ? '}' : ']';
	size_t key_at = 0;

	if (depth >= JSON_MAX_DEPTH)
		return fail(s, "more than %d levels of { and [", JSON_MAX_DEPTH);
	s->at++;
	skip_space(s);
	while (peek(s) != close) {
		if (s->doc->nodes[self].children) {
			if (peek(s) != ',')
				return unexpected(s, object ? "',' or '}'" : "',' or ']'");
			s->at++;
			skip_space(s);
		}
		if (object && scan_key(s, &key_at) < 0)
			return -1;
		if (scan_value(s, self, key_at, depth + 1) < 0)
			return -1;
		skip_space(s);
	}
	s->at++;
	return 0;
}

static int scan_value(struct scan *s, size_t parent, size_t key_at, unsigned depth)
{
	size_t self = add_node(s, parent, key_at);
	char c = peek(s);
	int result;

	if (c == '{' || c == '[')
		result = scan_container(s, self, depth);
	else if (c == '"')
		result = scan_string(s);
	else if (c == '-' || isdigit((unsigned char)c))
		result = scan_number(s);
	else
		result = scan_word(s);
	s->doc->nodes[self].end = s->doc->n;
	return result;
}

int json_scan(struct json_doc *doc, const char *text, size_t len, struct err *err)
{
	struct scan s = { .doc = doc, .text = text, .len = len, .line = 1, .column = 1, .err = err };

	if (len > JSON_MAX_BYTES)
		return fail(&s, "%zu bytes are too many: at most %u", len, JSON_MAX_BYTES);
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		return fail(&s, "the text begins with a byte order mark: save it as UTF-8 without one");
	skip_space(&s);
	if (peek(&s) != '{')
		return unexpected(&s, "'{'");
	if (scan_value(&s, 0, 0, 0) < 0)
		return -1;
	skip_space(&s);
	if (s.at < len)
		return unexpected(&s, "the end of the text after the last '}'");
	return 0;
}
