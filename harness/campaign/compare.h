/* The answer's kernel on other architectures and page sizes, and what that says. */
#ifndef QB_COMPARE_H
#define QB_COMPARE_H

#include "campaign/question.h"

/*
 * Asks another candidate the campaign's question, as often as it takes to see a failure of the rate that was
 * found, until its first bad trial. What was recorded before counts. -1: ERR_USAGE, ERR_HOST,
 * ERR_INTERRUPTED.
 */
int compare_ask(const struct setup *setup, const struct question *question, const struct candidate *candidate,
		const struct campaign *campaign, unsigned *number, struct err *err);

/* Records, once, that the kernel for `place` ("ARCH:PAGESIZE") does not build. ERR_HOST. */
int compare_refuse(const struct setup *setup, const struct question *question, const char *place,
		   const char *arch, const char *reason, const struct campaign *campaign, unsigned *number,
		   struct err *err);

/* Of a git history that has its answer: the commit with the failure that is next to the change, which is the
 * one to build elsewhere. The campaign's. */
const char *compare_commit(const struct campaign *campaign);

/* Fills campaign->comparison from the records: is it the page size, the architecture? "" when the evidence
 * says neither. */
int compare_conclude(struct campaign *campaign, struct err *err);

#endif
