#include "report/report.h"
#include "store/cells.h"

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names of one kind, each once. Sorted, for trials end in any order. */
static void list_names(const struct cells *cells, size_t offset, struct strv *out)
{
	for (size_t i = 0; i < cells->n; i++) {
		const char *name = *(char *const *)(const void *)((const char *)&cells->v[i] + offset);
		size_t at = 0;

		while (at < out->n && !str_eq(out->v[at], name))
			at++;
		if (at == out->n)
			strv_add(out, name);
	}
	if (out->n)
		qsort(out->v, out->n, sizeof(*out->v), by_text);
}

static size_t width_of(const struct strv *names, const char *head)
{
	size_t width = strlen(head);

	for (size_t i = 0; i < names->n; i++)
		if (strlen(names->v[i]) > width)
			width = strlen(names->v[i]);
	return width;
}

/* A cell of the candidate that knows its kernel, or NULL. */
static const struct cell *kernel_of(const struct cells *cells, const char *candidate)
{
	for (size_t i = 0; i < cells->n; i++)
		if (str_eq(cells->v[i].candidate, candidate) && cells->v[i].id)
			return &cells->v[i];
	return NULL;
}

/* The columns of the table, numbered. */
static void add_kernels(const struct cells *cells, const struct strv *candidates, struct buf *out)
{
	int width = (int)width_of(candidates, "name");

	buf_addf(out, "    %-*s  %-8s  %-4s  kernel\n", width, "name", "arch", "page");
	for (size_t i = 0; i < candidates->n; i++) {
		const struct cell *cell = kernel_of(cells, candidates->v[i]);
		AUTO_FREE char *page =
		    cell && cell->pagesize ? xasprintf("%uk", cell->pagesize / 1024) : xstrdup("?");

		buf_addf(out, "%2zu  %-*s  %-8s  %-4s  %s\n", i + 1, width, candidates->v[i],
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

/* False when the row has no cell. */
static bool add_row(const struct cells *cells, const struct strv *candidates, const char *environment,
		    const char *scenario, struct buf *out)
{
	bool any = false;

	for (size_t c = 0; c < candidates->n; c++) {
		const struct cell *cell = cells_find(cells, candidates->v[c], environment, scenario);

		any |= cell != NULL;
		add_cell(cell, out);
	}
	return any;
}

static void trim(struct buf *out)
{
	while (out->len && out->s[out->len - 1] == ' ')
		out->s[--out->len] = '\0';
	buf_addc(out, '\n');
}

static void add_rows(const struct cells *cells, const struct strv *candidates,
		     const struct strv *environments, const struct strv *scenarios, struct buf *out)
{
	int env_width = (int)width_of(environments, ""), width = (int)width_of(scenarios, "scenario");

	buf_addf(out, "%-*s%s%-*s", env_width, "", env_width ? "  " : "", width, "scenario");
	for (size_t c = 0; c < candidates->n; c++)
		buf_addf(out, "  %-9zu", c + 1);
	trim(out);
	for (size_t e = 0; e < environments->n; e++) {
		for (size_t s = 0; s < scenarios->n; s++) {
			AUTO(buf) row = BUF_INIT;

			if (!add_row(cells, candidates, environments->v[e], scenarios->v[s], &row))
				continue;
			buf_addf(out, "%-*s%s%-*s%s", env_width, environments->v[e], env_width ? "  " : "",
				 width, scenarios->v[s], row.s);
			trim(out);
		}
	}
}

void report_matrix(const struct campaign *campaign, const struct record_list *records, struct buf *out)
{
	AUTO(cells) cells = CELLS_INIT;
	AUTO(strv) candidates = STRV_INIT, environments = STRV_INIT, scenarios = STRV_INIT;

	cells_add_all(&cells, records);
	list_names(&cells, offsetof(struct cell, candidate), &candidates);
	list_names(&cells, offsetof(struct cell, environment), &environments);
	list_names(&cells, offsetof(struct cell, scenario), &scenarios);
	buf_addf(out, "matrix %s: %zu trials, started %s\n\n", campaign->name, records->n, campaign->started);
	add_kernels(&cells, &candidates, out);
	add_rows(&cells, &candidates, &environments, &scenarios, out);
}
