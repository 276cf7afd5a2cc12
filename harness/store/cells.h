/*
 * The cells of a matrix: one candidate, one environment, one scenario, and what its trials have shown.
 */
#ifndef QB_CELLS_H
#define QB_CELLS_H

#include "bisect/common.h"
#include "store/campaign.h"

enum cell_state {
	CELL_NONE, /* no trial yet, or none that says anything */
	CELL_GOOD,
	CELL_FLAKY, /* some trials failed, some passed */
	CELL_BAD,
	CELL_SKIP, /* the trials could not say anything: `why` */
	CELL_STATES
};

/* What became of a cell since the run before. */
enum cell_change {
	CELL_SAME, /* nothing that anybody must look at */
	CELL_NEW_FAILURE,
	CELL_FIXED,
	CELL_STILL_FAILING,
	CELL_LOST,	   /* it was judged, and is not now */
	CELL_NOW_AND_THEN, /* it fails or passes otherwise than before, with the very same kernel */
	CELL_CHANGES
};

struct cell {
	char *candidate, *environment, *scenario; /* names */
	unsigned failures, trials;		  /* good and bad ones */
	unsigned skips;
	bool untestable; /* no trial can say anything */
	double seconds;	 /* of all its trials, without builds */

	/* of its last trial */
	char *id; /* of the candidate */
	char *arch, *release, *filesystem;
	unsigned pagesize; /* as the guest read it, else as the candidate says; 0: not known */
	char *
	    settings; /* of the environment and the scenario, that are not the defaults; NULL: no trial yet */

	char *why; /* title of the first bad trial, else of the last skip; NULL */
};

struct cells {
	struct cell *v;
	size_t n, cap;
	size_t *slots, n_slots; /* by a hash of the names places in `v`, from 1; 0: a free slot */
};
#define CELLS_INIT                                                                                           \
	{                                                                                                    \
		.v = NULL                                                                                    \
	}

/* The cell of these names; made at the end when it is not there. It stays in place until the next is made. */
struct cell *cells_at(struct cells *cells, const char *candidate, const char *environment,
		      const char *scenario);

/* The same without making one: NULL. */
const struct cell *cells_find(const struct cells *cells, const char *candidate, const char *environment,
			      const char *scenario);

/* Counts a trial. A broken one is no evidence, and a skip in a shared boot may be another scenario's fault. */
void cells_add(struct cells *cells, const struct record *record);
void cells_add_all(struct cells *cells, const struct record_list *records);

/*
 * Appends the cells of a campaign in `results`; none when it is not there any more. Of a matrix those that it did
 * not judge are as the run before it left them, and so on, CELLS_RUNS runs back at most. ERR_HOST: one is damaged.
 */
#define CELLS_RUNS 20
int cells_load(const char *results, const char *name, struct cells *cells, struct err *err);

enum cell_state cell_state(const struct cell *cell);
const char *cell_state_name(enum cell_state state);

/* Whether both asked the same: a name may stand for other settings since its file was changed. */
bool cell_asked_alike(const struct cell *before, const struct cell *now);

/* `before` NULL: there was no such cell; one that asked something else does not count either. */
enum cell_change cell_change(const struct cell *before, const struct cell *now);
const char *cell_change_name(enum cell_change change);

/* What the failures have in common (bisect/common.h), in words; "" when the evidence says nothing. */
void cells_common(const struct cells *cells, struct buf *out);

void cells_release(struct cells *cells);
AUTO_DEFINE(cells, struct cells, cells_release);

#endif
