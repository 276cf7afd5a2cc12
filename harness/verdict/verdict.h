/* The four words for a trial. Pure. */
#ifndef QB_VERDICT_H
#define QB_VERDICT_H

enum verdict {
	/* Proved: the expected kernel ran the whole scenario, every iteration passed, it powered off in
	 * order, and the console was seen and shows neither the target nor a crash. */
	VERDICT_GOOD,

	/* The target signature was seen while the scenario ran: the test's own finding, the kernel's line on
	 * the console, or both. Nothing else is bad. */
	VERDICT_BAD,

	/* Says nothing about the question: it did not boot, was another kernel or page size than wanted,
	 * hung, crashed in another way, could not run the scenario. Always with a class and a reason. */
	VERDICT_SKIP,

	/* The host, QEMU or qbisect failed, or it was interrupted. Never evidence: it is tried again. */
	VERDICT_BROKEN,

	VERDICT_N
};

/* "good", "bad", "skip", "broken". */
const char *verdict_name(enum verdict verdict);

/* What `qbisect run` exits with, which is what `git bisect run` reads: 0, 1, 125, 128. */
int verdict_exit_code(enum verdict verdict);

#endif
