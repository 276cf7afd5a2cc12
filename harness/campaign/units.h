/*
 * A campaign's units on disk (campaign/unit.h), on a file system that controller and hosts share:
 *
 *	<campaign>/units/<name>/unit.json	what is asked; a unit without it has been taken in
 *				log.*		what its jobs wrote
 *				result/		the trial's folder with result.json in it: there whole or not at all
 *
 * A boot's result is taken in once: its folder is moved to the trial's own name, its records are kept, the unit is emptied,
 * and result.json goes last. Whoever is killed in the middle of that is finished by units_tidy(). A build's answer is in the
 * catalog's own cache (kernel/build.h) by then, and its unit is only emptied. Links are not followed.
 */
#ifndef QB_UNITS_H
#define QB_UNITS_H

#include "campaign/runtime.h"
#include "store/campaign.h"

/*
 * Finds the unit of an order among those that are there, were not taken in and are not among `busy` (folders of units
 * that others wait for: a search asks the same of one kernel several times at once), else makes it. Returns its folder,
 * the caller's to free(); NULL: ERR_HOST.
 */
char *units_put(const struct order *order, const char *connect, const struct strv *busy, struct err *err);

/* Whether a unit has a result. Looks behind a network file system's back when `closely`. */
bool units_has_result(const char *folder, bool closely);

/* Whether the campaign in that folder has the unit, and its result was not taken in. */
bool units_awaits(const char *campaign, const char *unit);

/*
 * Takes a result in, of a boot up to its records: they are the order's, and the boot's folder is there. Hosts on which it
 * broke are added to order->avoid. 1: the result cannot be read, is of something else, or the first host that was asked
 * lacks something; *err says so, and the result is gone. -1: ERR_USAGE, ERR_HOST, ERR_CANDIDATE.
 */
int units_collect(const struct order *order, const char *folder, struct err *err);

/* Ends the taking in of the boot that left `folder`, when the records have been kept. */
int units_kept(const struct campaign *campaign, const char *folder, struct err *err);

/* Nothing more is to be done for the unit in that folder: a job that comes late finds so. ERR_HOST. */
int units_empty(const char *folder, struct err *err);

/* campaign_tidy(); what was begun of taking in is ended before, and results that came meanwhile are taken in behind it. To be
 * called with the campaign's lock. */
int units_tidy(const struct campaign *campaign, unsigned *number, struct err *err);

#endif
