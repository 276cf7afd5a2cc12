/* A run of a matrix: its table, and how each cell went in the runs before. */
#include "report/grid.h"
#include "report/html_dump.h"
#include "report/html_svg.h"

#define ROWS_AT_ONCE 60 /* of more the browser lays out those that are seen */

static void add_column(const struct grid *grid, size_t c, struct html *html)
{
	const struct cell *cell = grid_kernel(grid, c);
	AUTO_FREE char *number = xasprintf("%zu", c), *page = pagesize_text(cell ? cell->pagesize : 0);

	html_open(html, "th", "scope", "col", "data-column", number);
	html_text(html, grid->candidates.v[c]);
	if (cell && *cell->arch) {
		html_raw(html, "<small>");
		html_textf(html, "%s, %s pages", cell->arch, page);
		html_raw(html, "</small>");
		/* A candidate is often called what its kernel is. */
		if (!strstr(grid->candidates.v[c], cell->release))
			html_element(html, "small", cell->release);
	}
	html_close(html, "th");
}

static void add_head(const struct grid *grid, bool environments, struct html *html)
{
	html_raw(html, "<thead><tr>");
	html_element(html, "th", "scenario", "scope", "col");
	if (environments)
		html_element(html, "th", "environment", "scope", "col");
	for (size_t c = 0; c < grid->candidates.n; c++)
		add_column(grid, c, html);
	html_raw(html, "</tr></thead>\n");
}

/* "20/20 BAD", in words as in marks. */
static void add_state(const struct cell *cell, struct html *html)
{
	enum cell_state state = cell_state(cell);
	AUTO(buf) text = BUF_INIT;

	if (cell->trials)
		buf_addf(&text, "%u/%u", cell->failures, cell->trials);
	if (state != CELL_GOOD)
		buf_addf(&text, "%s%s", cell->trials ? " " : "",
			 state == CELL_BAD ? "BAD" : cell_state_name(state));
	add_verdict(html, cell_state_name(state), text.s);
}

static void add_cell(const struct dump_run *run, const struct dump_run *before, const struct cell *cell,
		     const char *link, struct html *html)
{
	AUTO_FREE char *href = xasprintf("%s#cell-%zu", link, (size_t)(cell - run->cells.v));
	enum cell_change change = dump_change(before, cell);
	bool news = change != CELL_SAME && change != CELL_STILL_FAILING;

	html_open(html, "a", "href", href, "title", cell->why);
	add_state(cell, html);
	if (news) {
		html_raw(html, " ");
		html_element(html, "small", cell_change_name(change), "class", "news");
	}
	html_close(html, "a");
}

static void add_row(const struct dump_run *run, const struct dump_run *before, const struct grid *grid,
		    size_t r, bool environments, const char *link, struct html *html)
{
	const struct grid_row *row = &grid->rows[r];
	AUTO_FREE char *number = xasprintf("%zu", r);

	html_open(html, "tr", "data-row", number);
	html_element(html, "th", row->scenario, "scope", "row");
	if (environments)
		html_element(html, "td", row->environment);
	for (size_t c = 0; c < grid->candidates.n; c++) {
		const struct cell *cell = grid_cell(grid, row, c);
		AUTO_FREE char *column = xasprintf("%zu", c);

		html_open(html, "td", "data-column", column, "class",
			  cell ? cell_state_name(cell_state(cell)) : "none");
		if (cell)
			add_cell(run, before, cell, link, html);
		html_close(html, "td");
	}
	html_close(html, "tr");
}

void part_matrix(const struct dump *dump, const struct dump_run *run, const char *link, size_t index,
		 struct html *html)
{
	const struct dump_run *before = dump_before(dump, run);
	AUTO_FREE char *number = xasprintf("%zu", index);
	AUTO_FREE char *caption =
	    xasprintf("Failed boots of all, by scenario and kernel: %s", run->campaign.name);
	AUTO(grid) grid = GRID_INIT;
	bool environments;

	grid_make(&run->cells, &grid);
	environments = grid.environments.n > 1 || (grid.environments.n && *grid.environments.v[0]);
	html_open(html, "div", "class", "scroll tall", "tabindex", "0", "role", "region", "aria-label",
		  caption);
	html_open(html, "table", "class", grid.n > ROWS_AT_ONCE ? "matrix large" : "matrix", "data-matrix",
		  number);
	html_element(html, "caption", caption);
	add_head(&grid, environments, html);
	html_raw(html, "<tbody>");
	for (size_t r = 0; r < grid.n; r++)
		add_row(run, before, &grid, r, environments, link, html);
	table_end(html);
}

/* The runs of a matrix up to this one. */
struct history {
	const struct dump_run *runs[HISTORY_RUNS];
	const struct cell *cells[HISTORY_RUNS]; /* of the cell at hand; NULL: the run has none */
	size_t n;
};

static void find_runs(const struct dump *dump, const struct dump_run *run, struct history *history)
{
	size_t n = 0, skip;

	for (const struct dump_run *r = dump->v; r <= run; r++)
		n += str_eq(r->campaign.kind, "matrix") && str_eq(r->campaign.matrix, run->campaign.matrix);
	skip = n > HISTORY_RUNS ? n - HISTORY_RUNS : 0;
	for (const struct dump_run *r = dump->v; r <= run; r++) {
		if (!str_eq(r->campaign.kind, "matrix") || !str_eq(r->campaign.matrix, run->campaign.matrix))
			continue;
		if (skip)
			skip--;
		else
			history->runs[history->n++] = r;
	}
}

/* False when it never failed. */
static bool find_cells(struct history *history, const struct cell *cell)
{
	bool failed = false;

	for (size_t i = 0; i < history->n; i++) {
		history->cells[i] =
		    cells_find(&history->runs[i]->cells, cell->candidate, cell->environment, cell->scenario);
		failed |= history->cells[i] && history->cells[i]->failures;
	}
	return failed;
}

static void add_history_plot(const struct history *history, struct html *html)
{
	struct svg_rate rates[HISTORY_RUNS] = { { 0, 0 } };

	for (size_t i = 0; i < history->n; i++)
		if (history->cells[i])
			rates[i] =
			    (struct svg_rate){ history->cells[i]->failures, history->cells[i]->trials };
	svg_history(html, rates, history->n);
}

static void add_history_run(const struct dump_run *run, const struct cell *cell, struct html *html)
{
	AUTO_FREE char *href = xasprintf("%s.html", run->campaign.name);

	html_raw(html, "<tr><th scope=\"row\">");
	if (run->shown)
		html_open(html, "a", "href", href);
	add_time(html, run->campaign.started);
	if (run->shown)
		html_close(html, "a");
	html_raw(html, "</th><td>");
	html_text(html, cell ? cell->release : "");
	html_raw(html, "</td><td>");
	if (cell)
		add_state(cell, html);
	html_raw(html, "</td><td class=\"number\">");
	add_rate(html, cell ? cell->failures : 0, cell ? cell->trials : 0);
	html_raw(html, "</td></tr>\n");
}

static void add_history(const struct history *history, const struct cell *cell, struct html *html)
{
	static const char *const columns[] = { "run", "kernel", "cell", "failed boots", NULL };
	AUTO_FREE char *name = xasprintf("%s%s%s, %s", cell->scenario, *cell->environment ? ", " : "",
					 cell->environment, cell->candidate);

	html_raw(html, "<details class=\"fold\"><summary>");
	add_verdict(html, cell_state_name(cell_state(cell)), name);
	html_close(html, "summary");
	html_raw(html, "<div class=\"beside\">");
	add_history_plot(history, html);
	table_begin(html, name, columns);
	for (size_t i = history->n; i-- > 0;)
		add_history_run(history->runs[i], history->cells[i], html);
	table_end(html);
	html_raw(html, "</div></details>\n");
}

/* The cells that are `failing` now, or those that are not but were, in the order of the table. Returns how many have
 * not failed at all. */
static size_t add_histories(struct history *history, const struct grid *grid, bool failing, struct html *html)
{
	size_t steady = 0;

	for (size_t i = 0; i < grid->n * grid->candidates.n; i++) {
		const struct grid_row *row = &grid->rows[i / grid->candidates.n];
		const struct cell *cell = grid_cell(grid, row, i % grid->candidates.n);

		if (cell && !find_cells(history, cell))
			steady++;
		else if (cell && failing == (cell->failures > 0))
			add_history(history, cell, html);
	}
	return steady;
}

void part_history(const struct dump *dump, const struct dump_run *run, struct html *html)
{
	struct history history = { .n = 0 };
	AUTO(grid) grid = GRID_INIT;
	size_t steady;

	if (!run->newest_runs)
		return;
	grid_make(&run->cells, &grid);
	find_runs(dump, run, &history);
	html_raw(html, "<section id=\"history\"><h2>Cells over the runs</h2>\n");
	add_histories(&history, &grid, true, html);
	steady = add_histories(&history, &grid, false, html);
	html_raw(html, "<p>");
	html_textf(html, "%zu of %zu cells have not failed in %s%zu run%s.", steady, run->cells.n,
		   history.n > 1 ? "the last " : "", history.n, history.n == 1 ? "" : "s");
	html_raw(html, "</p>");
	html_close(html, "section");
}
