/*
 * A matrix's file: candidates x environments x scenarios. Pure.
 *
 *	{
 *	  "name": "nightly",			runs of one name are compared with each other
 *	  "candidates": [
 *	    "ID",				as 'kernel list' shows it, see origin.h; also {"id": "ID"}
 *	    { "name": "64k", "suite": "trixie", "package": "linux-image-powerpc64le-64k:ppc64el" }
 *	  ],					the second kind is fetched when the matrix runs, the newest there is
 *	  "environments": [
 *	    { "name": "btrfs", "set": { "filesystem": "btrfs" } }
 *	  ],					default: one that sets nothing more
 *	  "scenarios": ["AD033", "AD029-AD041", "ADSP*"],	as scenario_select() takes them
 *	  "set": { "iterations": 2 },		for all; the keys of --set, an environment's own win
 *	  "exclude": [
 *	    { "candidates": ["*4k"], "environments": ["btrfs"], "scenarios": ["ADSP*"], "why": "..." }
 *	  ],					patterns as in a shell over names; one that is missing means all
 *	  "repeats": 1,				trials of each cell
 *	  "together": 20,			scenarios in one boot, at most; default 1
 *	  "budget": 120,			minutes, after which nothing new begins; default: no limit. A job
 *						that is in a cluster's queue then has begun: it is waited for
 *	  "slots": 2,				guests at a time; default: one for each core,
 *						in a cluster what its slurm.json says
 *	  "runtime": "slurm"			where they boot; default: "local"
 *	}
 *
 * A name tells a row apart from others and stays when its kernel gets newer; without one it is the id, or suite
 * and package.
 */
#ifndef QB_MATRIX_CONFIG_H
#define QB_MATRIX_CONFIG_H

#include "config/origin.h"
#include "config/scenario.h"

struct matrix_candidate {
	char *name;
	struct origin origin;
};

struct matrix_environment {
	char *name;
	struct strv set; /* "smp=4" */
};

struct matrix_exclusion {
	struct strv candidates, environments, scenarios; /* patterns; empty: all */
	char *why;
};

struct matrix_config {
	char *name;    /* NULL: none given */
	char *runtime; /* the same */
	struct matrix_candidate *candidates;
	struct matrix_environment *environments;
	struct matrix_exclusion *exclusions;
	size_t n_candidates, n_environments, n_exclusions;
	struct strv scenarios; /* selections */
	struct strv set;
	unsigned repeats, together, budget, slots; /* budget and slots 0: not given */
};
#define MATRIX_CONFIG_INIT                                                                                   \
	{                                                                                                    \
		.repeats = 1, .together = 1                                                                  \
	}

/* ERR_USAGE with file, line and column: also for a name twice, and an exclusion that matches no candidate or
 * no environment. */
int matrix_config_parse(const char *name, const char *text, size_t len, struct matrix_config *config,
			struct err *err);

/* Why a cell is left out, or NULL: it is not. */
const char *matrix_excluded(const struct matrix_config *config, const char *candidate,
			    const char *environment, const char *scenario);

void matrix_config_release(struct matrix_config *config);
AUTO_DEFINE(matrix_config, struct matrix_config, matrix_config_release);

#endif
