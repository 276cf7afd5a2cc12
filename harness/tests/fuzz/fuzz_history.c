/*
 * Any text is either refused with an error that names it, or is a history, and then: ancestors come first,
 * the bad end inherits from every suspect, and the sums agree with a walk over the parents.
 */
#include <assert.h>

#include "bisect/graph.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_sums(const struct graph *graph)
{
	AUTO_FREE double *weights = xcalloc(graph->suspects, sizeof(*weights));
	AUTO_FREE double *prefix = xcalloc(graph->suspects + 1, sizeof(*prefix));
	AUTO_FREE double *sums = xcalloc(graph->suspects, sizeof(*sums));
	AUTO_FREE uint8_t *member = xcalloc(graph->suspects, 1);

	for (size_t i = 0; i < graph->suspects; i++)
		weights[i] = 1;
	graph_sums(graph, weights, prefix, sums);
	assert((size_t)sums[graph_new_end(graph)] == graph->suspects);
	for (uint32_t i = 0; i < graph->suspects && i < 64; i++) {
		size_t shown = 0;

		graph_shown_by(graph, i, member);
		for (size_t c = 0; c < graph->suspects; c++)
			shown += member[c];
		assert((size_t)sums[i] == shown);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const goods[] = { "a", NULL };
	AUTO(buf) text = BUF_INIT;
	AUTO(graph) graph = GRAPH_INIT;
	AUTO(err) err = ERR_INIT;

	buf_add(&text, data, size);
	if (graph_parse("fuzz", text.s, goods + (size & 1), "b", false, &graph, &err) < 0) {
		assert(err.kind == ERR_USAGE && str_starts(err.text, "fuzz:"));
		return 0;
	}
	assert(!err.text && graph.suspects >= 1 && graph.n > graph.suspects);
	for (uint32_t i = 0; i < graph.n; i++)
		for (uint32_t e = graph.parent_at[i]; e < graph.parent_at[i + 1]; e++)
			assert(graph.parents[e] < i || graph.parents[e] >= graph.suspects);
	check_sums(&graph);
	return 0;
}
