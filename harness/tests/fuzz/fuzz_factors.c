/*
 * Any text is either refused with an error that names its line and column, or a factor study of which both
 * environments can be made.
 */
#include <assert.h>

#include "config/factors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_set(const struct strv *set)
{
	struct environment env;
	AUTO(err) err = ERR_INIT;

	environment_init(&env);
	for (size_t i = 0; i < set->n; i++)
		assert(environment_set_pair(&env, set->v[i], &err) == 0 &&
		       !str_starts(set->v[i], "pagesize="));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(buf) text = BUF_INIT;
	AUTO(factors_file) file = FACTORS_FILE_INIT;
	AUTO(err) err = ERR_INIT;

	buf_add(&text, data, size);
	if (factors_file_parse("fuzz", text.s, text.len, &file, &err) < 0) {
		unsigned line = 0, column = 0;

		assert(err.kind == ERR_USAGE);
		assert(sscanf(err.text, "fuzz:%u:%u: ", &line, &column) == 2 && line && column);
		return 0;
	}
	assert((file.ends[0].kernel.id || file.ends[0].kernel.package) &&
	       (file.ends[1].kernel.id || file.ends[1].kernel.package) &&
	       (!file.name || campaign_name_valid(file.name)));
	assert(file.confidence >= 0.5 && file.confidence < 1 && file.end_trials);
	check_set(&file.set);
	check_set(&file.ends[0].set);
	check_set(&file.ends[1].set);
	return 0;
}
