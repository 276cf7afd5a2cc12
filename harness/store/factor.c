#include "store/factor.h"

#include "config/json.h"

void rate_put(struct json_object *object, const struct campaign_rate *rate)
{
	json_put_int(object, "failures", rate->failures);
	json_put_int(object, "trials", rate->trials);
	json_put_real(object, "low", rate->low);
	json_put_real(object, "high", rate->high);
}

int rate_get(const struct json_node *root, const char *key, struct campaign_rate *rate, struct err *err)
{
	const struct json_node *node;

	if (json_get_object(root, key, JSON_REQUIRED, &node, err) < 0 ||
	    json_get_uint(node, "failures", JSON_REQUIRED, 0, UINT32_MAX, &rate->failures, err) < 0 ||
	    json_get_uint(node, "trials", JSON_REQUIRED, 0, UINT32_MAX, &rate->trials, err) < 0 ||
	    json_get_real(node, "low", JSON_REQUIRED, 0, 1, &rate->low, err) < 0)
		return -1;
	return json_get_real(node, "high", JSON_REQUIRED, 0, 1, &rate->high, err);
}

static const struct {
	const char *key;
	size_t offset;
} texts[] = {
	{ "name", offsetof(struct factor, name) },	   { "fails", offsetof(struct factor, fails) },
	{ "passes", offsetof(struct factor, passes) },	   { "role", offsetof(struct factor, role) },
	{ "rests_on", offsetof(struct factor, rests_on) }, { "reason", offsetof(struct factor, reason) },
};

static char **text_at(struct factor *factor, size_t i)
{
	return (char **)((char *)factor + texts[i].offset);
}

struct factor *factor_list_add(struct factor_list *list)
{
	GROW(list->v, list->n, list->cap);
	memset(&list->v[list->n], 0, sizeof(*list->v));
	return &list->v[list->n++];
}

void factor_list_put(struct json_object *array, const struct factor_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		struct json_object *object = json_put_object(array, NULL);

		for (size_t t = 0; t < ARRAY_SIZE(texts); t++)
			json_put_string(object, texts[t].key, *text_at(&list->v[i], t));
		rate_put(json_put_object(object, "rate"), &list->v[i].rate);
	}
}

static int get_factor(const struct json_node *node, struct factor *factor, struct err *err)
{
	for (size_t t = 0; t < ARRAY_SIZE(texts); t++) {
		const char *value;

		if (json_get_string(node, texts[t].key, JSON_REQUIRED, &value, err) < 0)
			return -1;
		*text_at(factor, t) = xstrdup(value);
	}
	return rate_get(node, "rate", &factor->rate, err);
}

int factor_list_get(const struct json_node *root, const char *key, struct factor_list *list, struct err *err)
{
	const struct json_node *array = NULL;

	if (json_get_array(root, key, JSON_OPTIONAL, &array, err) < 0)
		return -1;
	for (const struct json_node *node = array ? json_first(array) : NULL; node; node = json_next(node))
		if (get_factor(node, factor_list_add(list), err) < 0)
			return -1;
	return 0;
}

void factor_list_release(struct factor_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		for (size_t t = 0; t < ARRAY_SIZE(texts); t++)
			free(*text_at(&list->v[i], t));
	free(list->v);
	*list = (struct factor_list)FACTOR_LIST_INIT;
}
