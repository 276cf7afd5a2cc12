/*
 * A trial: one boot of one candidate in one environment, the unit of evidence. A boot can run several scenarios,
 * one after the other: then it is a trial of each, all in one.
 *
 * trial_run() is one blocking function with a deadline for each phase. It leaves a folder:
 *
 *	console.log	the first serial, raw
 *	events.ktap	the second serial, raw
 *	domain.xml	what libvirt was given
 *	repeat.sh	repeats the boot by hand with QEMU alone
 */
#ifndef QB_TRIAL_H
#define QB_TRIAL_H

#include "config/arch.h"
#include "config/candidate.h"
#include "config/environment.h"
#include "guest/backend.h"
#include "guest/events.h"
#include "guest/plan.h"
#include "verdict/judge.h"

/* Names in phase_name(). The time of each is measured; those from firmware to power-off have a deadline. */
enum trial_phase {
	TRIAL_PREPARE,	/* modules, initramfs, disk */
	TRIAL_START,	/* until the back end says that the guest runs */
	TRIAL_FIRMWARE, /* until the kernel's first word */
	TRIAL_KERNEL,	/* until init's first word */
	TRIAL_INIT,	/* until the first scenario starts */
	TRIAL_TEST,	/* until the last one ends; the deadline is for each */
	TRIAL_POWEROFF, /* until the guest has ended */
	TRIAL_JUDGE,
	TRIAL_PHASE_N
};

struct trial_spec {
	const struct candidate *candidate;
	const struct arch *arch;
	const struct plan_scenario *scenarios; /* checked by environment_check(); they share a boot */
	size_t n;			       /* at least 1 */
	const struct signatures *signatures;
	const char *accelerator; /* "kvm" or "tcg": what the environment's `auto` has come to */
	const char *catalog;	 /* folder of candidates */
	const char *made;	 /* folder that keeps initramfs and disk images between trials */
	const char *init;	 /* host path of the guest binary */
	const char *folder;	 /* must not exist; made here */
	const char *label;	 /* for progress: "2/5 6.12 64k" */
	const char *machine;  /* what the guests run on, for the record: "QEMU emulator version 7.2.22 ..." */
	const char *host;     /* another one that they run on, for the record; NULL: this one */
	const char *emulator; /* its path there; NULL: looked for here */
	bool last_try; /* nobody tries again: what the emulator may have made up counts as the kernel's */
};

/* What is the boot's in it: machine and disk. */
static inline const struct environment *trial_env(const struct trial_spec *spec)
{
	return spec->scenarios->env;
}

/* What became of one scenario. */
struct trial_scenario {
	struct judgement judgement;
	const struct guest_report *report;
	int64_t
	    test_ms; /* from its turn, or its start when it is the first, to its end or the next one's turn */
};

struct trial_result {
	struct trial_scenario *scenario; /* the spec's `n`; owned */
	size_t n;
	struct guest_events events;
	struct guest_report *reports; /* owned */
	int64_t ms[TRIAL_PHASE_N];
	const char *firmware; /* a word of the arch's firmwares */
	char *machine;	      /* the spec's and the back end's: "libvirt 9.0.0, QEMU ..."; owned */
	char *disk_tool;      /* what made the file system; owned */
	char nonce[PROTO_NONCE_MAX + 1];
};
#define TRIAL_RESULT_INIT                                                                                    \
	{                                                                                                    \
		.scenario = NULL                                                                             \
	}

/*
 * Runs and judges a trial. 0: *result holds a judgement of each scenario, whatever it is (a host fault while the
 * guest ran is a judgement too: broken); it must stay where it is. -1: there was no trial: ERR_USAGE,
 * ERR_CANDIDATE (verdict skip), ERR_HOST, ERR_INTERRUPTED.
 */
int trial_run(const struct trial_spec *spec, struct backend *backend, struct trial_result *result,
	      struct err *err);

const char *trial_phase_name(enum trial_phase phase);

void trial_result_release(struct trial_result *result);
AUTO_DEFINE(trial_result, struct trial_result, trial_result_release);

#endif
