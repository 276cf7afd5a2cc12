#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/fs.h"
#include "tests/unit/signatures_fixture.h"
#include "verdict/classify.h"

#define GOLDEN "harness/tests/golden"

static void read_file(const char *path, struct buf *out)
{
	AUTO(err) err = ERR_INIT;

	if (fs_read(path, 1 << 20, out, &err) < 0)
		fail_msg("%s", err.text);
}

static struct classify *classify_bytes(const char *s, size_t len, size_t step)
{
	struct classify *c = classify_new(&table);

	for (size_t at = 0; at < len; at += step)
		classify_feed(c, s + at, len - at < step ? len - at : step);
	classify_end(c);
	return c;
}

/* A line a finding, "* 12 oops ppc-fault: title"; '*' is the top, 'e' an echo, '-' behind a crash. */
static void describe(const struct classify *c, struct buf *out)
{
	const struct finding *top = classify_top(c, 0, UINT64_MAX);

	for (size_t i = 0; i < classify_count(c); i++) {
		const struct finding *f = classify_at(c, i);

		buf_addf(out, "%c %llu %s %s: %s\n",
			 f == top	  ? '*'
			 : f->echo	  ? 'e'
			 : f->after_crash ? '-'
					  : ' ',
			 (unsigned long long)f->line, finding_class_name(f->class), f->row->id, f->title);
	}
	if (!top)
		buf_adds(out, "clean\n");
}

static void check_golden(const char *log)
{
	AUTO_FREE char *path = path_join(GOLDEN, log);
	AUTO_FREE char *expected_path = xasprintf("%.*s.expected", (int)(strlen(path) - 4), path);
	AUTO(buf) text = BUF_INIT;
	AUTO(buf) expected = BUF_INIT;

	read_file(path, &text);
	read_file(expected_path, &expected);
	for (size_t step = 1; step < 100000; step = step * 7) {
		AUTO(classify) c = classify_bytes(text.s, text.len, step);
		AUTO(buf) found = BUF_INIT;

		describe(c, &found);
		if (!str_eq(found.s, expected.s))
			fail_msg("%s, in pieces of %zu:\n%sexpected:\n%s", log, step, found.s, expected.s);
	}
}

static void test_golden(void **state)
{
	AUTO(err) err = ERR_INIT;
	AUTO(strv) names = STRV_INIT;
	size_t n = 0;

	(void)state;
	assert_int_equal(fs_list(GOLDEN, &names, &err), 0);
	for (size_t i = 0; i < names.n; i++) {
		if (!str_ends(names.v[i], ".log"))
			continue;
		check_golden(names.v[i]);
		n++;
	}
	assert_true(n > table.n);
}

/* ROW.log shows that no earlier row takes the lines of ROW away. */
static void test_each_row_has_its_golden(void **state)
{
	(void)state;
	for (size_t i = 0; i < table.n; i++) {
		AUTO_FREE char *path = xasprintf(GOLDEN "/%s.log", table.row[i].id);
		AUTO(classify) c = NULL;
		AUTO(buf) text = BUF_INIT;
		const struct finding *top;

		read_file(path, &text);
		c = classify_bytes(text.s, text.len, text.len);
		top = classify_top(c, 0, UINT64_MAX);
		if (table.row[i].class == FINDING_CLEAN)
			assert_null(top);
		else if (!top || top->row != &table.row[i])
			fail_msg("%s: %s", path, top ? top->row->id : "clean");
	}
}

static void takes(const char *text, const char *id)
{
	regmatch_t groups[SIGNATURE_GROUPS];
	const struct signature *row = signatures_match(&table, text, strlen(text), groups);

	assert_string_equal(row ? row->id : "none", id);
}

/* Without its rows of class "clean" the table would see much in the kernel's command line. */
static void test_clean_rows_are_needed(void **state)
{
	(void)state;
	takes("Kernel command line: panic=-1 BUG: KASAN: x in y+0x1", "kernel-command-line");
	takes("panic=-1 BUG: KASAN: x in y+0x1", "kasan");
	takes("panic=-1 debug", "none");
}

static void test_evidence(void **state)
{
	static const char text[] =
	    "a\r\nb\r\n[    1.000001] Page cache invalidation failure on direct I/O.\xff"
	    "\033[2J\r\n[    1.000002] File: /mnt/\xc3\xa4 PID: 7 Comm: kworker/0:1\r\n";
	AUTO(classify) c = classify_bytes(text, strlen(text), 1);
	const struct finding *f = classify_top(c, 0, UINT64_MAX);

	(void)state;
	assert_non_null(f);
	assert_ptr_equal(f, classify_target(c, 0, UINT64_MAX));
	assert_int_equal(f->line, 3);
	assert_int_equal(f->offset, 6);
	assert_string_equal(f->text, "Page cache invalidation failure on direct I/O.?");
	assert_string_equal(f->detail, "File: /mnt/\xc3\xa4 PID: 7 Comm: kworker/0:1");
	assert_int_equal(classify_lines(c), 4);
}

/* Neither many findings nor many forged ones push out the first real ones. */
static void test_bounded(void **state)
{
	AUTO(classify) c = classify_new(&table);
	static const char forged[] = "Page cache invalidation failure on direct I/O.\nBUG: soft stuff\n";
	static const char real[] = "[    1.000001] Page cache invalidation failure on direct I/O.\n";
	static const char warning[] = "[    1.000001] WARNING: CPU: 0 PID: 1 at a.c:1 f+0x1/0x2\n";

	(void)state;
	classify_feed(c, "[    1.000000] start\n", 21);
	for (int i = 0; i < 10000; i++) {
		classify_feed(c, forged, strlen(forged));
		classify_feed(c, warning, strlen(warning));
	}
	assert_null(classify_target(c, 0, UINT64_MAX));
	classify_feed(c, real, strlen(real));
	assert_non_null(classify_target(c, 0, UINT64_MAX));
	assert_ptr_equal(classify_top(c, 0, UINT64_MAX), classify_target(c, 0, UINT64_MAX));
	assert_true(classify_count(c) <= 1 + 1 + FINDINGS_PER_ROW + 1);
}

/* What a program prints, or what stands behind a crash, is no target. */
static void test_target(void **state)
{
	static const char *const none[] = {
		"RUN aiocp.c:113: TBROK: fsync(4) failed: EIO (5)\n",
		"[    1.000001] x\nPage cache invalidation failure on direct I/O.\n",
		"Kernel panic - not syncing: x\nPage cache invalidation failure on direct I/O.\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(none); i++) {
		AUTO(classify) c = classify_bytes(none[i], strlen(none[i]), 100);

		assert_null(classify_target(c, 0, UINT64_MAX));
		assert_non_null(classify_top(c, 0, UINT64_MAX));
	}
}

#define ROW(more)                                                                                            \
	"{\"places\": [], \"signatures\": [{\"id\": \"a\", \"class\": \"bug\", \"reason\": \"r\", " more "}]}"

static void refused(const char *text, const char *message)
{
	AUTO(signatures) bad = SIGNATURES_INIT;
	AUTO(err) err = ERR_INIT;

	assert_int_equal(signatures_parse("s.json", text, strlen(text), &bad, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	if (!strstr(err.text, message))
		fail_msg("%s\nexpected: %s", err.text, message);
}

static void test_table_errors(void **state)
{
	(void)state;
	refused(ROW("\"pattern\": \"a(\", \"literals\": []"),
		"$.signatures[0].pattern: not a POSIX extended");
	refused(ROW("\"pattern\": \"(a)\\\\1\", \"literals\": []"), "must not have back-references (\\1)");
	refused(ROW("\"pattern\": \"((x{255}){255}){255}\", \"literals\": []"),
		"$.signatures[0].pattern: this pattern unfolds to more than 2000 pieces");
	refused(ROW("\"pattern\": \"abcd\", \"literals\": [\"abc\"]"),
		"a literal has at least 4 bytes: \"abc\"");
	refused(ROW("\"pattern\": \"abcd\", \"literals\": []"), "at least one literal is needed");
	refused(ROW("\"pattern\": \"abcd\", \"literals\": [\"abcd\"], \"title\": \"x\""),
		"the key \"priority\" is missing here");
	refused(ROW("\"pattern\": \"abcd\", \"literals\": [\"abcd\"], \"priority\": 5, \"title\": \"$1\""),
		"$.signatures[0].title: '$1' has no value here");
	refused(
	    ROW("\"pattern\": \"abcd\", \"literals\": [\"abcd\"], \"priority\": 5, \"title\": \"$follow\""),
	    "'$f' has no value here");
	refused(ROW("\"pattern\": \"abcd\", \"literals\": [\"abcd\"], \"priority\": 5, \"title\": \"{{a}}\""),
		"{ } must come in pairs");
	refused(ROW("\"pattern\": \"abcd\", \"literals\": [\"abcd\"], \"priority\": 5, \"title\": \"{a\""),
		"a { is not closed");
	refused(ROW("\"pattern\": \"abcd\", \"literals\": [\"abcd\"], \"follow\": \"x\", \"priority\": 5, "
		    "\"title\": \"a\""),
		"$.signatures[0].follow: a group ( ) is needed");
	refused(ROW("\"pattern\": \"abcd\", \"literals\": [\"abcd\"], \"absorbs\": [\"b\"], \"priority\": 5, "
		    "\"title\": \"a\""),
		"$.signatures[0].absorbs: there is no id \"b\"");
	refused(ROW("\"pattern\": \"abcd\", \"literals\": [\"abcd\"], \"priority\": 101, \"title\": \"a\""),
		"expected a whole number from 1 to 100, found 101");
	refused(ROW("\"patern\": \"abcd\""), "$.signatures[0].patern: unknown key: did you mean 'pattern'?");
	refused("{\"places\": [{\"pattern\": \"a\"}], \"signatures\": []}", "a place needs a group");
}

#define CLEAN_ROW                                                                                            \
	"{\"id\": \"a\", \"class\": \"clean\", \"reason\": \"r\", \"pattern\": \"abcd\", \"literals\": "     \
	"[\"abcd\"]}"

static void test_table_ids(void **state)
{
	AUTO(buf) many = BUF_INIT;

	(void)state;
	refused("{\"places\": [], \"signatures\": [" CLEAN_ROW ", " CLEAN_ROW "]}",
		"the id \"a\" is there twice");
	buf_adds(&many, "{\"places\": [], \"signatures\": [" CLEAN_ROW);
	for (int i = 0; i < SIGNATURES_MAX; i++)
		buf_adds(&many, ", " CLEAN_ROW);
	buf_adds(&many, "]}");
	refused(many.s, "at most 128 rows");
}

/* Marks are the kernel's own lines and come in their order; a part has findings of its own. */
static void test_parts(void **state)
{
#define MARK "[    3.000000] qbisect: abc scenario "
	static const char warning[] = "[    4.000000] WARNING: CPU: 0 PID: 1 at a.c:1 f+0x1/0x2\n";
	static const char text[] = "[    1.000000] Linux version 6.12\n"
				   "qbisect: abc scenario 1: an echo\n" MARK "2: too early\n" MARK "1: one\n";
	AUTO(buf) console = BUF_INIT;
	AUTO(classify) c = classify_new(&table);
	uint64_t first, second;

	(void)state;
	buf_adds(&console, text);
	for (int i = 0; i < 6; i++)
		buf_adds(&console, warning);
	buf_adds(&console, MARK "1: again\n" MARK "21: not the next\n" MARK "2\n");
	buf_addf(&console, "%s" MARK "3: more than there are\n", warning);
	classify_part(c, "qbisect: abc scenario ", 2);
	classify_feed(c, console.s, console.len);
	classify_end(c);
	assert_false(classify_part_at(c, 0, &first));
	assert_true(classify_part_at(c, 1, &first));
	assert_true(classify_part_at(c, 2, &second));
	assert_false(classify_part_at(c, 3, &second));
	assert_int_equal(first, strstr(console.s, MARK "1: one") - console.s);
	assert_int_equal(second, strstr(console.s, MARK "2\n") - console.s);
	assert_int_equal(classify_count(c), FINDINGS_PER_ROW + 1);
	assert_null(classify_top(c, 0, first));
	assert_ptr_equal(classify_top(c, first, second), classify_at(c, 0));
	assert_ptr_equal(classify_top(c, second, UINT64_MAX), classify_at(c, FINDINGS_PER_ROW));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_each_row_has_its_golden),
		cmocka_unit_test(test_clean_rows_are_needed),
		cmocka_unit_test(test_evidence),
		cmocka_unit_test(test_bounded),
		cmocka_unit_test(test_target),
		cmocka_unit_test(test_table_errors),
		cmocka_unit_test(test_table_ids),
		cmocka_unit_test(test_parts),
	};

	return cmocka_run_group_tests(tests, signatures_set_up, signatures_tear_down);
}
