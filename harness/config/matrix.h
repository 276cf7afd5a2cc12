/*
 * A matrix's file: candidates x environments x scenarios. Pure. Its keys, with their defaults, are those
 * that 'qbisect matrix --help' tells (cmd_matrix.c), which users have.
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
