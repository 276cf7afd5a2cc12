/*
 * JSON, read strictly and written always the same way. The only face of json-c that other modules see.
 *
 * Reading, in three steps:
 *
 *	AUTO(json_doc) doc = JSON_DOC_INIT;
 *	if (json_parse("a.json", text.s, text.len, &doc, err) < 0)	1. the whole text, or one error
 *		return -1;
 *	if (json_check_keys(json_root(&doc), allowed, err) < 0)		2. no key that nobody reads
 *		return -1;
 *	if (json_get_uint(json_root(&doc), "smp", JSON_OPTIONAL, 1, 64, &smp, err) < 0)	3. value by value
 *		return -1;
 *
 * Every error is ERR_USAGE and reads like
 *	a.json:4:12: $.environment.smp: expected a whole number from 1 to 64, found "four"
 *
 * json-c 0.16 accepts duplicate keys, single quotes, NaN and integers that do not fit, and remembers no
 * lines. So the text is first scanned by our own scanner, strictly by RFC 8259, which also refuses duplicate
 * keys, NUL in strings, a byte order mark, invalid UTF-8, numbers that int64_t or double cannot hold, more
 * than JSON_MAX_DEPTH levels and more than JSON_MAX_BYTES; json-c then decodes what is known to be right.
 */
#ifndef QB_JSON_H
#define QB_JSON_H

#include "base/buf.h"
#include "base/err.h"

#define JSON_MAX_DEPTH 32
#define JSON_MAX_BYTES (64u << 20)

struct json_object; /* json-c's */
struct json_doc;

/* A value with its place. Owned by its document; all fields are private but these three. */
struct json_node {
	const char *key;       /* NULL in an array and at the root */
	unsigned line, column; /* of the value, from 1; columns count characters */

	const struct json_doc *doc;
	struct json_object *object; /* NULL for null */
	size_t parent, index,
	    end; /* parent's place in doc->nodes; ours in the parent; behind our last child */
	size_t children;
	size_t key_at; /* where the key stands in the text */
};

struct json_doc {
	char *name;
	struct json_object *tree;
	struct json_node *nodes; /* in the order of the text */
	size_t n, cap;
};
#define JSON_DOC_INIT                                                                                        \
	{                                                                                                    \
		NULL, NULL, NULL, 0, 0                                                                       \
	}

/* Reads a NUL-terminated text whose outermost value is an object. `name` is what errors call it. `doc` must
 * be fresh and must not move while its nodes are used. */
int json_parse(const char *name, const char *text, size_t len, struct json_doc *doc, struct err *err);

void json_doc_release(struct json_doc *doc);
AUTO_DEFINE(json_doc, struct json_doc, json_doc_release);

const struct json_node *json_root(const struct json_doc *doc);

/* The member `key` of an object, or NULL: not there, or not an object. */
const struct json_node *json_find(const struct json_node *object, const char *key);

/* Members or elements in the order of the text: for (c = json_first(n); c; c = json_next(c)). */
const struct json_node *json_first(const struct json_node *node);
const struct json_node *json_next(const struct json_node *node);
size_t json_count(const struct json_node *node);

/* Sets "FILE:LINE:COLUMN: PATH: message" as ERR_USAGE and returns -1. */
int json_error(const struct json_node *node, struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* An error unless `object` is an object and each of its keys is in the NULL-terminated list. */
int json_check_keys(const struct json_node *object, const char *const *allowed, struct err *err);

bool json_is_string(const struct json_node *node);

/* What a value must be. Strings stay the document's. */
int json_as_string(const struct json_node *node, const char **out, struct err *err);
int json_as_bool(const struct json_node *node, bool *out, struct err *err);
int json_as_int(const struct json_node *node, int64_t min, int64_t max, int64_t *out, struct err *err);
int json_as_uint(const struct json_node *node, unsigned min, unsigned max, unsigned *out, struct err *err);
int json_as_real(const struct json_node *node, double min, double max, double *out, struct err *err);
/* One of a NULL-terminated list of names; *out is its place there. */
int json_as_enum(const struct json_node *node, const char *const *names, unsigned *out, struct err *err);
int json_as_object(const struct json_node *node, const struct json_node **out, struct err *err);
int json_as_array(const struct json_node *node, const struct json_node **out, struct err *err);
/* An array of strings, appended. */
int json_as_strv(const struct json_node *node, struct strv *out, struct err *err);

/* The same for the member `key`. When it is optional and not there, *out stays as it is. */
enum json_need { JSON_OPTIONAL, JSON_REQUIRED };

int json_get_string(const struct json_node *object, const char *key, enum json_need need, const char **out,
		    struct err *err);
int json_get_bool(const struct json_node *object, const char *key, enum json_need need, bool *out,
		  struct err *err);
int json_get_int(const struct json_node *object, const char *key, enum json_need need, int64_t min,
		 int64_t max, int64_t *out, struct err *err);
int json_get_uint(const struct json_node *object, const char *key, enum json_need need, unsigned min,
		  unsigned max, unsigned *out, struct err *err);
int json_get_real(const struct json_node *object, const char *key, enum json_need need, double min,
		  double max, double *out, struct err *err);
int json_get_enum(const struct json_node *object, const char *key, enum json_need need,
		  const char *const *names, unsigned *out, struct err *err);
int json_get_object(const struct json_node *object, const char *key, enum json_need need,
		    const struct json_node **out, struct err *err);
int json_get_array(const struct json_node *object, const char *key, enum json_need need,
		   const struct json_node **out, struct err *err);
int json_get_strv(const struct json_node *object, const char *key, enum json_need need, struct strv *out,
		  struct err *err);

/*
 * Writing: a tree is built and turned into text. Keys keep the order in which they were put. `key` is NULL
 * when `to` is an array. Text may hold any bytes: what is not UTF-8, and DEL and C1 controls, become U+FFFD.
 * A real is written with the fewest digits that read back the same; one that is not finite becomes null.
 */
struct json_object *json_new_object(void);
struct json_object *json_put_object(struct json_object *to, const char *key);
struct json_object *json_put_array(struct json_object *to, const char *key);
void json_put_string(struct json_object *to, const char *key, const char *value);
void json_put_bool(struct json_object *to, const char *key, bool value);
void json_put_int(struct json_object *to, const char *key, int64_t value);
void json_put_real(struct json_object *to, const char *key, double value);
void json_put_strv(struct json_object *to, const char *key, const struct strv *values);
/* A value that was read is put as it was written. */
void json_put_node(struct json_object *to, const char *key, const struct json_node *node);

/* Appends the text: indented by two spaces, or on one line; a line end behind it in both cases. */
enum json_style { JSON_PRETTY, JSON_LINE };
void json_write(const struct json_object *tree, enum json_style style, struct buf *out);

void json_free(struct json_object *tree);
static inline void json_free_(struct json_object **tree)
{
	json_free(*tree);
}
AUTO_DEFINE(json, struct json_object *, json_free_);

#endif
