/* Runs the scenario in a process group of its own, with a heartbeat and a time limit, and passes on what it
 * says. */
#ifndef GUEST_SUPERVISE_H
#define GUEST_SUPERVISE_H

#include "plan.h"

enum scenario_end {
	SCENARIO_ENDED,
	SCENARIO_BROKEN, /* `broken` was emitted instead of `end`; others can be run all the same */
	SCENARIO_HANGS,	 /* its process does not die, it hangs in the kernel */
};

/*
 * Emits everything from `start` to `end`. `logical_block` is the disk's, 0 when it is not known; the scenario
 * runs in the current folder. When the time limit comes, the iteration in progress is reported as failed
 * (kind timelimit).
 */
enum scenario_end supervise(const struct plan *plan, uint64_t logical_block);

#endif
