/*
 * An error is a value with its chain.
 *
 * A function that can fail takes `struct err *err` last and returns 0, or -1 after err_set(). On success it
 * leaves *err untouched. On the way up err_wrap() adds context in front ("reading a.json: ..."). It is
 * printed once, in main(), which also turns the kind into the exit code. The text says what is wrong and what
 * to do next.
 */
#ifndef QB_ERR_H
#define QB_ERR_H

#include "base/cleanup.h"

enum err_kind {
	ERR_NONE = 0,
	ERR_HOST,	 /* the host's or qbisect's own fault: exit 128, never evidence */
	ERR_USAGE,	 /* command line or configuration: exit 129 */
	ERR_CANDIDATE,	 /* this kernel cannot be tested here: verdict skip, exit 125 */
	ERR_INTERRUPTED, /* ctrl-C or SIGTERM: exit 130 */
};

struct err {
	enum err_kind kind;
	char *text; /* owned; NULL while kind is ERR_NONE */
};

#define ERR_INIT                                                                                             \
	{                                                                                                    \
		ERR_NONE, NULL                                                                               \
	}

/* Sets *err (an earlier content is dropped) and returns -1, so that a caller can write
 * `return err_set(...)`. */
int err_set(struct err *err, enum err_kind kind, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* As err_set(), with ": " and strerror(errno) behind. */
int err_errno(struct err *err, enum err_kind kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "context: " before the text and returns -1. The kind stays. */
int err_wrap(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The exit code that design and man page promise for the kind. */
int err_exit_code(enum err_kind kind);

/* So that compiler and analyzers know what comes back. */
static inline int err_failed(void)
{
	return -1;
}
#define err_set(...)   (err_set(__VA_ARGS__), err_failed())
#define err_errno(...) (err_errno(__VA_ARGS__), err_failed())
#define err_wrap(...)  (err_wrap(__VA_ARGS__), err_failed())

void err_release(struct err *err);
AUTO_DEFINE(err, struct err, err_release);

#endif
