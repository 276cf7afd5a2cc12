#include "guest/fields.h"

#define SINCE(st) (~0U << (st)) /* in this state and all later ones */

static const char *const state_names[] = { "none", "header", "facts", "begun", "started", "ended", "left" };

#define X(id, name) [GUEST_PHASE_##id] = (name),
static const char *const phase_names[] = { PROTO_PHASES(X) };
#undef X

/* Before which line a fact is needed. */
enum before { NOTHING, SCENARIO, START };

static const struct {
	const char *key;
	enum field_type type;
	enum before before;
} facts[] = {
#define X(id, key, type, before) [GUEST_FACT_##id] = { key, type, before },
	PROTO_FACTS(X)
#undef X
};

/* What a number can be at most, and at least; max 0: anything. */
static const struct {
	uint64_t min, max;
	bool power_of_two;
} ranges[GUEST_FACT_N] = {
	[GUEST_FACT_PAGESIZE] = { 1024, 1 << 24, true },
	[GUEST_FACT_CPUS] = { 1, 1 << 16, false },
	[GUEST_FACT_LOGICAL_BLOCK] = { 512, 1 << 24, true },
	[GUEST_FACT_SECTORSIZE] = { 512, 1 << 24, true },
	[GUEST_FACT_NOCOW] = { 0, 1, false },
};

void guest_report_fail(struct guest_report *r, const char *fmt, ...)
{
	va_list ap;

	if (r->error_line)
		return;
	r->error_line = r->lines;
	va_start(ap, fmt);
	vsnprintf(r->error, sizeof(r->error), fmt, ap);
	va_end(ap);
}

static void take_fact(struct guest_report *r, char *rest)
{
	const char *key = field_take(&rest);
	bool number, again, late;
	size_t i = 0;
	uint64_t v = 0;

	while (i < GUEST_FACT_N && !str_eq(facts[i].key, key))
		i++;
	if (i == GUEST_FACT_N) {
		guest_report_fail(r, "unknown fact '%s'", key);
		return;
	}
	number = facts[i].type == NUMBER;
	again = i != GUEST_FACT_MODULE && r->facts & BIT(i);
	late = (facts[i].before == START) != (r->state == GUEST_BEGUN);
	if (again || late || !field_is_text(rest, facts[i].type != TEXT, sizeof(r->fact[i])) ||
	    (number && !field_number(rest, &v)) ||
	    (ranges[i].max && (v < ranges[i].min || v > ranges[i].max)) ||
	    (ranges[i].power_of_two && v & (v - 1))) {
		guest_report_fail(r, "fact '%s' %s", key,
				  again	 ? "comes again"
				  : late ? "is not due"
					 : "has an impossible value");
		return;
	}
	if (i == GUEST_FACT_MODULE && r->n_modules++ < GUEST_MODULES_MAX)
		snprintf(r->module[r->n_modules - 1], sizeof(r->module[0]), "%s", rest);
	snprintf(r->fact[i], sizeof(r->fact[i]), "%s", rest);
	r->number[i] = v;
	r->facts |= BIT(i);
}

static bool has_facts(const struct guest_report *r, enum before before)
{
	for (size_t i = 0; i < GUEST_FACT_N; i++)
		if (facts[i].before == before && !(r->facts & BIT(i)))
			return false;
	return true;
}

bool guest_report_may_start(const struct guest_report *r)
{
	return r->state == GUEST_BEGUN && has_facts(r, START);
}

static void fact_event(struct guest_report *r, char *rest)
{
	take_fact(r, rest);
	if (r->state == GUEST_HEADER && has_facts(r, SCENARIO))
		r->state = GUEST_FACTS;
}

static void phase_event(struct guest_report *r, char *rest)
{
	const char *name = field_take(&rest);
	int phase = field_find(phase_names, GUEST_PHASE_N, name);
	uint64_t ms;

	if (phase < 0 || r->phases >= BIT(phase) || !field_number(rest, &ms)) {
		guest_report_fail(r, "phase '%s' is unknown, out of order or without its time", name);
		return;
	}
	r->phases |= BIT(phase);
	r->phase_ms[phase] = ms;
}

static void heartbeat_event(struct guest_report *r, char *rest)
{
	uint64_t ms;

	if (!field_number(rest, &ms) || ms < r->heartbeat_ms) {
		guest_report_fail(r, "heartbeat without its time, or back in time");
		return;
	}
	r->heartbeats++;
	r->heartbeat_ms = ms;
}

/* Appends a line, after as many of the oldest lines as must go were dropped. */
static void output_event(struct guest_report *r, char *rest)
{
	size_t len = strlen(r->output), n = strlen(rest);
	char *from = r->output;

	if (n && !field_is_text(rest, false, PROTO_TEXT_MAX + 1)) {
		guest_report_fail(r, "output is badly escaped or too long");
		return;
	}
	while (len - (size_t)(from - r->output) + n + 1 > GUEST_OUTPUT_KEPT)
		from = strchr(from, '\n') + 1;
	len -= (size_t)(from - r->output);
	memmove(r->output, from, len);
	memcpy(r->output + len, rest, n);
	memcpy(r->output + len + n, "\n", 2);
	r->output_lines++;
}

static void dropped_event(struct guest_report *r, char *rest)
{
	uint64_t n;

	if (!field_number(rest, &n) || n > UINT64_MAX - r->output_dropped)
		guest_report_fail(r, "dropped without a number of bytes");
	else
		r->output_dropped += n;
}

static void skip_event(struct guest_report *r, char *rest)
{
	if (r->skip || !field_is_text(rest, false, sizeof(r->reason))) {
		guest_report_fail(r, "skip comes again or without a reason");
		return;
	}
	r->skip = true;
	snprintf(r->reason, sizeof(r->reason), "%s", rest);
}

static void broken_event(struct guest_report *r, char *rest)
{
	const char *name = field_take(&rest), *number = field_take(&rest);
	int phase = field_find(phase_names, GUEST_PHASE_N, name);

	if (phase < 0 || !(str_eq(number, "-") || field_is_errno(number)) ||
	    strlen(number) >= sizeof(r->broken_errno) || !field_is_text(rest, false, sizeof(r->reason))) {
		guest_report_fail(r, "broken without phase, errno and reason");
		return;
	}
	r->broken = true;
	r->broken_phase = (enum guest_phase)phase;
	snprintf(r->broken_errno, sizeof(r->broken_errno), "%s", number);
	snprintf(r->reason, sizeof(r->reason), "%s", rest);
}

static void plan_event(struct guest_report *r, char *rest)
{
	uint64_t n;

	if (r->planned || r->state != GUEST_BEGUN || !field_number(rest, &n) || n < 1 ||
	    n > PROTO_ITERATIONS_MAX)
		guest_report_fail(r, "the plan is not due, or is not 1..%d at most", PROTO_ITERATIONS_MAX);
	else
		r->planned = n;
}

/* Counts an iteration whose line was found right. */
static void count_iteration(struct guest_report *r, const struct guest_failure *f, bool ok, bool skip)
{
	uint64_t ms = f->value[GUEST_DETAIL_MS];

	r->last = f->iteration;
	r->ms_sum += ms < UINT32_MAX ? ms : UINT32_MAX;
	if (ok && skip)
		r->skipped++;
	else if (ok)
		r->passed++;
	r->early += ok && !skip && f->value[GUEST_DETAIL_EARLY];
	if (ok)
		return;
	if (r->failed < GUEST_FAILURES_MAX)
		r->failure[r->failed] = *f;
	r->failed++;
	r->kinds[f->kind]++;
}

/* The number and the workload of an iteration, and the '#' behind them. */
static bool take_iteration(struct guest_report *r, struct guest_failure *f, char **rest)
{
	bool number = field_number(field_take(rest), &f->iteration);
	const char *workload = field_take(rest);

	if (!number || f->iteration <= r->last || f->iteration > PROTO_ITERATIONS_MAX ||
	    (r->planned && f->iteration > r->planned)) {
		guest_report_fail(r, "an iteration's number is impossible");
		return false;
	}
	if (!field_is_text(workload, true, sizeof(r->workload)) || !str_eq(field_take(rest), "#") ||
	    (*r->workload && !str_eq(r->workload, workload))) {
		guest_report_fail(r, "an iteration without its workload");
		return false;
	}
	snprintf(r->workload, sizeof(r->workload), "%s", workload);
	return true;
}

static void result_event(struct guest_report *r, char *rest, bool ok)
{
	struct guest_failure f = { 0 };
	bool skip;

	if (r->state != GUEST_STARTED || r->skip) {
		guest_report_fail(r, "an iteration's result when none is due");
		return;
	}
	if (!take_iteration(r, &f, &rest))
		return;
	skip = ok && (str_eq(rest, "SKIP") || str_starts(rest, "SKIP "));
	if (skip)
		field_take(&rest);
	if (!field_details(&f, rest)) {
		guest_report_fail(r, "an iteration's details are not understood");
		return;
	}
	if (ok != !(f.has & BIT(GUEST_DETAIL_KIND))) {
		guest_report_fail(r, "'kind' belongs to \"not ok\" and to nothing else");
		return;
	}
	if (f.iteration != r->last + 1)
		guest_report_fail(r, "iteration %llu comes after %llu", (unsigned long long)f.iteration,
				  (unsigned long long)r->last);
	count_iteration(r, &f, ok, skip);
}

/* The events behind "# ", and the states in which each may come. */
static const struct {
	const char *word;
	unsigned states;
	void (*take)(struct guest_report *r, char *rest);
} events[] = {
	{ "phase", SINCE(GUEST_HEADER), phase_event },
	{ "fact", BIT(GUEST_HEADER) | BIT(GUEST_FACTS) | BIT(GUEST_BEGUN), fact_event },
	{ "heartbeat", BIT(GUEST_STARTED), heartbeat_event },
	{ "output", BIT(GUEST_STARTED), output_event },
	{ "dropped", BIT(GUEST_STARTED), dropped_event },
	{ "skip", BIT(GUEST_STARTED), skip_event },
	{ "broken", SINCE(GUEST_HEADER), broken_event },
};

static void comment_event(struct guest_report *r, char *rest)
{
	const char *word = field_take(&rest);

	for (size_t i = 0; i < ARRAY_SIZE(events); i++) {
		if (!str_eq(events[i].word, word))
			continue;
		if (events[i].states & BIT(r->state))
			events[i].take(r, rest);
		else
			guest_report_fail(r, "'%s' may not come in state '%s'", word,
					  guest_state_name(r->state));
		return;
	}
	guest_report_fail(r, "unknown event '%s'", word);
}

void guest_report_take(struct guest_report *r, char *line)
{
	bool last = r->broken && (r->state != GUEST_STARTED || !str_starts(line, "# phase "));

	if (last)
		guest_report_fail(r, "a line behind the last one");
	else if (str_starts(line, "# "))
		comment_event(r, line + 2);
	else if (str_starts(line, "ok "))
		result_event(r, line + 3, true);
	else if (str_starts(line, "not ok "))
		result_event(r, line + 7, false);
	else if (str_starts(line, "1.."))
		plan_event(r, line + 3);
	else
		guest_report_fail(r, "neither a result nor an event");
}

const char *guest_state_name(enum guest_state state)
{
	return state_names[state];
}

const char *guest_fact_key(enum guest_fact fact)
{
	return facts[fact].key;
}

const char *guest_phase_name(enum guest_phase phase)
{
	return phase_names[phase];
}

uint64_t guest_report_done(const struct guest_report *report)
{
	return report->passed + report->failed + report->skipped;
}

size_t guest_report_failures_kept(const struct guest_report *report)
{
	return report->failed < GUEST_FAILURES_MAX ? report->failed : GUEST_FAILURES_MAX;
}

bool guest_report_is_complete(const struct guest_report *report)
{
	uint64_t done = guest_report_done(report);

	return report->state == GUEST_LEFT && !report->error_line && !report->broken && !report->skip &&
	       !report->skipped && !report->kinds[GUEST_KIND_TIMELIMIT] && done &&
	       (!report->planned || done == report->planned);
}
