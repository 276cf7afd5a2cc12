/*
 * Any text is either refused with an error that names file, line and column, or is a matrix with at least one
 * candidate, environment and scenario, whose names are apart.
 */
#include <assert.h>

#include "config/matrix.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(matrix_config) config = MATRIX_CONFIG_INIT;
	AUTO(buf) text = BUF_INIT;
	AUTO(err) err = ERR_INIT;

	buf_add(&text, data, size);
	if (matrix_config_parse("fuzz", text.len ? text.s : "", text.len, &config, &err) < 0) {
		assert(err.kind == ERR_USAGE && str_starts(err.text, "fuzz:"));
		return 0;
	}
	assert(config.n_candidates && config.n_environments && config.scenarios.n);
	assert(config.repeats && config.together);
	for (size_t i = 0; i < config.n_candidates; i++) {
		const struct matrix_candidate *c = &config.candidates[i];

		assert(*c->name && !c->origin.id == (c->origin.suite && c->origin.package));
		for (size_t j = 0; j < i; j++)
			assert(!str_eq(config.candidates[j].name, c->name));
	}
	matrix_excluded(&config, "a", "b", "AD033");
	return 0;
}
