#include "config/scenario.h"

#include "base/opts.h"
#include "config/json.h"

/* A value as --set would have it. */
static int value_text(const struct json_node *node, struct buf *out, struct err *err)
{
	AUTO(err) other = ERR_INIT;
	const char *text;
	int64_t number;
	bool yes;

	if (json_as_string(node, &text, &other) == 0)
		buf_adds(out, text);
	else if (json_as_bool(node, &yes, &other) == 0)
		buf_adds(out, yes ? "true" : "false");
	else if (json_as_int(node, INT64_MIN, INT64_MAX, &number, &other) == 0)
		buf_addf(out, "%lld", (long long)number);
	else
		return json_error(node, err, "expected a text, a whole number, true or false");
	return 0;
}

int scenario_read_set(const struct json_node *object, struct strv *set, struct err *err)
{
	struct environment env;

	environment_init(&env);
	for (const struct json_node *node = json_first(object); node; node = json_next(node)) {
		AUTO(buf) value = BUF_INIT;
		AUTO(err) reason = ERR_INIT;

		if (value_text(node, &value, err) < 0)
			return -1;
		if (environment_set(&env, node->key, value.s, &reason) < 0)
			return json_error(node, err, "%s", reason.text);
		strv_addf(set, "%s=%s", node->key, value.s);
	}
	return 0;
}

static int read_scenario(const struct json_node *node, const char *file, struct scenario *s, struct err *err)
{
	static const char *const keys[] = { "name", "set", NULL };
	const struct json_node *set;
	const char *name;

	if (json_check_keys(node, keys, err) < 0 ||
	    json_get_string(node, "name", JSON_REQUIRED, &name, err) < 0 ||
	    json_get_object(node, "set", JSON_REQUIRED, &set, err) < 0)
		return -1;
	s->name = xstrdup(name);
	s->file = xstrdup(file);
	return scenario_read_set(set, &s->set, err);
}

int scenario_parse(const char *name, const char *text, size_t len, struct scenario_list *list,
		   struct err *err)
{
	static const char *const keys[] = { "scenarios", NULL };
	const char *slash = strrchr(name, '/'), *base = slash ? slash + 1 : name;
	int stem = (int)strlen(base) - (str_ends(base, ".json") ? 5 : 0);
	AUTO_FREE char *file = xasprintf("%.*s", stem, base);
	AUTO(json_doc) doc = JSON_DOC_INIT;
	const struct json_node *array;

	if (json_parse(name, text, len, &doc, err) < 0 || json_check_keys(json_root(&doc), keys, err) < 0 ||
	    json_get_array(json_root(&doc), "scenarios", JSON_REQUIRED, &array, err) < 0)
		return -1;
	for (const struct json_node *node = json_first(array); node; node = json_next(node)) {
		GROW(list->v, list->n, list->cap);
		memset(&list->v[list->n], 0, sizeof(*list->v));
		if (read_scenario(node, file, &list->v[list->n++], err) < 0)
			return -1;
	}
	return 0;
}

static int unknown_scenario(const struct scenario_list *list, const char *name, struct err *err)
{
	const char **names = xcalloc(list->n + 1, sizeof(*names));
	AUTO(buf) hint = BUF_INIT;

	for (size_t i = 0; i < list->n; i++)
		names[i] = list->v[i].name;
	opts_suggest(name, names, &hint);
	free(names);
	return err_set(err, ERR_USAGE, "unknown scenario '%s'%s (configs/scenarios lists them)", name,
		       hint.s);
}

const struct scenario *scenario_find(const struct scenario_list *list, const char *name, struct err *err)
{
	const struct scenario *found = NULL;

	for (size_t i = 0; i < list->n; i++) {
		const struct scenario *s = &list->v[i];
		AUTO_FREE char *full = xasprintf("%s:%s", s->file, s->name);

		if (!str_eq(s->name, name) && !str_eq(full, name))
			continue;
		if (found) {
			err_set(err, ERR_USAGE, "scenario '%s' is in two files: say %s:%s or %s:%s", name,
				found->file, found->name, s->file, s->name);
			return NULL;
		}
		found = s;
	}
	if (!found)
		unknown_scenario(list, name, err);
	return found;
}

int scenario_apply(const struct scenario *scenario, struct environment *env, struct err *err)
{
	for (size_t i = 0; i < scenario->set.n; i++)
		if (environment_set_pair(env, scenario->set.v[i], err) < 0)
			return err_wrap(err, "scenario %s", scenario->name);
	return 0;
}

void scenario_list_release(struct scenario_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		free(list->v[i].name);
		free(list->v[i].file);
		strv_release(&list->v[i].set);
	}
	free(list->v);
	*list = (struct scenario_list)SCENARIO_LIST_INIT;
}
