/*
 * Any text is either refused with an error that names its line and column, or read, and then: json-c agreed
 * with our scanner, every node has a place, and what is written from the tree reads back with as many values.
 */
#include <assert.h>

#include "config/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void visit(const struct json_doc *doc)
{
	size_t reached = 1;

	for (size_t i = 0; i < doc->n; i++) {
		const struct json_node *node = &doc->nodes[i];
		AUTO(err) err = ERR_INIT;
		size_t n = 0;

		for (const struct json_node *c = json_first(node); c; c = json_next(c)) {
			assert(c > node && (size_t)(c - doc->nodes) < node->end);
			n++;
		}
		assert(n == json_count(node));
		reached += n;
		assert(node->line && node->column);
		assert(json_error(node, &err, "x") == -1 && err.text);
	}
	assert(reached == doc->n);
}

static void check_round_trip(const struct json_doc *doc)
{
	AUTO(buf) text = BUF_INIT;
	AUTO(json_doc) again = JSON_DOC_INIT;
	AUTO(err) err = ERR_INIT;

	json_write(doc->tree, JSON_PRETTY, &text);
	assert(json_parse("again", text.s, text.len, &again, &err) == 0);
	assert(again.n == doc->n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(buf) text = BUF_INIT;
	AUTO(json_doc) doc = JSON_DOC_INIT;
	AUTO(err) err = ERR_INIT;

	buf_add(&text, data, size);
	if (json_parse("fuzz", text.s, text.len, &doc, &err) < 0) {
		unsigned line = 0, column = 0;

		assert(err.kind == ERR_USAGE);
		assert(sscanf(err.text, "fuzz:%u:%u: ", &line, &column) == 2 && line && column);
		return 0;
	}
	assert(!err.text);
	visit(&doc);
	check_round_trip(&doc);
	return 0;
}
