/* The members of an object: find, complain when a required one is missing, convert. */
#include "config/json.h"

/* 1: *node is the member; 0: not there and not needed; -1: error. */
static int member(const struct json_node *object, const char *key, enum json_need need,
		  const struct json_node **node, struct err *err)
{
	if (json_as_object(object, &object, err) < 0)
		return -1;
	*node = json_find(object, key);
	if (*node)
		return 1;
	return need == JSON_OPTIONAL ? 0 : json_error(object, err, "the key \"%s\" is missing here", key);
}

/* Each getter is the same three steps around one json_as_*(). */
#define GETTER(convert, ...)                                                                                 \
	do {                                                                                                 \
		const struct json_node *node;                                                                \
		int found = member(object, key, need, &node, err);                                           \
                                                                                                             \
		return found > 0 ? convert(node, __VA_ARGS__, err) : found;                                  \
	} while (0)

int json_get_string(const struct json_node *object, const char *key, enum json_need need, const char **out,
		    struct err *err)
{
	GETTER(json_as_string, out);
}

int json_get_bool(const struct json_node *object, const char *key, enum json_need need, bool *out,
		  struct err *err)
{
	GETTER(json_as_bool, out);
}

int json_get_int(const struct json_node *object, const char *key, enum json_need need, int64_t min,
		 int64_t max, int64_t *out, struct err *err)
{
	GETTER(json_as_int, min, max, out);
}

int json_get_uint(const struct json_node *object, const char *key, enum json_need need, unsigned min,
		  unsigned max, unsigned *out, struct err *err)
{
	GETTER(json_as_uint, min, max, out);
}

int json_get_real(const struct json_node *object, const char *key, enum json_need need, double min,
		  double max, double *out, struct err *err)
{
	GETTER(json_as_real, min, max, out);
}

int json_get_enum(const struct json_node *object, const char *key, enum json_need need,
		  const char *const *names, unsigned *out, struct err *err)
{
	GETTER(json_as_enum, names, out);
}

int json_get_object(const struct json_node *object, const char *key, enum json_need need,
		    const struct json_node **out, struct err *err)
{
	GETTER(json_as_object, out);
}

int json_get_array(const struct json_node *object, const char *key, enum json_need need,
		   const struct json_node **out, struct err *err)
{
	GETTER(json_as_array, out);
}

int json_get_strv(const struct json_node *object, const char *key, enum json_need need, struct strv *out,
		  struct err *err)
{
	GETTER(json_as_strv, out);
}
