/*
 * The runtime slurm: each boot or build is a unit (campaign/units.h) and a job of its own, which runs `qbisect worker` on it.
 *
 * There are no job arrays, though a matrix is many alike: tasks have one name, and one list of excluded hosts. Where
 * submitting is the limit, questions share a boot.
 *
 * A job's name is its unit's. Before a unit is submitted the queue is looked at for it, once for each campaign: what a
 * controller that was killed has left there is waited for and not submitted again. After that squeue is asked at most
 * once a second, however many units are waited for.
 *
 * A job that ends without a result, or that Slurm takes from its host and queues again, or holds because it could not be
 * launched there, is lost (struct runtime_ops): node failure, time limit, pre-emption, scancel, a full spool. The next try must
 * not run on that host, as long as another one is up; where the launch failed Slurm drains it. Closing cancels what is still in the queue, which is what an
 * interruption comes to.
 *
 * The home, and whatever a question brings along, must be on a file system that all hosts share, under one path; so
 * must be this program. What is particular to a cluster is in <home>/slurm.json (config/slurm.h): for a search a constraint
 * that equal hosts alone meet, since its trials are pooled.
 */
#ifndef QB_SLURM_H
#define QB_SLURM_H

#include "campaign/runtime.h"

/* Asks squeue once, so that what cannot work says so before a campaign begins. `uri`: one --connect at most, from the jobs'
 * hosts. ERR_USAGE: slurm.json; ERR_HOST. */
int slurm_open(const char *home, const char *uri, struct runtime **runtime, struct err *err);

#endif
