/* A factor study: a row for each difference. */
#include "report/report.h"

enum { NAME, FAILS, PASSES, ROLE, COLUMNS };

static const char *cell(const struct factor *factor, int column)
{
	const char *const cells[COLUMNS] = { factor->name, factor->fails, factor->passes, factor->role };

	return *cells[column] ? cells[column] : "-";
}

static void find_widths(const struct factor_list *list, const char *const *heads, int *widths)
{
	for (int c = 0; c < COLUMNS; c++) {
		widths[c] = (int)strlen(heads[c]);
		for (size_t i = 0; i < list->n; i++)
			if ((int)strlen(cell(&list->v[i], c)) > widths[c])
				widths[c] = (int)strlen(cell(&list->v[i], c));
	}
}

static void add_evidence(const struct factor *factor, struct buf *out)
{
	const struct campaign_rate *rate = &factor->rate;

	if (rate->trials)
		buf_addf(out, "%s: %u of %u failed (%.0f-%.0f %%)", factor->rests_on, rate->failures,
			 rate->trials, 100 * rate->low, 100 * rate->high);
	else
		buf_adds(out, "not tried");
	if (*factor->reason)
		buf_addf(out, "; %s", factor->reason);
	buf_adds(out, "\n");
}

void report_factors(const struct campaign *campaign, struct buf *out)
{
	static const char *const heads[COLUMNS] = { "factor", "fails", "passes", "it is" };
	const struct factor_list *list = &campaign->factors;
	int widths[COLUMNS];

	find_widths(list, heads, widths);
	for (int c = 0; c < COLUMNS; c++)
		buf_addf(out, "%-*s  ", widths[c], heads[c]);
	buf_adds(out, "what says so\n");
	for (size_t i = 0; i < list->n; i++) {
		for (int c = 0; c < COLUMNS; c++)
			buf_addf(out, "%-*s  ", widths[c], cell(&list->v[i], c));
		add_evidence(&list->v[i], out);
	}
}
