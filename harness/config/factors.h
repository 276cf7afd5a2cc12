/*
 * A factor study's file: a setting that fails and one that passes. Pure.
 *
 *	{
 *	  "name": "bsc1224434",			folder below results/; default: verb and time
 *	  "scenario": "AD033",
 *	  "fails": {				the end that fails
 *	    "kernel": "ID|PATH",		or a package of a distribution, see origin.h
 *	    "environment": { "smp": 4, ... }	keys as for --set; what is not here is as in "environment" below
 *	  },
 *	  "passes": { ... },			the end that does not
 *	  "kernels": ["ID|PATH", ...],		more kernels, see below
 *	  "environment": { ... },		what both ends have in common
 *	  "confidence": 0.95,			how sure the whole answer must be
 *	  "trials": 200,			boots in all, at most; default: no limit
 *	  "end-trials": 60,			boots of one setting, at most
 *	  "runtime": "slurm"			where guests boot; default: "local"
 *	}
 *
 * The factors are whatever differs between the ends (differences.h): each key of the environment with two
 * values, and the kernel. Version, page size and architecture come with a kernel; when the kernels of the two
 * ends differ in more than one of these they are one factor, unless "kernels" has one with a mixture: with
 * 6.12 of 64k pages against 6.1 of 4k, 6.12 of 4k or 6.1 of 64k makes two factors of them.
 */
#ifndef QB_CONFIG_FACTORS_H
#define QB_CONFIG_FACTORS_H

#include "config/campaign.h"
#include "config/origin.h"

struct factors_end {
	struct origin kernel;
	struct strv set; /* "smp=4" */
};

struct factors_file {
	char *name; /* NULL: none given */
	char *scenario;
	char *runtime;		    /* NULL: none given */
	struct factors_end ends[2]; /* fails, passes */
	struct origin *kernels;
	size_t n_kernels;
	struct strv set;
	double confidence;
	unsigned trials, end_trials; /* trials 0: no limit */
};
#define FACTORS_FILE_INIT                                                                                    \
	{                                                                                                    \
		.confidence = 0.95, .end_trials = 60                                                         \
	}

/* ERR_USAGE with file, line and column. */
int factors_file_parse(const char *name, const char *text, size_t len, struct factors_file *file,
		       struct err *err);

void factors_file_release(struct factors_file *file);
AUTO_DEFINE(factors_file, struct factors_file, factors_file_release);

#endif
