#include "verdict/judge.h"

#include <ctype.h>

#define LTP_TFAIL 1

static void set(struct judgement *j, enum verdict verdict, const char *class, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

static void set(struct judgement *j, enum verdict verdict, const char *class, const char *fmt, ...)
{
	AUTO(buf) title = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&title, fmt, ap);
	va_end(ap);
	j->verdict = verdict;
	j->class = xstrdup(class);
	strv_add(&j->reasons, title.s);
	j->title = buf_steal(&title);
}

static void take_evidence(struct judgement *j, const struct finding *finding)
{
	free(j->evidence);
	j->evidence = xstrdup(finding->text);
	j->evidence_line = finding->line;
}

/* --- the guest's own finding
 * ------------------------------------------------------------------------------------- */

/* LTP says it so: "aiocp.c:113: TBROK: fsync(4) failed: EIO (5)". */
static bool output_has_target(const char *output)
{
	static const char call[] = "fsync(", result[] = ") failed: EIO";

	for (const char *p = output; (p = strstr(p, call)); p++) {
		const char *digits = p + sizeof(call) - 1, *end = digits;

		while (isdigit((unsigned char)*end))
			end++;
		if (end > digits && str_starts(end, result))
			return true;
	}
	return false;
}

static bool is_finding(const struct guest_failure *f)
{
	switch (f->kind) {
	case GUEST_KIND_FSYNC:
		return str_eq(f->name[GUEST_DETAIL_ERRNO], "EIO");
	case GUEST_KIND_CONTENT:
	case GUEST_KIND_SIZE:
		return true;
	case GUEST_KIND_EXEC:
		return f->value[GUEST_DETAIL_STATUS] & LTP_TFAIL;
	default:
		/* an I/O that failed in another way, in whose wake a page differs */
		return (f->has & 1u << GUEST_DETAIL_DIFFERS) && !str_eq(f->name[GUEST_DETAIL_DIFFERS], "no");
	}
}

/* The first failed iteration that is a finding, or NULL. */
static const struct guest_failure *find_finding(const struct guest_report *report)
{
	for (size_t i = 0; i < guest_report_failures_kept(report); i++)
		if (is_finding(&report->failure[i]))
			return &report->failure[i];
	return NULL;
}

/* "fsync EIO", "content differs", ... */
static void name_finding(const struct guest_failure *f, struct buf *out)
{
	switch (f ? f->kind : GUEST_KIND_EXEC) {
	case GUEST_KIND_FSYNC:
		buf_adds(out, "fsync gave EIO");
		break;
	case GUEST_KIND_SIZE:
		buf_adds(out, "the size differs");
		break;
	case GUEST_KIND_EXEC:
		buf_adds(out, f ? "the test program failed" : "the test program saw fsync fail with EIO");
		break;
	default:
		buf_adds(out, "the content differs");
		break;
	}
}

/* --- bad
 * -----------------------------------------------------------------------------------------------------------
 */

static bool judge_target(const struct judge_input *in, struct judgement *j)
{
	const struct guest_failure *finding = find_finding(in->report);
	const struct finding *console = classify_target(in->console);
	bool guest = finding || (in->report->failed && output_has_target(in->report->output));
	AUTO(buf) text = BUF_INIT;

	if (in->report->state < GUEST_STARTED || (!guest && !console))
		return false;
	if (guest)
		name_finding(finding, &text);
	if (guest)
		buf_addf(&text, " in %llu of %llu iterations", (unsigned long long)in->report->failed,
			 (unsigned long long)guest_report_done(in->report));
	if (console)
		buf_addf(&text, "%s%s", guest ? "; " : "", console->title);
	set(j, VERDICT_BAD, finding_class_name(FINDING_TARGET), "%s", text.s);
	j->agreement = guest && console ? "guest and console" : guest ? "guest only" : "console only";
	if (console)
		take_evidence(j, console);
	if (!guest)
		strv_add(&j->reasons, "the console has the target's line, but the test itself found nothing");
	if (!console)
		strv_add(&j->reasons, "the test found it, but the console does not have the target's line");
	return true;
}

/* --- skip
 * ----------------------------------------------------------------------------------------------------------
 */

/* What another kernel says is no evidence about this one. */
static bool judge_identity(const struct judge_input *in, struct judgement *j)
{
	const struct guest_report *report = in->report;
	const char *release = report->fact[GUEST_FACT_RELEASE];
	unsigned long long pagesize = report->number[GUEST_FACT_PAGESIZE];

	if ((report->facts & 1u << GUEST_FACT_RELEASE) && !str_eq(release, in->release)) {
		set(j, VERDICT_SKIP, "wrong-kernel", "the guest runs %s, not %s", release, in->release);
		return true;
	}
	if ((report->facts & 1u << GUEST_FACT_PAGESIZE) && in->pagesize && pagesize != in->pagesize) {
		set(j, VERDICT_SKIP, "wrong-pagesize", "the guest has pages of %llu bytes, not of %u",
		    pagesize, in->pagesize);
		return true;
	}
	return false;
}

static bool judge_crash(const struct judge_input *in, struct judgement *j)
{
	const struct finding *top = classify_top(in->console);

	if (top && !top->echo && top->priority >= SIGNATURE_CRASH && top->class != FINDING_TARGET) {
		set(j, VERDICT_SKIP, finding_class_name(top->class), "%s", top->title);
		take_evidence(j, top);
		return true;
	}
	if (in->end != JUDGE_END_CRASHED)
		return false;
	set(j, VERDICT_SKIP, finding_class_name(FINDING_PANIC),
	    "the guest crashed in phase %s without a word that is known", in->phase);
	return true;
}

static bool judge_stop(const struct judge_input *in, struct judgement *j)
{
	const struct guest_report *report = in->report;

	if (in->end == JUDGE_END_TIMED_OUT)
		set(j, VERDICT_SKIP, "hang", "no end of phase %s within its time", in->phase);
	else if (in->end == JUDGE_END_FLOODED)
		set(j, VERDICT_SKIP, "flood", "the guest wrote more to a serial than is taken, in phase %s",
		    in->phase);
	else if (report->broken)
		set(j, VERDICT_SKIP, "setup", "the guest could not run the test: %s: %s%s%s",
		    guest_phase_name(report->broken_phase), report->reason,
		    str_eq(report->broken_errno, "-") ? "" : ": ",
		    str_eq(report->broken_errno, "-") ? "" : report->broken_errno);
	else if (report->skip)
		set(j, VERDICT_SKIP, "not-applicable", "the test does not apply: %s", report->reason);
	else if (report->skipped)
		set(j, VERDICT_SKIP, "not-applicable",
		    "the test says that it does not apply (TCONF) in %llu iterations",
		    (unsigned long long)report->skipped);
	else
		return false;
	return true;
}

static bool judge_failures(const struct judge_input *in, struct judgement *j)
{
	AUTO(buf) details = BUF_INIT;

	if (!in->report->failed)
		return false;
	if (guest_report_failures_kept(in->report))
		guest_failure_format(&in->report->failure[0], &details);
	set(j, VERDICT_SKIP, "test-failure", "%llu iterations failed, not by the target; the first: %s",
	    (unsigned long long)in->report->failed, details.s);
	return true;
}

/* A finding that does not undo the proof (a warning) is told. */
static void judge_good(const struct judge_input *in, struct judgement *j)
{
	const struct finding *top = classify_top(in->console);

	set(j, VERDICT_GOOD, finding_class_name(top ? top->class : FINDING_CLEAN),
	    "all %llu iterations passed", (unsigned long long)in->report->passed);
	if (top) {
		AUTO_FREE char *note = xasprintf("the console also has: %s", top->title);

		strv_add(&j->reasons, note);
		take_evidence(j, top);
	}
}

static void judge_missing(const struct judge_input *in, struct judgement *j)
{
	const struct guest_report *report = in->report;

	if (report->error_line)
		set(j, VERDICT_SKIP, "incomplete", "line %llu of the guest's report: %s",
		    (unsigned long long)report->error_line, report->error);
	else if (report->state == GUEST_NONE)
		set(j, VERDICT_SKIP, "incomplete", "the guest ended in phase %s and never reported",
		    in->phase);
	else
		set(j, VERDICT_SKIP, "incomplete", "the guest ended in phase %s; its report stops at '%s'",
		    in->phase, guest_state_name(report->state));
}

void judge(const struct judge_input *in, struct judgement *j)
{
	j->agreement = "";
	j->evidence = xstrdup("");
	if (in->end == JUDGE_END_FAILED) {
		set(j, VERDICT_BROKEN, "qemu-died", "QEMU died in phase %s", in->phase);
		return;
	}
	if (judge_identity(in, j) || judge_target(in, j) || judge_crash(in, j) || judge_stop(in, j) ||
	    judge_failures(in, j))
		return;
	if (guest_report_is_complete(in->report))
		judge_good(in, j);
	else
		judge_missing(in, j);
}

void judgement_release(struct judgement *j)
{
	free(j->class);
	free(j->title);
	free(j->evidence);
	strv_release(&j->reasons);
	*j = (struct judgement)JUDGEMENT_INIT;
}
