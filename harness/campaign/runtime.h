/*
 * Where boots take place. A campaign asks (campaign/booth.h), a runtime runs:
 *
 *	local	here, in the thread that asks
 *	slurm	each boot is a job of its own on some host of a cluster (campaign/slurm.h)
 *
 * What both run is an order: one boot of one candidate, with the questions that are asked in it. Both leave the same
 * folder and the same records, by the same code (booth_try()).
 */
#ifndef QB_RUNTIME_H
#define QB_RUNTIME_H

#include "base/buf.h"
#include "base/err.h"

struct booth;
struct campaign;
struct question;
struct record;

struct order {
	const struct booth *booth;
	const struct question *const *questions; /* n of them, which share the boot */
	size_t n;
	const struct campaign *campaign;
	const char *folder; /* that the boot leaves; it does not exist yet */
	const char *label;  /* for progress */
	struct strv *avoid; /* hosts on which a try of this broke; a runtime that knows hosts adds to it */
	struct record *records; /* n fresh ones */
	bool last_try;		/* nobody tries again when they are broken */
};

struct runtime;

struct runtime_ops {
	/* Blocks until the boot is over. 0: the records are filled, and the folder is there if the boot got so far.
	 * 1: the try was lost on the way, *err says how; whatever comes of it later is not counted twice. -1:
	 * ERR_USAGE, ERR_HOST, ERR_INTERRUPTED. Any number of threads may call it. */
	int (*run)(struct runtime *runtime, const struct order *order, struct err *err);
	/* The order's records have been kept: what was only held for them may go. May be NULL. */
	int (*kept)(struct runtime *runtime, const struct order *order, struct err *err);
	void (*close)(struct runtime *runtime);
};

/* The first member of every runtime's own struct. */
struct runtime {
	const struct runtime_ops *ops;
	bool away;	 /* boots take place on other hosts: what this one has or lacks does not matter */
	unsigned slots;	 /* boots at a time when nobody says how many; 0: as many as this host has cores */
	uint64_t memory; /* MiB that guests may have together; 0: as this host has */
	bool stopping;	 /* no boot that has not begun is waited for any more; see runtime_stop() */
};

/* Whether a runtime has that name. ERR_USAGE. */
int runtime_check(const char *name, struct err *err);

/* `name` NULL or "": local. `home` and `uri` are what --home and --connect mean to it; `uri` may be NULL. ERR_USAGE,
 * ERR_HOST. */
int runtime_open(const char *name, const char *home, const char *uri, struct runtime **runtime,
		 struct err *err);

/* An error has ended a campaign: run() comes back from what has not begun, with ERR_INTERRUPTED. */
void runtime_stop(struct runtime *runtime);

/* It has come back: another campaign may begin. */
void runtime_go_on(struct runtime *runtime);

static inline void runtime_close(struct runtime **runtime)
{
	if (*runtime)
		(*runtime)->ops->close(*runtime);
	*runtime = NULL;
}

#endif
