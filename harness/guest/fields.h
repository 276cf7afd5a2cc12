/* The fields of the guest's lines (proto.h): each function checks one, and says whether it is as it must
 * be. */
#ifndef QB_GUEST_FIELDS_H
#define QB_GUEST_FIELDS_H

#include "guest/report.h"

#define BIT(n) (1U << (n))

enum field_type { TEXT, WORD, NUMBER, HEX, ERRNO, KIND };

/* The next word of a line, cut off in place; *rest moves behind it and one space. Empty at the end. */
char *field_take(char **rest);

/* Escaped text of 1 to size - 1 bytes; a word has no space and no '#'. */
bool field_is_text(const char *s, bool word, size_t size);

/* A name in capitals, as EIO, or a number. */
bool field_is_errno(const char *s);

/* Decimal digits without leading zeros, up to 2^64 - 1. */
bool field_number(const char *s, uint64_t *value);

/* Exactly 16 lower-case hex digits. */
bool field_hex(const char *s, uint64_t *value);

/* Where `name` is among names[0..n-1], or -1. */
int field_find(const char *const *names, size_t n, const char *name);

/* Takes the details of an iteration up to the end of the line into *f. False when one is not understood. */
bool field_details(struct guest_failure *f, char *rest);

#endif
