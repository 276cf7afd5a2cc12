/* HTML is escaped by construction: whatever a text or an attribute holds, no tag comes of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "config/json.h"
#include "report/html_writer.h"

static struct html html;

static int set_up(void **state)
{
	(void)state;
	html = (struct html)HTML_INIT;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	html_release(&html);
	return 0;
}

static void wrote(const char *wanted)
{
	assert_string_equal(html.out.s, wanted);
	html_release(&html);
}

static void text_is_escaped(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "", "" },
		{ "3/20 \xc3\xa4", "3/20 \xc3\xa4" },
		{ "<script>alert(1)", "&lt;script&gt;alert(1)" },
		{ "\"'&amp;", "&quot;&#39;&amp;amp;" },
		{ "<!-- ]]> --", "&lt;!-- ]]&gt; --" },
		{ "\x1b[31m\r\n\t", "\\x1b[31m\\r\\n\\t" },
		{ "\xe2\x80\xae\xe2\x80\xa8\xef\xbb\xbf", "\\u202e\\u2028\\ufeff" },
		{ "\xff\xc0\xbc", "\\xff\\xc0\\xbc" }, /* an over-long "<" */
		{ "in /root/a/b.c: no", "in b.c: no" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		html_text(&html, cases[i].in);
		wrote(cases[i].out);
	}
}

static void bytes_may_hold_anything(void **state)
{
	(void)state;
	html_bytes(&html, "a\0<b", 4);
	wrote("a\\x00&lt;b");
	html_bytes(&html, "\xe2\x80\xae", 2); /* cut in the middle */
	wrote("\\xe2\\x80");
}

static void every_byte_is_harmless(void **state)
{
	(void)state;
	for (unsigned byte = 0; byte < 256; byte++) {
		char c = (char)byte;

		html_bytes(&html, &c, 1);
		for (const char *p = html.out.s; *p; p++)
			if (strchr("<>\"'", *p) || (unsigned char)*p < 0x20 || (unsigned char)*p > 0x7e)
				fail_msg("byte %02x came out as %s", byte, html.out.s);
		html_release(&html);
	}
}

static void attributes_are_escaped(void **state)
{
	(void)state;
	html_open(&html, "a", "href", "x\" onclick=\"alert(1)", "title", NULL, "class", "<b>");
	wrote("<a href=\"x&quot; onclick=&quot;alert(1)\" class=\"&lt;b&gt;\">");
	html_open(&html, "div", "hidden", "");
	wrote("<div hidden>");
}

static void elements_hold_text(void **state)
{
	(void)state;
	html_element(&html, "td", "</td>", "class", "bad");
	html_textf(&html, "%u<%s", 7U, "&");
	html_close(&html, "tr");
	html.folders = true;
	html_text(&html, "/root/a");
	wrote("<td class=\"bad\">&lt;td&gt;</td>7&lt;&amp;</tr>\n/root/a");
}

static void json_can_stand_in_a_script(void **state)
{
	AUTO(json) root = json_new_object();
	AUTO(json_doc) doc = JSON_DOC_INIT;
	AUTO(err) err = ERR_INIT;
	AUTO(buf) plain = BUF_INIT;
	AUTO(buf) safe = BUF_INIT;
	const char *value = NULL;

	(void)state;
	json_put_string(root, "a", "</script><!--&");
	json_write(root, JSON_LINE, &plain);
	html_json(&safe, plain.s);
	assert_null(strpbrk(safe.s, "<>&"));
	assert_int_equal(json_parse("safe", safe.s, safe.len, &doc, &err), 0);
	assert_int_equal(json_get_string(json_root(&doc), "a", JSON_REQUIRED, &value, &err), 0);
	assert_string_equal(value, "</script><!--&");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(text_is_escaped, set_up, tear_down),
		cmocka_unit_test_setup_teardown(bytes_may_hold_anything, set_up, tear_down),
		cmocka_unit_test_setup_teardown(every_byte_is_harmless, set_up, tear_down),
		cmocka_unit_test_setup_teardown(attributes_are_escaped, set_up, tear_down),
		cmocka_unit_test_setup_teardown(elements_hold_text, set_up, tear_down),
		cmocka_unit_test_setup_teardown(json_can_stand_in_a_script, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
