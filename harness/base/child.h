/*
 * Child processes: run to the end, with a deadline, and never left behind.
 *
 * A child gets its own process group and dies with its parent thread (PR_SET_PDEATHSIG). When the deadline
 * passes the whole group is killed and reaped. What a child started itself lives on when we are killed with
 * SIGKILL, but for one with `keep_fd`: that is ended then, if it has stayed in the group and there was a process to
 * be had that watches; else the lock tells the next qbisect as long as any of it lives.
 */
#ifndef QB_CHILD_H
#define QB_CHILD_H

#include "base/buf.h"
#include "base/err.h"

struct child {
	const char *const *argv; /* NULL-terminated; argv[0] is looked up as child_program() does */
	const char *dir;	 /* working folder; NULL: ours */
	const char *const
	    *env;	     /* NULL-terminated, over ours: "NAME=value" sets, "NAME" takes away; or NULL */
	const char *input;   /* file to read stdin from; NULL: /dev/null */
	const char *output;  /* file, made anew, for both streams; NULL: they are kept in the result */
	int keep_fd;	     /* stays open in it and in all that it starts, which end when we do; 0: none */
	int64_t timeout_ms;  /* must be positive */
	int64_t grace_ms;    /* not 0: it is asked first (SIGTERM), given that time to end in order, and asked
				too when we are interrupted (ERR_INTERRUPTED) */
	size_t memory;	     /* bytes of address space that it may have; 0: as many as we */
	size_t output_limit; /* bytes kept of each stream, the rest is read and dropped; 0: 1 MiB */
	void (*tick)(void *arg); /* called about every 200 ms while it runs; NULL: not */
	void *tick_arg;
};

struct child_result {
	int status; /* exit code; signal + 128; 127: the program is not installed; 126: not started */
	bool timed_out, killed; /* killed: by a signal, ours at the deadline too */
	struct buf out, err;	/* what it wrote; owned */
};
#define CHILD_RESULT_INIT                                                                                    \
	{                                                                                                    \
		0, false, false, BUF_INIT, BUF_INIT                                                          \
	}

/*
 * The path of a program: looked up in PATH, then in the sbin folders, which the PATH of an ordinary user
 * lacks and where mkfs and depmod are. NULL: not installed. The caller's to free().
 */
char *child_program(const char *name);

/*
 * Runs the child. 0: it ended by itself or was stopped at its deadline, see *res. -1: it could not be started;
 * ERR_INTERRUPTED: it was stopped, or died of a signal that ends us too.
 */
int child_run(const struct child *child, struct child_result *res, struct err *err);

/*
 * 0 when the result is exit status 0. Otherwise ERR_HOST with the command and the last lines of its stderr; a
 * missing program says which Debian package (`package`, may be NULL: named as the program) to install.
 */
int child_check(const struct child *child, struct child_result *res, const char *package, struct err *err);

/* 0 when it was started and ended by itself: what its status says is the caller's to understand. Otherwise as child_check(). */
int child_answered(const struct child *child, struct child_result *res, const char *package, struct err *err);

/* child_run() and child_check(). `out` (may be NULL) gets its stdout. */
int child_must(const struct child *child, const char *package, struct buf *out, struct err *err);

void child_result_release(struct child_result *res);
AUTO_DEFINE(child_result, struct child_result, child_result_release);

#endif
