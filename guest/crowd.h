/*
 * Processes that work beside the scenario's own, as LTP's stress tests start them, and what they find first.
 *
 *	struct crowd *crowd = crowd_new(plan);
 *	crowd_start(crowd, plan->children, read_it, argument);
 *	while (... && crowd_goes_on(crowd)) ...
 *	crowd_end(crowd, outcome);
 */
#ifndef GUEST_CROWD_H
#define GUEST_CROWD_H

#include <stdatomic.h>

#include "emit.h"
#include "plan.h"

/* Shared memory between all of them. */
struct crowd {
	const struct plan *plan;
	uint64_t until;			/* boot_ms() at which the plan's runtime is over */
	atomic_bool stop;		/* the scenario's process wants its children to end */
	atomic_bool found;		/* one of them has claimed `outcome` */
	atomic_bool early;		/* the time was over before all was written */
	atomic_uint finished;		/* children whose work is done */
	atomic_ullong written, checked; /* bytes, by all */
	struct outcome outcome;
	unsigned n;
	pid_t pid[];
};

/* Room for the plan's children; the time runs from here. */
struct crowd *crowd_new(const struct plan *plan);

/* Starts the plan's children: each calls work() and ends, well unless it has called crowd_report(). */
void crowd_start(struct crowd *crowd, void (*work)(struct crowd *crowd, const void *arg), const void *arg);

/* False once the time is over, one found something, or the children are to end. */
bool crowd_goes_on(const struct crowd *crowd);

/* The same for who has something left to write: that the time keeps it from that is noted. */
bool crowd_writes_on(struct crowd *crowd);

/* Keeps what a child found, when it failed and nobody was first. */
void crowd_report(struct crowd *crowd, const struct outcome *outcome);

/* Waits for children that end by themselves, for some time beyond the plan's runtime at most. Their finding
 * becomes that of *outcome unless it has one. */
void crowd_join(struct crowd *crowd, struct outcome *outcome);

/* Ends the children, joins them and frees the crowd; how much was written and checked, and whether the time ended it
 * early, is put into *outcome. */
void crowd_end(struct crowd *crowd, struct outcome *outcome);

#endif
