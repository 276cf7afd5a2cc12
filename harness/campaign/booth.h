/*
 * A candidate made ready for a question: what all trials of the two have in common. It borrows setup,
 * question and candidate, and must not move.
 */
#ifndef QB_BOOTH_H
#define QB_BOOTH_H

#include "campaign/boot_order.h"
#include "campaign/question.h"
#include "store/folders.h"

struct booth {
	const struct setup *setup;
	const struct question *question;
	struct plan_scenario scenario; /* the question's */
	struct trial_spec spec;
	char *init, *machine;
	struct host *host;	     /* that it has taken; NULL: it boots elsewhere, or not at all */
	int64_t begin_by;	     /* until when one is waited for; 0: any time. Set before booth_open() */
	struct backend_machine away; /* what guests find there when it is another one */
	struct stamp emulator;	     /* of the program's file when `machine` was asked for */
	const char *commit;	     /* that the candidate was built from, for the records; NULL: none */
	unsigned build_ms;	     /* that this took; it is put into the next record */
};
#define BOOTH_INIT                                                                                           \
	{                                                                                                    \
		.setup = NULL                                                                                \
	}

/* For a runtime that is away nothing is asked of this host. -1: ERR_USAGE, ERR_HOST, ERR_INTERRUPTED (also when that is not
 * wanted any more: `begin_by`, runtime_stop()). */
int booth_open(const struct setup *setup, const struct question *question, const struct candidate *candidate,
	       struct booth *booth, struct err *err);

/*
 * One boot that asks n questions, one after the other: n trials, each recorded in a folder of the campaign that is
 * named from ++*number, in the order of the questions. They must share a boot with the booth's own question
 * (environment_shares_boot()); that one need not be among them. A boot of which every trial is broken is tried
 * again, twice, on another host where there is one, and each try leaves its folders. records[0..n-1] are fresh ones and become those of the last try, the caller's to release. No other trial is
 * repeated here: what is not good in a shared boot, and what came behind it, may want a boot of its own. `label` is
 * for progress. Several booths, each in a thread of its own, may use one `number`. 1: a runtime lost all three tries,
 * so that nothing was seen; ERR_HOST. -1: ERR_USAGE, ERR_HOST (a record cannot be kept), ERR_INTERRUPTED.
 */
int booth_batch(struct booth *booth, const struct question *const *questions, size_t n,
		const struct campaign *campaign, unsigned *number, const char *label, struct record *records,
		struct err *err);

/* The same with the booth's question alone: one trial. */
int booth_trial(struct booth *booth, const struct campaign *campaign, unsigned *number, const char *label,
		struct record *record, struct err *err);

/*
 * One try of an order, here and now: fills its records, with what becomes of the boot and what is known of the
 * candidate; keeps nothing but the boot's folder. What local and worker have in common. -1: ERR_USAGE,
 * ERR_INTERRUPTED.
 */
int booth_try(const struct boot_order *order, struct err *err);

/* After a try that broke: where KVM was chosen by its probe alone, a guest that it failed knows better. */
void booth_doubt_kvm(struct booth *booth, const struct record *record);

/* For those who cannot go on without an answer: that the last try broke, too, and what to do. -1. */
int booth_broken(const struct campaign *campaign, const struct record *record, struct err *err);

/* Fills what a record says of the question; enough for booth_refuse(), and never fails. */
void booth_name(const struct setup *setup, const struct question *question, const struct candidate *candidate,
		struct booth *booth);

/* A record without a boot: why there is nothing to be learnt by one. ERR_HOST. */
int booth_refuse(struct booth *booth, const struct campaign *campaign, unsigned *number, const char *label,
		 const char *class, const char *reason, struct record *record, struct err *err);

void booth_release(struct booth *booth);
AUTO_DEFINE(booth, struct booth, booth_release);

#endif
