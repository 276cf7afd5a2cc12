#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/utf8.h"

static void test_next(void **state)
{
	static const struct {
		const char *s;
		size_t n;
		uint32_t code;
	} cases[] = {
		{ "", 0, 0 },
		{ "A", 1, 'A' },
		{ "\xc3\xa4", 2, 0xe4 },
		{ "\xe2\x82\xac", 3, 0x20ac },
		{ "\xf0\x9f\x98\x80", 4, 0x1f600 },
		{ "\xf4\x8f\xbf\xbf", 4, 0x10ffff },
		{ "\xf4\x90\x80\x80", 0, 0 }, /* above the last */
		{ "\xc0\x80", 0, 0 },	      /* over-long NUL */
		{ "\xe0\x80\xaf", 0, 0 },
		{ "\xed\xa0\x80", 0, 0 }, /* surrogate */
		{ "\x80", 0, 0 },
		{ "\xc3", 0, 0 },
		{ "\xc3(", 0, 0 },
		{ "\xff", 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint32_t code = 0;

		assert_int_equal(utf8_next(cases[i].s, strlen(cases[i].s), &code), cases[i].n);
		assert_int_equal(code, cases[i].code);
	}
}

static void test_escape(void **state)
{
	AUTO(buf) out = BUF_INIT;

	(void)state;
	utf8_add_escaped(&out, "a\0\t\x1b[1m\xff\xc2\x9b\xc3\xa4\\", 13, 100);
	assert_string_equal(out.s, "a\\x00\\t\\x1b[1m\\xff\\xc2\\x9b\xc3\xa4\\");
	buf_reset(&out);
	utf8_add_escaped(&out, "abcdef", 6, 6);
	assert_string_equal(out.s, "abcdef");
	buf_reset(&out);
	utf8_add_escaped(&out, "abcdef", 6, 5);
	assert_string_equal(out.s, "ab...");
	buf_reset(&out);
	utf8_add_escaped(&out, "ab\x01", 3, 4);
	assert_string_equal(out.s, "a...");
}

/* Whatever the limit cuts: what was written is read back as it is. */
static void test_escape_twice(void **state)
{
	static const char text[] = "0123\xff\x01\xc3\xa4 456\n\xe2\x82\xac 789abc";

	(void)state;
	for (size_t limit = 3; limit < 40; limit++) {
		AUTO(buf) once = BUF_INIT, twice = BUF_INIT;

		utf8_add_escaped(&once, text, strlen(text), limit);
		utf8_add_escaped(&twice, once.s, once.len, limit);
		assert_true(once.len <= limit);
		assert_string_equal(once.s, twice.s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_next),
		cmocka_unit_test(test_escape),
		cmocka_unit_test(test_escape_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
