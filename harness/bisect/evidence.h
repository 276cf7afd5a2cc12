/*
 * Evidence as text, in two forms. Pure.
 *
 * Our own, one line for each candidate, in the order of the graph:
 *
 *	trial ID FAILURES TRIALS
 *	skip ID REASON
 *
 * and that of `git bisect log`, so that a search can move between git and qbisect. In what we write, the
 * comment above a command holds the counts; git ignores it. A candidate whose trials disagree is on the side
 * where the posterior has it. From a log by git or by hand each command is one trial. A log may name its own
 * terms (git bisect start --term-old=... --term-new=...); old/new and good/bad are always known.
 *
 * Lines may end as those of DOS do. A reason is taken as utf8.h shows it: it may come from anybody.
 *
 * Reading adds to an engine. ERR_USAGE with the line: a candidate that is not in the graph, a line that
 * cannot be understood, trials beyond EVIDENCE_TRIALS_MAX; what stands before it has been added then.
 */
#ifndef QB_EVIDENCE_H
#define QB_EVIDENCE_H

#include "bisect/engine.h"

#define EVIDENCE_TRIALS_MAX 1000000 /* of one candidate, all that is read of it added up */

void evidence_write(const struct engine *engine, struct buf *out);
int evidence_read(const char *name, const char *text, struct engine *engine, struct err *err);

void evidence_write_git(struct engine *engine, struct buf *out);
int evidence_read_git(const char *name, const char *text, struct engine *engine, struct err *err);

#endif
