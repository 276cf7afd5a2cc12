/* A search, decision by decision: how the posterior narrowed. */
#include "report/html_dump.h"
#include "report/html_svg.h"
#include "store/decision.h"

static char mark_of(const struct decision *decision)
{
	if (!decision->failures)
		return decision->passes ? 'g' : 's';
	return decision->passes ? 'f' : 'b';
}

static void add_plot(const struct campaign *campaign, const struct decision_list *list, struct html *html)
{
	AUTO_FREE struct svg_step *steps = xcalloc(list->n, sizeof(*steps));

	for (size_t i = 0; i < list->n; i++)
		steps[i] =
		    (struct svg_step){ (unsigned)strv_find(&campaign->candidates, list->v[i].candidate),
				       (unsigned)strv_find(&campaign->candidates, list->v[i].likeliest),
				       list->v[i].mass, mark_of(&list->v[i]) };
	html_open(html, "div", "class", "scroll");
	svg_search(html, steps, list->n, (unsigned)campaign->candidates.n);
	html_close(html, "div");
}

static void add_outcome(const struct decision *decision, struct html *html)
{
	if (decision->failures + decision->passes) {
		AUTO_FREE char *text =
		    xasprintf("%u/%u", decision->failures, decision->failures + decision->passes);
		char mark = mark_of(decision);

		add_verdict(html, mark == 'b' ? "bad" : mark == 'g' ? "good" : "flaky", text);
	}
	if (*decision->skip)
		add_verdict(html, "skip", decision->skip);
}

static void add_decision(const struct decision *decision, struct html *html)
{
	html_raw(html, "<tr><th scope=\"row\">");
	html_textf(html, "%u", decision->number);
	html_raw(html, "</th>");
	html_element(html, "td", decision->phase);
	html_raw(html, "<td>");
	html_textf(html, "%.40s", decision->candidate);
	html_raw(html, "</td><td>");
	add_outcome(decision, html);
	html_raw(html, "</td><td class=\"number\">");
	html_textf(html, "%+.2f", decision->told);
	html_raw(html, "</td><td>");
	html_textf(html, "%.40s", decision->likeliest);
	html_raw(html, "</td><td class=\"number\">");
	html_textf(html, "%.1f %%", 100 * decision->mass);
	html_raw(html, "</td>");
	html_element(html, "td", decision->why, "class", "wide");
	html_close(html, "tr");
}

void part_decisions(const struct dump_run *run, struct html *html)
{
	static const char *const columns[] = { "no.",	    "phase", "tried", "bad trials", "bits told",
					       "likeliest", "mass",  "why",   NULL };
	AUTO(decision_list) list = DECISION_LIST_INIT;
	AUTO(err) why = ERR_INIT;
	bool damaged = decisions_load(run->campaign.folder, false, &list, &why) < 0;

	if (!damaged && !list.n)
		return;
	html_raw(html, "<section id=\"decisions\"><h2>How the search narrowed</h2>\n");
	if (damaged) {
		html_element(html, "p", why.text);
	} else {
		add_plot(&run->campaign, &list, html);
		table_begin(html, "What was decided, why, and what it told", columns);
		for (size_t i = 0; i < list.n; i++)
			add_decision(&list.v[i], html);
		table_end(html);
	}
	html_close(html, "section");
}
