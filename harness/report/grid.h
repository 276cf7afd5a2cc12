/* The cells of a matrix as a table: a row for each environment and scenario, a column for each candidate. Pure. */
#ifndef QB_GRID_H
#define QB_GRID_H

#include "store/cells.h"

struct grid_row {
	const char *environment, *scenario; /* the grid's */
};

struct grid {
	const struct cells *cells;
	struct strv candidates, environments, scenarios; /* names, sorted, for trials end in any order */
	struct grid_row *rows;				 /* those that have a cell */
	size_t n, cap;
};
#define GRID_INIT                                                                                            \
	{                                                                                                    \
		.cells = NULL                                                                                \
	}

/* The cells must outlive the grid, which must be fresh. */
void grid_make(const struct cells *cells, struct grid *grid);

/* A cell of the candidate that knows its kernel, or NULL. */
const struct cell *grid_kernel(const struct grid *grid, size_t candidate);

/* NULL: there is none. */
const struct cell *grid_cell(const struct grid *grid, const struct grid_row *row, size_t candidate);

void grid_release(struct grid *grid);
AUTO_DEFINE(grid, struct grid, grid_release);

#endif
