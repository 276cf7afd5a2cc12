/*
 * What is going on, on stderr: one live line on a terminal, plain lines elsewhere.
 *
 * progress_step() is a finished or new step and always stays visible. progress_live() is a state that changes
 * often: on a terminal it overwrites itself, elsewhere it is left out. Both may be called from any thread.
 */
#ifndef QB_PROGRESS_H
#define QB_PROGRESS_H

#include "base/buf.h"

/* Nothing is shown from now on. */
void progress_quiet(void);

void progress_step(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void progress_live(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Takes the live line away, before something else is printed. */
void progress_clear(void);

#endif
