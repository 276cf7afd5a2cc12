/* How large a regular expression is counted, and that the C library compiles what is called modest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <regex.h>
#include <stdlib.h>

#include "base/buf.h"
#include "config/pattern.h"

static void modest(void **state)
{
	static const char *const patterns[] = { "",
						"x",
						"^not ok [0-9]+ .*fsync",
						"(a|b)+(c|d)*e?",
						"[]{}+]+",
						"[^]({}+]",
						"\\(\\{\\+",
						"x{3}",
						"x{3,}",
						"(x{2,50}y){4}",
						"((a+)+)+",
						"FAIL|BROK|EIO",
						"([a-z]* ?){10}",
						"(x|y?z){20}{5}",
						"^(x|^y$)?z*$" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++) {
		regex_t compiled;

		if (!pattern_is_modest(patterns[i]))
			fail_msg("%s is called large", patterns[i]);
		if (regcomp(&compiled, patterns[i], REG_EXTENDED | REG_NOSUB) == 0)
			regfree(&compiled);
	}
}

static void large(void **state)
{
	static const char *const patterns[] = { "((((((((((((((((x+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+",
						"x{255}{255}{255}",
						"((x{255}){255}){255}",
						"x{32767}",
						"x{1,32767}",
						"x{101}{0,100}",
						"x{32767}{32767}{0}",
						"x{32767}{32767}{z2767}",
						"(xxxxxxxxxx){1001}",
						"([]]{101}){100}",
						"(\\({101}){100}",
						"x){32767,}{,32767}",
						"(x{1000}[[:alpha:])]){100}",
						"(){8,}{,8}{,8}",
						"(|x){8,}{,8}{,8}",
						"((^$\\b){8}){8}{8}",
						"(x*){4,}{,4}{,4}{,4}",
						"(()?){11,}{,11}{,4}",
						"$((((()+)+)+)+)+",
						"(x*)*",
						"(^|$|\\b)(^|$|\\b)(^|$|\\b)(^|$|\\b)(^|$|\\b)" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++)
		if (pattern_is_modest(patterns[i]))
			fail_msg("%s is called modest", patterns[i]);
}

static void open_groups(void **state)
{
	char pattern[201];

	(void)state;
	memset(pattern, '(', sizeof(pattern) - 1);
	pattern[sizeof(pattern) - 1] = '\0';
	assert_false(pattern_is_modest(pattern));
	memset(pattern, ')', sizeof(pattern) - 1);
	assert_true(pattern_is_modest(pattern));
	assert_true(pattern_is_modest("(((((x"));
	assert_false(pattern_is_modest("(((((x{32767}"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(modest),
		cmocka_unit_test(large),
		cmocka_unit_test(open_groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
