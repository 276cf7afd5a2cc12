/* The cells of a matrix that are to be tried, in which order, and which of them may share a boot. */
#ifndef QB_MATRIX_PLAN_H
#define QB_MATRIX_PLAN_H

#include "campaign/question.h"
#include "config/matrix.h"
#include "kernel/catalog.h"
#include "store/cells.h"

/* A candidate of the file and the kernel that it means tonight. */
struct matrix_kernel {
	const char *name; /* the file's */
	struct candidate candidate;
	char *missing; /* why there is none; NULL: there is. candidate.id and arch stand in for it */
};

struct matrix_cell {
	const struct matrix_kernel *kernel;
	const char *environment; /* name */
	char *scenario;		 /* as scenario_find() finds it; question.scenario */
	struct question question;
	char *refusal; /* why no boot makes sense, NULL: it does */
	size_t cell;   /* in plan->cells */
	int rank;      /* by what is known of it: the least first */
	double cost;   /* seconds it is expected to take; 0: not known */
	bool alone;    /* wants a boot of its own, after one that was shared */
	bool running, broken;
	bool put_off; /* until matrix_plan_again() */
};

struct matrix_plan {
	const struct matrix_config *config;
	struct matrix_cell *v;
	size_t n, cap;
	size_t excluded;    /* how many the file leaves out */
	struct cells cells; /* what this run has shown */

	/* private */
	size_t *order; /* places in `v`: what is least known first, then the cheapest */
	size_t done;   /* so many of them, from the first on, want nothing any more */
};
#define MATRIX_PLAN_INIT                                                                                     \
	{                                                                                                    \
		.config = NULL                                                                               \
	}

/*
 * Appends the labels (scenario_label()) of the scenarios that the file chooses; needs no kernel. ERR_USAGE: a
 * selection names nothing, an exclusion matches no scenario.
 */
int matrix_plan_scenarios(const struct setup *setup, const struct matrix_config *config, struct strv *labels,
			  struct err *err);

/*
 * Makes the cells of these scenarios. `kernels` are as many as the file's candidates, in its order; `before` is
 * what the run before has shown, or empty. ERR_USAGE: nothing is left, no cell fits the budget.
 */
int matrix_plan_make(const struct setup *setup, const struct matrix_config *config, const struct strv *labels,
		     const struct matrix_kernel *kernels, const struct cells *before,
		     struct matrix_plan *plan, struct err *err);

/* How many cells want trials, or have one under way. */
size_t matrix_plan_left(const struct matrix_plan *plan);

/*
 * The cells that the next boot is for: at most config->together, *n of them, in `out`, which has room for so
 * many. Cells that have been tried least come first, then those of which least is known, then the cheapest; those
 * that share a boot have one candidate and machine (environment_shares_boot()). 0: none wants a trial.
 */
size_t matrix_plan_next(struct matrix_plan *plan, struct matrix_cell **out);

/*
 * Takes a trial's record. What was not good in a shared boot gets one of its own. If even then the boot does not
 * come as far as to mount the file system, the cells that would boot the same way and were never tried are refused.
 */
void matrix_plan_take(struct matrix_plan *plan, struct matrix_cell *cell, const struct record *record);

/* A cell that was to be tried goes back, for it could not begin: to be tried again at any time, or (`later`) when
 * matrix_plan_again() says so, which tells how many those are. */
void matrix_plan_put_back(struct matrix_cell *cell, bool later);
size_t matrix_plan_again(struct matrix_plan *plan);

void matrix_plan_release(struct matrix_plan *plan);
AUTO_DEFINE(matrix_plan, struct matrix_plan, matrix_plan_release);

#endif
