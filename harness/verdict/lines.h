/*
 * A serial console, cut into lines as its bytes come. Pure; nothing is allocated, nothing to release.
 *
 *	1. lines_init() with who takes the lines
 *	2. lines_feed() with bytes, in any split: the lines are the same
 *	3. lines_end(): a last line without its newline is given out too
 *
 * What comes out is clean: valid UTF-8 without control characters. Taken away are CR, NUL and other controls
 * and escape sequences (CSI, OSC and their kin; an unfinished one ends with its line, so it hides nothing
 * behind it). A tab becomes a space; bytes that are no UTF-8 and C1 controls become '?'.
 *
 * One line of the console may be given out in pieces, with the same number: at a carriage return alone (that
 * is how firmware overwrites its progress codes), and in front of a kernel time stamp in mid-line, which is
 * where printk() cut into the output of a program or of the firmware. Empty pieces are not given out.
 *
 * A piece of more than LINE_TEXT_MAX bytes is cut; the rest is counted and dropped, without end if need be.
 */
#ifndef QB_LINES_H
#define QB_LINES_H

#include "base/buf.h"

#define LINE_TEXT_MAX 1024

struct line {
	uint64_t number;  /* from 1, as `grep -n` counts */
	uint64_t offset;  /* of the piece's first byte */
	const char *text; /* without "<4>", "[   12.345678]" and "[   T123]"; valid during the call only */
	size_t len;
	uint64_t dropped; /* bytes of the text that were cut off */
	bool stamped;	  /* it had a time stamp, so printk() wrote it */
};

struct lines {
	void (*take)(void *arg, const struct line *line);
	void *arg;

	uint64_t number; /* of the current line: after lines_end() the count of lines */
	uint64_t fed;	 /* bytes */

	/* Private: the piece that is being read. */
	unsigned char state, stamp, stamp_digits;
	unsigned escape_len;
	bool stamped, high, begun;
	uint64_t start, dropped, stamp_start, stamp_dropped;
	size_t len, stamp_len;
	char text[LINE_TEXT_MAX + 1];
};

void lines_init(struct lines *l, void (*take)(void *arg, const struct line *line), void *arg);
void lines_feed(struct lines *l, const void *data, size_t len);
void lines_end(struct lines *l);

#endif
