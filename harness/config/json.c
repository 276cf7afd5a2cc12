#include "config/json.h"

#include <json-c/json.h>
#include <math.h>

#include "base/opts.h"
#include "base/utf8.h"
#include "config/json_scan.h"

#define FOUND_MAX 40 /* bytes of a wrong value that an error shows */

void json_doc_release(struct json_doc *doc)
{
	json_object_put(doc->tree);
	free(doc->nodes);
	free(doc->name);
	*doc = (struct json_doc)JSON_DOC_INIT;
}

const struct json_node *json_root(const struct json_doc *doc)
{
	return doc->nodes;
}

/* ".name", or ["any text"], or [3] */
static void add_step(struct buf *path, const struct json_node *node)
{
	size_t plain;

	if (!node->key) {
		buf_addf(path, "[%zu]", node->index);
		return;
	}
	plain = strspn(node->key, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");
	buf_adds(path, plain && !node->key[plain] ? "." : "[\"");
	utf8_add_escaped(path, node->key, strlen(node->key), FOUND_MAX);
	if (!plain || node->key[plain])
		buf_adds(path, "\"]");
}

static void add_path(struct buf *path, const struct json_node *node)
{
	if (node == node->doc->nodes) {
		buf_addc(path, '$');
		return;
	}
	add_path(path, &node->doc->nodes[node->parent]);
	add_step(path, node);
}

int json_error(const struct json_node *node, struct err *err, const char *fmt, ...)
{
	AUTO(buf) text = BUF_INIT;
	va_list ap;

	buf_addf(&text, "%s:%u:%u: ", node->doc->name, node->line, node->column);
	add_path(&text, node);
	buf_adds(&text, ": ");
	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	return err_set(err, ERR_USAGE, "%s", text.s);
}

/* Names the member whose key was there before. json-c keeps one of the two, so the keys are read again. */
static int duplicate_error(const struct json_node *object, const char *text, struct err *err)
{
	AUTO(json) seen = json_new_object();

	for (const struct json_node *c = json_first(object); c; c = json_next(c)) {
		struct json_tokener *tokener = json_tokener_new();
		AUTO(json) key = json_tokener_parse_ex(tokener, text + c->key_at, -1);
		struct json_object *first;

		json_tokener_free(tokener);
		if (json_object_object_get_ex(seen, json_object_get_string(key), &first)) {
			struct json_node named = *c;

			named.key = json_object_get_string(key);
			return json_error(&named, err, "this key is there twice: first in line %d",
					  json_object_get_int(first));
		}
		json_object_object_add(seen, json_object_get_string(key), json_object_new_int((int)c->line));
	}
	return json_error(object, err, "two keys are the same");
}

static int link_node(struct json_doc *doc, size_t *at, struct json_object *object, const char *text,
		     struct err *err);

static int link_object(struct json_doc *doc, size_t *at, struct json_object *object, const char *text,
		       size_t self, struct err *err)
{
	struct lh_entry *entry;

	if ((size_t)json_object_object_length(object) != doc->nodes[self].children)
		return duplicate_error(&doc->nodes[self], text, err);
	lh_foreach(json_object_get_object(object), entry)
	{
		doc->nodes[*at].key = lh_entry_k(entry);
		if (link_node(doc, at, (struct json_object *)lh_entry_v(entry), text, err) < 0)
			return -1;
	}
	return 0;
}

/* Both trees are in the order of the text, so the n-th value of one is the n-th of the other. */
static int link_node(struct json_doc *doc, size_t *at, struct json_object *object, const char *text,
		     struct err *err)
{
	size_t self = (*at)++;

	doc->nodes[self].object = object;
	if (json_object_is_type(object, json_type_object))
		return link_object(doc, at, object, text, self, err);
	if (!json_object_is_type(object, json_type_array))
		return 0;
	for (size_t i = 0; i < json_object_array_length(object); i++)
		if (link_node(doc, at, json_object_array_get_idx(object, i), text, err) < 0)
			return -1;
	return 0;
}

static int decode(struct json_doc *doc, const char *text, size_t len, struct err *err)
{
	struct json_tokener *tokener = json_tokener_new_ex(JSON_MAX_DEPTH + 1);
	size_t at = 0;

	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	doc->tree = json_tokener_parse_ex(tokener, text, (int)len);
	if (!doc->tree)
		err_set(err, ERR_USAGE, "%s: %s", doc->name,
			json_tokener_error_desc(json_tokener_get_error(tokener)));
	json_tokener_free(tokener);
	return doc->tree ? link_node(doc, &at, doc->tree, text, err) : -1;
}

int json_parse(const char *name, const char *text, size_t len, struct json_doc *doc, struct err *err)
{
	doc->name = xstrdup(name);
	if (json_scan(doc, text, len, err) < 0)
		return -1;
	return decode(doc, text, len, err);
}

size_t json_count(const struct json_node *node)
{
	return node->children;
}

const struct json_node *json_first(const struct json_node *node)
{
	return node->children ? node + 1 : NULL;
}

const struct json_node *json_next(const struct json_node *node)
{
	const struct json_node *parent = &node->doc->nodes[node->parent];

	return node->index + 1 < parent->children ? &node->doc->nodes[node->end] : NULL;
}

const struct json_node *json_find(const struct json_node *object, const char *key)
{
	for (const struct json_node *c = json_first(object); c && c->key; c = json_next(c))
		if (str_eq(c->key, key))
			return c;
	return NULL;
}

static int wrong(const struct json_node *node, struct err *err, const char *wanted)
{
	AUTO(buf) found = BUF_INIT;
	const char *text = json_object_get_string(node->object);

	switch (json_object_get_type(node->object)) {
	case json_type_object:
		buf_adds(&found, "an object");
		break;
	case json_type_array:
		buf_adds(&found, "an array");
		break;
	case json_type_string:
		buf_addc(&found, '"');
		utf8_add_escaped(&found, text, strlen(text), FOUND_MAX);
		buf_addc(&found, '"');
		break;
	case json_type_null:
		buf_adds(&found, "null");
		break;
	default:
		utf8_add_escaped(&found, text, strlen(text), FOUND_MAX);
	}
	return json_error(node, err, "expected %s, found %s", wanted, found.s);
}

static bool has(const char *const *names, const char *name)
{
	for (; *names; names++)
		if (str_eq(*names, name))
			return true;
	return false;
}

int json_check_keys(const struct json_node *object, const char *const *allowed, struct err *err)
{
	if (json_as_object(object, &object, err) < 0)
		return -1;
	for (const struct json_node *c = json_first(object); c; c = json_next(c)) {
		AUTO(buf) hint = BUF_INIT;

		if (has(allowed, c->key))
			continue;
		opts_suggest(c->key, allowed, &hint);
		return json_error(c, err, "unknown key%s", hint.s);
	}
	return 0;
}

bool json_is_string(const struct json_node *node)
{
	return json_object_is_type(node->object, json_type_string);
}

int json_as_string(const struct json_node *node, const char **out, struct err *err)
{
	if (!json_is_string(node))
		return wrong(node, err, "a text");
	*out = json_object_get_string(node->object);
	return 0;
}

int json_as_bool(const struct json_node *node, bool *out, struct err *err)
{
	if (!json_object_is_type(node->object, json_type_boolean))
		return wrong(node, err, "true or false");
	*out = json_object_get_boolean(node->object);
	return 0;
}

int json_as_int(const struct json_node *node, int64_t min, int64_t max, int64_t *out, struct err *err)
{
	int64_t value = json_object_get_int64(node->object);
	AUTO(buf) wanted = BUF_INIT;

	if (json_object_is_type(node->object, json_type_int) && value >= min && value <= max) {
		*out = value;
		return 0;
	}
	buf_addf(&wanted, "a whole number from %lld to %lld", (long long)min, (long long)max);
	return wrong(node, err, wanted.s);
}

int json_as_uint(const struct json_node *node, unsigned min, unsigned max, unsigned *out, struct err *err)
{
	int64_t value = 0;

	if (json_as_int(node, min, max, &value, err) < 0)
		return -1;
	*out = (unsigned)value;
	return 0;
}

int json_as_real(const struct json_node *node, double min, double max, double *out, struct err *err)
{
	bool number = json_object_is_type(node->object, json_type_double) ||
		      json_object_is_type(node->object, json_type_int);
	double value = json_object_get_double(node->object) + 0.0; /* -0 is 0 */
	AUTO(buf) wanted = BUF_INIT;

	if (number && value >= min && value <= max) {
		*out = value;
		return 0;
	}
	buf_addf(&wanted, "a number from %.15g to %.15g", min, max);
	return wrong(node, err, wanted.s);
}

int json_as_enum(const struct json_node *node, const char *const *names, unsigned *out, struct err *err)
{
	AUTO(buf) wanted = BUF_INIT;

	for (unsigned i = 0; names[i]; i++) {
		if (json_object_is_type(node->object, json_type_string) &&
		    str_eq(names[i], json_object_get_string(node->object))) {
			*out = i;
			return 0;
		}
		buf_addf(&wanted, "%s\"%s\"", !i ? "" : names[i + 1] ? ", " : " or ", names[i]);
	}
	return wrong(node, err, wanted.s);
}

int json_as_object(const struct json_node *node, const struct json_node **out, struct err *err)
{
	if (!json_object_is_type(node->object, json_type_object))
		return wrong(node, err, "an object { }");
	*out = node;
	return 0;
}

int json_as_array(const struct json_node *node, const struct json_node **out, struct err *err)
{
	if (!json_object_is_type(node->object, json_type_array))
		return wrong(node, err, "an array [ ]");
	*out = node;
	return 0;
}

int json_as_strv(const struct json_node *node, struct strv *out, struct err *err)
{
	if (json_as_array(node, &node, err) < 0)
		return -1;
	for (const struct json_node *c = json_first(node); c; c = json_next(c)) {
		const char *value = NULL;

		if (json_as_string(c, &value, err) < 0)
			return -1;
		strv_add(out, value);
	}
	return 0;
}
