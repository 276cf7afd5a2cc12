/*
 * Any text is either refused, or a record whose names cannot leave the catalog and that writes and reads back
 * the same.
 */
#include <assert.h>

#include "config/candidate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(candidate) candidate = CANDIDATE_INIT, again = CANDIDATE_INIT;
	AUTO(buf) input = BUF_INIT, text = BUF_INIT, second = BUF_INIT;
	AUTO(err) err = ERR_INIT;

	buf_add(&input, data, size);
	if (candidate_parse("name", input.s, input.len, &candidate, &err) < 0) {
		assert(err.kind == ERR_HOST && !candidate.id);
		return 0;
	}
	assert(candidate_id_valid(candidate.id) && !strchr(candidate.image, '/') &&
	       candidate.image[0] != '.');
	candidate_write(&candidate, &text);
	assert(candidate_parse("again", text.s, text.len, &again, &err) == 0);
	candidate_write(&again, &second);
	assert(str_eq(text.s, second.s));
	return 0;
}
