/* A line a trial. Quoted by RFC 4180: every text in quotes, quotes doubled, CRLF behind each line. */
#include "base/host.h"
#include "report/outward.h"
#include "report/report.h"
#include "report/several.h"

static const struct {
	const char *name;
	size_t offset;
} texts[] = {
	{ "started", offsetof(struct record, started) },
	{ "scenario", offsetof(struct record, scenario) },
	{ "candidate", offsetof(struct record, candidate) },
	{ "commit", offsetof(struct record, commit) },
	{ "arch", offsetof(struct record, arch) },
	{ "release", offsetof(struct record, release) },
	{ "class", offsetof(struct record, class) },
	{ "title", offsetof(struct record, title) },
	{ "agreement", offsetof(struct record, agreement) },
	{ "evidence", offsetof(struct record, evidence) },
	{ "accelerator", offsetof(struct record, accelerator) },
	{ "firmware", offsetof(struct record, firmware) },
	{ "machine", offsetof(struct record, machine) },
	{ "disk_tool", offsetof(struct record, disk_tool) },
}, numbers[] = {
	{ "evidence_line", offsetof(struct record, evidence_line) },
	{ "pagesize", offsetof(struct record, pagesize) },
	{ "guest_pagesize", offsetof(struct record, guest_pagesize) },
	{ "passed", offsetof(struct record, passed) },
	{ "failed", offsetof(struct record, failed) },
	{ "build_ms", offsetof(struct record, build_ms) },
};

/* A spreadsheet takes a text that begins with one of these for a formula and computes it, unless an
 * apostrophe stands in front. */
static bool is_formula(const char *text)
{
	return *text && strchr("=+-@", *text);
}

static void add_text(const char *text, struct buf *out)
{
	AUTO(buf) clean = BUF_INIT;

	outward_add(&clean, text);
	buf_adds(out, is_formula(clean.s) ? "\"'" : "\"");
	for (const char *p = clean.s; *p; p++) {
		if (*p == '"')
			buf_addc(out, '"');
		buf_addc(out, *p);
	}
	buf_addc(out, '"');
}

static void add_environment(const struct record *record, struct buf *out)
{
	AUTO(buf) pairs = BUF_INIT;

	for (size_t i = 0; i < record->environment.n; i++)
		buf_addf(&pairs, "%s%s", i ? " " : "", record->environment.v[i]);
	add_text(pairs.s, out);
}

static void add_header(struct buf *out)
{
	buf_adds(out, "campaign,trial,verdict,");
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		buf_addf(out, "%s,", texts[i].name);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		buf_addf(out, "%s,", numbers[i].name);
	buf_adds(out, "seconds,environment,host\r\n");
}

static void add_trial(const struct campaign *campaign, const struct record *record, struct buf *out)
{
	add_text(campaign->name, out);
	buf_addf(out, ",%u,%s,", record->number, verdict_name(record->verdict));
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		add_text(*(char *const *)((const char *)record + texts[i].offset), out);
		buf_addc(out, ',');
	}
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		buf_addf(out, "%u,", *(const unsigned *)((const char *)record + numbers[i].offset));
	buf_addf(out, "%.3f,", record_seconds(record));
	add_environment(record, out);
	buf_addc(out, ',');
	add_text(host_without_name(record->host), out);
	buf_adds(out, "\r\n");
}

void csv_add(const struct campaign *campaign, const struct record_list *records, struct buf *out)
{
	for (size_t i = 0; i < records->n; i++)
		add_trial(campaign, &records->v[i], out);
}

void report_csv(const struct campaign *campaign, const struct record_list *records, struct buf *out)
{
	add_header(out);
	csv_add(campaign, records, out);
}
