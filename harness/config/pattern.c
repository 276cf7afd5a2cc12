#include "config/pattern.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 128

/* Pieces of each group that is open, the outermost first, and of the last thing, which a repetition repeats. */
struct sizes {
	uint64_t open[DEPTH_MAX];
	unsigned depth;
	uint64_t last;
};

static uint64_t capped(uint64_t n)
{
	return n > PATTERN_PIECES_MAX ? PATTERN_PIECES_MAX + 1 : n;
}

static void close_last(struct sizes *s)
{
	s->open[s->depth] = capped(s->open[s->depth] + s->last);
	s->last = 0;
}

/* "[...]", in which "]" may come first and "[:" opens a class. Returns what is behind it. */
static const char *skip_set(const char *p)
{
	p += *p == '^';
	p += *p == ']';
	while (*p && *p != ']')
		p++;
	return *p ? p + 1 : p;
}

/* "{m,n}" behind its brace; the larger of the two, one more when there is no upper bound. */
static const char *read_bounds(const char *p, uint64_t *times)
{
	char *end;
	unsigned long low = strtoul(p, &end, 10), high = low;

	if (*end == ',')
		high = end[1] == '}' ? low + 1 : strtoul(end + 1, &end, 10);
	*times = high > low ? high : low;
	p += strcspn(p, "}");
	return *p ? p + 1 : p;
}

/* What is wanted no times ("{0}", and what is no number) is unfolded before that is noticed. */
static void repeat(struct sizes *s, uint64_t times)
{
	s->last = capped(capped(times ? times : 1) * s->last);
}

static bool open_group(struct sizes *s)
{
	close_last(s);
	if (s->depth + 1 == DEPTH_MAX)
		return false;
	s->open[++s->depth] = 1;
	return true;
}

static void close_group(struct sizes *s)
{
	close_last(s);
	if (s->depth)
		s->last = s->open[s->depth--];
}

static void next_piece(struct sizes *s)
{
	close_last(s);
	s->last = 1;
}

bool pattern_is_modest(const char *p)
{
	struct sizes s = { .depth = 0 };
	uint64_t times;

	while (*p) {
		char c = *p++;

		if (c == '(' && !open_group(&s))
			return false;
		if (c == ')')
			close_group(&s);
		else if (c == '{') {
			p = read_bounds(p, &times);
			repeat(&s, times);
		} else if (c == '+' || c == '*' || c == '?')
			repeat(&s, 2);
		else if (c != '(')
			next_piece(&s);
		if (c == '[')
			p = skip_set(p);
		else if (c == '\\' && *p)
			p++;
	}
	while (s.depth)
		close_group(&s);
	close_last(&s);
	return s.open[0] <= PATTERN_PIECES_MAX;
}
