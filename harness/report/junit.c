/*
 * JUnit's XML, the parts that Jenkins (junit-10.xsd of its xunit-plugin) and GitLab (doc/ci/testing/
 * unit_test_reports.md) both read. GitLab keeps only one of two test cases with the same class and name, so a
 * trial's name holds its kernel and which of the kernel's trials it is; both are the same night after night.
 */
#include "bisect/rate.h"
#include "report/kernels.h"
#include "report/outward.h"
#include "report/report.h"

/* What is not good is an element in its test case. */
static const char *const elements[VERDICT_N] = {
	[VERDICT_BAD] = "failure",
	[VERDICT_SKIP] = "skipped",
	[VERDICT_BROKEN] = "error",
};

/* Quoted for an element's content and for an attribute alike. */
static void add_quoted(const char *text, struct buf *out)
{
	static const char special[] = "&<>\"'";
	static const char *const entities[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&apos;" };

	for (const char *p = text; *p; p++) {
		const char *found = strchr(special, *p);

		if (found)
			buf_adds(out, entities[found - special]);
		else
			buf_addc(out, *p);
	}
}

static void add_text(const char *text, struct buf *out)
{
	AUTO(buf) clean = BUF_INIT;

	outward_add(&clean, text);
	add_quoted(clean.s, out);
}

static void add_attribute(const char *name, const char *value, struct buf *out)
{
	buf_addf(out, " %s=\"", name);
	add_text(value, out);
	buf_addc(out, '"');
}

static void add_counts(size_t tests, const unsigned *verdicts, double seconds, struct buf *out)
{
	buf_addf(out, " tests=\"%zu\" failures=\"%u\" errors=\"%u\" time=\"%.3f\"", tests,
		 verdicts[VERDICT_BAD], verdicts[VERDICT_BROKEN], seconds);
}

static void add_property(const char *name, const char *value, struct buf *out)
{
	if (!*value)
		return;
	buf_adds(out, "<property");
	add_attribute("name", name, out);
	add_attribute("value", value, out);
	buf_adds(out, "/>\n");
}

static unsigned guest_pagesize(const struct kernel *kernel)
{
	unsigned pagesize = 0;

	for (size_t i = 0; i < kernel->n && !pagesize; i++)
		pagesize = kernel_trial(kernel, i)->guest_pagesize;
	return pagesize;
}

static void add_properties(const struct kernel *kernel, struct buf *out)
{
	const struct record *first = kernel_trial(kernel, 0);
	unsigned pagesize = guest_pagesize(kernel), trials = kernel_evidence(kernel);
	struct rate rate = rate_interval(kernel->verdicts[VERDICT_BAD], trials);
	AUTO_FREE char *page = pagesize ? xasprintf("%u", pagesize) : xstrdup("");
	AUTO_FREE char *bad = xasprintf("%u/%u (%.0f-%.0f %%)", kernel->verdicts[VERDICT_BAD], trials,
					100 * rate.low, 100 * rate.high);

	buf_adds(out, "<properties>\n");
	add_property("arch", first->arch, out);
	add_property("release", first->release, out);
	add_property("commit", first->commit, out);
	add_property("pagesize", page, out);
	add_property("rate", bad, out);
	buf_adds(out, "</properties>\n");
}

static void add_outcome(const struct record *record, struct buf *out)
{
	const char *element = elements[record->verdict];

	buf_addf(out, "<%s", element);
	add_attribute("type", record->class, out);
	add_attribute("message", record->title, out);
	buf_adds(out, ">");
	for (size_t i = 0; i < record->reasons.n; i++) {
		add_text(record->reasons.v[i], out);
		buf_addc(out, '\n');
	}
	buf_addf(out, "</%s>\n", element);
}

static void add_case(const struct record *record, size_t number, struct buf *out)
{
	AUTO_FREE char *class = xasprintf("qbisect.%s", record->scenario);
	AUTO_FREE char *name = xasprintf("%s #%zu", record->candidate, number);
	AUTO(buf) log = BUF_INIT;

	buf_adds(out, "<testcase");
	add_attribute("classname", class, out);
	add_attribute("name", name, out);
	buf_addf(out, " time=\"%.3f\">\n", record_seconds(record));
	if (elements[record->verdict])
		add_outcome(record, out);
	outward_log(&log, record);
	if (log.len) {
		buf_adds(out, "<system-out>");
		add_quoted(log.s, out);
		buf_adds(out, "</system-out>\n");
	}
	buf_adds(out, "</testcase>\n");
}

static double seconds_of(const struct kernel *kernel)
{
	double seconds = 0;

	for (size_t i = 0; i < kernel->n; i++)
		seconds += record_seconds(kernel_trial(kernel, i));
	return seconds;
}

static void add_suite(const struct kernel *kernel, struct buf *out)
{
	buf_adds(out, "<testsuite");
	add_attribute("name", kernel_trial(kernel, 0)->candidate, out);
	add_attribute("timestamp", kernel_trial(kernel, 0)->started, out);
	add_counts(kernel->n, kernel->verdicts, seconds_of(kernel), out);
	buf_addf(out, " skipped=\"%u\">\n", kernel->verdicts[VERDICT_SKIP]);
	add_properties(kernel, out);
	for (size_t i = 0; i < kernel->n; i++)
		add_case(kernel_trial(kernel, i), i + 1, out);
	buf_adds(out, "</testsuite>\n");
}

void report_junit(const struct campaign *campaign, const struct record_list *records, struct buf *out)
{
	AUTO(kernels) kernels = KERNELS_INIT;
	unsigned verdicts[VERDICT_N] = { 0 };
	double seconds = 0;

	kernels_collect(campaign, records, &kernels);
	for (size_t i = 0; i < records->n; i++) {
		verdicts[records->v[i].verdict]++;
		seconds += record_seconds(&records->v[i]);
	}
	buf_adds(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
	add_attribute("name", campaign->name, out);
	add_counts(records->n, verdicts, seconds, out);
	buf_adds(out, ">\n");
	for (size_t i = 0; i < kernels.n; i++)
		add_suite(&kernels.v[i], out);
	buf_adds(out, "</testsuites>\n");
}
