/* The verbs, each in its cmd_*.c; main.c's table lists those that qbisect has. */
#ifndef QB_CMD_H
#define QB_CMD_H

#include "base/opts.h"

extern const struct verb cmd_bisect, cmd_classify, cmd_db_check, cmd_db_gc, cmd_db_rebuild, cmd_doctor,
    cmd_factors, cmd_log, cmd_matrix, cmd_replay, cmd_report, cmd_resume, cmd_run, cmd_simulate, cmd_worker;
extern const struct verb cmd_kernel_build, cmd_kernel_fetch, cmd_kernel_import, cmd_kernel_list,
    cmd_kernel_remove, cmd_kernel_show;

/* For struct verb's `more`: the keys of --set. */
void cmd_keys_help(struct buf *out);

/* Prints the error, once, and returns the exit code of its kind. */
int cmd_fail(const struct err *err);

/* Writes out stdout; returns `status`, or 128 with a message when something did not get there. */
int cmd_flush(int status);

/*
 * Runs a verb that starts guests in a worker under a supervisor (base/supervisor.h). work() returns the exit
 * code, or -1 with *err set. To be called before any thread is started.
 */
int cmd_supervise(int (*work)(void *arg, struct err *err), void *arg);

struct buf;
struct campaign;

/* Reads a campaign's file. ERR_USAGE. */
int cmd_read_config(const char *path, struct buf *text, struct err *err);

/* Goes on with a factor study, or with no setup decides again from its records (factors_run()). Of *study
 * only the numbers may be used afterwards. */
struct setup;
struct study;
int cmd_study(const struct setup *setup, const char *catalog, struct campaign *campaign, struct study *study,
	      struct err *err);

/* Prints a campaign that has its answer; returns the exit code that goes with it, or -1 with *err set. */
int cmd_conclude(const struct campaign *campaign, bool json, struct err *err);

/* Adds to the error of a campaign that was interrupted how to go on; returns -1. */
int cmd_broken_off(const struct campaign *campaign, struct err *err);

/* The row of --runtime, for verbs that begin campaigns. */
#define CMD_OPT_RUNTIME(var)                                                                                 \
	OPT_STR(                                                                                             \
	    "runtime", "local|slurm", var,                                                                   \
	    "where guests boot and a history is built: here (default), or each as a job of a Slurm cluster")

/* The row of --connect. */
#define CMD_OPT_CONNECT(var)                                                                                 \
	OPT_ONCE(                                                                                            \
	    "connect", "URI", var,                                                                           \
	    "libvirt's URI (default qemu:///embed, which needs no daemon); qemu+ssh://HOST/system: guests run on HOST")

/* What the line says wins over the campaign's file; each may be NULL. "": this host. */
const char *cmd_runtime(const char *line, const char *file);

/* What the line said for every verb: --home and --quiet. */
extern struct opts_common cmd_common;

#endif
