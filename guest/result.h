/* What an injected program's output and exit status mean, by the plan's `judge`. */
#ifndef GUEST_RESULT_H
#define GUEST_RESULT_H

#include <regex.h>

#include "emit.h"
#include "plan.h"

/* What its lines have said so far. */
struct result {
	enum judge judge;
	regex_t pattern; /* compiled only for JUDGE_REGEX */
	uint64_t lines;
	uint64_t ok, skipped; /* KTAP results */
	uint64_t planned,
	    outermost; /* what the plan announces, and results that are not nested; 0: no plan */
	bool bailed_out;
	uint64_t not_ok, match; /* the first line of each, from 1; 0: none */
};

/* A pattern that cannot be compiled is `broken`. */
void result_init(struct result *result, const struct plan *plan);

/* Takes a line without its newline. */
void result_line(struct result *result, const char *line, size_t len);

/*
 * Judges the wait status of the program, and frees:
 *
 *	ltp	0 passes; TCONF (32) alone is a skip; anything else fails, kind exec, with its status
 *	exit	0 passes; 125, as git bisect run has it, is a skip; anything else fails, kind exit
 *	ktap	"not ok" fails, kind not-ok; else "ok" with status 0 passes when there are as many results as
 *		the plan says, if there is one, and no "Bail out!"; nothing but "# SKIP" or status 4
 *		(KSFT_SKIP) is a skip; anything else fails, kind no-result
 *	regex	a line that matches fails, kind match; else status 0 passes; anything else fails, kind
 *		no-result
 *
 * A signal fails in any case, kind signal, when no line has failed it.
 */
void result_judge(struct result *result, int status, struct outcome *outcome);

#endif
