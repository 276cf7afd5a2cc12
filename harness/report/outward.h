/*
 * Texts of records on their way to others: to a CI server, a database, a spreadsheet. Pure.
 *
 * What a guest said is hostile, and what the host said names its folders. So everything that leaves in a format
 * meant for others passes here and comes out as one line of valid UTF-8 in which
 *
 *	controls and bytes that are no UTF-8	are \n, \t, \x1b, ... (utf8_add_escaped())
 *	marks that turn or hide text, line	are \u202e, ...: bidirectional controls, U+2028, U+2029, the byte
 *	separators and noncharacters		order mark, U+FFFE, U+FFFF (which XML 1.0 does not allow either)
 *	absolute paths				have lost their folders: "cannot open disk.img: No space left"
 *
 * It is not yet quoted for any format: that is the renderer's own business.
 */
#ifndef QB_OUTWARD_H
#define QB_OUTWARD_H

#include "store/record.h"

#define OUTWARD_TEXT_MAX 4096  /* bytes of one text */
#define OUTWARD_LOG_MAX	 16384 /* bytes of a log */

/* Appends a text, cut to OUTWARD_TEXT_MAX. */
void outward_add(struct buf *out, const char *text);

/* The same of bytes, NUL among them. `folders`: for who may see them, absolute paths stay whole. */
void outward_add_bytes(struct buf *out, const char *data, size_t len, bool folders);

/* Appends what decided a trial, a line each: the console's line and the first failed iterations. At most
 * OUTWARD_LOG_MAX bytes; nothing when there is nothing. */
void outward_log(struct buf *out, const struct record *record);

#endif
