#include "verdict/verdict.h"

static const struct {
	const char *name;
	int exit_code;
} verdicts[VERDICT_N] = {
	[VERDICT_GOOD] = { "good", 0 },
	[VERDICT_BAD] = { "bad", 1 },
	[VERDICT_SKIP] = { "skip", 125 },
	[VERDICT_BROKEN] = { "broken", 128 },
};

const char *verdict_name(enum verdict verdict)
{
	return verdicts[verdict].name;
}

int verdict_exit_code(enum verdict verdict)
{
	return verdicts[verdict].exit_code;
}
