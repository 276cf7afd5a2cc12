/* KTAP version 1, as Documentation/dev-tools/ktap.rst of the kernel has it: a test for each kernel, in it one
 * for each trial. */
#include "bisect/rate.h"
#include "report/kernels.h"
#include "report/outward.h"
#include "report/report.h"

#define INDENT "  "

/* A description is words without '#', which begins the directive. */
static void add_description(const char *text, struct buf *out)
{
	size_t start = out->len;

	outward_add(out, text);
	for (size_t i = start; i < out->len; i++)
		if (out->s[i] == '#')
			out->s[i] = '_';
}

/*
 * What stands behind '#'. Its first word is ours, so that no title can be a directive. A parent fails when one
 * of its tests does, so a broken trial is an error only where nothing came of trying again.
 */
static const char *directive(enum verdict trial, enum verdict kernel)
{
	if (trial == VERDICT_BROKEN)
		return kernel == VERDICT_BROKEN ? "ERROR" : "SKIP broken,";
	return trial == VERDICT_SKIP ? "SKIP" : "bad,";
}

static bool is_ok(enum verdict trial, enum verdict kernel)
{
	return trial != VERDICT_BAD && (trial != VERDICT_BROKEN || kernel != VERDICT_BROKEN);
}

static void add_log(const struct record *record, struct buf *out)
{
	AUTO(buf) log = BUF_INIT;

	outward_log(&log, record);
	for (const char *line = log.s; *line; line += strcspn(line, "\n") + 1)
		buf_addf(out, INDENT "# %.*s\n", (int)strcspn(line, "\n"), line);
}

static void add_trial(const struct record *record, size_t number, enum verdict kernel, struct buf *out)
{
	add_log(record, out);
	buf_addf(out, INDENT "%s %zu ", is_ok(record->verdict, kernel) ? "ok" : "not ok", number);
	add_description(record->scenario, out);
	if (record->verdict != VERDICT_GOOD) {
		buf_addf(out, " # %s ", directive(record->verdict, kernel));
		outward_add(out, record->class);
		buf_adds(out, ": ");
		outward_add(out, record->title);
	}
	buf_addc(out, '\n');
}

static void add_commit(const struct record *record, struct buf *out)
{
	if (!*record->commit)
		return;
	buf_adds(out, INDENT "# commit ");
	outward_add(out, record->commit);
	buf_addc(out, '\n');
}

static void add_result(const struct kernel *kernel, size_t number, struct buf *out)
{
	enum verdict verdict = kernel_verdict(kernel);
	unsigned trials = kernel_evidence(kernel);
	struct rate rate = rate_interval(kernel->verdicts[VERDICT_BAD], trials);

	buf_addf(out, "%s %zu ", is_ok(verdict, verdict) ? "ok" : "not ok", number);
	add_description(kernel_trial(kernel, 0)->candidate, out);
	buf_addc(out, ' ');
	add_description(kernel_trial(kernel, 0)->arch, out);
	buf_adds(out, " #");
	if (verdict == VERDICT_SKIP || verdict == VERDICT_BROKEN)
		buf_addf(out, " %s", directive(verdict, verdict));
	buf_addf(out, " %u/%u bad (%.0f-%.0f %%)\n", kernel->verdicts[VERDICT_BAD], trials, 100 * rate.low,
		 100 * rate.high);
}

void report_ktap(const struct campaign *campaign, const struct record_list *records, struct buf *out)
{
	AUTO(kernels) kernels = KERNELS_INIT;

	kernels_collect(campaign, records, &kernels);
	buf_addf(out, "KTAP version 1\n1..%zu\n# ", kernels.n);
	outward_add(out, campaign->kind);
	buf_addc(out, ' ');
	outward_add(out, campaign->name);
	buf_adds(out, "\n");
	for (size_t i = 0; i < kernels.n; i++) {
		const struct kernel *kernel = &kernels.v[i];

		buf_addf(out, INDENT "KTAP version 1\n" INDENT "1..%zu\n", kernel->n);
		add_commit(kernel_trial(kernel, 0), out);
		for (size_t j = 0; j < kernel->n; j++)
			add_trial(kernel_trial(kernel, j), j + 1, kernel_verdict(kernel), out);
		add_result(kernel, i + 1, out);
	}
}
