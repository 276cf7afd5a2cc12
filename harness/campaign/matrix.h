/* A matrix: candidates x environments x scenarios, guests side by side, compared with the run before. */
#ifndef QB_CAMPAIGN_MATRIX_H
#define QB_CAMPAIGN_MATRIX_H

#include "campaign/matrix_plan.h"
#include "store/campaign.h"

/* In the campaign's folder: its own copy of the file, for those who resume it. */
#define MATRIX_FILE	  "matrix.json"
#define MATRIX_FILE_LIMIT (4u << 20)

/*
 * Finds the kernel of each of the file's candidates: `ids` gives those that are known from a campaign that was
 * begun before ("" or missing: not), else they are found in the catalog, or fetched. One that cannot be fetched,
 * or that a suite does not have (any more), is `missing`, and its cells are skipped. Returns as many as
 * config->n_candidates, for matrix_kernels_free(). NULL and ERR_USAGE: one that is not in the catalog, or no name
 * of a suite or package. ERR_HOST: all are missing.
 */
struct matrix_kernel *matrix_kernels(const struct setup *setup, const struct matrix_config *config,
				     const struct strv *ids, struct err *err);
void matrix_kernels_free(struct matrix_kernel *kernels, size_t n);

/* The name of the newest finished run of that matrix, or NULL: there is none. The caller's to free(). */
char *matrix_newest(const struct setup *setup, const char *matrix);

/* All that a run of a matrix works with. Must not move. */
struct matrix_job {
	struct matrix_config config;
	struct matrix_kernel *kernels;
	struct cells before;
	char *previous; /* the run they are of; "": there is none */
	struct matrix_plan plan;
};
#define MATRIX_JOB_INIT                                                                                      \
	{                                                                                                    \
		.config = MATRIX_CONFIG_INIT, .before = CELLS_INIT, .plan = MATRIX_PLAN_INIT                 \
	}

/* Reads the text of a matrix's file (`path` for errors), finds its kernels and plans its cells. `begun`: the
 * campaign to go on with, NULL: a new one. ERR_USAGE, ERR_HOST. */
int matrix_open(const struct setup *setup, const char *path, const struct buf *text,
		const struct campaign *begun, struct matrix_job *job, struct err *err);

void matrix_close(struct matrix_job *job);
AUTO_DEFINE(matrix_job, struct matrix_job, matrix_close);

/*
 * Runs what is still wanted, guests side by side; records, and fills the campaign's answer and saves it:
 *
 *	regressed	a cell fails that did not in campaign->previous
 *	incomplete	none does, but some cell was never tried (out of budget, or every try broke), or was
 *			judged before and cannot be judged now
 *	passed		neither
 *
 * -1: ERR_USAGE, ERR_HOST, ERR_INTERRUPTED; what has been learnt until then is kept.
 */
int matrix_run(const struct setup *setup, struct matrix_job *job, struct campaign *campaign, struct err *err);

/* Puts what the cells say into the campaign's answer. */
void matrix_conclude(const struct matrix_plan *plan, const struct cells *before, struct campaign *campaign);

#endif
