#include "bisect/rate.h"
#include "report/report.h"

/* All that a row says, gathered from the records of one candidate. */
struct row {
	const struct record *first;
	unsigned n[VERDICT_N];
	unsigned passed, failed;      /* iterations */
	unsigned guest_pagesize;      /* as read in the guest */
	const struct record *telling; /* the one whose title is shown: the first bad, else skip, else good */
};

struct table {
	struct row *v;
	size_t n, cap;
};

static struct row *row_of(struct table *table, const struct record *record)
{
	for (size_t i = 0; i < table->n; i++)
		if (str_eq(record_name(table->v[i].first), record_name(record)))
			return &table->v[i];
	GROW(table->v, table->n, table->cap);
	table->v[table->n] = (struct row){ .first = record };
	return &table->v[table->n++];
}

static void add_record(struct table *table, const struct record *record)
{
	static const int weight[VERDICT_N] = { [VERDICT_BAD] = 3, [VERDICT_SKIP] = 2, [VERDICT_GOOD] = 1 };
	struct row *row = row_of(table, record);

	row->n[record->verdict]++;
	row->passed += record->passed;
	row->failed += record->failed;
	if (record->guest_pagesize)
		row->guest_pagesize = record->guest_pagesize;
	if (!row->telling || weight[record->verdict] > weight[row->telling->verdict])
		row->telling = record;
}

/* As the campaign judged it (tally_verdict()), but a broken trial that was tried again to an answer counts
 * for nothing. */
static enum verdict row_verdict(const struct row *row)
{
	if (row->n[VERDICT_BAD])
		return VERDICT_BAD;
	if (row->n[VERDICT_SKIP])
		return VERDICT_SKIP;
	return row->n[VERDICT_GOOD] ? VERDICT_GOOD : VERDICT_BROKEN;
}

static void add_rate(const struct row *row, struct buf *out)
{
	unsigned trials = row->n[VERDICT_BAD] + row->n[VERDICT_GOOD];
	struct rate rate = rate_interval(row->n[VERDICT_BAD], trials);

	if (trials)
		buf_addf(out, "%u/%u (%.0f-%.0f %%)", row->n[VERDICT_BAD], trials, 100 * rate.low,
			 100 * rate.high);
	else
		buf_adds(out, "-");
}

/* A commit as git abbreviates it. */
static int name_width(const struct record *record)
{
	return *record->commit ? 12 : (int)strlen(record->candidate);
}

static void add_row(const struct row *row, int width, struct buf *out)
{
	AUTO_FREE char *page =
	    row->guest_pagesize ? xasprintf("%uk", row->guest_pagesize / 1024) : xstrdup("?");
	AUTO_FREE char *runs = xasprintf("%u/%u", row->failed, row->failed + row->passed);
	AUTO(buf) rate = BUF_INIT;

	add_rate(row, &rate);
	buf_addf(out, "%-*.*s  %-8s  %-4s  %-7s  %-16s  %-9s  %s\n", width, name_width(row->first),
		 record_name(row->first), row->first->arch, page, verdict_name(row_verdict(row)), rate.s,
		 runs, row->telling->title);
}

static void add_table(const struct table *table, struct buf *out)
{
	size_t width = strlen("kernel");

	for (size_t i = 0; i < table->n; i++)
		if ((size_t)name_width(table->v[i].first) > width)
			width = (size_t)name_width(table->v[i].first);
	buf_addf(out, "%-*s  %-8s  %-4s  %-7s  %-16s  %-9s  %s\n", (int)width, "kernel", "arch", "page",
		 "verdict", "bad trials", "iter.", "what was seen");
	for (size_t i = 0; i < table->n; i++)
		add_row(&table->v[i], (int)width, out);
}

static bool is_searched(const struct campaign *campaign, const struct record *record)
{
	for (size_t i = 0; i < campaign->candidates.n; i++)
		if (str_eq(record_name(record), campaign->candidates.v[i]))
			return true;
	return false;
}

/* The order of the campaign's list, not the order in which the search went; behind them those compared. */
static void add_in_order(struct table *table, const struct campaign *campaign,
			 const struct record_list *records)
{
	for (size_t i = 0; i < campaign->candidates.n; i++)
		for (size_t j = 0; j < records->n; j++)
			if (str_eq(record_name(&records->v[j]), campaign->candidates.v[i]))
				add_record(table, &records->v[j]);
	for (size_t j = 0; j < records->n; j++)
		if (!is_searched(campaign, &records->v[j]))
			add_record(table, &records->v[j]);
}

static void add_kernels(const struct campaign *campaign, const struct record_list *records, struct buf *out)
{
	struct table table = { NULL, 0, 0 };

	add_in_order(&table, campaign, records);
	buf_addf(out, "%s %s: scenario %s, %zu trials, started %s\n\n", campaign->kind, campaign->name,
		 campaign->scenario, records->n, campaign->started);
	if (campaign->factors.n)
		report_factors(campaign, out);
	else if (table.n)
		add_table(&table, out);
	free(table.v);
}

void report_text(const struct campaign *campaign, const struct record_list *records, struct buf *out)
{
	AUTO(strv) mixed = STRV_INIT;

	report_mixture(records, true, &mixed);
	(str_eq(campaign->kind, "matrix") ? report_matrix : add_kernels)(campaign, records, out);
	buf_addf(out, "\n%s\n", *campaign->sentence ? campaign->sentence : "not finished: no answer yet");
	for (size_t i = 0; i < campaign->explanation.n; i++)
		buf_addf(out, "  %s\n", campaign->explanation.v[i]);
	for (size_t i = 0; i < mixed.n; i++)
		buf_addf(out, "  Mixed: %s.\n", mixed.v[i]);
	if (*campaign->comparison)
		buf_addf(out, "  Compared: %s.\n", campaign->comparison);
	if (campaign->culprit.n)
		report_culprit(campaign, out);
	buf_addf(out, "records: %s\n", campaign->folder);
}
