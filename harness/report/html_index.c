/* The first page: what changed, the newest run of each matrix, the campaigns, the health of the harness. */
#include "report/grid.h"
#include "report/html_dump.h"

#define FLIPS_SHOWN 8 /* of a kind, in a run */

static void add_stat(struct html *html, const char *word, unsigned n)
{
	AUTO_FREE char *text = xasprintf("%u %s", n, word);

	html_raw(html, "<li>");
	add_verdict(html, word, text);
	html_close(html, "li");
}

static size_t shown_runs(const struct dump *dump)
{
	size_t n = 0;

	for (size_t i = 0; i < dump->n; i++)
		n += dump->v[i].shown;
	return n;
}

static bool shown_matrices(const struct dump *dump)
{
	for (size_t i = 0; i < dump->n; i++)
		if (dump_is_newest(dump, &dump->v[i]))
			return true;
	return false;
}

static void add_summary(const struct dump *dump, struct html *html)
{
	html_raw(html, "<h1>Kernel test dashboard</h1>\n<p class=\"lead\">");
	html_textf(html, "%zu campaigns, %u trials; generated ", shown_runs(dump), dump->health.trials);
	add_time(html, dump->generated);
	html_raw(html, "<span data-age></span>.</p>\n<ul class=\"stats\">");
	for (int v = 0; v < VERDICT_N; v++)
		add_stat(html, verdict_name((enum verdict)v), dump->health.verdicts[v]);
	html_close(html, "ul");
}

static char *campaign_link(const struct dump_run *run)
{
	return xasprintf("campaign/%s.html", run->campaign.name);
}

static const char *matrix_title(const struct dump_run *run)
{
	return *run->campaign.matrix ? run->campaign.matrix : run->campaign.name;
}

static void add_flip(const struct dump_run *run, const struct dump_run *before, const struct cell *cell,
		     struct html *html)
{
	const struct cell *was =
	    before ? cells_find(&before->cells, cell->candidate, cell->environment, cell->scenario) : NULL;
	const char *change = cell_change_name(dump_change(before, cell));
	AUTO_FREE char *link = campaign_link(run);
	AUTO_FREE char *href = xasprintf("%s#cell-%zu", link, (size_t)(cell - run->cells.v));

	html_raw(html, "<li>");
	add_verdict(html, change, change);
	html_raw(html, " ");
	html_open(html, "a", "href", href);
	html_textf(html, "%s%s%s on %s", cell->scenario, *cell->environment ? ", " : "", cell->environment,
		   cell->candidate);
	html_close(html, "a");
	if (cell->trials)
		html_textf(html, ": %u/%u", cell->failures, cell->trials);
	if (was)
		html_textf(html, "%s before %u/%u", cell->trials ? "," : ":", was->failures, was->trials);
	if (cell->why)
		html_textf(html, "; %s", cell->why);
	html_close(html, "li");
}

/* Those of one kind, in the order of the table. Returns how many there are. */
static unsigned add_flips(const struct dump_run *run, const struct dump_run *before, enum cell_change change,
			  struct html *html)
{
	AUTO(grid) grid = GRID_INIT;
	unsigned n = 0;

	grid_make(&run->cells, &grid);
	for (size_t c = 0; c < grid.candidates.n; c++)
		for (size_t r = 0; r < grid.n; r++) {
			const struct cell *cell = grid_cell(&grid, &grid.rows[r], c);

			if (cell && dump_change(before, cell) == change && n++ < FLIPS_SHOWN)
				add_flip(run, before, cell, html);
		}
	if (n > FLIPS_SHOWN) {
		html_raw(html, "<li>");
		add_verdict(html, cell_change_name(change), cell_change_name(change));
		html_textf(html, " in %u more cells: see the table", n - FLIPS_SHOWN);
		html_close(html, "li");
	}
	return n;
}

/* What must be looked at first comes first. False: there is nothing to say. */
static bool add_run_changes(const struct dump *dump, const struct dump_run *run, struct html *html)
{
	static const enum cell_change order[] = { CELL_NEW_FAILURE, CELL_LOST, CELL_FIXED };
	AUTO_FREE char *link = campaign_link(run);
	AUTO(html) flips = { BUF_INIT, html->folders };
	unsigned n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		n += add_flips(run, dump_before(dump, run), order[i], &flips);
	if (!n && !*run->campaign.comparison)
		return false;
	html_raw(html, "<h3>");
	html_element(html, "a", matrix_title(run), "href", link);
	html_close(html, "h3");
	if (n) {
		html_raw(html, "<ul class=\"flips\">\n");
		html_raw(html, flips.out.s);
		html_close(html, "ul");
	}
	add_cause(html, run->campaign.comparison);
	return true;
}

static void add_changes(const struct dump *dump, struct html *html)
{
	bool any = false;

	html_raw(html, "<section id=\"changes\"><h2>Changed since the run before</h2>\n");
	for (size_t i = dump->n; i-- > 0;)
		if (dump_is_newest(dump, &dump->v[i]))
			any |= add_run_changes(dump, &dump->v[i], html);
	if (!any)
		html_raw(html,
			 "<p>Nothing: no cell of the newest runs fails that did not fail before, and none is "
			 "fixed.</p>\n");
	html_close(html, "section");
}

static void add_title(const struct dump_run *run, const char *link, struct html *html)
{
	const struct campaign *c = &run->campaign;
	const char *answer = *c->answer ? c->answer : "running";

	html_raw(html, "<h3>");
	html_element(html, "a", matrix_title(run), "href", link);
	html_raw(html, " ");
	add_verdict(html, answer, answer);
	html_close(html, "h3");
	html_raw(html, "<p>");
	html_textf(html, "%s; ", *c->sentence ? c->sentence : "not finished");
	add_time(html, c->started);
	html_close(html, "p");
}

/* Filled by the script, which shows it. */
static void add_filter(struct html *html)
{
	static const struct {
		const char *name, *label;
	} fields[] = {
		{ "arch", "Architecture" },	  { "page", "Page size" },  { "kernel", "Kernel" },
		{ "scenario", "Scenario" },	  { "verdict", "Verdict" }, { "rows", "Sort rows by" },
		{ "columns", "Sort columns by" },
	};

	html_raw(html, "<form id=\"filter\" hidden aria-label=\"Filter and sort\">");
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		html_raw(html, "<label>");
		html_text(html, fields[i].label);
		html_open(html, "select", "name", fields[i].name);
		html_raw(html, "</select></label>\n");
	}
	html_raw(html, "<button type=\"reset\">Show all</button><output role=\"status\"></output></form>\n");
}

static void add_matrices(const struct dump *dump, struct html *html)
{
	size_t n = 0;

	html_raw(html, "<section id=\"matrices\"><h2>Newest runs</h2>\n");
	for (size_t i = dump->n; i-- > 0;) {
		AUTO_FREE char *link = campaign_link(&dump->v[i]);

		if (!dump_is_newest(dump, &dump->v[i]))
			continue;
		add_title(&dump->v[i], link, html);
		part_matrix(dump, &dump->v[i], link, n++, html);
	}
	if (!n)
		html_raw(html, "<p>No matrix was run yet: <code>qbisect matrix FILE</code> runs one.</p>");
	html_close(html, "section");
}

static void add_campaign(const struct dump_run *run, size_t index, struct html *html)
{
	const struct campaign *c = &run->campaign;
	AUTO_FREE char *link = campaign_link(run), *took = seconds_text(run->seconds);
	AUTO_FREE char *number = xasprintf("%zu", index);
	const char *answer = *c->answer ? c->answer : "running";

	html_open(html, "tr", "data-campaign", number);
	html_raw(html, "<th scope=\"row\">");
	html_element(html, "a", c->name, "href", link);
	html_raw(html, "</th>");
	html_element(html, "td", c->kind);
	html_raw(html, "<td>");
	add_verdict(html, answer, answer);
	html_raw(html, "</td><td class=\"wide\">");
	html_text(html, *c->sentence ? c->sentence : "not finished");
	html_raw(html, "</td><td class=\"number\">");
	add_rate(html, run->verdicts[VERDICT_BAD], run->verdicts[VERDICT_BAD] + run->verdicts[VERDICT_GOOD]);
	html_raw(html, "</td><td class=\"number\">");
	html_text(html, took);
	html_raw(html, "</td><td>");
	add_time(html, c->started);
	html_raw(html, "</td></tr>\n");
}

static void add_campaigns(const struct dump *dump, struct html *html)
{
	static const char *const columns[] = { "campaign",   "kind",	   "answer",  "in words",
					       "bad trials", "guests ran", "started", NULL };
	size_t n = 0;

	html_raw(html, "<section id=\"campaigns\"><h2>Campaigns</h2>\n");
	table_begin(html, "All campaigns, the newest first", columns);
	for (size_t i = dump->n; i-- > 0;)
		if (dump->v[i].shown)
			add_campaign(&dump->v[i], n++, html);
	table_end(html);
	for (size_t i = 0; i < dump->damaged.n; i++) {
		html_raw(html, "<p class=\"damaged\"><strong>Not shown, damaged:</strong> ");
		html_text(html, dump->damaged.v[i]);
		html_close(html, "p");
	}
	html_close(html, "section");
}

void page_index(const struct dump *dump, const char *json, struct html *html)
{
	static const struct page_place place = { "", NULL, NULL };

	page_begin(dump, &place, "qbisect dashboard", html);
	add_summary(dump, html);
	if (shown_matrices(dump))
		add_changes(dump, html);
	add_filter(html);
	add_matrices(dump, html);
	add_campaigns(dump, html);
	part_health(dump, html);
	html_raw(html, "<script type=\"application/json\" id=\"data\">");
	html_raw(html, json);
	html_raw(html, "</script>\n");
	page_end(dump, html);
}
