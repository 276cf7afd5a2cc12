/* Candidates: names, records, and records that lie. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "config/candidate.h"

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const char record[] = "{\n"
			     "  \"id\": \"6.12-x\",\n"
			     "  \"arch\": \"ppc64le\",\n"
			     "  \"release\": \"6.12.1-x\",\n"
			     "  \"pagesize\": 65536,\n"
			     "  \"origin\": \"deb\",\n"
			     "  \"sources\": [\n    \"a.deb\",\n    \"b.deb\"\n  ],\n"
			     "  \"image\": \"vmlinux\",\n"
			     "  \"image_hash\": \"" HASH "\",\n"
			     "  \"content_hash\": \"" HASH "\",\n"
			     "  \"has_config\": true,\n"
			     "  \"has_modules\": false\n"
			     "}\n";

#define COMMIT "0123456789abcdef0123456789abcdef01234567"

static void keeps_the_commit(void **state)
{
	static const char git[] = "  \"has_modules\": false,\n  \"git\": {\n    \"commit\": \"" COMMIT
				  "\",\n    \"tree\": \"" COMMIT "\",\n    \"config\": \"" HASH
				  "\",\n    \"toolchain\": \"gcc 12\"\n  }\n}\n";
	const char *end = strstr(record, "  \"has_modules\"");
	AUTO(candidate) c = CANDIDATE_INIT;
	AUTO(buf) text = BUF_INIT, again = BUF_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	buf_add(&text, record, (size_t)(end - record));
	buf_adds(&text, git);
	if (candidate_parse("r", text.s, text.len, &c, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(c.git.commit, COMMIT);
	assert_string_equal(c.git.toolchain, "gcc 12");
	candidate_write(&c, &again);
	assert_string_equal(again.s, text.s);
	*strstr(text.s, COMMIT "\"") = 'x';
	candidate_release(&c);
	assert_int_equal(candidate_parse("r", text.s, text.len, &c, &err), -1);
	assert_non_null(strstr(err.text, "$.git.commit: expected a commit's full name"));
}

static void ids(void **state)
{
	char lengthy[CANDIDATE_ID_MAX + 2];

	(void)state;
	assert_true(candidate_id_valid("6.12.107+deb13-powerpc64le-64k"));
	assert_true(candidate_id_valid("v7.2~rc1_x"));
	assert_false(candidate_id_valid(""));
	assert_false(candidate_id_valid(".."));
	assert_false(candidate_id_valid(".hidden"));
	assert_false(candidate_id_valid("-x"));
	assert_false(candidate_id_valid("a/b"));
	assert_false(candidate_id_valid("a b"));
	memset(lengthy, 'x', sizeof(lengthy));
	lengthy[sizeof(lengthy) - 1] = '\0';
	assert_false(candidate_id_valid(lengthy));
	lengthy[sizeof(lengthy) - 2] = '\0';
	assert_true(candidate_id_valid(lengthy));
	assert_false(candidate_release_valid(lengthy));
}

static void reads_what_it_writes(void **state)
{
	AUTO(candidate) c = CANDIDATE_INIT;
	AUTO(buf) text = BUF_INIT;
	AUTO(err) err = ERR_INIT;
	char pagesize[16];

	(void)state;
	if (candidate_parse("r", record, strlen(record), &c, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(c.id, "6.12-x");
	assert_int_equal(c.pagesize, 65536);
	assert_int_equal(c.sources.n, 2);
	assert_true(c.has_config);
	assert_false(c.has_modules);
	assert_string_equal(candidate_pagesize_text(&c, pagesize), "64k");
	candidate_write(&c, &text);
	assert_string_equal(text.s, record);
	c.pagesize = 0;
	assert_string_equal(candidate_pagesize_text(&c, pagesize), "?");
}

static void lists(void **state)
{
	AUTO(buf) text = BUF_INIT;

	(void)state;
	candidate_write_list(NULL, 0, &text);
	assert_non_null(strstr(text.s, "\"kernels\""));
}

/* Replaces the first `from` in the record. */
static void expect_refused(const char *from, const char *to, const char *expected)
{
	const char *at = strstr(record, from);
	AUTO_FREE char *text = xasprintf("%.*s%s%s", (int)(at - record), record, to, at + strlen(from));
	AUTO(candidate) c = CANDIDATE_INIT;
	AUTO(err) err = ERR_INIT;

	assert_int_equal(candidate_parse("r.json", text, strlen(text), &c, &err), -1);
	assert_int_equal(err.kind, ERR_HOST);
	if (!str_starts(err.text, "r.json:") || !strstr(err.text, expected))
		fail_msg("'%s' lacks '%s'", err.text, expected);
	assert_null(c.id);
}

static void records_that_lie(void **state)
{
	(void)state;
	expect_refused("6.12-x", "../../x", "$.id");
	expect_refused("6.12.1-x", "a b", "$.release");
	expect_refused("vmlinux", "../vmlinux", "$.image");
	expect_refused("vmlinux", "..", "$.image");
	expect_refused("ppc64le", "s390x", "$.arch");
	expect_refused("65536", "-1", "$.pagesize");
	expect_refused("\"deb\"", "\"web\"", "$.origin");
	expect_refused(HASH, "0123", "$.image_hash");
	expect_refused("\"has_config\": true,", "", "has_config");
	expect_refused("\"has_config\": true", "\"has_config\": 1", "$.has_config");
	expect_refused("\"has_config\"", "\"more\": 1, \"has_config\"", "more");
	expect_refused("}", "", "r.json:");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids),
		cmocka_unit_test(keeps_the_commit),
		cmocka_unit_test(reads_what_it_writes),
		cmocka_unit_test(lists),
		cmocka_unit_test(records_that_lie),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
