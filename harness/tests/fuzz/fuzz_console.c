/*
 * A console of any bytes: however it is cut into reads, the findings are the same; every line and every text
 * that comes out is valid UTF-8 without controls and within its bound; findings are bounded in number.
 * Run it where configs/signatures.json is (the tree's root).
 */
#include <assert.h>

#include "base/utf8.h"
#include "signature_table.h"
#include "verdict/classify.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *s, size_t limit)
{
	size_t len = strlen(s);

	assert(len <= limit);
	while (len) {
		uint32_t code = 0;
		size_t n = utf8_next(s, len, &code);

		assert(n && !utf8_is_control(code));
		s += n;
		len -= n;
	}
}

static void check_line(void *arg, const struct line *line)
{
	uint64_t *last = arg;

	assert(line->number >= *last && line->len == strlen(line->text));
	check_text(line->text, LINE_TEXT_MAX);
	*last = line->number;
}

/* Cuts the rest of the input by its first bytes, which are used again and again as lengths. */
static struct classify *classify_cut(const uint8_t *data, size_t size, size_t first)
{
	struct classify *c = classify_new(&table);

	for (size_t at = 0, i = 0; at < size; i++) {
		size_t step = first ? 1u + data[i % first] % 64u : size;

		if (step > size - at)
			step = size - at;
		classify_feed(c, data + at, step);
		at += step;
	}
	classify_end(c);
	return c;
}

static void check_same(const struct finding *a, const struct finding *b)
{
	assert(a->row == b->row && a->line == b->line && a->offset == b->offset && a->class == b->class);
	assert(a->echo == b->echo && a->after_crash == b->after_crash && str_eq(a->title, b->title));
	assert(str_eq(a->text, b->text));
	check_text(a->title, FINDING_TEXT_MAX);
	check_text(a->text, FINDING_TEXT_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(classify) whole = NULL;
	AUTO(classify) cut = NULL;
	struct lines lines;
	uint64_t last = 0;

	load_table();
	lines_init(&lines, check_line, &last);
	lines_feed(&lines, data, size);
	lines_end(&lines);
	whole = classify_cut(data, size, 0);
	cut = classify_cut(data, size, size < 8 ? size : 8);
	assert(classify_lines(whole) == classify_lines(cut) && classify_lines(whole) == lines.number);
	assert(classify_count(whole) == classify_count(cut));
	assert(classify_count(whole) <= table.n * (FINDINGS_PER_ROW + 1));
	for (size_t i = 0; i < classify_count(whole); i++)
		check_same(classify_at(whole, i), classify_at(cut, i));
	assert(!classify_top(whole, 0, UINT64_MAX) == !classify_top(cut, 0, UINT64_MAX) &&
	       !classify_top(whole, 0, UINT64_MAX) == !classify_count(whole));
	return 0;
}
