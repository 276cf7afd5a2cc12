/*
 * Workload exec: an injected program, judged by LTP's exit status (include/tst_res_flags.h): 0 passes, TCONF
 * (32) alone is a skip, anything else fails, a signal too.
 */
#ifndef GUEST_EXEC_H
#define GUEST_EXEC_H

#include "emit.h"
#include "plan.h"

/* Runs the program once in the current folder, which is also its TMPDIR and HOME, and sends what it writes.
 */
void exec_iteration(const struct plan *plan, struct outcome *outcome);

#endif
