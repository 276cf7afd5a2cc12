/*
 * The runtime slurm's own: what is known of the cluster, and a unit's stay in its queue.
 */
#ifndef QB_SLURM_STAY_H
#define QB_SLURM_STAY_H

#include <pthread.h>

#include "campaign/runtime.h"
#include "campaign/slurm_jobs.h"
#include "config/slurm.h"

#define SLURM_LOOK_MS	 1000	/* between two looks at the queue */
#define SLURM_SILENCE_MS 600000 /* without a word of slurmctld */
#define SLURM_ENDS_MS	 600000 /* that a job takes to end: some wait for an admin */

struct slurm {
	struct runtime base;
	struct slurm_file file;
	char *home, *connect, *program;
	pthread_mutex_t lock; /* guards what follows, and lets one program run at a time */
	struct jobs jobs;     /* as of `looked` */
	int64_t asked, looked, silent_since, refused_since;
	int64_t full_until;    /* nothing is submitted before; 0: the queue has never been full */
	bool unsure;	       /* the queue may have jobs of ours that we do not know */
	struct strv ours;      /* ids of jobs that are waited for */
	struct strv campaigns; /* folders of those whose units were asked for */
	struct strv busy;      /* folders of units that a thread waits for, or has taken in */
};

#define SLURM_LOG "log." /* and the job's id: in the unit's folder */

/* A unit that is waited for. */
struct stay {
	struct slurm *slurm;
	const struct order *order;
	const char *folder; /* the unit's */
	char *id;	    /* of its job */
	char *node;	    /* that it runs on or did; NULL: none yet */
	char *lost;	    /* why there will be no result; NULL: there may be */
	enum job_phase phase;
	bool told;	    /* that it waits for something */
	bool anywhere;	    /* hosts are not avoided any more */
	bool shut_out;	    /* it waits, and the hosts that are not avoided are away */
	int64_t ends_since; /* its job is about to end; 0: it is not */
	int64_t since;	    /* submitted, found in the queue, or the last try at that; 0: there was none */
};

/* Under the lock. The queue as it is, unless it was asked for at `since` or later. A Slurm that does not answer leaves
 * slurm->looked as it was. -1: ERR_INTERRUPTED; ERR_HOST: it has been silent for too long. */
int slurm_look(struct slurm *slurm, int64_t since, struct err *err);

/* Whether it is not to be waited for any more. */
bool stay_is_stopping(const struct stay *stay);

/* Finds the unit's job in the queue, or submits one. ERR_INTERRUPTED: nobody waits for it any more; ERR_HOST. */
int stay_begin(struct stay *stay, struct err *err);

/* What the queue says of the job. */
int stay_see(struct stay *stay, struct err *err);

#endif
