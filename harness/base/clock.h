/* Time. Durations and deadlines are monotonic milliseconds; wall time is only for people and records. */
#ifndef QB_CLOCK_H
#define QB_CLOCK_H

#include <stdint.h>

#include "base/buf.h"

/* Milliseconds of CLOCK_MONOTONIC. */
int64_t clock_ms(void);

/* Milliseconds left until `deadline_ms` (as clock_ms() counts), 0 when it has passed. */
int64_t clock_left(int64_t deadline_ms);

/* Sleeps that long. A signal that is handled does not cut it short. */
void clock_sleep(int64_t ms);

/* "2026-11-22T19:00:00Z", the caller's to free(). */
char *clock_utc_now(void);

/* What it was so many seconds ago. */
char *clock_utc_ago(int64_t seconds);

#endif
