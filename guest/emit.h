/*
 * What the guest says (proto.h has the grammar): each function writes one line, whole, with one write(2).
 *
 * There is one stream of events for the process. PID 1 owns the serial; the scenario's process writes into a
 * pipe to PID 1 instead, so that a process that is killed never leaves half a line.
 */
#ifndef GUEST_EMIT_H
#define GUEST_EMIT_H

#include "util.h"

/* Where events go from now on, and the nonce they carry ("": none, then only people can read them). */
void emit_to(int fd, const char *nonce);

/* KTAP's version line and the header. */
void emit_header(void);

/* The phase is also what `broken` names from now on. `ms` is when it began. */
void emit_phase(enum guest_phase phase, uint64_t ms);

/* The value is escaped, and cut when it is too long. */
void emit_fact(enum guest_fact fact, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The turn of a scenario, counted from 1, has come; the console gets its mark, too. */
void emit_scenario(size_t number, const char *label);

void emit_plan(uint64_t iterations);
void emit_start(void);
void emit_heartbeat(void);
void emit_output(const char *text, size_t len);
void emit_dropped(uint64_t bytes);
void emit_skip(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void emit_end(uint64_t iterations, uint64_t failed);
void emit_poweroff(void);

/* Passes on a line that the scenario's process wrote, without its newline. */
void emit_raw(const char *line);

/* How an iteration ended. All zeros: well. */
struct outcome {
	bool skip;	      /* it cannot be run here */
	unsigned has;	      /* 1 << GUEST_DETAIL_... for each that is set */
	enum guest_kind kind; /* of the first failure */
	uint64_t value[GUEST_DETAIL_N];
	char name[GUEST_DETAIL_N][24];
};

/* Notes a failure. The first one gives kind, errno (unless 0) and file (unless NULL); each one counts.
 * Returns true when it is the first: then the caller may add details. */
bool outcome_fail(struct outcome *outcome, enum guest_kind kind, int error, const char *file);

bool outcome_failed(const struct outcome *outcome);
void outcome_number(struct outcome *outcome, enum guest_detail detail, uint64_t value);
void outcome_word(struct outcome *outcome, enum guest_detail detail, const char *word);

/* The line of iteration `i`, counted from 1. */
void emit_iteration(uint64_t i, const char *workload, const struct outcome *outcome);

/* Says that the guest could not do its job. */
void emit_broken(int error, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Passes on such a line, which the scenario's process wrote, without its newline. */
void emit_broken_line(const char *line);

/* Says it, and ends the process by what broken_ends_with() set. */
__attribute__((noreturn)) void broken(int error, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

void broken_ends_with(void (*end)(void));

#endif
