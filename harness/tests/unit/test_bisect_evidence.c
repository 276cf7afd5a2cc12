/* Evidence as text: ours and that of git bisect log. */
#include "bisect/evidence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static struct model *model;

static void line_graph(struct graph *graph)
{
	AUTO(strv) ids = STRV_INIT;
	AUTO(err) err = ERR_INIT;

	for (size_t i = 0; i <= 20; i++)
		strv_addf(&ids, "k%zu", i);
	assert_int_equal(graph_from_list((const char *const *)ids.v, ids.n, graph, &err), 0);
}

static void begin(struct engine *engine, const struct graph *graph, bool fix)
{
	const struct engine_config config = {
		graph, model, NULL, fix, ENGINE_CONFIDENCE, ENGINE_END_TRIALS, 0
	};

	engine_init(engine, &config);
}

static void test_evidence_round_trip(void **state)
{
	AUTO(graph) graph = GRAPH_INIT;
	AUTO(engine) first = ENGINE_INIT, second = ENGINE_INIT, third = ENGINE_INIT;
	AUTO(buf) own = BUF_INIT, git = BUF_INIT, again = BUF_INIT;
	AUTO(err) err = ERR_INIT;
	double mass;

	(void)state;
	line_graph(&graph);
	begin(&first, &graph, false);
	begin(&second, &graph, false);
	begin(&third, &graph, false);
	engine_add(&first, graph_new_end(&graph), 4, 9);
	engine_add(&first, graph_old_end(&graph), 0, 9);
	engine_add(&first, 12, 2, 6);
	engine_skip(&first, 10, "does not boot: panic");
	evidence_write(&first, &own);
	assert_string_equal(own.s,
			    "skip k11 does not boot: panic\ntrial k13 2 6\ntrial k20 4 9\ntrial k0 0 9\n");
	assert_int_equal(evidence_read("e", own.s, &second, &err), 0);
	evidence_write(&second, &again);
	assert_string_equal(own.s, again.s);
	evidence_write_git(&first, &git);
	assert_string_equal(git.s, "git bisect start\n"
				   "# bad: [k20] 4 failures in 9 trials\ngit bisect bad k20\n"
				   "# good: [k0] 0 failures in 9 trials\ngit bisect good k0\n"
				   "# skip: [k11] does not boot: panic\ngit bisect skip k11\n"
				   "# bad: [k13] 2 failures in 6 trials\ngit bisect bad k13\n");
	assert_int_equal(evidence_read_git("g", git.s, &third, &err), 0);
	buf_reset(&again);
	evidence_write(&third, &again);
	assert_string_equal(own.s, again.s);
	assert_int_equal(engine_best(&first, &mass), engine_best(&third, &mass));
}

/* What a terminal could take for a command is none of a reason. */
static void test_reasons_are_harmless(void **state)
{
	AUTO(graph) graph = GRAPH_INIT;
	AUTO(engine) own = ENGINE_INIT;
	AUTO(engine) git = ENGINE_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	line_graph(&graph);
	begin(&own, &graph, false);
	begin(&git, &graph, false);
	assert_int_equal(evidence_read("e", "skip k11 no \x1b[2Jboot\r\n", &own, &err), 0);
	assert_string_equal(own.reasons[10], "no \\x1b[2Jboot");
	assert_int_equal(
	    evidence_read_git("g", "# skip: [k11] no \x1b[2Jboot\r\ngit bisect skip k11\r\n", &git, &err), 0);
	assert_string_equal(git.reasons[10], "no \\x1b[2Jboot");
}

/* As git writes it, with the ends only in the comments. */
static void test_git_log(void **state)
{
	static const char text[] = "git bisect start\n# status: waiting for both good and bad commits\n"
				   "# bad: [k20] v6.10\ngit bisect bad k20\n# good: [k0] v6.9\n"
				   "git bisect good k0\n# skip: [k11] btrfs: a change\ngit bisect skip k11\n"
				   "git bisect new k13\n# first bad commit: [k13] x\n";
	AUTO(graph) graph = GRAPH_INIT;
	AUTO(engine) engine = ENGINE_INIT;
	AUTO(buf) own = BUF_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	line_graph(&graph);
	begin(&engine, &graph, false);
	assert_int_equal(evidence_read_git("g", text, &engine, &err), 0);
	evidence_write(&engine, &own);
	assert_string_equal(own.s, "skip k11 btrfs: a change\ntrial k13 1 1\ntrial k20 1 1\ntrial k0 0 1\n");
}

static void test_git_log_of_a_fix(void **state)
{
	static const char text[] = "# broken: [k0] x\n# fixed: [k20] y\n"
				   "git bisect start '--term-old' 'broken' '--term-new=fixed' 'k20' 'k0'\n"
				   "git bisect broken k5\n";
	AUTO(graph) graph = GRAPH_INIT;
	AUTO(engine) engine = ENGINE_INIT, again = ENGINE_INIT;
	AUTO(buf) own = BUF_INIT, git = BUF_INIT, other = BUF_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	line_graph(&graph);
	begin(&engine, &graph, true);
	begin(&again, &graph, true);
	assert_int_equal(evidence_read_git("g", text, &engine, &err), 0);
	evidence_write(&engine, &own);
	assert_string_equal(own.s, "trial k5 1 1\n");
	engine_add(&engine, graph_new_end(&graph), 0, 4);
	evidence_write_git(&engine, &git);
	assert_int_equal(evidence_read_git("g", git.s, &again, &err), 0);
	buf_reset(&own);
	evidence_write(&engine, &own);
	evidence_write(&again, &other);
	assert_string_equal(own.s, other.s);
}

/* A subject of git's that reads like our counts, but not quite, says nothing of trials. */
static void test_counts_of_nonsense(void **state)
{
	static const char *const comments[] = {
		"6 failures in -459i",	      "6 failures in 9 apples",		  "7 failures in 6 trials",
		"1 failures in 2 trials ago", "1 failures in 99999999999 trials",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(comments); i++) {
		AUTO(graph) graph = GRAPH_INIT;
		AUTO(engine) engine = ENGINE_INIT;
		AUTO(buf) text = BUF_INIT, own = BUF_INIT;
		AUTO(err) err = ERR_INIT;

		line_graph(&graph);
		begin(&engine, &graph, false);
		buf_addf(&text, "# bad: [k13] %s\ngit bisect bad k13\n", comments[i]);
		assert_int_equal(evidence_read_git("g", text.s, &engine, &err), 0);
		evidence_write(&engine, &own);
		assert_string_equal(own.s, "trial k13 1 1\n");
	}
}

static void test_bad_evidence(void **state)
{
	static const struct {
		bool git;
		const char *text, *says;
	} cases[] = {
		{ false, "trial k1 1 2\ntrial k99 0 1\n", "e:2: k99 is no candidate" },
		{ false, "trial k1 3 2\n", "e:1: expected no more failures than trials" },
		{ false, "trial k1 x 2\n", "e:1: expected a whole number of at most 1000000, found 'x'" },
		{ false, "trial k1 1\n", "expected a whole number of at most 1000000, found ''" },
		{ false, "trial k1 0 1000001\n", "e:1: expected a whole number of at most 1000000" },
		{ false, "trial k1 0 1000000\ntrial k1 0 1\n", "e:2: expected at most 1000000 trials" },
		{ true, "# bad: [k1] 0 failures in 1000000 trials\ngit bisect bad k1 k1\n",
		  "e:2: expected at most" },
		{ false, "try k1 1 1\n", "expected 'trial ID FAILURES TRIALS'" },
		{ true, "git bisect bad k99\n", "k99 is no candidate" },
		{ true, "git bisect what k1\n", "e:1: expected git bisect start" },
		{ true, "hello\n", "expected a line of git bisect log, found 'hello'" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(graph) graph = GRAPH_INIT;
		AUTO(engine) engine = ENGINE_INIT;
		AUTO(err) err = ERR_INIT;

		line_graph(&graph);
		begin(&engine, &graph, false);
		assert_int_equal(
		    (cases[i].git ? evidence_read_git : evidence_read)("e", cases[i].text, &engine, &err),
		    -1);
		assert_int_equal(err.kind, ERR_USAGE);
		if (!strstr(err.text, cases[i].says))
			fail_msg("case %zu: %s", i, err.text);
	}
}

static int setup(void **state)
{
	(void)state;
	model = model_new(MODEL_FLAKY);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	model_free(model);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_evidence_round_trip),
		cmocka_unit_test(test_reasons_are_harmless),
		cmocka_unit_test(test_git_log),
		cmocka_unit_test(test_git_log_of_a_fix),
		cmocka_unit_test(test_counts_of_nonsense),
		cmocka_unit_test(test_bad_evidence),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
