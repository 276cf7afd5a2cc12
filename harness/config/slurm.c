#include "config/slurm.h"

#include "config/json.h"

#define CPUS_MAX   4096
#define MEMORY_MAX (1u << 24) /* MiB */

static int read_constraint(const struct json_node *node, const char **constraint, struct err *err)
{
	if (json_as_string(node, constraint, err) < 0)
		return -1;
	return **constraint ? 0
			    : json_error(node, err, "expected what sbatch --constraint takes, found \"\"");
}

static int read_constraints(const struct json_node *root, struct slurm_file *file, struct err *err)
{
	const struct json_node *map = NULL;
	const char *constraint;

	if (json_get_object(root, "constraint", JSON_OPTIONAL, &map, err) < 0)
		return -1;
	for (const struct json_node *one = map ? json_first(map) : NULL; one; one = json_next(one)) {
		if (read_constraint(one, &constraint, err) < 0)
			return -1;
		strv_add(&file->arches, one->key);
		strv_add(&file->constraints, constraint);
	}
	return 0;
}

static int read_build(const struct json_node *root, struct slurm_file *file, struct err *err)
{
	static const char *const keys[] = { "constraint", "cpus", "memory", NULL };
	const struct json_node *build = NULL, *node;
	const char *constraint = NULL;

	if (json_get_object(root, "build", JSON_OPTIONAL, &build, err) < 0)
		return -1;
	if (!build)
		return 0;
	node = json_find(build, "constraint");
	if (json_check_keys(build, keys, err) < 0 || (node && read_constraint(node, &constraint, err) < 0) ||
	    json_get_uint(build, "cpus", JSON_OPTIONAL, 1, CPUS_MAX, &file->build_cpus, err) < 0)
		return -1;
	file->build_constraint = constraint ? xstrdup(constraint) : NULL;
	return json_get_uint(build, "memory", JSON_OPTIONAL, 1, MEMORY_MAX, &file->build_memory, err);
}

/* Those that would make another thing of a job, or of what is printed about it. */
static bool is_ours(const char *option)
{
	static const char *const words[] = { "--array", "-a", "--clusters", "-M", "--test-only", "-W" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (str_starts(option, words[i]))
			return true;
	return str_eq(option, "--wait");
}

static int read_options(const struct json_node *root, struct slurm_file *file, struct err *err)
{
	const struct json_node *list = NULL;
	const char *option;

	if (json_get_array(root, "options", JSON_OPTIONAL, &list, err) < 0)
		return -1;
	for (const struct json_node *one = list ? json_first(list) : NULL; one; one = json_next(one)) {
		if (json_as_string(one, &option, err) < 0)
			return -1;
		/* Any other word would be taken for the job's script. */
		if (*option != '-')
			return json_error(one, err,
					  "expected an option of sbatch, --NAME=VALUE, found \"%s\"", option);
		if (is_ours(option))
			return json_error(
			    one, err,
			    "expected no option that makes another thing of a job, found \"%s\": "
			    "one job, on the cluster that SLURM_CONF names",
			    option);
		strv_add(&file->options, option);
	}
	return 0;
}

int slurm_file_parse(const char *name, const char *text, size_t len, struct slurm_file *file, struct err *err)
{
	static const char *const keys[] = { "constraint", "build", "options", "slots", NULL };
	AUTO(json_doc) doc = JSON_DOC_INIT;
	const struct json_node *root;

	if (json_parse(name, text, len, &doc, err) < 0)
		return -1;
	root = json_root(&doc);
	if (json_check_keys(root, keys, err) < 0 || read_constraints(root, file, err) < 0 ||
	    read_build(root, file, err) < 0 || read_options(root, file, err) < 0)
		return -1;
	return json_get_uint(root, "slots", JSON_OPTIONAL, 1, SLURM_SLOTS_MAX, &file->slots, err);
}

const char *slurm_file_constraint(const struct slurm_file *file, const char *arch)
{
	size_t i = strv_find(&file->arches, arch);

	return i < file->arches.n ? file->constraints.v[i] : NULL;
}

void slurm_file_release(struct slurm_file *file)
{
	strv_release(&file->arches);
	strv_release(&file->constraints);
	strv_release(&file->options);
	free(file->build_constraint);
}
