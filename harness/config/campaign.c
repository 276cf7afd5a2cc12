#include "config/campaign.h"

#include "config/json.h"

bool campaign_name_valid(const char *name)
{
	size_t n = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+-");

	return n > 0 && n <= 100 && name[n] == '\0' && name[0] != '.' && name[0] != '-';
}

int campaign_read_name(const struct json_node *root, char **to, struct err *err)
{
	const char *name = NULL;

	if (json_get_string(root, "name", JSON_OPTIONAL, &name, err) < 0)
		return -1;
	if (name && !campaign_name_valid(name))
		return json_error(
		    json_find(root, "name"), err,
		    "expected at most 100 of A-Z a-z 0-9 . _ + - without a leading dot, found \"%s\"", name);
	*to = name ? xstrdup(name) : NULL;
	return 0;
}

int campaign_read_runtime(const struct json_node *root, char **to, struct err *err)
{
	static const char *const names[] = { "local", "slurm", NULL };
	const struct json_node *node = json_find(root, "runtime");
	unsigned i;

	*to = NULL;
	if (!node)
		return 0;
	if (json_as_enum(node, names, &i, err) < 0)
		return -1;
	*to = xstrdup(names[i]);
	return 0;
}

int campaign_config_parse(const char *name, const char *text, size_t len, struct campaign_config *config,
			  struct err *err)
{
	static const char *const keys[] = { "name",  "scenario",    "candidates", "compare",
					    "find",  "confidence",  "trials",	  "end-trials",
					    "slots", "environment", "runtime",	  NULL };
	static const char *const directions[] = { "regression", "fix", NULL };
	AUTO(json_doc) doc = JSON_DOC_INIT;
	const struct json_node *root, *set = NULL;
	const char *scenario = NULL;
	unsigned direction = 0;

	if (json_parse(name, text, len, &doc, err) < 0)
		return -1;
	root = json_root(&doc);
	if (json_check_keys(root, keys, err) < 0 || campaign_read_name(root, &config->name, err) < 0 ||
	    campaign_read_runtime(root, &config->runtime, err) < 0 ||
	    json_get_string(root, "scenario", JSON_OPTIONAL, &scenario, err) < 0 ||
	    json_get_strv(root, "candidates", JSON_OPTIONAL, &config->candidates, err) < 0 ||
	    json_get_strv(root, "compare", JSON_OPTIONAL, &config->compare, err) < 0 ||
	    json_get_enum(root, "find", JSON_OPTIONAL, directions, &direction, err) < 0 ||
	    json_get_real(root, "confidence", JSON_OPTIONAL, 0.5, 0.9999, &config->confidence, err) < 0 ||
	    json_get_uint(root, "trials", JSON_OPTIONAL, 1, CAMPAIGN_TRIALS_MAX, &config->trials, err) < 0 ||
	    json_get_uint(root, "end-trials", JSON_OPTIONAL, 1, CAMPAIGN_TRIALS_MAX, &config->end_trials,
			  err) < 0 ||
	    json_get_uint(root, "slots", JSON_OPTIONAL, 1, CAMPAIGN_SLOTS_MAX, &config->slots, err) < 0 ||
	    json_get_object(root, "environment", JSON_OPTIONAL, &set, err) < 0)
		return -1;
	config->scenario = scenario ? xstrdup(scenario) : NULL;
	config->find_fix = direction == 1;
	return set ? scenario_read_set(set, &config->set, err) : 0;
}

void campaign_config_release(struct campaign_config *config)
{
	free(config->name);
	free(config->scenario);
	free(config->runtime);
	strv_release(&config->candidates);
	strv_release(&config->compare);
	strv_release(&config->set);
	memset(config, 0, sizeof(*config));
}
