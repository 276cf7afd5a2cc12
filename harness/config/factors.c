#include "config/factors.h"

#include "config/json.h"

/* The member "environment", if it is there. */
static int read_environment(const struct json_node *object, struct strv *set, struct err *err)
{
	const struct json_node *keys = NULL, *pagesize;

	if (json_get_object(object, "environment", JSON_OPTIONAL, &keys, err) < 0)
		return -1;
	pagesize = keys ? json_find(keys, "pagesize") : NULL;
	if (pagesize)
		return json_error(
		    pagesize, err,
		    "the page size comes with the kernel: leave it out and name kernels that have it");
	return keys ? scenario_read_set(keys, set, err) : 0;
}

static int read_end(const struct json_node *root, const char *key, struct factors_end *end, struct err *err)
{
	static const char *const keys[] = { "kernel", "environment", NULL };
	const struct json_node *node;
	const char *kernel;

	if (json_get_object(root, key, JSON_REQUIRED, &node, err) < 0 ||
	    json_check_keys(node, keys, err) < 0 ||
	    json_get_string(node, "kernel", JSON_REQUIRED, &kernel, err) < 0)
		return -1;
	end->kernel = xstrdup(kernel);
	return read_environment(node, &end->set, err);
}

int factors_file_parse(const char *name, const char *text, size_t len, struct factors_file *file,
		       struct err *err)
{
	static const char *const keys[] = { "name",	  "scenario",	 "fails",      "passes",
					    "kernels",	  "environment", "confidence", "trials",
					    "end-trials", "runtime",	 NULL };
	AUTO(json_doc) doc = JSON_DOC_INIT;
	const struct json_node *root;
	const char *scenario;

	if (json_parse(name, text, len, &doc, err) < 0)
		return -1;
	root = json_root(&doc);
	if (json_check_keys(root, keys, err) < 0 || campaign_read_name(root, &file->name, err) < 0 ||
	    campaign_read_runtime(root, &file->runtime, err) < 0 ||
	    json_get_string(root, "scenario", JSON_REQUIRED, &scenario, err) < 0 ||
	    read_end(root, "fails", &file->ends[0], err) < 0 ||
	    read_end(root, "passes", &file->ends[1], err) < 0 ||
	    json_get_strv(root, "kernels", JSON_OPTIONAL, &file->kernels, err) < 0 ||
	    json_get_real(root, "confidence", JSON_OPTIONAL, 0.5, 0.9999, &file->confidence, err) < 0 ||
	    json_get_uint(root, "trials", JSON_OPTIONAL, 1, CAMPAIGN_TRIALS_MAX, &file->trials, err) < 0 ||
	    json_get_uint(root, "end-trials", JSON_OPTIONAL, 1, CAMPAIGN_TRIALS_MAX, &file->end_trials, err) <
		0)
		return -1;
	file->scenario = xstrdup(scenario);
	return read_environment(root, &file->set, err);
}

void factors_file_release(struct factors_file *file)
{
	for (int i = 0; i < 2; i++) {
		free(file->ends[i].kernel);
		strv_release(&file->ends[i].set);
	}
	free(file->name);
	free(file->scenario);
	free(file->runtime);
	strv_release(&file->kernels);
	strv_release(&file->set);
	*file = (struct factors_file)FACTORS_FILE_INIT;
}
