#include "kernel/version.h"

#include <stdbool.h>
#include <string.h>

/* A piece of a version, not NUL-terminated. */
struct part {
	const char *s, *end;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The character at the front; '\0' at the end. */
static char front(const struct part *p)
{
	return p->s < p->end ? *p->s : '\0';
}

/* Takes the run of characters of one kind off the front. */
static struct part take_run(struct part *p, bool (*kind)(char))
{
	struct part run = { p->s, p->s };

	while (p->s < p->end && kind(*p->s))
		p->s++;
	run.end = p->s;
	return run;
}

static int compare_text(struct part a, struct part b)
{
	size_t n = (size_t)(a.end - a.s), m = (size_t)(b.end - b.s);
	int order = memcmp(a.s, b.s, n < m ? n : m);

	return order ? order : (n > m) - (n < m);
}

/* Digits of any length, so never as an integer of the machine. */
static int compare_numbers(struct part a, struct part b)
{
	while (front(&a) == '0')
		a.s++;
	while (front(&b) == '0')
		b.s++;
	if (a.end - a.s != b.end - b.s)
		return a.end - a.s > b.end - b.s ? 1 : -1;
	return compare_text(a, b);
}

/* --- rpm ----------------------------------------------------------------------------------------- */

static bool is_separator(char c)
{
	return !is_digit(c) && !is_letter(c) && c != '~' && c != '^';
}

/*
 * A mark at the front of one or both. True: *order is the answer, or 0 when both had it and it is taken off.
 * Behind a version, "~" means older than that version alone, "^" newer than it and older than any longer one.
 */
static bool compare_marks(struct part *a, struct part *b, int *order)
{
	char x = front(a), y = front(b);
	char mark = x == '~' || y == '~' ? '~' : '^';

	*order = 0;
	if (x != mark && y != mark)
		return false;
	if (x == y) {
		a->s++;
		b->s++;
	} else if (mark == '~') {
		*order = x == mark ? -1 : 1;
	} else if (x == mark) {
		*order = y ? -1 : 1;
	} else {
		*order = x ? 1 : -1;
	}
	return true;
}

/* The next run of both, of the kind that stands in front of a; neither is at its end. */
static int compare_runs(struct part *a, struct part *b)
{
	bool number = is_digit(front(a));
	struct part x = take_run(a, number ? is_digit : is_letter);
	struct part y = take_run(b, number ? is_digit : is_letter);

	if (y.s == y.end)
		return number ? 1 : -1;
	return number ? compare_numbers(x, y) : compare_text(x, y);
}

static int compare_rpm_part(struct part a, struct part b)
{
	int order;

	for (;;) {
		take_run(&a, is_separator);
		take_run(&b, is_separator);
		if (compare_marks(&a, &b, &order)) {
			if (order)
				return order;
			continue;
		}
		if (!front(&a) || !front(&b))
			return (front(&a) != '\0') - (front(&b) != '\0');
		order = compare_runs(&a, &b);
		if (order)
			return order;
	}
}

int version_rpm_part(const char *a, const char *b)
{
	return compare_rpm_part((struct part){ a, a + strlen(a) }, (struct part){ b, b + strlen(b) });
}

/* --- both ---------------------------------------------------------------------------------------- */

struct split {
	struct part epoch, version, release;
	bool has_release;
};

/* An epoch is digits before a colon; a release is behind the last dash. */
static struct split split_version(const char *text)
{
	const char *end = text + strlen(text), *dash = strrchr(text, '-');
	size_t digits = strspn(text, "0123456789");
	bool has_epoch = text[digits] == ':';
	const char *start = has_epoch ? text + digits + 1 : text;
	struct split split = { .epoch = { text, has_epoch ? text + digits : text },
			       .version = { start, end },
			       .release = { end, end } };

	if (dash && dash >= start) {
		split.version.end = dash;
		split.release.s = dash + 1;
		split.has_release = true;
	}
	return split;
}

int version_rpm(const char *a, const char *b)
{
	struct split x = split_version(a), y = split_version(b);
	int order = compare_numbers(x.epoch, y.epoch);

	if (!order)
		order = compare_rpm_part(x.version, y.version);
	if (!order && x.has_release && y.has_release)
		order = compare_rpm_part(x.release, y.release);
	return order;
}

/* --- dpkg ---------------------------------------------------------------------------------------- */

static bool is_no_digit(char c)
{
	return !is_digit(c);
}

/* Where a character stands outside of numbers: "~", the end, letters, all others. */
static int weight(char c)
{
	if (c == '~')
		return -1;
	if (c == '\0' || is_letter(c))
		return c;
	return 256 + (unsigned char)c;
}

static int compare_weights(struct part a, struct part b)
{
	while (a.s < a.end || b.s < b.end) {
		int order = weight(front(&a)) - weight(front(&b));

		if (order)
			return order;
		a.s += a.s < a.end;
		b.s += b.s < b.end;
	}
	return 0;
}

/* Texts and numbers take turns, beginning with a text, which may be empty. */
static int compare_dpkg_part(struct part a, struct part b)
{
	int order = 0;

	while (!order && (a.s < a.end || b.s < b.end)) {
		struct part x = take_run(&a, is_no_digit), y = take_run(&b, is_no_digit);

		order = compare_weights(x, y);
		if (order)
			return order;
		x = take_run(&a, is_digit);
		y = take_run(&b, is_digit);
		order = compare_numbers(x, y);
	}
	return order;
}

int version_dpkg(const char *a, const char *b)
{
	struct split x = split_version(a), y = split_version(b);
	int order = compare_numbers(x.epoch, y.epoch);

	if (!order)
		order = compare_dpkg_part(x.version, y.version);
	return order ? order : compare_dpkg_part(x.release, y.release);
}
