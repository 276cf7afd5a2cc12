/* The other end of a unit (campaign/units.h): what a job does on its host. */
#ifndef QB_WORKER_H
#define QB_WORKER_H

#include "campaign/setup.h"

/*
 * Does the unit of the file `path` here, with a setup that is open and not connected: one try, `last_try` as in struct
 * order, whose folder becomes the unit's result. A unit that has a result, or was taken in meanwhile, is done already. -1, and
 * no result: ERR_USAGE (the file is no unit), ERR_HOST (this host cannot do it), ERR_INTERRUPTED.
 */
int worker_run(struct setup *setup, const char *path, bool last_try, struct err *err);

#endif
