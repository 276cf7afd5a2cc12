#include <json-c/json.h>
#include <math.h>

#include "base/utf8.h"
#include "config/json.h"

struct json_object *json_new_object(void)
{
	return json_object_new_object();
}

void json_free(struct json_object *tree)
{
	json_object_put(tree);
}

static struct json_object *put(struct json_object *to, const char *key, struct json_object *value)
{
	if (key)
		json_object_object_add(to, key, value);
	else
		json_object_array_add(to, value);
	return value;
}

struct json_object *json_put_object(struct json_object *to, const char *key)
{
	return put(to, key, json_object_new_object());
}

struct json_object *json_put_array(struct json_object *to, const char *key)
{
	return put(to, key, json_object_new_array());
}

/* json-c escapes C0 controls itself, and passes anything else through. */
static void add_clean(struct buf *out, const char *s, size_t len)
{
	while (len) {
		uint32_t code = 0;
		size_t n = utf8_next(s, len, &code);

		if (!n || (code >= 0x7f && utf8_is_control(code)))
			buf_adds(out, "\xef\xbf\xbd");
		else
			buf_add(out, s, n);
		s += n ? n : 1;
		len -= n ? n : 1;
	}
}

void json_put_string(struct json_object *to, const char *key, const char *value)
{
	AUTO(buf) clean = BUF_INIT;

	add_clean(&clean, value, strlen(value));
	put(to, key, json_object_new_string_len(clean.s, (int)clean.len));
}

void json_put_bool(struct json_object *to, const char *key, bool value)
{
	put(to, key, json_object_new_boolean(value));
}

void json_put_int(struct json_object *to, const char *key, int64_t value)
{
	put(to, key, json_object_new_int64(value));
}

void json_put_real(struct json_object *to, const char *key, double value)
{
	char text[40];

	if (!isfinite(value)) {
		put(to, key, NULL);
		return;
	}
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	put(to, key, json_object_new_double_s(value, text));
}

void json_put_strv(struct json_object *to, const char *key, const struct strv *values)
{
	struct json_object *array = json_put_array(to, key);

	for (size_t i = 0; i < values->n; i++)
		json_put_string(array, NULL, values->v[i]);
}

void json_put_node(struct json_object *to, const char *key, const struct json_node *node)
{
	put(to, key, json_object_get(node->object));
}

void json_write(const struct json_object *tree, enum json_style style, struct buf *out)
{
	int flags = JSON_C_TO_STRING_NOSLASHESCAPE;

	flags |=
	    style == JSON_PRETTY ? JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED : JSON_C_TO_STRING_PLAIN;
	/* json-c caches the text inside the tree, which is why it does not take a const one. */
	buf_adds(out, json_object_to_json_string_ext((struct json_object *)tree, flags));
	buf_addc(out, '\n');
}
