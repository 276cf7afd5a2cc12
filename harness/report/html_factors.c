/* A factor study: which differences decide, and what says so. */
#include "report/html_dump.h"
#include "report/html_svg.h"

static void add_factor(const struct factor *factor, struct html *html)
{
	const struct campaign_rate *rate = &factor->rate;

	html_raw(html, "<tr>");
	html_element(html, "th", factor->name, "scope", "row");
	html_element(html, "td", factor->fails);
	html_element(html, "td", factor->passes);
	html_open(html, "td");
	html_element(html, "strong", factor->role);
	html_close(html, "td");
	html_element(html, "td", rate->trials ? factor->rests_on : "not tried");
	html_raw(html, "<td class=\"number\">");
	add_rate(html, rate->failures, rate->trials);
	html_raw(html, "</td><td>");
	svg_interval(html, rate->failures, rate->trials);
	html_raw(html, "</td>");
	html_element(html, "td", factor->reason);
	html_close(html, "tr");
}

void part_factors(const struct campaign *campaign, struct html *html)
{
	static const char *const columns[] = { "factor",     "fails",	   "passes", "it is", "what says so",
					       "bad trials", "0 to 100 %", "reason", NULL };

	if (!campaign->factors.n)
		return;
	html_raw(html, "<section id=\"factors\"><h2>Factors</h2>\n");
	table_begin(html, "The differences between where it fails and where it passes", columns);
	for (size_t i = 0; i < campaign->factors.n; i++)
		add_factor(&campaign->factors.v[i], html);
	table_end(html);
	html_close(html, "section");
}
