/*
 * The verdict of one trial, by positive proof alone. Pure.
 *
 * In this order; the first that holds decides:
 *
 *	broken	QEMU died, or the host failed
 *	skip	another kernel release, or another page size, than the trial was for
 *	bad	the scenario had started, and the target was seen: the guest's own finding (fsync gave EIO,
 *content or size differ; of an injected program: TFAIL, or a line of its output that carries the target), the
 *kernel's line on the console, or both. What came behind it, a crash or a hang, does not take it back skip
 *the console shows a crash, behind which nothing can be trusted skip	a deadline passed, a serial flooded,
 *the guest could not do its job, the scenario makes no sense here skip	iterations failed in a way that is not
 *the target (short I/O, TBROK, ...)
 *	good	everything that proves a whole run was seen in order, with this trial's nonce
 *(guest_report_is_complete()) skip	something of that is missing
 *
 * LTP's TWARN (4) alone does not fail a test in LTP's own runner once it passed; here it is no finding and no
 *proof: skip.
 */
#ifndef QB_JUDGE_H
#define QB_JUDGE_H

#include "guest/events.h"
#include "verdict/classify.h"
#include "verdict/verdict.h"

/* How the guest ended, as far as the host can tell. It proves nothing good. */
enum judge_end {
	JUDGE_END_POWERED_OFF, /* by itself; a panic can look the same */
	JUDGE_END_CRASHED,     /* QEMU or the panic device said so */
	JUDGE_END_TIMED_OUT,   /* stopped at a deadline, in `phase` */
	JUDGE_END_FLOODED,     /* stopped because a serial wrote too much */
	JUDGE_END_FAILED,      /* QEMU died */
	JUDGE_END_N
};

struct judge_input {
	const char *release;		   /* that must have run */
	unsigned pagesize;		   /* bytes that it must have; 0: whatever the guest tells */
	const struct guest_report *report; /* with this trial's nonce */
	const struct classify *console;	   /* after classify_end() */
	enum judge_end end;
	const char *phase; /* in which it ended, for people */
};

struct judgement {
	enum verdict verdict;
	char *class; /* "target", "clean", a word of FINDING_CLASSES, or "wrong-kernel", "wrong-pagesize",
			"hang", "flood", "setup", "not-applicable", "test-failure", "incomplete", "qemu-died"
		      */
	char *title; /* one line */
	const char
	    *agreement;	     /* "guest and console", "guest only", "console only", or "" when it is not bad */
	struct strv reasons; /* in words, one at least */
	char *evidence;	     /* the console line that decided, or "" */
	uint64_t evidence_line;
};
#define JUDGEMENT_INIT                                                                                       \
	{                                                                                                    \
		.class = NULL                                                                                \
	}

/* Fills *judgement, which must be fresh; the caller releases it. */
void judge(const struct judge_input *input, struct judgement *judgement);

void judgement_release(struct judgement *judgement);
AUTO_DEFINE(judgement, struct judgement, judgement_release);

#endif
