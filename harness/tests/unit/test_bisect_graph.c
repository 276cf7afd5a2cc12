/* The history graph: numbering, sums over ancestors against brute force on all small graphs, and bad
 * input. */
#include "bisect/graph.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "bisect_shapes.h"

static const char *const no_goods[] = { NULL };

/* --- all small graphs --------------------------------------------------------------------------------- */

static void check_shape(const struct shape *shape)
{
	AUTO(graph) graph = GRAPH_INIT;
	uint32_t reach[SHAPE_MOST], bad = (uint32_t)shape->n - 1;
	double weights[SHAPE_MOST], prefix[SHAPE_MOST + 1], sums[SHAPE_MOST];
	uint8_t member[SHAPE_MOST];

	assert_int_equal(shape_build(shape, &graph), 0);
	shape_reach(shape, reach);
	assert_int_equal(graph.suspects, __builtin_popcount(reach[bad]));
	assert_int_equal(graph.ids[graph_new_end(&graph)][0], 'a' + bad);
	for (size_t i = 0; i < graph.suspects; i++)
		weights[i] = 1 << (graph.ids[i][0] - 'a');
	graph_sums(&graph, weights, prefix, sums);
	for (uint32_t i = 0; i < graph.suspects; i++) {
		uint32_t shown = 0;

		assert_true((uint32_t)sums[i] == reach[graph.ids[i][0] - 'a']);
		graph_shown_by(&graph, i, member);
		for (uint32_t c = 0; c < graph.suspects; c++)
			shown |= (uint32_t)member[c] << (graph.ids[c][0] - 'a');
		assert_true(shown == reach[graph.ids[i][0] - 'a']);
	}
}

static void test_all_small_graphs(void **state)
{
	(void)state;
	for (size_t n = 1; n <= SHAPE_MOST; n++) {
		struct shape shape = { .n = n };

		shape_each(&shape, 0, check_shape);
	}
}

/* --- texts -------------------------------------------------------------------------------------------- */

static void test_list(void **state)
{
	const char *ids[] = { "6.1", "6.12", "7.2" };
	AUTO(graph) graph = GRAPH_INIT;
	AUTO(err) err = ERR_INIT;
	uint8_t member[2];

	(void)state;
	assert_int_equal(graph_from_list(ids, 3, &graph, &err), 0);
	assert_int_equal(graph.suspects, 2);
	assert_string_equal(graph.ids[graph_old_end(&graph)], "6.1");
	assert_string_equal(graph.ids[graph_new_end(&graph)], "7.2");
	graph_shown_by(&graph, 0, member);
	assert_true(member[0] && !member[1]);
	graph_shown_by(&graph, graph_old_end(&graph), member);
	assert_true(!member[0] && !member[1]);
	assert_int_equal(graph.parents[graph.parent_at[0]], graph_old_end(&graph));
	assert_int_equal(graph_find(&graph, "6.12"), 0);
	assert_int_equal(graph_find(&graph, "6.13"), GRAPH_NONE);
}

/* Suspects of  good - a - m - bad  with a side branch s from before good, in any order of lines. */
static void test_whole_history(void **state)
{
	const char text[] = "bad m\nm a s\ns root\na good\ngood root\nroot\nlater bad\n";
	const char *goods[] = { "good", NULL };
	AUTO(graph) graph = GRAPH_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	assert_int_equal(graph_parse("h", text, goods, "bad", false, &graph, &err), 0);
	assert_int_equal(graph.suspects, 4);
	assert_int_equal(graph_find(&graph, "root"), GRAPH_NONE);
	assert_int_equal(graph_find(&graph, "later"), GRAPH_NONE);
	assert_true(graph_find(&graph, "s") < graph_find(&graph, "m"));
}

static void test_range(void **state)
{
	const char *goods[] = { "good", NULL };
	AUTO(graph) graph = GRAPH_INIT;
	AUTO(err) err = ERR_INIT;
	uint32_t a;

	(void)state;
	assert_int_equal(
	    graph_parse("h", "bad m\r\n\nm a  s\ns root\na good\n", goods, "bad", false, &graph, &err), 0);
	assert_int_equal(graph.suspects, 4);
	a = graph_find(&graph, "a");
	assert_int_equal(graph.parents[graph.parent_at[a]], graph_find(&graph, "good"));
}

/* --- bad input ---------------------------------------------------------------------------------------- */

struct refusal {
	const char *text, *good, *bad;
	const char *says;
};

static void test_refusals(void **state)
{
	static const struct refusal cases[] = {
		{ "b a\na\nb\n", "a", "b", "h:3: candidate b stands here a second time (first in line 1)" },
		{ "c b\nb a\na c\n", "a", "c", "circle" },
		{ "a a\n", "x", "a", "circle" },
		{ "\n \n", "a", "b", "no commits" },
		{ "b a\na\n", "a", "c", "bad end c is not on the list" },
		{ "b a\na\n", "b", "b", "as the good end and as the bad one" },
		{ "b a\na\n", "b", "a", "swapped" },
		{ "m x\nx base\ny base\nbase\n", "y", "m", "part at base" },
		{ "m x\nx\ny\n", "y", "m", "no ancestor in common" },
		{ "c b\nb a q\na\n", "a", "c", "breaks off: a parent of b" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *goods[] = { cases[i].good, NULL };
		AUTO(graph) graph = GRAPH_INIT;
		AUTO(err) err = ERR_INIT;

		assert_int_equal(graph_parse("h", cases[i].text, goods, cases[i].bad, false, &graph, &err),
				 -1);
		assert_int_equal(err.kind, ERR_USAGE);
		if (!strstr(err.text, cases[i].says))
			fail_msg("case %zu: %s", i, err.text);
	}
}

static void test_some_goods_listed(void **state)
{
	const char *goods[] = { "a", "z", NULL };
	AUTO(graph) graph = GRAPH_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	assert_int_equal(graph_parse("h", "b a\na\n", goods, "b", false, &graph, &err), -1);
	assert_non_null(strstr(err.text, "good end z is not on the list"));
}

static void test_list_refusals(void **state)
{
	const char *ids[] = { "a", "b", "a" };
	AUTO(graph) graph = GRAPH_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	assert_int_equal(graph_from_list(ids, 1, &graph, &err), -1);
	assert_non_null(strstr(err.text, "at least two"));
	assert_int_equal(graph_from_list(ids, 3, &graph, &err), -1);
	assert_non_null(strstr(err.text, "a second time"));
}

/* --- size --------------------------------------------------------------------------------------------- */

/* 20,000 commits, every twelfth a merge of a branch that left the main line some 200 commits ago. */
static void test_large(void **state)
{
	enum { N = 20000 };
	AUTO(buf) text = BUF_INIT;
	AUTO(graph) graph = GRAPH_INIT;
	AUTO(err) err = ERR_INIT;
	AUTO_FREE double *weights = xcalloc(N, sizeof(double)), *sums = xcalloc(N, sizeof(double)),
			 *prefix = xcalloc(N + 1, sizeof(double));
	AUTO_FREE uint8_t *member = xcalloc(N, 1);
	size_t shown = 0;

	(void)state;
	for (int i = N - 1; i > 0; i--) {
		if (i % 12 == 0 && i > 300)
			buf_addf(&text, "c%d c%d c%d\n", i, i - 2, i - 1);
		else
			buf_addf(&text, "c%d c%d\n", i, i % 12 == 11 && i > 300 ? i - 200 : i - 1);
	}
	buf_adds(&text, "c0\n");
	assert_int_equal(graph_parse("h", text.s, no_goods, "c19999", false, &graph, &err), 0);
	for (size_t i = 0; i < graph.suspects; i++)
		weights[i] = 1;
	graph_sums(&graph, weights, prefix, sums);
	for (uint32_t i = 0; i < graph.suspects; i += 997) {
		graph_shown_by(&graph, i, member);
		shown = 0;
		for (size_t c = 0; c < graph.suspects; c++)
			shown += member[c];
		assert_true((size_t)sums[i] == shown);
	}
	assert_int_equal((size_t)sums[graph.suspects - 1], graph.suspects);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_small_graphs), cmocka_unit_test(test_list),
		cmocka_unit_test(test_whole_history),	 cmocka_unit_test(test_range),
		cmocka_unit_test(test_refusals),	 cmocka_unit_test(test_some_goods_listed),
		cmocka_unit_test(test_list_refusals),	 cmocka_unit_test(test_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
