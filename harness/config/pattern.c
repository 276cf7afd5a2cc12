#include "config/pattern.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX    128
#define EMPTY_PIECES 125 /* what may match nothing counts as so many */

/* Pieces of a group, and what it may match: each branch that is nothing but what may be empty is. */
struct group {
	uint64_t pieces;
	bool full;  /* something in this branch is never empty */
	bool empty; /* an earlier branch may be */
};

/* Each group that is open, the outermost first, and the last thing, which a repetition repeats. */
struct sizes {
	struct group open[DEPTH_MAX];
	unsigned depth;
	uint64_t last;
	bool empty; /* it may match nothing */
};

static uint64_t capped(uint64_t n)
{
	return n > PATTERN_PIECES_MAX ? PATTERN_PIECES_MAX + 1 : n;
}

static void close_last(struct sizes *s)
{
	struct group *group = &s->open[s->depth];

	group->pieces = capped(group->pieces + s->last);
	group->full |= s->last && !s->empty;
	s->last = 0;
}

static void close_branch(struct sizes *s)
{
	struct group *group = &s->open[s->depth];

	close_last(s);
	group->empty |= !group->full;
	group->full = false;
}

/* "[:alpha:]", "[=a=]" or "[.a.]" in a set, whose "]" does not end that. Returns what is behind it. */
static const char *skip_class(const char *p)
{
	const char end[] = { p[1], ']', '\0' };
	const char *at = p[1] && strchr(":=.", p[1]) ? strstr(p + 2, end) : NULL;

	return at ? at + 2 : p + 1;
}

/* "[...]", in which "]" may come first. Returns what is behind it. */
static const char *skip_set(const char *p)
{
	p += *p == '^';
	p += *p == ']';
	while (*p && *p != ']')
		p = *p == '[' ? skip_class(p) : p + 1;
	return *p ? p + 1 : p;
}

static void next_piece(struct sizes *s, uint64_t pieces, bool empty)
{
	close_last(s);
	s->last = pieces;
	s->empty = empty;
}

struct repetition {
	uint64_t times;
	bool none; /* it may be there no times */
	bool loop; /* there is no upper bound */
};

/* "{m,n}" behind its brace; the larger of the two, one more when there is no upper bound. */
static const char *read_bounds(const char *p, struct repetition *r)
{
	char *end;
	unsigned long low = strtoul(p, &end, 10), high = low;

	r->loop = end[0] == ',' && end[1] == '}';
	if (*end == ',')
		high = r->loop ? low + 1 : strtoul(end + 1, &end, 10);
	r->times = high > low ? high : low;
	r->none = !low;
	p += strcspn(p, "}");
	return *p ? p + 1 : p;
}

/* What is wanted no times ("{0}", and what is no number) is unfolded before that is noticed. A loop of what may be
 * empty has no end that regcomp() would find soon. */
static void repeat(struct sizes *s, const struct repetition *r)
{
	uint64_t times = capped(r->times ? r->times : 1);

	s->last = s->empty && r->loop ? capped(UINT64_MAX) : capped(times * s->last);
	s->empty |= r->none;
}

static bool open_group(struct sizes *s)
{
	close_last(s);
	if (s->depth + 1 == DEPTH_MAX)
		return false;
	s->open[++s->depth] = (struct group){ 1, false, false };
	return true;
}

/* One that none is open for is a character. */
static void close_group(struct sizes *s)
{
	if (s->depth) {
		close_branch(s);
		s->empty = s->open[s->depth].empty;
		s->last = capped(s->open[s->depth--].pieces + (s->empty ? EMPTY_PIECES : 0));
	} else {
		next_piece(s, 1, false);
	}
}

/* What stands behind a backslash, or a character. Some match between characters. */
static bool is_between(const char *p)
{
	return *p == '^' || *p == '$' || (*p == '\\' && p[1] && strchr("bB<>`'123456789", p[1]));
}

/* Takes what is neither group nor repetition. Returns what is behind it. */
static const char *take_piece(struct sizes *s, const char *p)
{
	if (*p == '|') {
		close_branch(s);
		next_piece(s, 1, true);
	} else {
		next_piece(s, is_between(p) ? EMPTY_PIECES : 1, is_between(p));
	}
	if (*p == '[')
		return skip_set(p + 1);
	return *p == '\\' && p[1] ? p + 2 : p + 1;
}

static const char *take_repetition(struct sizes *s, const char *p)
{
	struct repetition r = { 2, *p != '+', *p != '?' };

	p = *p == '{' ? read_bounds(p + 1, &r) : p + 1;
	repeat(s, &r);
	return p;
}

bool pattern_is_modest(const char *p)
{
	struct sizes s = { .depth = 0 };

	while (*p) {
		if (*p == '(' && !open_group(&s))
			return false;
		if (*p == ')')
			close_group(&s);
		if (*p == '(' || *p == ')')
			p++;
		else
			p = strchr("{+*?", *p) ? take_repetition(&s, p) : take_piece(&s, p);
	}
	while (s.depth)
		close_group(&s);
	close_last(&s);
	return s.open[0].pieces <= PATTERN_PIECES_MAX;
}
