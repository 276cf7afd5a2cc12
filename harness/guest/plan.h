/* The plan that a guest reads (proto.h has the format), made from environments. Pure. */
#ifndef QB_PLAN_H
#define QB_PLAN_H

#include "config/environment.h"

struct plan_program {
	const char *path;	 /* host path of the program for workload exec; NULL: none */
	const char *const *args; /* its arguments, NULL-terminated; NULL: none */
};

/* One of the scenarios of a boot. */
struct plan_scenario {
	const char *name; /* for people, any text */
	const struct environment *env;
	struct plan_program program;
};

/*
 * Appends the text of /plan: `n` scenarios, at least one, that share a boot (environment_shares_boot()).
 * `modules` are the paths inside the guest, in load order; `events` is the device of the second serial.
 * ERR_USAGE: workload exec without a program, or too many arguments, modules or scenarios.
 */
int plan_write(const struct plan_scenario *scenarios, size_t n, const char *events,
	       const struct strv *modules, struct buf *out, struct err *err);

#endif
