#include "report/several.h"

#include "base/supervisor.h"
#include "report/outward.h"

static void add_text(struct report *report, const struct campaign *campaign,
		     const struct record_list *records, struct buf *out)
{
	if (report->n++)
		buf_adds(out, "\n\n");
	report_text(campaign, records, out);
}

static void add_json(struct report *report, const struct campaign *campaign,
		     const struct record_list *records, struct buf *out)
{
	if (report->several)
		buf_adds(out, report->n ? "," : "[");
	report->n++;
	report_json(campaign, records, out);
}

static void end_json(struct report *report, struct buf *out)
{
	if (report->several)
		buf_adds(out, report->n ? "]\n" : "[]\n");
}

static void add_jsonl(struct report *report, const struct campaign *campaign,
		      const struct record_list *records, struct buf *out)
{
	report->n++;
	report_jsonl(campaign, records, out);
}

static void add_csv(struct report *report, const struct campaign *campaign, const struct record_list *records,
		    struct buf *out)
{
	if (report->n++)
		csv_add(campaign, records, out);
	else
		report_csv(campaign, records, out);
}

static void add_kcidb(struct report *report, const struct campaign *campaign,
		      const struct record_list *records, struct buf *out)
{
	(void)out;
	if (!report->n++)
		report->kcidb = kcidb_begin(report->origin);
	kcidb_add(report->kcidb, campaign, records);
}

static void end_kcidb(struct report *report, struct buf *out)
{
	kcidb_end(report->kcidb ? report->kcidb : kcidb_begin(report->origin), out);
	report->kcidb = NULL;
}

static void add_junit(struct report *report, const struct campaign *campaign,
		      const struct record_list *records, struct buf *out)
{
	(void)out;
	report->n++;
	if (!report->several)
		str_replace(&report->junit.name, campaign->name);
	junit_add(&report->junit, campaign, records);
}

static void end_junit(struct report *report, struct buf *out)
{
	junit_end(&report->junit, out);
}

/* Each line one level deeper. */
static void add_deeper(const struct buf *text, struct buf *out)
{
	for (const char *line = text->s; *line; line += strcspn(line, "\n") + 1)
		buf_addf(out, "  %.*s\n", (int)strcspn(line, "\n"), line);
}

static bool has_bad(const struct record_list *records)
{
	for (size_t i = 0; i < records->n; i++)
		if (records->v[i].verdict == VERDICT_BAD)
			return true;
	return false;
}

static void add_ktap(struct report *report, const struct campaign *campaign,
		     const struct record_list *records, struct buf *out)
{
	AUTO(buf) text = BUF_INIT;

	if (!report->several) {
		report_ktap(campaign, records, out);
		return;
	}
	if (!report->n++)
		buf_addf(out, "KTAP version 1\n1..%zu\n", report->total);
	report_ktap(campaign, records, &text);
	add_deeper(&text, out);
	buf_addf(out, "%s %zu %s\n", has_bad(records) ? "not ok" : "ok", report->n, campaign->name);
}

static void end_nothing(struct report *report, struct buf *out)
{
	(void)report;
	(void)out;
}

const struct report_format *report_format_find(const char *name)
{
	static const struct report_format formats[] = {
		{ "text", add_text, end_nothing },   { "json", add_json, end_json },
		{ "jsonl", add_jsonl, end_nothing }, { "kcidb", add_kcidb, end_kcidb },
		{ "junit", add_junit, end_junit },   { "ktap", add_ktap, end_nothing },
		{ "csv", add_csv, end_nothing },
	};

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (str_eq(formats[i].name, name))
			return &formats[i];
	return NULL;
}

int report_check_interrupted(struct err *err)
{
	if (!supervise_interrupted())
		return 0;
	return err_set(err, ERR_INTERRUPTED, "interrupted: nothing was written; run the report again");
}
