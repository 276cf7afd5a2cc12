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

static int read_kernel(const struct json_node *node, struct origin *kernel, struct err *err)
{
	static const char *const keys[] = { "id", "suite", "package", NULL };

	if (!json_is_string(node) && json_check_keys(node, keys, err) < 0)
		return -1;
	return origin_read(node, kernel, err);
}

static int read_kernels(const struct json_node *root, struct factors_file *file, struct err *err)
{
	const struct json_node *list = NULL;

	if (json_get_array(root, "kernels", JSON_OPTIONAL, &list, err) < 0)
		return -1;
	if (!list)
		return 0;
	file->kernels = xcalloc(json_count(list), sizeof(*file->kernels));
	for (const struct json_node *kernel = json_first(list); kernel; kernel = json_next(kernel))
		if (read_kernel(kernel, &file->kernels[file->n_kernels++], err) < 0)
			return -1;
	return 0;
}

static int read_end(const struct json_node *root, const char *key, struct factors_end *end, struct err *err)
{
	static const char *const keys[] = { "kernel", "environment", NULL };
	const struct json_node *node, *kernel;

	if (json_get_object(root, key, JSON_REQUIRED, &node, err) < 0 || json_check_keys(node, keys, err) < 0)
		return -1;
	kernel = json_find(node, "kernel");
	if (!kernel)
		return json_error(node, err, "the key \"kernel\" is missing here");
	if (read_kernel(kernel, &end->kernel, err) < 0)
		return -1;
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
	    read_end(root, "passes", &file->ends[1], err) < 0 || read_kernels(root, file, err) < 0 ||
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
		origin_release(&file->ends[i].kernel);
		strv_release(&file->ends[i].set);
	}
	free(file->name);
	free(file->scenario);
	free(file->runtime);
	for (size_t i = 0; i < file->n_kernels; i++)
		origin_release(&file->kernels[i]);
	free(file->kernels);
	strv_release(&file->set);
	*file = (struct factors_file)FACTORS_FILE_INIT;
}
