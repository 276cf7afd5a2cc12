/* A campaign: its answer, what led to it, and its trials. */
#include "report/html_dump.h"
#include "report/html_svg.h"
#include "report/kernels.h"
#include "report/report.h"

#define LINES_SHOWN 12

static void add_rates(const struct campaign *campaign, struct html *html)
{
	static const char *const sides[] = { "side that fails", "other side" };

	for (size_t i = 0; i < ARRAY_SIZE(sides); i++) {
		const struct campaign_rate *rate = &campaign->rates[i];

		if (!rate->trials)
			continue;
		html_raw(html, "<div>");
		html_element(html, "dt", sides[i]);
		html_raw(html, "<dd>");
		add_rate(html, rate->failures, rate->trials);
		html_raw(html, " ");
		svg_interval(html, rate->failures, rate->trials);
		html_close(html, "dd");
		html_close(html, "div");
	}
}

static void add_list_fact(struct html *html, const char *name, const struct strv *list, const char *between)
{
	AUTO(buf) text = BUF_INIT;

	for (size_t i = 0; i < list->n; i++)
		buf_addf(&text, "%s%s", i ? between : "", list->v[i]);
	add_fact(html, name, text.s);
}

static void add_facts(const struct dump_run *run, struct html *html)
{
	const struct campaign *c = &run->campaign;
	AUTO_FREE char *took = seconds_text(run->seconds), *trials = xasprintf("%u", run->trials);
	AUTO_FREE char *sure = xasprintf("%.3f", c->probability), *asked = xasprintf("%.2f", c->confidence);

	html_raw(html, "<dl class=\"facts\">");
	add_fact(html, "kind", c->kind);
	add_fact(html, "scenario", c->scenario);
	add_fact(html, "looked for", c->find);
	add_fact(html, "git history", c->git);
	add_list_fact(html, "range", &c->range, " → ");
	add_fact(html, "probability", c->probability > 0 ? sure : "");
	add_fact(html, "confidence asked for", c->confidence > 0 ? asked : "");
	add_rates(c, html);
	add_list_fact(html, "holds 95 % of the probability", &c->likely, ", ");
	add_fact(html, "trials", trials);
	add_fact(html, "guests ran", took);
	html_raw(html, "<div><dt>started</dt><dd>");
	add_time(html, c->started);
	html_raw(html, "</dd></div>");
	if (*c->ended) {
		html_raw(html, "<div><dt>ended</dt><dd>");
		add_time(html, c->ended);
		html_raw(html, "</dd></div>");
	}
	html_close(html, "dl");
}

/* That of a matrix has a line for each cell that fails, which its table says better. */
static void add_explanation(const struct strv *lines, struct html *html)
{
	bool fold = lines->n > LINES_SHOWN;

	html_raw(html, "<section id=\"explanation\"><h2>In words</h2>\n");
	if (fold) {
		html_raw(html, "<details class=\"fold\"><summary>");
		html_textf(html, "%zu lines", lines->n);
		html_close(html, "summary");
	}
	html_raw(html, "<ul>");
	for (size_t i = 0; i < lines->n; i++)
		html_element(html, "li", lines->v[i]);
	html_raw(html, fold ? "</ul></details></section>\n" : "</ul></section>\n");
}

/* What may be the emulator's or the host's and not the kernel's. */
static void add_mixture(const struct record_list *trials, struct html *html)
{
	AUTO(strv) mixed = STRV_INIT;

	report_mixture(trials, false, &mixed);
	if (!mixed.n)
		return;
	html_raw(html, "<section id=\"mixed\"><h2>Trials that were not made alike</h2>\n<ul>");
	for (size_t i = 0; i < mixed.n; i++)
		html_element(html, "li", mixed.v[i]);
	html_raw(html, "</ul></section>\n");
}

static void add_answer(const struct dump_run *run, struct html *html)
{
	const struct campaign *c = &run->campaign;
	const char *answer = *c->answer ? c->answer : "running";

	html_element(html, "h1", c->name);
	html_raw(html, "<p class=\"lead\">");
	add_verdict(html, answer, answer);
	html_raw(html, " ");
	html_text(html, *c->sentence ? c->sentence : "not finished: no answer yet");
	html_close(html, "p");
	add_cause(html, c->comparison);
	add_facts(run, html);
	if (c->explanation.n)
		add_explanation(&c->explanation, html);
}

/* What can be sent on. */
static void add_report(const struct dump_run *run, const struct record_list *trials, struct html *html)
{
	const struct campaign *c = &run->campaign;
	AUTO(buf) text = BUF_INIT;

	if (c->culprit.n)
		report_culprit(c, &text);
	else
		report_text(c, trials, &text);
	html_raw(html, "<section id=\"report\"><h2>To send</h2>\n");
	add_copy(html, "report-text", text.s);
	html_close(html, "section");
}

/* The trial whose title tells most of a kernel: the first bad, else skip. */
static const char *title_of(const struct kernel *kernel)
{
	const struct record *telling = kernel_trial(kernel, 0);

	for (size_t i = kernel->n; i-- > 0;)
		if (kernel_trial(kernel, i)->verdict == kernel_verdict(kernel))
			telling = kernel_trial(kernel, i);
	return telling->title;
}

/* Two table cells. Of trials that asked several questions there is no common rate, so no interval. */
static void add_kernel_rate(const struct kernel *kernel, struct html *html)
{
	struct kernel_rate rate = kernel_rate(kernel, 0);
	unsigned failures = kernel->verdicts[VERDICT_BAD], trials = failures + kernel->verdicts[VERDICT_GOOD];

	if (rate.trials != trials) {
		html_textf(html, "%u/%u", failures, trials);
		html_raw(html, "</td><td>");
		return;
	}
	add_rate(html, failures, trials);
	html_raw(html, "</td><td>");
	svg_interval(html, failures, trials);
}

static void add_kernel(const struct kernel *kernel, size_t i, struct html *html)
{
	const struct record *first = kernel_trial(kernel, 0);
	const char *verdict = verdict_name(kernel_verdict(kernel));
	AUTO_FREE char *page = pagesize_text(first->guest_pagesize ? first->guest_pagesize : first->pagesize);
	AUTO_FREE char *href = xasprintf("#cell-%zu", i);

	html_raw(html, "<tr><th scope=\"row\">");
	html_open(html, "a", "href", href);
	html_textf(html, "%.*s", *first->commit ? 12 : 128, record_name(first));
	html_close(html, "a");
	html_raw(html, "</th>");
	html_element(html, "td", first->arch);
	html_element(html, "td", page);
	html_raw(html, "<td>");
	add_verdict(html, verdict, verdict);
	html_raw(html, "</td><td class=\"number\">");
	add_kernel_rate(kernel, html);
	html_raw(html, "</td><td class=\"wide\">");
	html_text(html, title_of(kernel));
	html_raw(html, "</td></tr>\n");
}

static void add_kernels(const struct kernels *kernels, struct html *html)
{
	static const char *const columns[] = { "kernel",     "arch",	   "page",	    "verdict",
					       "bad trials", "0 to 100 %", "what was seen", NULL };

	html_raw(html, "<section id=\"kernels\"><h2>Kernels</h2>\n");
	table_begin(html, "Kernels in the order of the list, with failed boots of all", columns);
	for (size_t i = 0; i < kernels->n; i++)
		add_kernel(&kernels->v[i], i, html);
	table_end(html);
	html_close(html, "section");
}

/* Trials that belong together, which "#cell-N" leads to. */
struct group {
	const char *name;
	const struct record *records;
	const size_t *trials; /* places in them */
	size_t n;
};

static void add_trial(const struct dump_run *run, const struct record *record, const struct group *head,
		      struct html *html)
{
	AUTO_FREE char *href = dump_has_page(run, record)
				   ? xasprintf("../trial/%s/%u.html", run->campaign.name, record->number)
				   : NULL;
	AUTO_FREE char *number = xasprintf("%u", record->number),
		       *took = seconds_text(record_seconds(record));
	AUTO_FREE char *rows = head ? xasprintf("%zu", head->n) : NULL;
	AUTO(buf) seen = BUF_INIT;

	factors_setting(&run->campaign, record, &seen);
	buf_addf(&seen, "%s%s", seen.len ? ": " : "", record->title);
	html_raw(html, "<tr>");
	if (head)
		html_element(html, "th", head->name, "scope", "rowgroup", "rowspan", rows);
	html_raw(html, "<td>");
	if (href)
		html_element(html, "a", number, "href", href);
	else
		html_text(html, number);
	html_raw(html, "</td><td>");
	add_verdict(html, verdict_name(record->verdict), verdict_name(record->verdict));
	html_raw(html, "</td>");
	html_element(html, "td", record->class);
	html_element(html, "td", seen.s, "class", "wide");
	html_element(html, "td", took, "class", "number");
	html_raw(html, "<td>");
	add_time(html, record->started);
	html_raw(html, "</td></tr>\n");
}

static void add_group(const struct dump_run *run, const struct group *group, size_t i, struct html *html)
{
	AUTO_FREE char *id = xasprintf("cell-%zu", i);

	html_open(html, "tbody", "id", id);
	for (size_t t = 0; t < group->n; t++)
		add_trial(run, &group->records[group->trials[t]], t ? NULL : group, html);
	html_close(html, "tbody");
}

static void trials_begin(const struct dump_run *run, struct html *html)
{
	static const char *const columns[] = { "of",   "trial",	  "verdict", "class", "what was seen",
					       "took", "started", NULL };

	html_raw(html, "<section id=\"trials\"><h2>Trials</h2>\n");
	if (run->trial_pages != DUMP_ALL) {
		html_raw(html, "<p>");
		html_textf(html,
			   "There are newer trials enough to fill a dashboard: %s of these %s a page here. ",
			   run->trial_pages == DUMP_NONE ? "none" : "the good ones",
			   run->trial_pages == DUMP_NONE ? "has" : "do not have");
		html_element(html, "code", "qbisect report --format html --output DIR");
		html_textf(html, " with %s behind it makes them all.", run->campaign.name);
		html_close(html, "p");
	}
	table_begin(html, "The trials, by what they tried", columns);
	html_raw(html, "</tbody>");
}

static void trials_end(struct html *html)
{
	html_raw(html, "<tbody>");
	table_end(html);
	html_close(html, "section");
}

static void add_kernel_trials(const struct dump_run *run, const struct kernels *kernels, struct html *html)
{
	trials_begin(run, html);
	for (size_t i = 0; i < kernels->n; i++) {
		const struct kernel *kernel = &kernels->v[i];
		struct group group = { record_name(kernel_trial(kernel, 0)), kernel->records, kernel->trials,
				       kernel->n };

		add_group(run, &group, i, html);
	}
	trials_end(html);
}

/* The cell of each trial, as its place among the run's; their number for none. */
static size_t *find_cells(const struct dump_run *run, const struct record_list *records)
{
	size_t *of = xcalloc(records->n, sizeof(*of));

	for (size_t t = 0; t < records->n; t++) {
		const struct record *r = &records->v[t];
		const struct cell *cell =
		    cells_find(&run->cells, r->candidate_name, r->environment_name, r->scenario);

		of[t] = cell ? (size_t)(cell - run->cells.v) : run->cells.n;
	}
	return of;
}

static void add_cell_trials(const struct dump_run *run, const struct record_list *records, struct html *html)
{
	AUTO_FREE size_t *trials = xcalloc(records->n, sizeof(*trials)), *of = find_cells(run, records);

	trials_begin(run, html);
	for (size_t i = 0; i < run->cells.n; i++) {
		const struct cell *cell = &run->cells.v[i];
		AUTO_FREE char *name = xasprintf("%s%s%s, %s", cell->scenario, *cell->environment ? ", " : "",
						 cell->environment, cell->candidate);
		struct group group = { name, records->v, trials, 0 };

		for (size_t t = 0; t < records->n; t++)
			if (of[t] == i)
				trials[group.n++] = t;
		add_group(run, &group, i, html);
	}
	trials_end(html);
}

static void add_matrix(const struct dump *dump, const struct dump_run *run, const struct record_list *trials,
		       struct html *html)
{
	html_raw(html, "<section id=\"matrix\"><h2>Cells</h2>\n");
	part_matrix(dump, run, "", 0, html);
	html_close(html, "section");
	part_history(dump, run, html);
	add_cell_trials(run, trials, html);
}

static void add_search(const struct dump_run *run, const struct record_list *trials, struct html *html)
{
	AUTO(kernels) kernels = KERNELS_INIT;

	kernels_collect(&run->campaign, trials, &kernels);
	part_factors(&run->campaign, html);
	part_decisions(run, html);
	add_kernels(&kernels, html);
	if (*run->campaign.answer)
		add_report(run, trials, html);
	add_kernel_trials(run, &kernels, html);
}

void page_campaign(const struct dump *dump, const struct dump_run *run, const struct record_list *trials,
		   struct html *html)
{
	struct page_place place = { "../", run->campaign.name, NULL };
	AUTO_FREE char *title = xasprintf("%s, qbisect", run->campaign.name);

	page_begin(dump, &place, title, html);
	add_answer(run, html);
	add_mixture(trials, html);
	if (str_eq(run->campaign.kind, "matrix"))
		add_matrix(dump, run, trials, html);
	else
		add_search(run, trials, html);
	page_end(dump, html);
}
