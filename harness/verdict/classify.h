/*
 * A console, judged line by line against the table of signatures. Pure.
 *
 *	1. classify_new() with a compiled table, which must outlive it; classify_part() when the console is to be
 *	   cut into parts
 *	2. classify_feed() with bytes as they come, in any split
 *	3. classify_end(), then classify_top(), classify_target() and the list
 *
 * How many lines of a kind there are means nothing (the kernel limits the rate of some), so no line is
 * counted; of each row the first FINDINGS_PER_ROW findings are kept, in each part of the console, which bounds
 * the memory.
 *
 * Which finding is the log's, its "top": the one of the highest priority, and of these the first. Nothing
 * that comes behind a crash can become the top, for a crashed kernel says many things. A panic that follows
 * from an oops or a warning ("Fatal exception", "panic_on_warn set") belongs to that: its title is what a
 * kernel engineer looks for, and its class stays oops or warning, because the panic is only this
 * configuration's policy: without it the same bug on another machine is an oops alone, and the two should be
 * called the same. A line that another absorbs makes the class worse only when its own priority is higher: a
 * btrfs assertion (fs-error) that ends in BUG() is a bug.
 *
 * A line without a time stamp in a log that has them was not written by printk(): somebody repeats or forges
 * a kernel message. Such an `echo` is kept, counts less than anything else, and is no target.
 */
#ifndef QB_CLASSIFY_H
#define QB_CLASSIFY_H

#include "verdict/lines.h"
#include "verdict/signatures.h"

#define FINDINGS_PER_ROW  4   /* and one echo */
#define FINDING_TEXT_MAX  240 /* bytes of a title or of evidence */
#define FINDING_LINES_MAX 200 /* lines behind the first one that may belong to a report */

struct finding {
	const struct signature *row;
	enum finding_class class;
	unsigned priority;
	uint64_t line;	  /* of the console, from 1 */
	uint64_t offset;  /* in bytes */
	char *title;	  /* one line */
	char *text;	  /* the line, cut to FINDING_TEXT_MAX; printable, on one line */
	char *detail;	  /* the line behind it that $follow was taken from; may be NULL */
	bool after_crash; /* a crash came before it */
	bool echo;	  /* see above */

	/* Private. */
	char *groups[SIGNATURE_GROUPS], *place, *follow;
};

struct classify;

struct classify *classify_new(const struct signatures *table);

/*
 * Cuts the console into parts: a line of the kernel's own that begins with `mark` and the number of the next
 * part, counted from 1, opens it; `n` is how many there can be. A report ends with its part. `mark` must outlive
 * the classifier.
 */
void classify_part(struct classify *c, const char *mark, size_t n);

/* Where part `i`, counted from 1, begins, in bytes. False: its mark was not seen. */
bool classify_part_at(const struct classify *c, size_t i, uint64_t *offset);

void classify_feed(struct classify *c, const void *data, size_t len);
void classify_end(struct classify *c);

/* The most important finding that begins in the bytes from `from` to before `until`, or NULL: they are clean. May
 * be asked at any time. */
const struct finding *classify_top(const struct classify *c, uint64_t from, uint64_t until);

/*
 * The first finding of class "target" in these bytes that is the kernel's own, no echo and not behind a crash,
 * or NULL.
 */
const struct finding *classify_target(const struct classify *c, uint64_t from, uint64_t until);

/* Findings in the order of the console. */
size_t classify_count(const struct classify *c);
const struct finding *classify_at(const struct classify *c, size_t i);

/* Lines so far; all of them after classify_end(). */
uint64_t classify_lines(const struct classify *c);

void classify_free(struct classify *c);
static inline void classify_free_(struct classify **c)
{
	classify_free(*c);
}
AUTO_DEFINE(classify, struct classify *, classify_free_);

#endif
