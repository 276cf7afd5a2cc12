/* LTP's runtest files, what its options mean, and which scenarios a word selects. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/fs.h"
#include "config/runtest.h"

static struct scenario_list list;
static struct err err;

static int setup(void **state)
{
	(void)state;
	list = (struct scenario_list)SCENARIO_LIST_INIT;
	err = (struct err)ERR_INIT;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	scenario_list_release(&list);
	err_release(&err);
	return 0;
}

static void parse(const char *text)
{
	assert_int_equal(runtest_parse("ltp/runtest/own", text, strlen(text), &list, &err), 0);
}

/* The environment of a runtest line. */
static struct environment apply(const char *line)
{
	struct environment env;

	environment_init(&env);
	parse(line);
	assert_int_equal(scenario_apply(&list.v[list.n - 1], false, &env, &err), 0);
	assert_int_equal(environment_set_pair(&env, "nocow=false", &err), 0);
	return env;
}

static void test_lines(void **state)
{
	(void)state;
	parse(
	    "#DESCRIPTION: x\n\n \t\n  # indented\nAD001 aiocp -b 4k\n\tADI0\tdio_append  -c 3 \nlast fsx-linux -N 1");
	assert_int_equal(list.n, 3);
	assert_string_equal(list.v[0].name, "AD001");
	assert_string_equal(list.v[0].file, "own");
	assert_string_equal(list.v[1].name, "ADI0");
	assert_int_equal(list.v[1].command.n, 3);
	assert_string_equal(list.v[1].set.v[0], "workload=dio_append");
	assert_int_equal(list.v[2].command.n, 3);
	assert_string_equal(list.v[2].command.v[0], "fsx-linux");
	assert_string_equal(list.v[2].set.v[0], "workload=exec");
}

static void test_options_are_ltps(void **state)
{
	struct environment env = apply("a aiocp -b 1k -n 2 -f SYNC");

	(void)state;
	assert_string_equal(env.workload, "aiocp");
	assert_true(env.blocksize == 1024 && env.depth == 2 && env.filesize == 1 << 20);
	assert_string_equal(env.flags, "SYNC");
	env = apply("a aiodio_sparse -o 4 -w 8k -s 32k -n 2");
	assert_true(env.depth == 4 && env.blocksize == 8192 && env.filesize == 32768 && env.children == 2);
	env = apply("a dio_sparse -w 4k -s 2k -o 3k -n2");
	assert_true(env.offset == 3072 && env.blocksize == 4096 && env.filesize == 2048 && env.children == 2);
	env = apply("a aiodio_append -n 3 -s 2k -c 7 -b 5");
	assert_true(env.children == 3 && env.blocksize == 2048 && env.appends == 7 && env.depth == 5);
	env = apply("a dio_append -n 3 -w 2k -c 7");
	assert_true(env.children == 3 && env.blocksize == 2048 && env.appends == 7);
	env = apply("a dio_truncate -n 1 -s 4k -a 5 -c 6");
	assert_true(env.children == 1 && env.blocksize == 4096 && env.appends == 5 && env.rounds == 6);
	env = apply("a dio_read -n 10 -i 30 -r 512k -w 256k -s 32M");
	assert_true(env.children == 10 && env.iterations == 30 && env.readsize == 512 << 10);
	assert_true(env.blocksize == 256 << 10 && env.filesize == 32 << 20);
	env = apply("a dio_read -I 30");
	assert_true(env.iterations == 0 && env.seconds == 30);
}

static void test_defaults_are_ltps(void **state)
{
	struct environment env = apply("a aiodio_sparse");

	(void)state;
	assert_true(env.children == 16 && env.blocksize == 1024 && env.filesize == 100 << 20 &&
		    env.depth == 16);
	assert_int_equal(env.iterations, 1);
	assert_string_equal(env.buffers, "aligned");
	env = apply("a dio_sparse");
	assert_true(env.children == 16 && env.blocksize == 1024 && env.filesize == 100 << 20 && !env.offset);
	env = apply("a aiodio_append");
	assert_true(env.children == 8 && env.blocksize == 65536 && env.appends == 1000 && env.depth == 16);
	env = apply("a dio_append");
	assert_true(env.children == 16 && env.blocksize == 65536 && env.appends == 10000);
	env = apply("a dio_truncate");
	assert_true(env.children == 16 && env.blocksize == 65536 && env.appends == 100 && env.rounds == 100);
	env = apply("a /opt/ltp/testcases/bin/dio_read");
	assert_true(env.children == 8 && env.blocksize == 32 << 20 && env.readsize == 32 << 20);
	assert_true(env.filesize == 128 << 20);
}

static void test_words_are_a_shells(void **state)
{
	static const char *const words[] = { "prog", "a b", "c'd", "e\"f\\x", "", "g h", "i" };

	(void)state;
	parse("t prog 'a b' \"c'd\" \"e\\\"f\\x\" '' g\\ h  i\n");
	assert_int_equal(list.v[0].command.n, ARRAY_SIZE(words));
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		assert_string_equal(list.v[0].command.v[i], words[i]);
}

static void test_a_shells_work_is_refused_when_chosen(void **state)
{
	struct environment env;

	(void)state;
	environment_init(&env);
	parse(
	    "a1 ar01.sh\nsh1 export X=$Y; x\nsh2 echo \"$HOME\"\nsh3 prog 'a|b'\nsh4 aiocp -b 4k | tee x\n");
	assert_int_equal(list.n, 5);
	assert_null(list.v[0].refusal);
	assert_int_equal(scenario_apply(&list.v[1], false, &env, &err), -1);
	assert_non_null(
	    strstr(err.text, "scenario sh1 cannot be run: it needs a shell, by '$' in column 10"));
	assert_int_equal(scenario_apply(&list.v[2], false, &env, &err), -1);
	assert_non_null(strstr(err.text, "by '$'"));
	assert_null(list.v[3].refusal);
	assert_int_equal(scenario_apply(&list.v[4], false, &env, &err), -1);
}

static void test_bad_lines_name_their_place(void **state)
{
	static const struct {
		const char *text, *part;
	} cases[] = {
		{ "AD001\n", "r:1:6: expected a command behind the tag 'AD001'" },
		{ "# x\n\nAD001 \t\n", "r:3:6: expected a command" },
		{ " AD001 prog 'x", "r:1:13: this quote does not end" },
		{ "AD001 prog \001x", "r:1:12: a control character (0x01)" },
		{ "AD001 aiocp\r\n", "r:1:12: a control character (0x0d)" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(scenario_list) bad = SCENARIO_LIST_INIT;

		assert_int_equal(runtest_parse("x/r", cases[i].text, strlen(cases[i].text), &bad, &err), -1);
		assert_int_equal(err.kind, ERR_USAGE);
		if (!strstr(err.text, cases[i].part))
			fail_msg("'%s' is not in '%s'", cases[i].part, err.text);
	}
}

/* A foreign option is its own scenario's matter, and none of an injected program's. */
static void test_a_foreign_option_refuses_its_line_alone(void **state)
{
	static const struct {
		const char *line, *part;
	} cases[] = {
		{ "X aiocp -b 4x", "r:2:9: aiocp -b: blocksize: expected a whole number" },
		{ "X aiocp -q 4", "r:2:9: aiocp has no option '-q': expected -b, -s, -n, -f, -i or -I" },
		{ "  X aiocp -n 4 -b", "r:2:16: -b needs a value" },
		{ "X aiocp 4k", "r:2:9: aiocp has no option '4k'" },
		{ "X aiocp -f direct", "r:2:9: aiocp -f: flags: expected" },
		{ "X dio_read -I 4x", "r:2:12: dio_read -I: seconds: expected" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_FREE char *text = xasprintf("A aiocp\n%s\nB aiocp\n", cases[i].line);
		AUTO(scenario_list) read = SCENARIO_LIST_INIT;
		struct environment env;

		environment_init(&env);
		assert_int_equal(runtest_parse("x/r", text, strlen(text), &read, &err), 0);
		assert_int_equal(read.n, 3);
		assert_int_equal(scenario_apply(&read.v[0], false, &env, &err), 0);
		assert_int_equal(scenario_apply(&read.v[2], false, &env, &err), 0);
		assert_int_equal(scenario_apply(&read.v[1], true, &env, &err), 0);
		assert_true(read.v[1].command.n >= 2 && env.iterations);
		assert_int_equal(scenario_apply(&read.v[1], false, &env, &err), -1);
		assert_int_equal(err.kind, ERR_USAGE);
		if (!strstr(err.text, cases[i].part) || !strstr(err.text, "scenario X cannot be run: x/") ||
		    !strstr(err.text, "--inject PROGRAM"))
			fail_msg("'%s' is not in '%s'", cases[i].part, err.text);
	}
}

/* "own:AD1" and so on, with blanks between. */
static void selects(const char *selection, const char *wanted)
{
	AUTO(scenario_choice) choice = SCENARIO_CHOICE_INIT;
	AUTO(buf) names = BUF_INIT;

	if (scenario_select(&list, selection, &choice, &err) < 0)
		fail_msg("%s: %s", selection, err.text);
	for (size_t i = 0; i < choice.n; i++) {
		buf_adds(&names, i ? " " : "");
		scenario_label(&list, choice.v[i], &names);
	}
	assert_string_equal(names.s, wanted);
}

static void test_selection(void **state)
{
	static const char other[] = "AD1 dio_append\nAD2 dio_append\nZ1 dio_append\n";

	(void)state;
	parse("AD1 aiocp\nAD2 aiocp\nAD3 aiocp\nx-y aiocp\nADSP1 dio_sparse\nADSP2 dio_sparse\n");
	assert_int_equal(runtest_parse("more", other, strlen(other), &list, &err), 0);
	selects("AD3", "AD3");
	selects("more:AD1", "more:AD1");
	selects("ADSP*", "ADSP1 ADSP2");
	selects("AD?", "own:AD1 own:AD2 AD3 more:AD1 more:AD2");
	selects("mor*:AD[2-9]", "more:AD2");
	selects("own:AD1-AD3", "own:AD1 own:AD2 AD3");
	selects("AD2-ADSP1", "own:AD2 AD3 x-y ADSP1");
	selects("x-y", "x-y");
	selects("x-y-ADSP1", "x-y ADSP1");
	selects("Z1,AD3,Z*,AD3-AD3", "Z1 AD3");
}

static void test_bad_selection(void **state)
{
	static const char *const cases[][2] = {
		{ "AD9", "unknown scenario 'AD9'" },
		{ "Q*", "no scenario is called like 'Q*'" },
		{ "AD1", "in two files: say own:AD1 or more:AD1" },
		{ "AD1-AD2", "in two files: say own:AD1 or more:AD1" },
		{ "AD3-AD1", "unknown scenario 'AD3-AD1'" },
		{ "AD3,", "an empty name in the selection 'AD3,'" },
		{ "", "an empty name" },
		{ "D1", "scenario 'D1' is twice in own" },
	};
	static const char other[] = "AD1 dio_append\nAD2 dio_append\n";

	(void)state;
	parse("AD1 aiocp\nAD2 aiocp\nAD3 aiocp\nD1 aiocp\nD1 aiocp\n");
	assert_int_equal(runtest_parse("more", other, strlen(other), &list, &err), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(scenario_choice) choice = SCENARIO_CHOICE_INIT;

		assert_int_equal(scenario_select(&list, cases[i][0], &choice, &err), -1);
		if (!strstr(err.text, cases[i][1]))
			fail_msg("'%s' is not in '%s'", cases[i][1], err.text);
	}
}

/* Every line of ours in LTP's files is there and can be run; dio_append needs more than the usual disk. */
static void test_the_files_that_ship(void **state)
{
	static const struct {
		const char *file;
		size_t n;
	} files[] = { { "part1", 140 }, { "part2", 83 }, { "part4", 27 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		AUTO_FREE char *path = xasprintf(TREE "/configs/scenarios/ltp-aiodio.%s.json", files[i].file);
		AUTO(buf) text = BUF_INIT;
		size_t before = list.n;

		assert_int_equal(fs_read(path, 1 << 20, &text, &err), 0);
		assert_int_equal(scenario_parse(path, text.s, text.len, &list, &err), 0);
		assert_int_equal(list.n - before, files[i].n);
	}
	for (size_t i = 0; i < list.n; i++) {
		struct environment env;

		environment_init(&env);
		assert_int_equal(scenario_apply(&list.v[i], false, &env, &err), 0);
		assert_int_equal(environment_check(&env, "x86_64", &err), 0);
		assert_string_not_equal(env.workload, "exec");
	}
	selects("AD033,ADSP082,DOR003", "AD033 ADSP082 DOR003");
	selects("ltp-aiodio.part4:AD000-AD002", "AD000 ltp-aiodio.part4:AD001 ltp-aiodio.part4:AD002");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_lines, setup, teardown),
		cmocka_unit_test_setup_teardown(test_options_are_ltps, setup, teardown),
		cmocka_unit_test_setup_teardown(test_defaults_are_ltps, setup, teardown),
		cmocka_unit_test_setup_teardown(test_words_are_a_shells, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_shells_work_is_refused_when_chosen, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bad_lines_name_their_place, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_foreign_option_refuses_its_line_alone, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_selection, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bad_selection, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_files_that_ship, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
