#include "report/grid.h"

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names of one kind, each once. Sorted, for trials end in any order. */
static void list_names(const struct cells *cells, size_t offset, struct strv *out)
{
	for (size_t i = 0; i < cells->n; i++) {
		const char *name = *(char *const *)(const void *)((const char *)&cells->v[i] + offset);

		strv_add_once(out, name);
	}
	if (out->n)
		qsort(out->v, out->n, sizeof(*out->v), by_text);
}

static bool has_cell(const struct grid *grid, const struct grid_row *row)
{
	for (size_t c = 0; c < grid->candidates.n; c++)
		if (grid_cell(grid, row, c))
			return true;
	return false;
}

void grid_make(const struct cells *cells, struct grid *grid)
{
	grid->cells = cells;
	list_names(cells, offsetof(struct cell, candidate), &grid->candidates);
	list_names(cells, offsetof(struct cell, environment), &grid->environments);
	list_names(cells, offsetof(struct cell, scenario), &grid->scenarios);
	for (size_t e = 0; e < grid->environments.n; e++) {
		for (size_t s = 0; s < grid->scenarios.n; s++) {
			struct grid_row row = { grid->environments.v[e], grid->scenarios.v[s] };

			if (!has_cell(grid, &row))
				continue;
			GROW(grid->rows, grid->n, grid->cap);
			grid->rows[grid->n++] = row;
		}
	}
}

const struct cell *grid_kernel(const struct grid *grid, size_t candidate)
{
	const struct cells *cells = grid->cells;

	for (size_t i = 0; i < cells->n; i++)
		if (str_eq(cells->v[i].candidate, grid->candidates.v[candidate]) && cells->v[i].id)
			return &cells->v[i];
	return NULL;
}

const struct cell *grid_cell(const struct grid *grid, const struct grid_row *row, size_t candidate)
{
	return cells_find(grid->cells, grid->candidates.v[candidate], row->environment, row->scenario);
}

void grid_release(struct grid *grid)
{
	strv_release(&grid->candidates);
	strv_release(&grid->environments);
	strv_release(&grid->scenarios);
	free(grid->rows);
	*grid = (struct grid)GRID_INIT;
}
