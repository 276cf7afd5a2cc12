/*
 * JUnit's XML, the parts that Jenkins (junit-10.xsd of its xunit-plugin) and GitLab (doc/ci/testing/
 * unit_test_reports.md) both read. GitLab keeps only one of two test cases with the same class and name, so a
 * trial's name holds its kernel, a matrix's environment and which of its trials it is: all are the same night
 * after night.
 */
#include "report/kernels.h"
#include "report/outward.h"
#include "report/report.h"
#include "report/several.h"

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
	unsigned pagesize = guest_pagesize(kernel);
	AUTO_FREE char *page = pagesize ? xasprintf("%u", pagesize) : xstrdup("");
	AUTO(buf) rate = BUF_INIT;

	kernel_add_rate(kernel, &rate);
	buf_adds(out, "<properties>\n");
	add_property("arch", first->arch, out);
	add_property("release", first->release, out);
	add_property("commit", first->commit, out);
	add_property("pagesize", page, out);
	add_property("rate", rate.s, out);
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

/* GitLab knows a case by its class and name: of several campaigns, both must not come twice. */
static void add_case(const struct kernel *kernel, size_t i, const char *campaign, struct buf *out)
{
	const struct record *record = kernel_trial(kernel, i);
	AUTO_FREE char *class = xasprintf("qbisect.%s%s%s", campaign, *campaign ? "." : "", record->scenario);
	AUTO_FREE char *name =
	    xasprintf("%s%s%s #%zu", record->candidate, *record->environment_name ? " " : "",
		      record->environment_name, kernel_rate(kernel, i).place);
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

static void add_suite(const struct kernel *kernel, const char *campaign, struct buf *out)
{
	AUTO_FREE char *name =
	    xasprintf("%s%s%s", campaign, *campaign ? ": " : "", kernel_trial(kernel, 0)->candidate);

	buf_adds(out, "<testsuite");
	add_attribute("name", name, out);
	add_attribute("timestamp", kernel_trial(kernel, 0)->started, out);
	add_counts(kernel->n, kernel->verdicts, seconds_of(kernel), out);
	buf_addf(out, " skipped=\"%u\">\n", kernel->verdicts[VERDICT_SKIP]);
	add_properties(kernel, out);
	for (size_t i = 0; i < kernel->n; i++)
		add_case(kernel, i, campaign, out);
	buf_adds(out, "</testsuite>\n");
}

void junit_add(struct junit *junit, const struct campaign *campaign, const struct record_list *records)
{
	AUTO(kernels) kernels = KERNELS_INIT;

	kernels_collect(campaign, records, &kernels);
	for (size_t i = 0; i < records->n; i++) {
		junit->verdicts[records->v[i].verdict]++;
		junit->seconds += record_seconds(&records->v[i]);
	}
	junit->n += records->n;
	for (size_t i = 0; i < kernels.n; i++)
		add_suite(&kernels.v[i], junit->name ? "" : campaign->name, &junit->suites);
}

void junit_end(struct junit *junit, struct buf *out)
{
	buf_adds(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
	add_attribute("name", junit->name ? junit->name : "qbisect", out);
	add_counts(junit->n, junit->verdicts, junit->seconds, out);
	buf_adds(out, ">\n");
	buf_add(out, junit->suites.s, junit->suites.len);
	buf_adds(out, "</testsuites>\n");
	buf_release(&junit->suites);
	free(junit->name);
}

void report_junit(const struct campaign *campaign, const struct record_list *records, struct buf *out)
{
	struct junit junit = JUNIT_INIT;

	str_replace(&junit.name, campaign->name);
	junit_add(&junit, campaign, records);
	junit_end(&junit, out);
}
