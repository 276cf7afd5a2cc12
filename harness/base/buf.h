/*
 * A growing string. `s` is always a valid, NUL-terminated string, also when empty (and then not to be written
 * to). Out of memory ends the process with exit code 128: nothing here returns an error. A low-level
 * primitive: it knows nothing of any other part of qbisect.
 */
#ifndef QB_BUF_H
#define QB_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/banned.h"
#include "base/cleanup.h"

struct buf {
	char *s;
	size_t len;
	size_t cap; /* allocated bytes, 0 while `s` is the shared empty string */
};

extern char buf_empty[];
#define BUF_INIT                                                                                             \
	{                                                                                                    \
		buf_empty, 0, 0                                                                              \
	}

void buf_add(struct buf *b, const void *data, size_t len);
void buf_adds(struct buf *b, const char *s);
void buf_addc(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vaddf(struct buf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));

/* As one word of a POSIX shell, whatever is in it. */
void buf_add_shell_word(struct buf *b, const char *text);

/* Keeps the memory, drops the content. */
void buf_reset(struct buf *b);

/* The string is the caller's to free(); the buffer is empty and usable again. */
char *buf_steal(struct buf *b);

void buf_release(struct buf *b);
AUTO_DEFINE(buf, struct buf, buf_release);

/* Allocation that ends the process when memory is out; what it returns is zeroed and the caller's to
 * free(). */
void *xcalloc(size_t n, size_t size);
void *xreallocarray(void *p, size_t n, size_t size);
char *xstrdup(const char *s);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* *text, which is owned, becomes a copy of `value`; NULL: "". */
void str_replace(char **text, const char *value);

/* Makes room for one more at the end of an array that doubles: GROW(a, n, cap); a[n++] = x; */
#define GROW(array, n, cap)                                                                                  \
	do {                                                                                                 \
		if ((n) >= (cap)) {                                                                          \
			(cap) = (cap) ? 2 * (cap) : 8;                                                       \
			(array) = xreallocarray((array), (cap), sizeof(*(array)));                           \
		}                                                                                            \
	} while (0)

static inline bool str_eq(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

static inline bool str_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

static inline bool str_ends(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && str_eq(s + n - m, suffix);
}

/* A NULL-terminated list of strings that owns them; `v` is NULL while empty. */
struct strv {
	char **v;
	size_t n, cap;
};
#define STRV_INIT                                                                                            \
	{                                                                                                    \
		NULL, 0, 0                                                                                   \
	}

void strv_add(struct strv *list, const char *s);
void strv_addf(struct strv *list, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The place of the first one that is the same, or list->n. */
size_t strv_find(const struct strv *list, const char *s);
static inline bool strv_has(const struct strv *list, const char *s)
{
	return strv_find(list, s) < list->n;
}

/* Adds it unless it is there; returns whether it was new. */
bool strv_add_once(struct strv *list, const char *s);

void strv_release(struct strv *list);
AUTO_DEFINE(strv, struct strv, strv_release);

#endif
