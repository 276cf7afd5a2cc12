/* The first page: what changed, the newest run of each matrix, the campaigns, the health of the harness. */
#include "report/html_dump.h"

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

static void add_flip(const struct dump_run *run, const struct dump_run *before, const struct cell *cell,
		     struct html *html)
{
	const struct cell *was =
	    cells_find(&before->cells, cell->candidate, cell->environment, cell->scenario);
	const char *change = cell_change_name(dump_change(before, cell));
	AUTO_FREE char *link = campaign_link(run);
	AUTO_FREE char *href = xasprintf("%s#cell-%zu", link, (size_t)(cell - run->cells.v));

	html_raw(html, "<li>");
	add_verdict(html, change, change);
	html_raw(html, " ");
	html_open(html, "a", "href", href, NULL);
	html_textf(html, "%s%s%s on %s", cell->scenario, *cell->environment ? ", " : "", cell->environment,
		   cell->candidate);
	html_close(html, "a");
	html_textf(html, ": %u/%u", cell->failures, cell->trials);
	if (was)
		html_textf(html, ", before %u/%u", was->failures, was->trials);
	if (cell->why)
		html_textf(html, "; %s", cell->why);
	html_close(html, "li");
}

/* In the order of what must be looked at first. */
static unsigned add_flips(const struct dump *dump, const struct dump_run *run, struct html *html)
{
	static const enum cell_change order[] = { CELL_NEW_FAILURE, CELL_LOST, CELL_FIXED };
	const struct dump_run *before = dump_before(dump, run);
	unsigned n = 0;

	for (size_t o = 0; before && o < ARRAY_SIZE(order); o++)
		for (size_t i = 0; i < run->cells.n; i++)
			if (dump_change(before, &run->cells.v[i]) == order[o]) {
				if (!n++)
					html_raw(html, "<ul class=\"flips\">\n");
				add_flip(run, before, &run->cells.v[i], html);
			}
	if (n)
		html_close(html, "ul");
	return n;
}

static void add_changes(const struct dump *dump, struct html *html)
{
	unsigned n = 0;

	html_raw(html, "<section id=\"changes\"><h2>Changed since the run before</h2>\n");
	for (size_t i = dump->n; i-- > 0;)
		if (dump_is_newest(dump, &dump->v[i]))
			n += add_flips(dump, &dump->v[i], html);
	if (!n)
		html_raw(
		    html,
		    "<p>Nothing: no cell of the newest runs went another way than in the run before.</p>");
	html_close(html, "section");
}

static void add_title(const struct dump_run *run, const char *link, struct html *html)
{
	const struct campaign *c = &run->campaign;
	const char *answer = *c->answer ? c->answer : "running";

	html_raw(html, "<h3>");
	html_element(html, "a", *c->matrix ? c->matrix : c->name, "href", link, NULL);
	html_raw(html, " ");
	add_verdict(html, answer, answer);
	html_close(html, "h3");
	html_raw(html, "<p>");
	html_textf(html, "%s; ", *c->sentence ? c->sentence : "not finished");
	add_time(html, c->started);
	html_close(html, "p");
	add_cause(html, c->comparison);
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
		html_open(html, "select", "name", fields[i].name, NULL);
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

	html_open(html, "tr", "data-campaign", number, NULL);
	html_raw(html, "<th scope=\"row\">");
	html_element(html, "a", c->name, "href", link, NULL);
	html_raw(html, "</th>");
	html_element(html, "td", c->kind, NULL);
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
