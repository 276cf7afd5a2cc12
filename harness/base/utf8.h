/* UTF-8 by RFC 3629: no over-long forms, no surrogates, nothing above U+10FFFF. */
#ifndef QB_UTF8_H
#define QB_UTF8_H

#include "base/buf.h"

/* Length (1 to 4) of the character at s, or 0 when the `len` bytes there do not begin with a valid one.
 * *code gets the code point. */
size_t utf8_next(const char *s, size_t len, uint32_t *code);

/* True for C0 and C1 controls and DEL: what a terminal could take for a command. */
bool utf8_is_control(uint32_t code);

/*
 * Appends text of unknown origin so that it is valid UTF-8, on one line, and harmless on a terminal:
 * controls become \n, \t, \xNN and so on, bytes that are no UTF-8 \xNN. A backslash stays as it is, so this
 * is for reading, not for decoding. What needs more than `limit` bytes (3 at least) ends with "..." within them,
 * so what was escaped once stays as it is when it is escaped with this limit again.
 */
void utf8_add_escaped(struct buf *out, const char *s, size_t len, size_t limit);

#endif
