#include "config/scenario.h"

#include "base/opts.h"
#include "config/json.h"
#include "config/runtest.h"

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

struct scenario *scenario_list_add(struct scenario_list *list, const char *name, const char *file)
{
	struct scenario *scenario;

	GROW(list->v, list->n, list->cap);
	scenario = &list->v[list->n++];
	memset(scenario, 0, sizeof(*scenario));
	scenario->name = xstrdup(name);
	scenario->file = xstrdup(file);
	return scenario;
}

static int read_command(const struct json_node *node, struct scenario *s, struct err *err)
{
	const struct json_node *command = json_find(node, "command");
	AUTO(err) reason = ERR_INIT;
	const char *text;
	size_t column;

	if (!command)
		return 0;
	if (json_as_string(command, &text, err) < 0)
		return -1;
	if (runtest_command(text, s, &column, &reason))
		return json_error(command, err, "%s (at its character %zu)", reason.text, column);
	return 0;
}

static int read_scenario(const struct json_node *node, const char *file, struct scenario_list *list,
			 struct err *err)
{
	static const char *const keys[] = { "name", "command", "set", NULL };
	const struct json_node *set = NULL;
	struct scenario *s;
	const char *name;

	if (json_check_keys(node, keys, err) < 0 ||
	    json_get_string(node, "name", JSON_REQUIRED, &name, err) < 0 ||
	    json_get_object(node, "set", json_find(node, "command") ? JSON_OPTIONAL : JSON_REQUIRED, &set,
			    err) < 0)
		return -1;
	s = scenario_list_add(list, name, file);
	if (read_command(node, s, err) < 0)
		return -1;
	return set ? scenario_read_set(set, &s->set, err) : 0;
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
	for (const struct json_node *node = json_first(array); node; node = json_next(node))
		if (read_scenario(node, file, list, err) < 0)
			return -1;
	return 0;
}

int scenario_apply(const struct scenario *scenario, bool injected, struct environment *env, struct err *err)
{
	bool has_words = scenario->command.n > 0;

	if (scenario->refusal && !(injected && has_words))
		return err_set(err, ERR_USAGE, "scenario %s cannot be run: %s%s", scenario->name,
			       scenario->refusal,
			       has_words ? "; a program of yours may know it: --inject PROGRAM" : "");
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
		free(list->v[i].refusal);
		strv_release(&list->v[i].set);
		strv_release(&list->v[i].command);
	}
	free(list->v);
	*list = (struct scenario_list)SCENARIO_LIST_INIT;
}
