/*
 * What is particular to a cluster, <home>/slurm.json. Pure.
 *
 *	{
 *	  "constraint": {			of jobs by their guests' architecture, as for sbatch --constraint;
 *	    "ppc64le": "arch:ppc64le",		one that is not here may run anywhere
 *	    "x86_64": "kvm"
 *	  },
 *	  "build": {				of jobs that build a kernel
 *	    "constraint": "gcc-12",		default: they may run anywhere
 *	    "cpus": 16, "memory": 8192		default 4 and 4096 (MiB)
 *	  },
 *	  "options": ["--partition=lab"],	more words for sbatch, of all jobs
 *	  "slots": 64				jobs at a time when a matrix does not say; default 256
 *	}
 */
#ifndef QB_SLURM_FILE_H
#define QB_SLURM_FILE_H

#include "base/buf.h"
#include "base/err.h"

#define SLURM_FILE	    "slurm.json"
#define SLURM_SLOTS_DEFAULT 256
#define SLURM_SLOTS_MAX	    4096
#define SLURM_BUILD_CPUS    4
#define SLURM_BUILD_MEMORY  4096

struct slurm_file {
	struct strv arches, constraints; /* of each architecture */
	char *build_constraint;		 /* NULL: none */
	unsigned build_cpus, build_memory;
	struct strv options;
	unsigned slots;
};
#define SLURM_FILE_INIT                                                                                      \
	{                                                                                                    \
		.build_cpus = SLURM_BUILD_CPUS, .build_memory = SLURM_BUILD_MEMORY,                          \
		.slots = SLURM_SLOTS_DEFAULT                                                                 \
	}

/* ERR_USAGE with file, line and column. */
int slurm_file_parse(const char *name, const char *text, size_t len, struct slurm_file *file,
		     struct err *err);

/* NULL: jobs of that architecture may run anywhere. */
const char *slurm_file_constraint(const struct slurm_file *file, const char *arch);

void slurm_file_release(struct slurm_file *file);
AUTO_DEFINE(slurm_file, struct slurm_file, slurm_file_release);

#endif
