/*
 * The plan that the host wrote (proto.h has the keys), or that the command line of a developer stands for: a
 * struct plan for each scenario, which holds what all of them have in common, too.
 */
#ifndef GUEST_PLAN_H
#define GUEST_PLAN_H

#include "util.h"

/* In the order of the words in plan.c. */
enum workload {
	WORKLOAD_AIOCP,
	WORKLOAD_EXEC,
	WORKLOAD_AIODIO_SPARSE,
	WORKLOAD_DIO_SPARSE,
	WORKLOAD_AIODIO_APPEND,
	WORKLOAD_DIO_APPEND,
	WORKLOAD_DIO_TRUNCATE,
	WORKLOAD_DIO_READ,
	WORKLOAD_PROBE,
	WORKLOAD_N
};
enum open_flags { FLAGS_NONE, FLAGS_DIRECT, FLAGS_SYNC };
enum probe_type { PROBE_MIXED, PROBE_MMAP, PROBE_PUNCH, PROBE_CUT, PROBE_APPEND };
enum judge { JUDGE_LTP, JUDGE_EXIT, JUDGE_KTAP, JUDGE_REGEX };
enum buffers { BUFFERS_ALIGNED, BUFFERS_MIXED, BUFFERS_512 };

struct plan {
	unsigned given; /* 1 << GUEST_PLAN_... for each key that came */
	uint64_t workload, flags, buffers, nocow, judge, probe;
	uint64_t blocksize, filesize, depth, files, seed;
	uint64_t children, appends, rounds, offset, readsize, runtime;
	uint64_t iterations, seconds, timelimit;
	char label[PROTO_LABEL_MAX + 1];
	char events[64], disk[64], fstype[16], mountoptions[256], exec[256], pattern[256];
	unsigned n_modules, n_args;
	char *module[PROTO_PLAN_MODULES_MAX]; /* "<path> [parameters]" */
	char *arg[PROTO_PLAN_ARGS_MAX];
	char error[160]; /* "" while all is well */
};

/* The defaults. */
void plan_init(struct plan *plan);

/* Sets one key. `value` is changed, and must live as long as the plan. False, with plan->error, when it is
 * wrong. */
bool plan_set(struct plan *plan, const char *key, char *value);

struct plan_list {
	struct plan boot; /* what comes before the first scenario; its `error` is the whole text's */
	struct plan *scenario;
	size_t n;
};

/*
 * Reads the whole text, which is changed and must live as long as the list; the list is filled from nothing.
 * False, with list->boot.error: something is wrong in one of the scenarios, or there is none.
 */
bool plan_parse(struct plan_list *list, char *text);

/* Whether all that the workload needs is there. */
bool plan_check(struct plan *plan);

const char *plan_workload(const struct plan *plan);

#endif
