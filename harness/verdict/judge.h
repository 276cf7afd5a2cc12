/*
 * The verdict of one trial (design.md, section 4), by positive proof alone. Pure.
 *
 * The rules, in this order; the first that applies decides:
 *
 *	1. QEMU died, or the host failed, before the scenario was left: broken
 *	   ... or what the boot wrote did not all come from another host, whenever that was: broken
 *	2. the guest runs another kernel release, or has another page size, than the trial was for: skip
 *	   ... or an earlier scenario of the same boot crashed it, or left errors of file system or disk: skip
 *	3. the target was seen, see below: bad
 *	4. the console shows a crash or an error of file system or disk, or the panic device told of a crash:
 *	   skip
 *	   ... but broken, here as in 2, when it is one that this emulator is known to cause by itself
 *	5. a deadline passed, a serial flooded, the guest could not do its job, the scenario makes no sense
 *	   here: skip
 *	6. iterations failed in a way that is not the target (short I/O, ENOSPC, TBROK, ...): skip
 *	7. everything that proves a whole run was seen in order, with this trial's nonce
 *	   (guest_report_is_complete()), the next scenario's turn came or the guest powered off, and the console
 *	   has the mark of its turn, without which what the kernel wrote may not have been seen: good
 *	8. something of that is missing: skip
 *
 * The target counts only once the scenario had started. The console's line counts when printk wrote it and no
 * crash came before it (classify_target()). The guest's own finding is: fsync failed with EIO, or the copy's
 * size or content differs while no I/O failed. It counts alone unless the console shows another cause, for
 * then nobody knows which was first: a crash, or an error of file system or disk. What came behind the
 * console's line, a crash or a hang, does not take it back.
 *
 * Of a boot that runs several scenarios each has its part of the console, from its turn to the next one's. What
 * comes behind its part says nothing about a scenario that was left in order; its own findings are its own. The
 * kernel writes the target's line only so often in a boot, so behind an earlier one a pass says, in its reasons,
 * that it rests on what the guest found.
 *
 * Hangs, lack of memory and warnings are no cause of the target. When the proof is complete all the same they
 * do not stand against a good verdict (a slow host makes stalls too): they are noted. When it is not, a hang
 * or lack of memory gives the skip its class.
 *
 * Injected programs are judged by LTP's rules on their exit status, a sum of bits. TFAIL (1): an assertion
 * failed, that is the guest's finding. TBROK (2): the test could not be carried out, which says nothing,
 * unless the console shows the target or the program's output says "fsync(N) failed: EIO", as LTP's aiocp
 * reports this bug. TCONF (32): not applicable. TWARN (4) alone does not fail a test in LTP's own runner once
 * it passed; here it is no finding and no proof: skip. A status with any other bit is not LTP's: skip. With
 * another judge (guest/result.h) the guest itself tells a finding (exit, not-ok, match) from an end without a
 * result (no-result: skip).
 */
#ifndef QB_JUDGE_H
#define QB_JUDGE_H

#include "guest/report.h"
#include "verdict/classify.h"
#include "verdict/verdict.h"

/* How the guest ended, as far as the host can tell. It proves nothing good. */
enum judge_end {
	JUDGE_END_POWERED_OFF, /* by itself; a panic can look the same */
	JUDGE_END_CRASHED,     /* the panic device said so */
	JUDGE_END_TIMED_OUT,   /* stopped at a deadline, in `phase` */
	JUDGE_END_FLOODED,     /* stopped because a serial wrote too much */
	JUDGE_END_FAILED,      /* QEMU died, or the host failed */
	JUDGE_END_LOST,	       /* the connection to another host was lost, and nobody knows */
	JUDGE_END_CUT,	       /* a part of a serial was lost on another host */
	JUDGE_END_FULL,	       /* the disk that the serials are written to was full */
	JUDGE_END_WENT_ON,     /* not in this scenario: the next one's turn came */
	JUDGE_END_TOO_EARLY,   /* in an earlier scenario: this one's turn did not come */
	JUDGE_END_N
};

struct judge_input {
	const char *release;		   /* that must have run; NULL: whatever the guest tells */
	unsigned pagesize;		   /* bytes that it must have; 0: whatever the guest tells */
	const struct guest_report *report; /* with this trial's nonce */
	const struct classify *console;	   /* after classify_end() */
	uint64_t started_at; /* offset in the console before which the scenario had not started */
	uint64_t from;	     /* what comes before is an earlier scenario's; 0: this is the boot's first */
	uint64_t until;	     /* what comes from there on is a later one's; 0: there is none */
	bool marked;	     /* the console has the mark of its turn */
	bool stale_code;     /* accelerator_may_run_stale_code(): what is marked "emulator" is its fault */
	enum judge_end end;
	const char *phase; /* in which it ended, for people */
};

struct judgement {
	enum verdict verdict;
	/* "target" when bad, "clean" or that of a noted finding when good, else a word of FINDING_CLASSES, or
	 * wrong-kernel, wrong-pagesize, hang, flood, setup, not-applicable, test-failure, incomplete,
	 * qemu-died, connection, serial-cut, disk-full, emulator */
	char *class;
	char *title;	       /* one line */
	const char *agreement; /* "guest and console", "guest only", "console only", or "" when not bad */
	struct strv reasons;   /* in words, one at least, the deciding one first */
	char *evidence;	       /* the console line that decided, or "" */
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
