#include "verdict/classify.h"

#include "base/utf8.h"

struct classify {
	const struct signatures *table;
	struct lines lines;
	struct finding *finding;
	size_t n, cap;
	size_t open;	   /* the finding whose report goes on, if is_open */
	uint64_t open_end; /* the last line that may belong to it */
	bool is_open;
	bool stamps; /* a line with a time stamp was seen */
	bool crashed;
	unsigned kept[SIGNATURES_MAX][2]; /* findings per row in this part: printk's own, echoes */
	const char *mark;		  /* of a new part; NULL: there are none */
	uint64_t *part;			  /* where each one begins */
	size_t n_parts, max_parts, cap_parts;
};

static bool is_crash(const struct finding *f)
{
	return f->priority >= SIGNATURE_CRASH && f->class != FINDING_TARGET && !f->echo;
}

static char *cut(const char *s, size_t len)
{
	struct buf out = BUF_INIT;

	utf8_add_escaped(&out, s, len, FINDING_TEXT_MAX);
	return buf_steal(&out);
}

/* Again whenever place or follow became known. */
static void make_title(struct finding *f)
{
	AUTO(buf) title = BUF_INIT;

	signature_title(f->row, f->groups, f->place, f->follow, &title);
	free(f->title);
	f->title = cut(title.s, title.len);
}

/* Keeps what the title may need of the line. */
static void keep_groups(struct finding *f, const char *text, const regmatch_t *groups)
{
	for (size_t i = 1; i < SIGNATURE_GROUPS && i <= f->row->pattern.re_nsub; i++)
		if (groups[i].rm_so >= 0)
			f->groups[i] =
			    cut(text + groups[i].rm_so, (size_t)(groups[i].rm_eo - groups[i].rm_so));
}

static void add_finding(struct classify *c, const struct line *line, const struct signature *row,
			const regmatch_t *groups)
{
	bool echo = c->stamps && !line->stamped && row->speaker == SPEAKER_PRINTK;
	struct finding *f;

	c->is_open = false;
	if (c->kept[row - c->table->row][echo]++ >= (echo ? 1 : FINDINGS_PER_ROW))
		return;
	GROW(c->finding, c->n, c->cap);
	f = &c->finding[c->n];
	*f = (struct finding){ .row = row,
			       .class = row->class,
			       .priority = row->priority,
			       .line = line->number,
			       .offset = line->offset,
			       .after_crash = c->crashed,
			       .echo = echo };
	f->text = cut(line->text, line->len);
	keep_groups(f, line->text, groups);
	make_title(f);
	c->crashed = c->crashed || is_crash(f);
	c->open = c->n++;
	c->open_end = line->number + FINDING_LINES_MAX;
	c->is_open = true;
}

/* True when the line, which `row` takes unless that is NULL, is a part of the open report. */
static bool absorb(struct classify *c, const struct signature *row)
{
	struct finding *f = &c->finding[c->open];

	if (!row)
		return true;
	if (!signature_absorbs(f->row, row))
		return false;
	if (row->priority > f->priority) {
		f->priority = row->priority;
		f->class = row->class;
		c->crashed = c->crashed || is_crash(f);
	}
	return true;
}

/* Takes from a line of the open report what the title still lacks. */
static void complete(struct classify *c, const struct line *line)
{
	struct finding *f = &c->finding[c->open];
	regmatch_t groups[2];

	if (!f->place && f->row->wants_place) {
		f->place = signatures_place(c->table, line->text);
		make_title(f);
	}
	if (!f->follow && f->row->has_follow && regexec(&f->row->follow, line->text, 2, groups, 0) == 0) {
		f->follow = cut(line->text + groups[1].rm_so, (size_t)(groups[1].rm_eo - groups[1].rm_so));
		f->detail = cut(line->text, line->len);
		make_title(f);
	}
}

/* The number of the next part is "3" or "3: something". */
static bool is_mark(const struct classify *c, const struct line *line)
{
	size_t len = c->mark ? strlen(c->mark) : 0;
	char number[32];
	int digits;

	if (!len || c->n_parts == c->max_parts || (c->stamps && !line->stamped) ||
	    !str_starts(line->text, c->mark))
		return false;
	digits = snprintf(number, sizeof(number), "%zu", c->n_parts + 1);
	return strncmp(line->text + len, number, (size_t)digits) == 0 &&
	       strchr(": ", line->text[len + (size_t)digits]);
}

static void open_part(struct classify *c, uint64_t offset)
{
	GROW(c->part, c->n_parts, c->cap_parts);
	c->part[c->n_parts++] = offset;
	c->is_open = false;
	memset(c->kept, 0, sizeof(c->kept));
}

static void take_line(void *arg, const struct line *line)
{
	struct classify *c = arg;
	regmatch_t groups[SIGNATURE_GROUPS];
	const struct signature *row = signatures_match(c->table, line->text, line->len, groups);

	c->stamps = c->stamps || line->stamped;
	if (is_mark(c, line)) {
		open_part(c, line->offset);
		return;
	}
	if (row && row->class == FINDING_CLEAN)
		return;
	c->is_open = c->is_open && line->number <= c->open_end;
	if (c->is_open && absorb(c, row))
		complete(c, line);
	else if (row)
		add_finding(c, line, row, groups);
}

struct classify *classify_new(const struct signatures *table)
{
	struct classify *c = xcalloc(1, sizeof(*c));

	c->table = table;
	lines_init(&c->lines, take_line, c);
	return c;
}

void classify_part(struct classify *c, const char *mark, size_t n)
{
	c->mark = mark;
	c->max_parts = n;
}

bool classify_part_at(const struct classify *c, size_t i, uint64_t *offset)
{
	if (i < 1 || i > c->n_parts)
		return false;
	*offset = c->part[i - 1];
	return true;
}

void classify_feed(struct classify *c, const void *data, size_t len)
{
	lines_feed(&c->lines, data, len);
}

void classify_end(struct classify *c)
{
	lines_end(&c->lines);
}

static bool is_within(const struct finding *f, uint64_t from, uint64_t until)
{
	return f->offset >= from && f->offset < until;
}

const struct finding *classify_top(const struct classify *c, uint64_t from, uint64_t until)
{
	const struct finding *top = NULL;

	for (size_t i = 0; i < c->n; i++) {
		const struct finding *f = &c->finding[i];

		if (f->after_crash || !is_within(f, from, until))
			continue;
		if (!top || (f->echo == top->echo ? f->priority > top->priority : top->echo))
			top = f;
	}
	return top;
}

const struct finding *classify_target(const struct classify *c, uint64_t from, uint64_t until)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct finding *f = &c->finding[i];

		if (is_within(f, from, until) && f->class == FINDING_TARGET &&
		    f->row->speaker == SPEAKER_PRINTK && !f->echo && !f->after_crash)
			return f;
	}
	return NULL;
}

size_t classify_count(const struct classify *c)
{
	return c->n;
}

const struct finding *classify_at(const struct classify *c, size_t i)
{
	return &c->finding[i];
}

uint64_t classify_lines(const struct classify *c)
{
	return c->lines.number;
}

static void release_finding(struct finding *f)
{
	for (size_t i = 0; i < SIGNATURE_GROUPS; i++)
		free(f->groups[i]);
	free(f->place);
	free(f->follow);
	free(f->title);
	free(f->text);
	free(f->detail);
}

void classify_free(struct classify *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n; i++)
		release_finding(&c->finding[i]);
	free(c->finding);
	free(c->part);
	free(c);
}
