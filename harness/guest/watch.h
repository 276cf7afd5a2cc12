/*
 * A running guest, watched: both serials are read as they grow, phases are told apart and timed, deadlines
 * kept.
 */
#ifndef QB_WATCH_H
#define QB_WATCH_H

#include "guest/follow.h"
#include "guest/trial.h"

struct watch {
	struct follow console, events;
	struct classify *classify; /* gets the console; the caller's */
	struct guest_events *told; /* gets the events; the caller's */
	const struct trial_spec *spec;

	enum trial_phase phase;
	size_t turn;   /* the scenario whose turn it is, from 0 */
	int64_t began; /* clock_ms(): phase and turn */
	int64_t ms[TRIAL_PHASE_N];
	bool kernel_spoke;
	size_t banner_seen; /* bytes of the kernel's first words so far */
	struct watch_scenario {
		bool started;
		uint64_t started_at; /* where the console surely was before it started, in bytes */
		int64_t ms;	     /* of the phase `test` */
	} * scenario;		     /* the spec's `n`, owned */

	enum guest_end end;
	bool timed_out; /* in `phase` */
	bool flooded;	/* a serial wrote more than its limit */
	bool disk_full; /* this host's: what a serial wrote may be lost */
	int64_t looked; /* clock_ms(): at the disk */
	bool interrupted;
};

/* Makes and opens both serials' files. The members down to `spec` are the caller's to set before. */
int watch_open(struct watch *watch, const char *console, const char *events, struct err *err);

/*
 * Watches until the guest has ended, by itself or because it had to be stopped: see `end`, `timed_out`,
 * `flooded`, `disk_full`, `interrupted`. -1 (ERR_HOST): a file could not be read; the guest is then stopped too.
 */
int watch_guest(struct watch *watch, const struct backend_ops *ops, struct guest *guest, struct err *err);

void watch_close(struct watch *watch);
AUTO_DEFINE(watch, struct watch, watch_close);

#endif
