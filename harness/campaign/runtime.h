/*
 * Where work takes place. A campaign asks, a runtime runs:
 *
 *	local	here, in the thread that asks
 *	slurm	each order is a job of its own on some host of a cluster (campaign/slurm.h)
 *
 * What both run is an order of one of two kinds: a boot of one candidate with the questions that are asked in it
 * (campaign/boot_order.h), and the build of a kernel (campaign/build_order.h). Both leave the same, by the same code, which
 * is the kind's here().
 */
#ifndef QB_RUNTIME_H
#define QB_RUNTIME_H

#include "base/buf.h"
#include "base/err.h"

struct campaign;
struct json_object;
struct order;
struct unit_result;

#define RUNTIME_TRIES 3 /* of an order that is lost */

/* What a host must have for an order. */
struct needs {
	const char *arch;      /* of its guest; NULL: it has none, it is a build */
	unsigned cpus, memory; /* MiB; of a guest alone: what a build has is the runtime's to say */
	unsigned seconds;      /* within which it ends in any case */
};

struct order_kind {
	bool alone; /* it takes all of a host: there is one at a time */

	/* Does it here and now. -1: as run() below. */
	int (*here)(const struct order *order, struct err *err);

	/* For a runtime that is away: what it takes, and what is particular to it in its unit (campaign/unit.h). */
	void (*need)(const struct order *order, struct needs *needs);
	void (*describe)(const struct order *order, struct json_object *unit);

	/* The same outcome as here(), from the result of the unit in that folder. 1: it is not this order's, or does not
	 * hold any more; *err says so. */
	int (*take)(const struct order *order, const char *folder, struct unit_result *result,
		    struct err *err);
};

/* The first member of each kind's own struct. */
struct order {
	const struct order_kind *kind;
	const struct campaign *campaign;
	const char *label;  /* for progress */
	struct strv *avoid; /* hosts on which a try of this broke; a runtime that knows hosts adds to it */
	bool last_try;	    /* of a boot: nobody tries again when it breaks; its unit is the same */
};

struct runtime;

struct runtime_ops {
	/* Blocks until it is done. 0: its outcome is there. 1: the try was lost on the way, *err says how; whatever comes of it
	 * later is not counted twice. -1: ERR_USAGE, ERR_HOST, ERR_INTERRUPTED; of a build ERR_CANDIDATE. Any number of threads
	 * may call it. */
	int (*run)(struct runtime *runtime, const struct order *order, struct err *err);
	/* The records of the boot that left that folder have been kept: what was only held for them may go. May be NULL. */
	int (*kept)(struct runtime *runtime, const struct campaign *campaign, const char *folder,
		    struct err *err);
	void (*close)(struct runtime *runtime);
};

/* The first member of every runtime's own struct. */
struct runtime {
	const struct runtime_ops *ops;
	bool away;	 /* work takes place on other hosts: what this one has or lacks does not matter */
	unsigned slots;	 /* boots at a time when nobody says how many; 0: as many as this host has cores */
	uint64_t memory; /* MiB that guests may have together; 0: as this host has */
	bool stopping;	 /* nothing that has not begun is waited for any more; see runtime_stop() */
};

/* Whether a runtime has that name. ERR_USAGE. */
int runtime_check(const char *name, struct err *err);

/* `name` NULL or "": local. `home` and `uri` are what --home and --connect mean to it; `uri` may be NULL. ERR_USAGE,
 * ERR_HOST. */
int runtime_open(const char *name, const char *home, const char *uri, struct runtime **runtime,
		 struct err *err);

/* An error has ended a campaign: run() comes back from what has not begun, with ERR_INTERRUPTED. */
void runtime_stop(struct runtime *runtime);
bool runtime_is_stopping(const struct runtime *runtime);

/* It has come back: another campaign may begin. */
void runtime_go_on(struct runtime *runtime);

/* -1, ERR_HOST: RUNTIME_TRIES tries at `what` were lost, the last one by what `why` says, which is no chance; what to do. */
int runtime_give_up(const struct order *order, const char *what, const char *why, struct err *err);

static inline void runtime_close(struct runtime **runtime)
{
	if (*runtime)
		(*runtime)->ops->close(*runtime);
	*runtime = NULL;
}

#endif
