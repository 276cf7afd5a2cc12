/*
 * What Slurm's programs print: the jobs of one user. Pure.
 */
#ifndef QB_SLURM_JOBS_H
#define QB_SLURM_JOBS_H

#include "base/buf.h"
#include "base/err.h"

/* For squeue --format. The name comes last, for those of others may have anything in them. */
#define JOBS_FORMAT "%i|%T|%N|%r|%j"

/* In front of the unit's name in that of its job. */
#define JOBS_PREFIX "qbisect-"

/* ENDS: its program has ended, its host is being cleaned. UNKNOWN: a state that this qbisect does not know, which changes
 * nothing. */
enum job_phase { JOB_WAITS, JOB_RUNS, JOB_UNKNOWN, JOB_ENDS, JOB_ENDED };

struct job {
	char *id, *state; /* "17", "NODE_FAIL" */
	char *node;	  /* the one that it runs on or ran on last; "" */
	char *reason;	  /* why it waits or has ended, "None" for no reason */
	char *unit;
};

struct jobs {
	struct job *v;
	size_t n, cap;
};
#define JOBS_INIT                                                                                            \
	{                                                                                                    \
		NULL, 0, 0                                                                                   \
	}

/* Appends those of squeue's lines that are ours. ERR_HOST: a line is not as JOBS_FORMAT says. */
int jobs_parse(const char *text, struct jobs *jobs, struct err *err);

enum job_phase job_phase(const struct job *job);

/* Whether a job that waits does so because the hosts that it may run on are down, drained or reserved. */
bool job_is_shut_out(const struct job *job);

/* Whether a job that waits does so because Slurm holds it: its launch failed, say. It will not begin until an admin releases it.
 * One that a user or an admin holds is not meant: they have their reasons. Who requeues it held has taken it from us. */
bool job_is_held(const struct job *job);

/* NULL: there is none. Of several jobs of a unit the one that may still give a result. */
const struct job *jobs_find(const struct jobs *jobs, const char *id);
const struct job *jobs_of_unit(const struct jobs *jobs, const char *unit);

/* The id in what sbatch --parsable prints, "17" or "17;cluster", the caller's to free(); NULL and ERR_HOST. */
char *jobs_submitted(const char *text, struct err *err);

void jobs_release(struct jobs *jobs);
AUTO_DEFINE(jobs, struct jobs, jobs_release);

#endif
