/* A factor study: which differences decide, and what says so. */
#include "report/html_dump.h"
#include "report/html_svg.h"

/* A pair that both ends have tells nothing of the trial. */
void factors_setting(const struct campaign *campaign, const struct record *record, struct buf *out)
{
	if (!campaign->passing_environment.n)
		return;
	for (size_t i = 0; i < record->environment.n; i++) {
		const char *pair = record->environment.v[i];

		if (!strv_has(&campaign->environment, pair) ||
		    !strv_has(&campaign->passing_environment, pair))
			buf_addf(out, "%s%s", out->len ? ", " : "", pair);
	}
}

static void add_factor(const struct factor *factor, struct html *html)
{
	const struct campaign_rate *rate = &factor->rate;

	html_raw(html, "<tr>");
	html_element(html, "th", factor->name, "scope", "row");
	html_element(html, "td", factor->fails);
	html_element(html, "td", factor->passes);
	html_open(html, "td");
	add_verdict(html, factor->role, factor->role);
	html_raw(html, "</td><td class=\"number\">");
	add_rate(html, rate->failures, rate->trials);
	html_raw(html, "</td><td>");
	svg_interval(html, rate->failures, rate->trials);
	html_raw(html, "</td><td class=\"wide\">");
	html_textf(html, "%s%s%s", rate->trials ? factor->rests_on : "not tried", *factor->reason ? "; " : "",
		   factor->reason);
	html_raw(html, "</td>");
	html_close(html, "tr");
}

void part_factors(const struct campaign *campaign, struct html *html)
{
	static const char *const columns[] = { "factor",     "fails",	   "passes",	   "it is",
					       "bad trials", "0 to 100 %", "what says so", NULL };

	if (!campaign->factors.n)
		return;
	html_raw(html, "<section id=\"factors\"><h2>Factors</h2>\n");
	table_begin(html, "The differences between where it fails and where it passes", columns);
	for (size_t i = 0; i < campaign->factors.n; i++)
		add_factor(&campaign->factors.v[i], html);
	table_end(html);
	html_close(html, "section");
}
