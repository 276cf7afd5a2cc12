#include "report/grid.h"
#include "report/report.h"

static size_t width_of(const struct strv *names, const char *head)
{
	size_t width = strlen(head);

	for (size_t i = 0; i < names->n; i++)
		if (strlen(names->v[i]) > width)
			width = strlen(names->v[i]);
	return width;
}

/* The columns of the table, numbered. */
static void add_kernels(const struct grid *grid, struct buf *out)
{
	int width = (int)width_of(&grid->candidates, "name");

	buf_addf(out, "    %-*s  %-8s  %-4s  kernel\n", width, "name", "arch", "page");
	for (size_t i = 0; i < grid->candidates.n; i++) {
		const struct cell *cell = grid_kernel(grid, i);
		AUTO_FREE char *page =
		    cell && cell->pagesize ? xasprintf("%uk", cell->pagesize / 1024) : xstrdup("?");

		buf_addf(out, "%2zu  %-*s  %-8s  %-4s  %s\n", i + 1, width, grid->candidates.v[i],
			 cell ? cell->arch : "?", page, cell ? cell->id : "?");
	}
	buf_addc(out, '\n');
}

/* "0/2", "2/2 BAD": a word where something is to be seen, for who cannot see a mark. */
static void add_cell(const struct cell *cell, struct buf *out)
{
	AUTO(buf) text = BUF_INIT;

	if (!cell)
		buf_adds(&text, "");
	else if (cell->trials)
		buf_addf(&text, "%u/%u%s", cell->failures, cell->trials,
			 cell_state(cell) == CELL_BAD	  ? " BAD"
			 : cell_state(cell) == CELL_FLAKY ? " FLAKY"
							  : "");
	else
		buf_adds(&text, cell_state(cell) == CELL_SKIP ? "skip" : "-");
	buf_addf(out, "  %-9s", text.s ? text.s : "");
}

static void add_row(const struct grid *grid, const struct grid_row *row, struct buf *out)
{
	for (size_t c = 0; c < grid->candidates.n; c++)
		add_cell(grid_cell(grid, row, c), out);
}

static void trim(struct buf *out)
{
	while (out->len && out->s[out->len - 1] == ' ')
		out->s[--out->len] = '\0';
	buf_addc(out, '\n');
}

static void add_rows(const struct grid *grid, struct buf *out)
{
	int env_width = (int)width_of(&grid->environments, "");
	int width = (int)width_of(&grid->scenarios, "scenario");

	buf_addf(out, "%-*s%s%-*s", env_width, "", env_width ? "  " : "", width, "scenario");
	for (size_t c = 0; c < grid->candidates.n; c++)
		buf_addf(out, "  %-9zu", c + 1);
	trim(out);
	for (size_t i = 0; i < grid->n; i++) {
		const struct grid_row *row = &grid->rows[i];

		buf_addf(out, "%-*s%s%-*s", env_width, row->environment, env_width ? "  " : "", width,
			 row->scenario);
		add_row(grid, row, out);
		trim(out);
	}
}

void report_matrix(const struct campaign *campaign, const struct record_list *records, struct buf *out)
{
	AUTO(cells) cells = CELLS_INIT;
	AUTO(grid) grid = GRID_INIT;

	cells_add_all(&cells, records);
	grid_make(&cells, &grid);
	buf_addf(out, "matrix %s: %zu trials, started %s\n\n", campaign->name, records->n, campaign->started);
	add_kernels(&grid, out);
	add_rows(&grid, out);
}
