/*
 * Any text as a pattern: one that is called modest is compiled, or refused, in a moment of processor time.
 */
#include <assert.h>
#include <regex.h>

#include "config/pattern.h"
#include "valid.h"
#include "verdict/signatures.h"

#define MOMENT_MS 1000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int64_t spent_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char pattern[SIGNATURE_PATTERN_MAX + 1];
	int64_t began = spent_ms();
	regex_t compiled;
	bool read;

	if (size > SIGNATURE_PATTERN_MAX)
		return 0;
	memcpy(pattern, data, size);
	pattern[size] = '\0';
	read = pattern_is_modest(pattern) && regcomp(&compiled, pattern, REG_EXTENDED) == 0;
	if (read)
		regfree(&compiled);
	fuzz_must_read(read);
	assert(spent_ms() - began < MOMENT_MS);
	return 0;
}
