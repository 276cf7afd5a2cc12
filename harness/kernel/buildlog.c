#include "kernel/buildlog.h"

#include "base/utf8.h"

#define SHOWN_CHARS   300
#define KILLED_ADVICE "memory ran out: build with fewer jobs"

struct span {
	const char *s;
	size_t len;
};

/* What the host must be blamed for, wherever it stands in a line. */
static const struct {
	const char *sign, *advice;
} host_signs[] = {
	{ "No space left on device", "make room on the disk" },
	{ "Disk quota exceeded", "make room in the quota" },
	{ "Read-only file system", NULL },
	{ "Stale file handle", NULL },
	{ "Input/output error", NULL },
	{ "Resource temporarily unavailable", NULL },
	{ "Connection timed out", NULL },
	{ "Killed signal terminated program", KILLED_ADVICE },
	{ "virtual memory exhausted", KILLED_ADVICE },
	{ "Cannot allocate memory", KILLED_ADVICE },
	{ "gelf.h: No such file", "run 'apt-get install libelf-dev' or 'make deps'" },
	{ "libelf.h: No such file", "run 'apt-get install libelf-dev' or 'make deps'" },
	{ "openssl/bio.h: No such file", "run 'apt-get install libssl-dev' or 'make deps'" },
	{ "openssl/opensslv.h: No such file", "run 'apt-get install libssl-dev' or 'make deps'" },
	{ ": not found", "install the program" }, /* of /bin/sh */
	{ ": command not found", "install the program" },
};

/* What says what is wrong with the tree, the most telling first. */
static const char *const signs[][4] = {
	{ ": error: ", ": fatal error: ", ": Error: ", "undefined reference to " },
	{ "multiple definition of ", "ERROR: modpost: ", ": syntax error", "error: " },
	{ "*** missing", "*** No rule", "*** multiple", "*** recipe" },
	{ "*** ", "Error ", "ERROR", NULL },
};

static bool next_line(struct span *rest, struct span *line)
{
	const char *end;

	if (!rest->len)
		return false;
	end = memchr(rest->s, '\n', rest->len);
	*line = (struct span){ rest->s, end ? (size_t)(end - rest->s) : rest->len };
	rest->s += line->len + (end != NULL);
	rest->len -= line->len + (end != NULL);
	return true;
}

static bool holds(const struct span *line, const char *sign)
{
	return memmem(line->s, line->len, sign, strlen(sign)) != NULL;
}

static bool holds_any(const struct span *line, const char *const *row, size_t n)
{
	for (size_t i = 0; i < n && row[i]; i++)
		if (holds(line, row[i]))
			return true;
	return false;
}

/* A line of make alone says only where it stopped; "sh: 1: x: not found" is what a shell says. */
static bool is_host_sign(const struct span *line, const char *sign)
{
	if (!holds(line, sign))
		return false;
	return *sign != ':' || holds(line, "sh: ");
}

static bool is_word(const struct span *line, const char *word)
{
	return line->len == strlen(word) && memcmp(line->s, word, line->len) == 0;
}

/* By make, dash and bash, of a program that a signal ended: the linker's memory is what runs out first. */
static bool is_killed(const struct span *line)
{
	return is_word(line, "Killed") || is_word(line, "Terminated") || holds(line, "] Killed") ||
	       holds(line, "] Terminated") || (holds(line, ": line ") && holds(line, " Killed "));
}

static bool find_host(struct span rest, struct span *line, const char **advice)
{
	while (next_line(&rest, line)) {
		*advice = KILLED_ADVICE;
		if (is_killed(line))
			return true;
		for (size_t i = 0; i < ARRAY_SIZE(host_signs); i++)
			if (is_host_sign(line, host_signs[i].sign)) {
				*advice = host_signs[i].advice;
				return true;
			}
	}
	*advice = NULL;
	return false;
}

static bool find_sign(struct span rest, const char *const *row, size_t n, struct span *line)
{
	while (next_line(&rest, line))
		if (holds_any(line, row, n))
			return true;
	return false;
}

/* The last line with anything in it. */
static struct span last_line(struct span rest)
{
	struct span line, last = { rest.s, 0 };

	while (next_line(&rest, &line))
		if (line.len)
			last = line;
	return last;
}

/* The line without the tree's folder in front of names. */
static void add_line(const struct span *line, const char *tree, struct buf *out)
{
	AUTO_FREE char *folder = xasprintf("%s/", tree);
	AUTO(buf) plain = BUF_INIT;
	size_t n = strlen(folder), at = 0;

	while (at < line->len) {
		if (line->len - at >= n && memcmp(line->s + at, folder, n) == 0)
			at += n;
		else
			buf_addc(&plain, line->s[at++]);
	}
	utf8_add_escaped(out, plain.s, plain.len, SHOWN_CHARS);
}

void buildlog_read(const char *text, size_t len, const char *tree, struct buildlog *out)
{
	struct span all = { text, len }, line = { text, 0 };
	bool found;

	out->host = find_host(all, &line, &out->advice);
	found = out->host;
	for (size_t i = 0; i < ARRAY_SIZE(signs) && !found; i++)
		found = find_sign(all, signs[i], ARRAY_SIZE(signs[i]), &line);
	if (!found)
		line = last_line(all);
	buf_reset(&out->line);
	add_line(&line, tree, &out->line);
}

void buildlog_release(struct buildlog *log)
{
	buf_release(&log->line);
}
