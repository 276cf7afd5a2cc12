#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "verdict/lines.h"

/* "NUMBER@OFFSET[!][+DROPPED]:TEXT|" for each piece; '!' means stamped. */
static void note(void *arg, const struct line *line)
{
	struct buf *out = arg;

	assert_int_equal(strlen(line->text), line->len);
	buf_addf(out, "%llu@%llu%s", (unsigned long long)line->number, (unsigned long long)line->offset,
		 line->stamped ? "!" : "");
	if (line->dropped)
		buf_addf(out, "+%llu", (unsigned long long)line->dropped);
	buf_addf(out, ":%s|", line->text);
}

/* Reads the input in pieces of `step` bytes. */
static void split(const char *input, size_t len, size_t step, struct buf *out)
{
	struct lines l;

	lines_init(&l, note, out);
	for (size_t at = 0; at < len; at += step)
		lines_feed(&l, input + at, len - at < step ? len - at : step);
	lines_end(&l);
	buf_addf(out, "%llu", (unsigned long long)l.number);
}

static void gives(const char *input, size_t len, const char *wanted)
{
	for (size_t step = 1; step <= len + 1; step++) {
		AUTO(buf) out = BUF_INIT;

		split(input, len, step, &out);
		assert_string_equal(out.s, wanted);
	}
}
#define GIVES(input, wanted) gives(input, sizeof(input) - 1, wanted)

static void test_line_ends(void **state)
{
	(void)state;
	GIVES("", "0");
	GIVES("\n", "1");
	GIVES("a\nb\r\nc", "1@0:a|2@2:b|3@5:c|3");
	GIVES("a\n\n\nb\n", "1@0:a|4@4:b|4");
	GIVES("\rLinux ppc64le\r\r\n#2", "1@1:Linux ppc64le|2@17:#2|2");
	GIVES("C0000\rC0100\r   \rPopulating\n", "1@0:C0000|1@6:C0100|1@16:Populating|1");
}

static void test_escapes(void **state)
{
	(void)state;
	GIVES("\033[0m\033[?25l ***\n", "1@10: ***|1");
	GIVES("\033[1mQEMU\033[0m Starting\033[0m\n", "1@4:QEMU Starting|1");
	GIVES("a\033]0;title\ab\033]8;;x\033\\c\n", "1@0:abc|1");
	GIVES("a\033(Bb\0337c\033Md\n", "1@0:abcd|1");
	GIVES("\033]0;never closed\nBUG\n", "2@17:BUG|2");
	GIVES("\033[12\nBUG\n", "2@5:BUG|2");
	GIVES("\033]x\rBUG\n", "1@4:BUG|1");
	GIVES("a\0b\001\b\177c\td\n", "1@0:abc d|1");
}

static void test_utf8(void **state)
{
	(void)state;
	GIVES("\xc3\xa4\xff\xc3\n", "1@0:\xc3\xa4??|1");
	GIVES("a\xc2\x9b"
	      "1m\xe2\x82\n",
	      "1@0:a??1m??|1");
}

static void test_stamps(void **state)
{
	(void)state;
	GIVES("[    1.458872] pci\n", "1@0!:pci|1");
	GIVES("<4>[12345.678901] x\n", "1@3!:x|1");
	GIVES("<4>x\n", "1@0:x|1");
	GIVES("[    1.458872][   T12] x\n[    1.458872][    C0]  y\n", "1@0!:x|2@25!: y|2");
	GIVES("[    1.458872] \n[    1.458872]\n", "2@16:[    1.458872]|2");
	GIVES("[    1.45887] x\n[    1.4588721] x\n[x    1.458872] x\n",
	      "1@0:[    1.45887] x|2@16:[    1.4588721] x|3@34:[x    1.458872] x|3");
	GIVES("#1 SMP Debian 6.[    1.458872] pci\n", "1@0:#1 SMP Debian 6.|1@16!:pci|1");
	GIVES("a[[    1.458872] b [c]\n", "1@0:a[|1@2!:b [c]|1");
	GIVES("\033[32m[    1.458872] \033[0m\033[33mBTRFS\033[0m: x\n", "1@5!:BTRFS: x|1");
}

static void test_long_lines(void **state)
{
	AUTO(buf) input = BUF_INIT;
	AUTO(buf) wanted = BUF_INIT;
	AUTO(buf) whole = BUF_INIT;
	AUTO(buf) bytes = BUF_INIT;

	(void)state;
	for (int i = 0; i < LINE_TEXT_MAX + 7; i++)
		buf_addc(&input, 'x');
	buf_adds(&input, "[    1.458872] BUG\nb\n");
	buf_adds(&wanted, "1@0+7:");
	buf_add(&wanted, input.s, LINE_TEXT_MAX);
	buf_adds(&wanted, "|1@1031!:BUG|2@1050:b|2");
	split(input.s, input.len, input.len, &whole);
	assert_string_equal(whole.s, wanted.s);
	split(input.s, input.len, 1, &bytes);
	assert_string_equal(bytes.s, wanted.s);
}

static void test_long_escape(void **state)
{
	AUTO(buf) input = BUF_INIT;
	AUTO(buf) out = BUF_INIT;

	(void)state;
	buf_adds(&input, "\033]");
	for (int i = 0; i < 300; i++)
		buf_addc(&input, 'x');
	buf_adds(&input, "BUG\n");
	split(input.s, input.len, 1, &out);
	assert_non_null(strstr(out.s, "xxxBUG|1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line_ends),  cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_utf8),	   cmocka_unit_test(test_stamps),
		cmocka_unit_test(test_long_lines), cmocka_unit_test(test_long_escape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
