/*
 * The guest's events, read from its second serial (proto.h has the grammar): a report (report.h) for each
 * scenario of the boot. Pure: bytes in, structs out.
 *
 *	1. guest_events_init() with the boot's nonce and room for the reports;
 *	2. guest_events_feed() with bytes as they come, in any split;
 *	3. guest_events_report() at any time.
 *
 * Only a line that carries the nonce moves a report's state, and only to the next one (but for GUEST_FACTS,
 * which the last needed fact reaches from GUEST_HEADER). Scenarios come in their order; the next one's turn is
 * believed only behind the end of the one before, or behind its `broken`. What is wrong in one scenario's lines
 * is that scenario's error; what is wrong before the first one is an error of each.
 */
#ifndef QB_GUEST_EVENTS_H
#define QB_GUEST_EVENTS_H

#include "guest/report.h"

struct guest_events {
	struct guest_report boot;      /* what came before the first scenario */
	struct guest_report *scenario; /* the caller's */
	size_t n;		       /* of them */
	size_t begun;		       /* those whose turn has come */

	/* The parser's own. */
	bool over; /* the power-off was told */
	char nonce[PROTO_NONCE_MAX + 1];
	uint64_t lines;
	size_t len; /* of `line`; beyond PROTO_LINE_MAX the line is too long and its rest is dropped */
	char line[PROTO_LINE_MAX + 2];
};

/* `nonce` must satisfy proto_is_nonce(); with one that does not, no input ever leaves GUEST_NONE. `n` is at
 * least 1. */
void guest_events_init(struct guest_events *events, const char *nonce, struct guest_report *scenario,
		       size_t n);

/* Takes the next `len` bytes. A last line without its newline has no effect until the newline comes. */
void guest_events_feed(struct guest_events *events, const void *data, size_t len);

/* What is known of scenario `i`, from 0. Of one whose turn has not come: what is known of the boot. */
const struct guest_report *guest_events_report(const struct guest_events *events, size_t i);

/* The report of the scenario whose turn came last, or the boot's. */
const struct guest_report *guest_events_current(const struct guest_events *events);

#endif
