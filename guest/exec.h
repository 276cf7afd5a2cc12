/* Workload exec: an injected program; result.h says how it is judged. */
#ifndef GUEST_EXEC_H
#define GUEST_EXEC_H

#include "emit.h"
#include "plan.h"

/* Runs the program once in the current folder, which is also its TMPDIR and HOME, and sends what it
 * writes. */
void exec_iteration(const struct plan *plan, struct outcome *outcome);

#endif
