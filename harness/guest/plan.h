/* The plan that a guest reads (proto.h has the format), made from an environment. Pure. */
#ifndef QB_PLAN_H
#define QB_PLAN_H

#include "config/environment.h"

struct plan_program {
	const char *path;	 /* host path of the program for workload exec; NULL: none */
	const char *const *args; /* its arguments, NULL-terminated; NULL: none */
};

/*
 * Appends the text of /plan. `modules` are the paths inside the guest, in load order; `events` is the device
 * of the second serial. ERR_USAGE: workload exec without a program, or too many arguments or modules.
 */
int plan_write(const struct environment *env, const char *events, const struct strv *modules,
	       const struct plan_program *program, struct buf *out, struct err *err);

#endif
