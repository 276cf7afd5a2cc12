/* Command lines, help, man page, completion. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/manual.h"

static const char *text, *once;
static unsigned number;
static double real;
static bool flag;
static struct strv list;

static const struct opt options[] = {
	OPT_STR("kernel", "ID", &text, "a text"),
	OPT_UINT("trials", "N", &number, 1, 10, "a number"),
	OPT_REAL("rate", "P", &real, 0, 1, "a rate"),
	OPT_FLAG("json", &flag, "a flag"),
	OPT_LIST("set", "KEY=VALUE", &list, "a list"),
	OPT_ONCE("connect", "URI", &once, "one"),
	OPT_END,
};

static const struct verb verb = {
	"kernel import", "[--json] WORD...", "Does it", ".a line\n", options, NULL, NULL
};
static const struct verb *const verbs[] = { &verb, NULL };

static int parse(const char *line, char *words[16], int *dashes, struct err *err)
{
	static char copy[256];
	struct opts_common common;
	char *rest = copy;
	int argc = 0;

	snprintf(copy, sizeof(copy), "%s", line);
	while (rest)
		words[argc++] = strsep(&rest, " ");
	words[argc] = NULL;
	return opts_parse(&verb, argc, words, &common, dashes, err);
}

static void test_all_types(void **state)
{
	char *words[16];
	AUTO(err) err = ERR_INIT;
	int dashes;

	(void)state;
	assert_int_equal(parse("one --kernel k --trials=3 two --rate 0.5 --json --set a=1 --set b=2 -- --x y",
			       words, &dashes, &err),
			 4);
	assert_string_equal(words[0], "one");
	assert_string_equal(words[1], "two");
	assert_int_equal(dashes, 2);
	assert_string_equal(words[2], "--x");
	assert_string_equal(text, "k");
	assert_int_equal(number, 3);
	assert_true(real == 0.5 && flag && list.n == 2);
	strv_release(&list);
}

static void test_errors(void **state)
{
	static const char *const cases[][2] = {
		{ "--kernle x", "did you mean 'kernel'?" },
		{ "--trials 0", "a whole number from 1 to 10" },
		{ "--trials 2.5", "a whole number" },
		{ "--trials x", "a whole number" },
		{ "--trials 1e400", "a whole number" },
		{ "--rate nan", "a number from 0 to 1" },
		{ "--kernel", "needs a value: --kernel ID" },
		{ "--json=1", "takes no value" },
		{ "-k x", "options are long" },
		{ "--connect a --connect b", "--connect is there twice: expected one URI" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *words[16];
		AUTO(err) err = ERR_INIT;
		int dashes;

		assert_int_equal(parse(cases[i][0], words, &dashes, &err), -1);
		assert_int_equal(err.kind, ERR_USAGE);
		if (!strstr(err.text, cases[i][1]))
			fail_msg("no \"%s\" in: %s", cases[i][1], err.text);
	}
}

static void test_manual(void **state)
{
	AUTO(buf) man = BUF_INIT;
	AUTO(buf) completion = BUF_INIT;
	AUTO(buf) help = BUF_INIT;

	(void)state;
	manual_man(verbs, "tests", "0\tgood\n1\tbad - so\n", &man);
	assert_non_null(strstr(man.s, "\\&.a line"));
	assert_non_null(strstr(man.s, ".B \\-\\-trials"));
	assert_non_null(strstr(man.s, ".TP\n.B 1\nbad \\- so\n"));
	manual_completion(verbs, &completion);
	assert_non_null(strstr(completion.s, "\"kernel import\"*) options=\"--kernel --trials"));
	opts_help(&verb, &help);
	assert_non_null(strstr(help.s, "usage: qbisect kernel import [--json] WORD..."));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_types),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_manual),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
