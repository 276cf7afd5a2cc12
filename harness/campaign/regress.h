/* From a night's new failure to the kernel that brought it. */
#ifndef QB_REGRESS_H
#define QB_REGRESS_H

#include "campaign/matrix.h"

/*
 * To be called while campaign->bisecting, which it ends. For each candidate name of a finished matrix that has new
 * failures, and whose kernel is another one than in the run before, bisects the kernels of the catalog between the two,
 * by version, on one host: a campaign of its own, on the cell that fails most. Each answer becomes a line of the matrix's
 * explanation, and a bisection that cannot be done one that says why; so does the worst failure whose settings have
 * changed since it passed, whatever its kernel: it need not be the kernel's. Those of a call that was broken off are gone on with. -1, when the others
 * have been done: ERR_HOST kept one from its answer, or the matrix from being saved; or at once ERR_INTERRUPTED.
 */
int regress_bisect(struct setup *setup, const struct matrix_job *job, struct campaign *campaign,
		   struct err *err);

#endif
