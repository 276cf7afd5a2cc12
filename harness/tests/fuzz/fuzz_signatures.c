/*
 * Any text is either refused with an error that names its line and column, or a table of signatures, and then each row has
 * what the header says, and any text is a line that they may be asked for.
 */
#include <assert.h>

#include "valid.h"
#include "verdict/classify.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_row(const struct signatures *table, size_t i)
{
	const struct signature *row = &table->row[i];

	assert(row->id && row->reason && row->has_pattern && row->literals.n);
	for (size_t k = 0; k < row->literals.n; k++)
		assert(strlen(row->literals.v[k]) >= 4);
	for (size_t k = 0; k < i; k++)
		assert(!str_eq(table->row[k].id, row->id));
	if (row->class != FINDING_CLEAN)
		assert(row->title && row->priority >= 1 && row->priority <= 100);
}

/* The file itself as a console. */
static void read_console(const struct signatures *table, const struct buf *text)
{
	AUTO(classify) c = classify_new(table);

	classify_feed(c, text->s, text->len);
	classify_end(c);
	assert(classify_count(c) <= table->n * (FINDINGS_PER_ROW + 1));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(signatures) table = SIGNATURES_INIT;
	AUTO(buf) text = BUF_INIT;
	AUTO(err) err = ERR_INIT;

	buf_add(&text, data, size);
	if (signatures_parse("fuzz", text.s, text.len, &table, &err) < 0) {
		unsigned line = 0, column = 0;

		fuzz_must_read(false);
		assert(err.kind == ERR_USAGE);
		assert(sscanf(err.text, "fuzz:%u:%u: ", &line, &column) == 2 && line && column);
		return 0;
	}
	assert(table.n <= SIGNATURES_MAX);
	for (size_t i = 0; i < table.n; i++)
		check_row(&table, i);
	read_console(&table, &text);
	return 0;
}
