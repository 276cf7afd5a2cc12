/* Inputs that are valid, and that a target therefore must not refuse: harness/tests/run says FUZZ_VALID=1 when it is given them. */
#ifndef QB_FUZZ_VALID_H
#define QB_FUZZ_VALID_H

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

static inline void fuzz_must_read(bool read)
{
	assert(read || !getenv("FUZZ_VALID"));
}

#endif
