/* Slurm's programs, each with a deadline. */
#ifndef QB_SLURM_CALL_H
#define QB_SLURM_CALL_H

#include "campaign/slurm_jobs.h"

/* Which of them there must be. ERR_HOST names the package. */
int slurm_look_for_programs(struct err *err);

/* Every job of this user that slurmctld still knows, those that have ended among them. *jobs must be fresh. ERR_HOST; unless
 * it is to go on `to_the_end`, ERR_INTERRUPTED. */
int slurm_squeue(struct jobs *jobs, bool to_the_end, struct err *err);

struct slurm_request {
	const char *unit, *log;		/* the job's id is appended to the log's name */
	const struct buf *command;	/* for a shell */
	unsigned cpus, memory, minutes; /* MiB */
	const char *constraint;		/* NULL: none */
	const struct strv *avoid;	/* hosts, where it must not run */
	const struct strv *options;	/* more words */
};

#define SLURM_FULL 2

/* Not interrupted by what interrupts us: nobody would know whether there is a job then. 0: *id is the job's, the caller's
 * to free(). 1: slurmctld did not answer, and may have the job or not. SLURM_FULL: this user has as many jobs as the
 * admin allows. -1: ERR_HOST, it was refused. *err is set in all but the first. */
int slurm_sbatch(const struct slurm_request *request, char **id, struct err *err);

/* Not interrupted by what interrupts us. ERR_HOST. */
int slurm_scancel(const struct strv *ids, struct err *err);

#endif
