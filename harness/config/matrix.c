#include "config/matrix.h"

#include <fnmatch.h>

#include "config/campaign.h"
#include "config/json.h"

#define NAME_MAX_LENGTH 79 /* campaigns are named so, with a time behind it */
#define REPEATS_MAX	10000
#define TOGETHER_MAX	200
#define BUDGET_MAX	100000
#define SLOTS_MAX	1024

/* --- candidates ------------------------------------------------------------------------------------------- */

static int read_candidate(const struct json_node *node, struct matrix_candidate *candidate, struct err *err)
{
	static const char *const keys[] = { "name", "id", "suite", "package", NULL };
	const char *name = NULL;

	if (!json_is_string(node) && (json_check_keys(node, keys, err) < 0 ||
				      json_get_string(node, "name", JSON_OPTIONAL, &name, err) < 0))
		return -1;
	if (origin_read(node, &candidate->origin, err) < 0)
		return -1;
	candidate->name = name ? xstrdup(name) : origin_text(&candidate->origin);
	return *candidate->name ? 0 : json_error(node, err, "expected a name that is not empty");
}

static int read_candidates(const struct json_node *root, struct matrix_config *config, struct err *err)
{
	const struct json_node *list;

	if (json_get_array(root, "candidates", JSON_REQUIRED, &list, err) < 0)
		return -1;
	if (!json_count(list))
		return json_error(list, err, "expected at least one candidate");
	config->candidates = xcalloc(json_count(list), sizeof(*config->candidates));
	for (const struct json_node *c = json_first(list); c; c = json_next(c)) {
		struct matrix_candidate *candidate = &config->candidates[config->n_candidates++];

		if (read_candidate(c, candidate, err) < 0)
			return -1;
		for (size_t i = 0; i + 1 < config->n_candidates; i++)
			if (str_eq(config->candidates[i].name, candidate->name))
				return json_error(c, err, "candidate \"%s\" is there twice: name them apart",
						  candidate->name);
	}
	return 0;
}

/* --- environments ----------------------------------------------------------------------------------------- */

static int read_environment(const struct json_node *node, struct matrix_environment *environment,
			    struct err *err)
{
	static const char *const keys[] = { "name", "set", NULL };
	const struct json_node *set = NULL;
	const char *name;

	if (json_check_keys(node, keys, err) < 0 ||
	    json_get_string(node, "name", JSON_REQUIRED, &name, err) < 0 ||
	    json_get_object(node, "set", JSON_OPTIONAL, &set, err) < 0)
		return -1;
	environment->name = xstrdup(name);
	return set ? scenario_read_set(set, &environment->set, err) : 0;
}

static int read_environments(const struct json_node *root, struct matrix_config *config, struct err *err)
{
	const struct json_node *list = NULL;
	size_t n;

	if (json_get_array(root, "environments", JSON_OPTIONAL, &list, err) < 0)
		return -1;
	n = list ? json_count(list) : 0;
	config->environments = xcalloc(n ? n : 1, sizeof(*config->environments));
	if (!n) {
		config->environments[config->n_environments++].name = xstrdup("");
		return 0;
	}
	for (const struct json_node *e = json_first(list); e; e = json_next(e)) {
		struct matrix_environment *environment = &config->environments[config->n_environments++];

		if (read_environment(e, environment, err) < 0)
			return -1;
		for (size_t i = 0; i + 1 < config->n_environments; i++)
			if (str_eq(config->environments[i].name, environment->name))
				return json_error(e, err, "environment \"%s\" is there twice",
						  environment->name);
	}
	return 0;
}

/* --- exclusions ------------------------------------------------------------------------------------------- */

static bool matches(const struct strv *patterns, const char *name)
{
	for (size_t i = 0; i < patterns->n; i++)
		if (fnmatch(patterns->v[i], name, 0) == 0)
			return true;
	return !patterns->n;
}

/* A pattern that matches nothing is a slip of the pen that would let cells run. */
static int check_exclusion(const struct json_node *node, const struct matrix_config *config,
			   const struct matrix_exclusion *exclusion, struct err *err)
{
	size_t candidates = 0, environments = 0;

	for (size_t i = 0; i < config->n_candidates; i++)
		candidates += matches(&exclusion->candidates, config->candidates[i].name);
	for (size_t i = 0; i < config->n_environments; i++)
		environments += matches(&exclusion->environments, config->environments[i].name);
	if (candidates && environments)
		return 0;
	return json_error(node, err, "expected patterns that match, these match no %s of this matrix",
			  candidates ? "environment" : "candidate");
}

static int read_exclusion(const struct json_node *node, struct matrix_exclusion *exclusion, struct err *err)
{
	static const char *const keys[] = { "candidates", "environments", "scenarios", "why", NULL };
	const char *why;

	if (json_check_keys(node, keys, err) < 0 ||
	    json_get_strv(node, "candidates", JSON_OPTIONAL, &exclusion->candidates, err) < 0 ||
	    json_get_strv(node, "environments", JSON_OPTIONAL, &exclusion->environments, err) < 0 ||
	    json_get_strv(node, "scenarios", JSON_OPTIONAL, &exclusion->scenarios, err) < 0 ||
	    json_get_string(node, "why", JSON_REQUIRED, &why, err) < 0)
		return -1;
	exclusion->why = xstrdup(why);
	return 0;
}

static int read_exclusions(const struct json_node *root, struct matrix_config *config, struct err *err)
{
	const struct json_node *list = NULL;

	if (json_get_array(root, "exclude", JSON_OPTIONAL, &list, err) < 0)
		return -1;
	if (!list || !json_count(list))
		return 0;
	config->exclusions = xcalloc(json_count(list), sizeof(*config->exclusions));
	for (const struct json_node *e = json_first(list); e; e = json_next(e)) {
		struct matrix_exclusion *exclusion = &config->exclusions[config->n_exclusions++];

		if (read_exclusion(e, exclusion, err) < 0 || check_exclusion(e, config, exclusion, err) < 0)
			return -1;
	}
	return 0;
}

const char *matrix_excluded(const struct matrix_config *config, const char *candidate,
			    const char *environment, const char *scenario)
{
	for (size_t i = 0; i < config->n_exclusions; i++) {
		const struct matrix_exclusion *e = &config->exclusions[i];

		if (matches(&e->candidates, candidate) && matches(&e->environments, environment) &&
		    matches(&e->scenarios, scenario))
			return e->why;
	}
	return NULL;
}

/* --- the whole -------------------------------------------------------------------------------------------- */

static int read_numbers(const struct json_node *root, struct matrix_config *config, struct err *err)
{
	if (json_get_uint(root, "repeats", JSON_OPTIONAL, 1, REPEATS_MAX, &config->repeats, err) < 0 ||
	    json_get_uint(root, "together", JSON_OPTIONAL, 1, TOGETHER_MAX, &config->together, err) < 0 ||
	    json_get_uint(root, "budget", JSON_OPTIONAL, 1, BUDGET_MAX, &config->budget, err) < 0)
		return -1;
	return json_get_uint(root, "slots", JSON_OPTIONAL, 1, SLOTS_MAX, &config->slots, err);
}

static int read_name(const struct json_node *root, struct matrix_config *config, struct err *err)
{
	const char *name = NULL;

	if (json_get_string(root, "name", JSON_OPTIONAL, &name, err) < 0)
		return -1;
	if (name && (!campaign_name_valid(name) || strlen(name) > NAME_MAX_LENGTH))
		return json_error(json_find(root, "name"), err,
				  "expected at most 79 of A-Z a-z 0-9 . _ + - without a leading dot, found "
				  "\"%s\"",
				  name);
	config->name = name ? xstrdup(name) : NULL;
	return 0;
}

int matrix_config_parse(const char *name, const char *text, size_t len, struct matrix_config *config,
			struct err *err)
{
	static const char *const keys[] = { "name",   "candidates", "environments", "scenarios",
					    "set",    "exclude",    "repeats",	    "together",
					    "budget", "slots",	    "runtime",	    NULL };
	AUTO(json_doc) doc = JSON_DOC_INIT;
	const struct json_node *root, *set = NULL;

	if (json_parse(name, text, len, &doc, err) < 0)
		return -1;
	root = json_root(&doc);
	if (json_check_keys(root, keys, err) < 0 || read_name(root, config, err) < 0 ||
	    read_candidates(root, config, err) < 0 || read_environments(root, config, err) < 0 ||
	    json_get_strv(root, "scenarios", JSON_REQUIRED, &config->scenarios, err) < 0 ||
	    json_get_object(root, "set", JSON_OPTIONAL, &set, err) < 0 ||
	    (set && scenario_read_set(set, &config->set, err) < 0) ||
	    read_exclusions(root, config, err) < 0 || read_numbers(root, config, err) < 0)
		return -1;
	if (campaign_read_runtime(root, &config->runtime, err) < 0)
		return -1;
	if (!config->scenarios.n)
		return json_error(json_find(root, "scenarios"), err, "expected at least one scenario");
	return 0;
}

void matrix_config_release(struct matrix_config *config)
{
	for (size_t i = 0; i < config->n_candidates; i++) {
		free(config->candidates[i].name);
		origin_release(&config->candidates[i].origin);
	}
	for (size_t i = 0; i < config->n_environments; i++) {
		free(config->environments[i].name);
		strv_release(&config->environments[i].set);
	}
	for (size_t i = 0; i < config->n_exclusions; i++) {
		strv_release(&config->exclusions[i].candidates);
		strv_release(&config->exclusions[i].environments);
		strv_release(&config->exclusions[i].scenarios);
		free(config->exclusions[i].why);
	}
	free(config->candidates);
	free(config->environments);
	free(config->exclusions);
	free(config->name);
	free(config->runtime);
	strv_release(&config->scenarios);
	strv_release(&config->set);
	*config = (struct matrix_config)MATRIX_CONFIG_INIT;
}
