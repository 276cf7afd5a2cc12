/*
 * A candidate made ready for a question: what all trials of the two have in common. It borrows setup,
 * question and candidate, and must not move.
 */
#ifndef QB_BOOTH_H
#define QB_BOOTH_H

#include "campaign/question.h"

struct booth {
	const struct setup *setup;
	const struct question *question;
	struct trial_spec spec;
	struct arch arch;
	char *init, *machine;
	const char *commit; /* that the candidate was built from, for the records; NULL: none */
	unsigned build_ms;  /* that this took; it is put into the next record */
};
#define BOOTH_INIT                                                                                           \
	{                                                                                                    \
		.setup = NULL                                                                                \
	}

/* -1: ERR_USAGE, ERR_HOST. */
int booth_open(const struct setup *setup, const struct question *question, const struct candidate *candidate,
	       struct booth *booth, struct err *err);

/*
 * One trial, recorded in a folder of the campaign that is named from ++*number. A broken one is tried again,
 * twice, and each try leaves its folder; *record is the last one's. `label` is for progress. -1: ERR_USAGE,
 * ERR_HOST (the record cannot be kept), ERR_INTERRUPTED.
 */
int booth_trial(struct booth *booth, const struct campaign *campaign, unsigned *number, const char *label,
		struct record *record, struct err *err);

/* For those who cannot go on without an answer: that the last try broke, too, and what to do. -1. */
int booth_broken(const struct campaign *campaign, const struct record *record, struct err *err);

/* A record without a boot: why there is nothing to be learnt by one. ERR_HOST. */
int booth_refuse(struct booth *booth, const struct campaign *campaign, unsigned *number, const char *label,
		 const char *class, const char *reason, struct record *record, struct err *err);

void booth_release(struct booth *booth);
AUTO_DEFINE(booth, struct booth, booth_release);

#endif
