#include "verdict/judge.h"

#include <ctype.h>

/* LTP's exit status. */
enum { TFAIL = 1, TBROK = 2, TWARN = 4, TCONF = 32, LTP_BITS = TFAIL | TBROK | TWARN | TCONF };

/* The input and what the rules need to know of it. */
struct view {
	const struct judge_input *in;
	const struct guest_report *report;
	uint64_t until;			    /* end of its part of the console */
	const struct finding *top;	    /* the most important of its part, or NULL */
	const struct finding *earlier;	    /* what an earlier scenario did to the boot, or NULL */
	const struct finding *console;	    /* the console's target, if it counts, or NULL */
	const struct guest_failure *guest;  /* the guest's first finding of the target, or NULL */
	const struct guest_failure *failed; /* its first failure that is none, or NULL */
};

/* Decides; the title is the first reason, too. */
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

/* --- what the console and the guest say --- */

/* Another cause of failing I/O than the target. */
static bool is_other_cause(const struct finding *f)
{
	static const bool causes[FINDING_CLASS_N] = {
		[FINDING_PANIC] = true, [FINDING_OOPS] = true,	   [FINDING_BUG] = true,
		[FINDING_KASAN] = true, [FINDING_FS_ERROR] = true, [FINDING_IO_ERROR] = true,
	};

	return f && !f->echo && causes[f->class];
}

/* Why something did not go on. */
static bool is_hang(const struct finding *f)
{
	static const bool hangs[FINDING_CLASS_N] = {
		[FINDING_HUNG_TASK] = true,
		[FINDING_SOFT_LOCKUP] = true,
		[FINDING_RCU_STALL] = true,
		[FINDING_OOM] = true,
	};

	return f && !f->echo && hangs[f->class];
}

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

static bool exec_is_target(const struct view *v, uint64_t status)
{
	if (status & ~(uint64_t)LTP_BITS)
		return false;
	return status & TFAIL || (status & TBROK && (v->console || output_has_target(v->report->output)));
}

static bool failure_is_target(const struct view *v, const struct guest_failure *f)
{
	switch (f->kind) {
	case GUEST_KIND_FSYNC:
		return str_eq(f->name[GUEST_DETAIL_ERRNO], "EIO");
	case GUEST_KIND_SIZE:
	case GUEST_KIND_CONTENT:
	case GUEST_KIND_EXIT:
	case GUEST_KIND_NOT_OK:
	case GUEST_KIND_MATCH:
		return true;
	case GUEST_KIND_EXEC:
		return exec_is_target(v, f->value[GUEST_DETAIL_STATUS]);
	default:
		return false;
	}
}

static const struct finding *earlier_cause(const struct judge_input *in)
{
	for (size_t i = 0; i < classify_count(in->console); i++) {
		const struct finding *f = classify_at(in->console, i);

		if (f->offset < in->from && is_other_cause(f))
			return f;
	}
	return NULL;
}

static void look(struct view *v, const struct judge_input *in)
{
	const struct guest_report *report = in->report;

	*v = (struct view){ .in = in, .report = report, .until = in->until ? in->until : UINT64_MAX };
	v->top = classify_top(in->console, in->from, v->until);
	v->earlier = earlier_cause(in);
	if (report->state < GUEST_STARTED)
		return;
	v->console = classify_target(in->console, in->started_at, v->until);
	for (size_t i = 0; i < guest_report_failures_kept(report); i++) {
		const struct guest_failure *f = &report->failure[i];

		if (!failure_is_target(v, f))
			v->failed = v->failed ? v->failed : f;
		else if (!v->guest)
			v->guest = f;
	}
}

/* --- the rules: each decides and returns true, or returns false --- */

static bool rule_host(const struct view *v, struct judgement *j)
{
	if (v->in->end == JUDGE_END_LOST)
		set(j, VERDICT_BROKEN, "connection",
		    "the connection to the guest's host was lost in phase %s", v->in->phase);
	else if (v->in->end == JUDGE_END_CUT)
		set(j, VERDICT_BROKEN, "serial-cut",
		    "the guest's host put a serial aside before all of it had been fetched, in phase %s "
		    "(max_size in its virtlogd.conf)",
		    v->in->phase);
	else if (v->in->end == JUDGE_END_FULL)
		set(j, VERDICT_BROKEN, "disk-full", "this host's disk was full in phase %s", v->in->phase);
	else if (v->in->end == JUDGE_END_FAILED)
		set(j, VERDICT_BROKEN, "qemu-died", "QEMU died, was stopped or gave the guest up in phase %s",
		    v->in->phase);
	else
		return false;
	return true;
}

static bool has_fact(const struct guest_report *report, enum guest_fact fact)
{
	return report->facts & 1u << fact;
}

/* What another kernel says is no evidence about this one. */
static bool rule_identity(const struct view *v, struct judgement *j)
{
	const char *wanted = v->in->release, *release = v->report->fact[GUEST_FACT_RELEASE];
	unsigned long long pagesize = v->report->number[GUEST_FACT_PAGESIZE];

	if (wanted && has_fact(v->report, GUEST_FACT_RELEASE) && !str_eq(release, wanted))
		set(j, VERDICT_SKIP, "wrong-kernel", "the guest runs %s, not %s", release, wanted);
	else if (v->in->pagesize && has_fact(v->report, GUEST_FACT_PAGESIZE) && pagesize != v->in->pagesize)
		set(j, VERDICT_SKIP, "wrong-pagesize", "the guest has pages of %llu bytes, not of %u",
		    pagesize, v->in->pagesize);
	else
		return false;
	return true;
}

static void set_by_console(const struct view *v, struct judgement *j, const struct finding *f,
			   const char *when)
{
	if (v->in->stale_code && f->row->emulator)
		set(j, VERDICT_BROKEN, "emulator",
		    "%s%s: this QEMU now and then runs code that the kernel has replaced; one from 8.1 on, KVM "
		    "or smp=1 does not",
		    when, f->title);
	else
		set(j, VERDICT_SKIP, finding_class_name(f->class), "%s%s", when, f->title);
	strv_add(&j->reasons, f->row->reason);
	take_evidence(j, f);
}

/* Nobody knows what such a kernel, or such a file system, still does right. */
static bool rule_earlier(const struct view *v, struct judgement *j)
{
	if (!v->earlier)
		return false;
	set_by_console(v, j, v->earlier, "earlier in this boot: ");
	return true;
}

static const char *guest_title(const struct guest_failure *f)
{
	switch (f->kind) {
	case GUEST_KIND_FSYNC:
		return "fsync gave EIO";
	case GUEST_KIND_SIZE:
		return "the size differs";
	case GUEST_KIND_CONTENT:
		return "the content differs";
	case GUEST_KIND_EXIT:
		return "the program's exit status is not 0";
	case GUEST_KIND_NOT_OK:
		return "the program says \"not ok\"";
	case GUEST_KIND_MATCH:
		return "the program's output matches the pattern";
	default:
		return f->value[GUEST_DETAIL_STATUS] & TFAIL ? "the test program failed"
							     : "the test program broke on the target";
	}
}

/* The guest's finding alone is not believed where it may follow from something else. */
static bool is_doubtful(const struct view *v)
{
	return !v->console && (is_other_cause(v->top) || v->in->end == JUDGE_END_CRASHED);
}

static void title_target(const struct view *v, struct buf *title)
{
	if (v->guest)
		buf_addf(title, "%s in %llu of %llu iterations%s", guest_title(v->guest),
			 (unsigned long long)v->report->failed,
			 (unsigned long long)guest_report_done(v->report), v->console ? "; " : "");
	if (v->console)
		buf_adds(title, v->console->title);
}

static bool rule_target(const struct view *v, struct judgement *j)
{
	AUTO(buf) text = BUF_INIT;

	if ((!v->guest && !v->console) || is_doubtful(v))
		return false;
	title_target(v, &text);
	set(j, VERDICT_BAD, finding_class_name(FINDING_TARGET), "%s", text.s);
	j->agreement = !v->console ? "guest only" : v->guest ? "guest and console" : "console only";
	if (v->console)
		take_evidence(j, v->console);
	else
		strv_add(&j->reasons, "the test found it, but the console does not have the target's line");
	if (v->guest) {
		buf_reset(&text);
		guest_failure_format(v->guest, &text);
		strv_addf(&j->reasons, "first in iteration %llu: %s", (unsigned long long)v->guest->iteration,
			  text.s);
	} else {
		strv_add(&j->reasons, "the console has the target's line, but the test itself found nothing");
	}
	return true;
}

static bool rule_crash(const struct view *v, struct judgement *j)
{
	if (is_other_cause(v->top))
		set_by_console(v, j, v->top, "");
	else if (v->in->end == JUDGE_END_CRASHED)
		set(j, VERDICT_SKIP, finding_class_name(FINDING_PANIC),
		    "the guest crashed in phase %s without a word that is known", v->in->phase);
	else
		return false;
	if (v->guest)
		strv_add(&j->reasons, "the test found the target too, but that may follow from this");
	return true;
}

/* The class of what did not end: the console may know more. */
static const char *hang_class(const struct view *v, struct judgement *j, const char *otherwise)
{
	if (!is_hang(v->top))
		return otherwise;
	take_evidence(j, v->top);
	return finding_class_name(v->top->class);
}

static bool rule_stop(const struct view *v, struct judgement *j)
{
	const struct guest_report *report = v->report;
	bool has_errno = !str_eq(report->broken_errno, "-");

	if (v->in->end == JUDGE_END_TOO_EARLY)
		set(j, VERDICT_SKIP, "incomplete", "the boot ended before this scenario's turn came");
	else if (v->in->end == JUDGE_END_TIMED_OUT)
		set(j, VERDICT_SKIP, hang_class(v, j, "hang"), "no end of phase %s within its time",
		    v->in->phase);
	else if (v->in->end == JUDGE_END_FLOODED)
		set(j, VERDICT_SKIP, "flood", "the guest wrote more to a serial than is taken, in phase %s",
		    v->in->phase);
	else if (report->broken)
		set(j, VERDICT_SKIP, hang_class(v, j, "setup"),
		    "the guest could not run the test: %s: %s%s%s", guest_phase_name(report->broken_phase),
		    report->reason, has_errno ? ": " : "", has_errno ? report->broken_errno : "");
	else if (report->skip)
		set(j, VERDICT_SKIP, "not-applicable", "the test does not apply: %s", report->reason);
	else if (report->skipped)
		set(j, VERDICT_SKIP, "not-applicable",
		    "the test says that it does not apply in %llu iterations",
		    (unsigned long long)report->skipped);
	else
		return false;
	return true;
}

static bool rule_failures(const struct view *v, struct judgement *j)
{
	AUTO(buf) details = BUF_INIT;

	if (!v->report->failed)
		return false;
	if (v->failed)
		guest_failure_format(v->failed, &details);
	set(j, VERDICT_SKIP, hang_class(v, j, "test-failure"),
	    "%llu iterations failed, not by the target; the first: %s", (unsigned long long)v->report->failed,
	    details.s);
	return true;
}

static bool rule_good(const struct view *v, struct judgement *j)
{
	bool noted = v->top && !v->top->echo && v->top->class != FINDING_TARGET;
	AUTO(buf) early = BUF_INIT;

	if (!guest_report_is_complete(v->report) || !v->in->marked)
		return false;
	if (v->report->early)
		buf_addf(&early, ", %llu of them ended by runtime", (unsigned long long)v->report->early);
	set(j, VERDICT_GOOD, finding_class_name(noted ? v->top->class : FINDING_CLEAN),
	    "all %llu iterations passed%s", (unsigned long long)v->report->passed, early.s);
	if (noted)
		take_evidence(j, v->top);
	return true;
}

static bool rule_missing(const struct view *v, struct judgement *j)
{
	const struct guest_report *report = v->report;

	if (report->error_line)
		set(j, VERDICT_SKIP, "incomplete", "line %llu of the guest's report: %s",
		    (unsigned long long)report->error_line, report->error);
	else if (guest_report_is_complete(report))
		set(j, VERDICT_SKIP, "incomplete",
		    "the console has no mark of this scenario's turn, so what the kernel wrote was not seen");
	else if (report->state == GUEST_NONE)
		set(j, VERDICT_SKIP, "incomplete", "the guest ended in phase %s and never reported",
		    v->in->phase);
	else
		set(j, VERDICT_SKIP, hang_class(v, j, "incomplete"),
		    "the guest ended in phase %s; its report stops at '%s'", v->in->phase,
		    guest_state_name(report->state));
	return true;
}

/* What else there was, for who reads the verdict. */
static void add_notes(const struct view *v, struct judgement *j)
{
	if (v->top && (v->top->line != j->evidence_line || j->verdict == VERDICT_GOOD))
		strv_addf(&j->reasons, "line %llu of the console: %s%s", (unsigned long long)v->top->line,
			  v->top->title, v->top->echo ? " (an echo: the kernel did not write it)" : "");
	if (!v->console && classify_target(v->in->console, v->in->from, v->until))
		strv_add(&j->reasons, "the target came before the scenario started: that does not count");
	if (!v->console && j->verdict != VERDICT_SKIP && classify_target(v->in->console, 0, v->in->from))
		strv_add(&j->reasons, "the kernel wrote the target's line earlier in this boot, and may not "
				      "write it again");
	if (j->verdict == VERDICT_BAD && v->in->end != JUDGE_END_POWERED_OFF &&
	    v->in->end != JUDGE_END_WENT_ON)
		strv_addf(&j->reasons, "the guest did not end by itself, in phase %s", v->in->phase);
	if (j->verdict == VERDICT_BAD && v->report->error_line)
		strv_addf(&j->reasons, "line %llu of the guest's report: %s",
			  (unsigned long long)v->report->error_line, v->report->error);
}

void judge(const struct judge_input *in, struct judgement *j)
{
	static bool (*const rules[])(const struct view *v, struct judgement *j) = {
		rule_host, rule_identity, rule_earlier, rule_target,  rule_crash,
		rule_stop, rule_failures, rule_good,	rule_missing,
	};
	struct view v;

	j->agreement = "";
	j->evidence = xstrdup("");
	look(&v, in);
	for (size_t i = 0; !rules[i](&v, j); i++)
		;
	add_notes(&v, j);
}

void judgement_release(struct judgement *j)
{
	free(j->class);
	free(j->title);
	free(j->evidence);
	strv_release(&j->reasons);
	*j = (struct judgement)JUDGEMENT_INIT;
}
