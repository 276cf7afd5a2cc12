#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config/json.h"

static int parse(const char *text, struct json_doc *doc, struct err *err)
{
	return json_parse("a.json", text, strlen(text), doc, err);
}

/* Asserts that the text is refused with just this message. */
static void refused(const char *text, const char *message)
{
	AUTO(json_doc) doc = JSON_DOC_INIT;
	AUTO(err) err = ERR_INIT;

	assert_int_equal(parse(text, &doc, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_string_equal(err.text, message);
}

static void accepted(const char *text)
{
	AUTO(json_doc) doc = JSON_DOC_INIT;
	AUTO(err) err = ERR_INIT;

	if (parse(text, &doc, &err) < 0)
		fail_msg("%s", err.text);
}

static void test_refuses(void **state)
{
	(void)state;
	refused("", "a.json:1:1: expected '{', found the end of the text");
	refused("[]", "a.json:1:1: expected '{', found '['");
	refused("{\n  'a': 1\n}", "a.json:2:3: expected a key in double quotes, found '''");
	refused("{\"a\": NaN}", "a.json:1:7: expected a value (\"text\", number, true, false, null, { or [), "
				"found 'N'");
	refused("{\"a\": 1,}", "a.json:1:9: expected a key in double quotes, found '}'");
	refused("{\"a\": [1,]}", "a.json:1:10: expected a value (\"text\", number, true, false, null, { or "
				 "[), found ']'");
	refused("{\"a\": 1 \"b\": 2}", "a.json:1:9: expected ',' or '}', found '\"'");
	refused("{\"a\" 1}", "a.json:1:6: expected ':' after the key, found '1'");
	refused("{\"a\": 1}\n}", "a.json:2:1: expected the end of the text after the last '}', found '}'");
	refused("{\"a\": 1", "a.json:1:8: expected ',' or '}', found the end of the text");
	refused("{\"a\": \"b", "a.json:1:7: this string has no closing quote");
	refused("{\"a\": 1} // x", "a.json:1:10: expected the end of the text after the last '}', found '/'");
	refused("\xef\xbb\xbf{}", "a.json:1:1: the text begins with a byte order mark: save it as UTF-8 "
				  "without one");
	refused("{\"a\": \"\t\"}", "a.json:1:8: a control character (0x09) in a string: write it as an "
				   "escape, or close the string");
	refused("{\"a\": \"\xc3\"}", "a.json:1:8: the text is not valid UTF-8 (byte 0xc3)");
	refused("{\"\xc3\xa4\xc3\xb6\": x}", "a.json:1:8: expected a value (\"text\", number, true, false, "
					     "null, { or [), found 'x'");
}

static void test_refuses_numbers(void **state)
{
	(void)state;
	refused("{\"a\": 9223372036854775808}", "a.json:1:7: this number is too large");
	refused("{\"a\": 1e999}", "a.json:1:7: this number is too large");
	refused("{\"a\": 07}", "a.json:1:7: a number does not begin with 0 and another digit");
	refused("{\"a\": -}", "a.json:1:8: expected a digit, found '}'");
	refused("{\"a\": 1.}", "a.json:1:9: expected a digit after the decimal point, found '}'");
	refused("{\"a\": 1e}", "a.json:1:9: expected a digit in the exponent, found '}'");
	accepted("{\"a\": [0, -0, 9223372036854775807, -9223372036854775808, 1.5e-7, 1E+5, 1e-999]}");
}

static void test_refuses_escapes(void **state)
{
	(void)state;
	refused("{\"a\": \"\\x41\"}", "a.json:1:9: expected one of \" \\ / b f n r t u after a backslash, "
				      "found 'x'");
	refused("{\"a\": \"\\u00g1\"}", "a.json:1:12: expected four hexadecimal digits after \\u, found 'g'");
	refused("{\"a\": \"\\u0000\"}", "a.json:1:14: a string cannot hold a NUL character (\\u0000)");
	refused("{\"a\": \"\\ud800x\"}", "a.json:1:14: half of a surrogate pair (\\ud800)");
	refused("{\"a\": \"\\ud800\\u0041\"}", "a.json:1:20: half of a surrogate pair (\\ud800)");
	refused("{\"a\": \"\\udc00\"}", "a.json:1:14: half of a surrogate pair (\\udc00)");
	accepted("{\"a\": \"\\ud83d\\ude00 \\\" \\\\ \\/ \\b\\f\\n\\r\\t\\u0041\"}");
}

static void test_refuses_duplicates(void **state)
{
	(void)state;
	refused("{\n \"a\": 1,\n \"b\": {\"c\": 1},\n \"a\": 2}",
		"a.json:4:7: $.a: this key is there twice: first in line 2");
	refused("{\"b\": {\"c d\": 1, \"c\\u0020d\": 2}}",
		"a.json:1:30: $.b[\"c d\"]: this key is there twice: first in line 1");
	accepted("{\"a\": {\"a\": {\"a\": 1}}, \"b\": {\"a\": 2}}");
}

static void test_depth(void **state)
{
	AUTO(buf) text = BUF_INIT;

	(void)state;
	for (int i = 0; i < JSON_MAX_DEPTH; i++)
		buf_adds(&text, i ? "[" : "{\"a\":");
	for (int i = 0; i < JSON_MAX_DEPTH; i++)
		buf_addc(&text, i < JSON_MAX_DEPTH - 1 ? ']' : '}');
	accepted(text.s);
	buf_reset(&text);
	buf_adds(&text, "{\"a\":");
	for (int i = 0; i < 100000; i++)
		buf_addc(&text, '[');
	refused(text.s, "a.json:1:37: more than 32 levels of { and [");
}

static void test_places(void **state)
{
	AUTO(json_doc) doc = JSON_DOC_INIT;
	AUTO(err) err = ERR_INIT;
	const struct json_node *b, *c;
	const char *name = NULL;

	(void)state;
	assert_int_equal(
	    parse("{\"a\": 1,\n \"b\": [true, {\"x\": null},\n\t\"t\\u00e4xt\"],\n \"z\": {}}", &doc, &err),
	    0);
	b = json_find(json_root(&doc), "b");
	assert_int_equal(json_count(b), 3);
	c = json_first(b);
	assert_int_equal(c->line, 2);
	assert_int_equal(c->column, 8);
	c = json_next(c);
	assert_string_equal(json_first(c)->key, "x");
	assert_null(json_next(json_first(c)));
	c = json_next(c);
	assert_int_equal(c->line, 3);
	assert_int_equal(c->column, 2);
	assert_int_equal(json_as_string(c, &name, &err), 0);
	assert_string_equal(name, "t\xc3\xa4xt");
	assert_null(json_next(c));
	assert_string_equal(json_next(b)->key, "z");
	assert_null(json_first(json_next(b)));
	assert_null(json_find(b, "x"));
	assert_null(json_find(json_first(json_root(&doc)), "x"));
}

static const char config[] = "{\"environment\": {\n"
			     "  \"smp\": \"four\", \"big\": 65, \"rate\": 0.5, \"whole\": 2, \"on\": true,\n"
			     "  \"fs\": \"btrfs\", \"list\": [\"a\", \"b\"], \"mixed\": [\"a\", 2],\n"
			     "  \"none\": null, \"minus\": -3 }}";

/* Asserts the message and makes *err fresh again. */
static void said(struct err *err, const char *message)
{
	assert_non_null(err->text);
	assert_string_equal(err->text, message);
	err_release(err);
}

static void test_getters_refuse(void **state)
{
	static const char *const names[] = { "ext4", "xfs", "vfat", NULL };
	AUTO(json_doc) doc = JSON_DOC_INIT;
	AUTO(err) err = ERR_INIT;
	AUTO(strv) list = STRV_INIT;
	const struct json_node *e, *out;
	unsigned n = 7;
	double x;
	bool on;

	(void)state;
	assert_int_equal(parse(config, &doc, &err), 0);
	e = json_find(json_root(&doc), "environment");
	assert_int_equal(json_get_uint(e, "smp", JSON_REQUIRED, 1, 64, &n, &err), -1);
	said(&err, "a.json:2:10: $.environment.smp: expected a whole number from 1 to 64, found \"four\"");
	assert_int_equal(json_get_uint(e, "big", JSON_OPTIONAL, 1, 64, &n, &err), -1);
	said(&err, "a.json:2:25: $.environment.big: expected a whole number from 1 to 64, found 65");
	assert_int_equal(json_get_uint(e, "rate", JSON_OPTIONAL, 0, 64, &n, &err), -1);
	said(&err, "a.json:2:37: $.environment.rate: expected a whole number from 0 to 64, found 0.5");
	assert_int_equal(json_get_uint(e, "minus", JSON_OPTIONAL, 0, 64, &n, &err), -1);
	said(&err, "a.json:4:26: $.environment.minus: expected a whole number from 0 to 64, found -3");
	assert_int_equal(n, 7);
	assert_int_equal(json_get_real(e, "rate", JSON_OPTIONAL, 1, 2, &x, &err), -1);
	said(&err, "a.json:2:37: $.environment.rate: expected a number from 1 to 2, found 0.5");
	assert_int_equal(json_get_bool(e, "fs", JSON_OPTIONAL, &on, &err), -1);
	said(&err, "a.json:3:9: $.environment.fs: expected true or false, found \"btrfs\"");
	assert_int_equal(json_get_enum(e, "fs", JSON_OPTIONAL, names, &n, &err), -1);
	said(&err, "a.json:3:9: $.environment.fs: expected \"ext4\", \"xfs\" or \"vfat\", found \"btrfs\"");
	assert_int_equal(json_get_strv(e, "mixed", JSON_OPTIONAL, &list, &err), -1);
	said(&err, "a.json:3:53: $.environment.mixed[1]: expected a text, found 2");
	assert_int_equal(json_get_object(e, "none", JSON_OPTIONAL, &out, &err), -1);
	said(&err, "a.json:4:11: $.environment.none: expected an object { }, found null");
	assert_int_equal(json_get_array(json_root(&doc), "environment", JSON_REQUIRED, &out, &err), -1);
	said(&err, "a.json:1:17: $.environment: expected an array [ ], found an object");
	assert_int_equal(json_get_uint(e, "mem", JSON_REQUIRED, 1, 64, &n, &err), -1);
	said(&err, "a.json:1:17: $.environment: the key \"mem\" is missing here");
}

static void test_getters_take(void **state)
{
	static const char *const names[] = { "ext4", "btrfs", NULL };
	AUTO(json_doc) doc = JSON_DOC_INIT;
	AUTO(err) err = ERR_INIT;
	AUTO(strv) list = STRV_INIT;
	const struct json_node *e = NULL;
	const char *fs = NULL;
	int64_t minus = 0;
	unsigned n = 7;
	double x = 0;
	bool on = false;

	(void)state;
	assert_int_equal(parse(config, &doc, &err), 0);
	assert_int_equal(json_get_object(json_root(&doc), "environment", JSON_REQUIRED, &e, &err), 0);
	assert_int_equal(json_get_uint(e, "mem", JSON_OPTIONAL, 1, 64, &n, &err), 0);
	assert_int_equal(n, 7);
	assert_int_equal(json_get_uint(e, "big", JSON_REQUIRED, 65, 65, &n, &err), 0);
	assert_int_equal(n, 65);
	assert_int_equal(json_get_int(e, "minus", JSON_REQUIRED, -3, 0, &minus, &err), 0);
	assert_int_equal(minus, -3);
	assert_int_equal(json_get_real(e, "whole", JSON_REQUIRED, 0, 2, &x, &err), 0);
	assert_true(x == 2);
	assert_int_equal(json_get_bool(e, "on", JSON_REQUIRED, &on, &err), 0);
	assert_true(on);
	assert_int_equal(json_get_string(e, "fs", JSON_REQUIRED, &fs, &err), 0);
	assert_string_equal(fs, "btrfs");
	assert_int_equal(json_get_enum(e, "fs", JSON_REQUIRED, names, &n, &err), 0);
	assert_int_equal(n, 1);
	assert_int_equal(json_get_strv(e, "list", JSON_REQUIRED, &list, &err), 0);
	assert_int_equal(list.n, 2);
	assert_string_equal(list.v[1], "b");
	assert_null(err.text);
}

static void test_unknown_key(void **state)
{
	static const char *const allowed[] = { "environment", "smp", NULL };
	AUTO(json_doc) doc = JSON_DOC_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	assert_int_equal(parse("{\"smp\": 1, \"enviroment\": 2}", &doc, &err), 0);
	assert_int_equal(json_check_keys(json_root(&doc), allowed, &err), -1);
	said(&err, "a.json:1:26: $.enviroment: unknown key: did you mean 'environment'?");
	assert_int_equal(json_check_keys(json_first(json_root(&doc)), allowed, &err), -1);
	said(&err, "a.json:1:9: $.smp: expected an object { }, found 1");
}

static void test_write(void **state)
{
	AUTO(json) tree = json_new_object();
	AUTO(json_doc) doc = JSON_DOC_INIT;
	AUTO(err) err = ERR_INIT;
	AUTO(strv) list = STRV_INIT;
	AUTO(buf) text = BUF_INIT;
	struct json_object *inner;

	(void)state;
	assert_int_equal(parse("{\"n\": {\"r\": 0.10}}", &doc, &err), 0);
	strv_add(&list, "x/y");
	json_put_string(tree, "z", "a\x1b[0m\xff\x7f\xc2\x9b\xc3\xa4\n");
	json_put_int(tree, "i", INT64_MIN);
	inner = json_put_object(tree, "o");
	json_put_bool(inner, "b", true);
	json_put_strv(inner, "l", &list);
	inner = json_put_array(tree, "reals");
	json_put_real(inner, NULL, 0.1);
	json_put_real(inner, NULL, 3);
	json_put_real(inner, NULL, 1.0 / 3);
	json_put_real(inner, NULL, NAN);
	json_put_node(tree, "n", json_find(json_root(&doc), "n"));
	json_write(tree, JSON_LINE, &text);
	assert_string_equal(text.s, "{\"z\":\"a\\u001b[0m\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xc3\xa4\\n\","
				    "\"i\":-9223372036854775808,\"o\":{\"b\":true,\"l\":[\"x/y\"]},"
				    "\"reals\":[0.1,3,0.3333333333333333,null],\"n\":{\"r\":0.10}}\n");
	buf_reset(&text);
	json_write(inner, JSON_PRETTY, &text);
	assert_string_equal(text.s, "[\n  0.1,\n  3,\n  0.3333333333333333,\n  null\n]\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refuses),		cmocka_unit_test(test_refuses_numbers),
		cmocka_unit_test(test_refuses_escapes), cmocka_unit_test(test_refuses_duplicates),
		cmocka_unit_test(test_depth),		cmocka_unit_test(test_places),
		cmocka_unit_test(test_getters_refuse),	cmocka_unit_test(test_getters_take),
		cmocka_unit_test(test_unknown_key),	cmocka_unit_test(test_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
