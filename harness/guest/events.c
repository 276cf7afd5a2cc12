#include "guest/events.h"

#include "guest/fields.h"

#define SINCE(st) (~0U << (st)) /* in this state and all later ones */

static const char *const state_names[] = { "none", "header", "facts", "started", "ended", "poweroff" };

#define X(id, name) [GUEST_PHASE_##id] = (name),
static const char *const phase_names[] = { PROTO_PHASES(X) };
#undef X

static const struct {
	const char *key;
	enum field_type type;
	bool needed;
} facts[] = {
#define X(id, key, type, needed) [GUEST_FACT_##id] = { key, type, needed },
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

/* Keeps the first error, with what was wrong about which line. */
__attribute__((format(printf, 2, 3))) static void fail(struct guest_report *r, const char *fmt, ...)
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
	bool number, again;
	size_t i = 0;
	uint64_t v = 0;

	while (i < GUEST_FACT_N && !str_eq(facts[i].key, key))
		i++;
	if (i == GUEST_FACT_N) {
		fail(r, "unknown fact '%s'", key);
		return;
	}
	number = facts[i].type == NUMBER;
	again = i != GUEST_FACT_MODULE && r->facts & BIT(i);
	if (again || !field_is_text(rest, facts[i].type != TEXT, sizeof(r->fact[i])) ||
	    (number && !field_number(rest, &v)) ||
	    (ranges[i].max && (v < ranges[i].min || v > ranges[i].max)) ||
	    (ranges[i].power_of_two && v & (v - 1))) {
		fail(r, "fact '%s' %s", key, again ? "comes again" : "has an impossible value");
		return;
	}
	if (i == GUEST_FACT_MODULE && r->n_modules++ < GUEST_MODULES_MAX)
		snprintf(r->module[r->n_modules - 1], sizeof(r->module[0]), "%s", rest);
	snprintf(r->fact[i], sizeof(r->fact[i]), "%s", rest);
	r->number[i] = v;
	r->facts |= BIT(i);
}

static bool has_needed_facts(const struct guest_report *r)
{
	for (size_t i = 0; i < GUEST_FACT_N; i++)
		if (facts[i].needed && !(r->facts & BIT(i)))
			return false;
	return true;
}

static void fact_event(struct guest_report *r, char *rest)
{
	take_fact(r, rest);
	if (r->state == GUEST_HEADER && has_needed_facts(r))
		r->state = GUEST_FACTS;
}

static void phase_event(struct guest_report *r, char *rest)
{
	const char *name = field_take(&rest);
	int phase = field_find(phase_names, GUEST_PHASE_N, name);
	uint64_t ms;

	if (phase < 0 || r->phases >= BIT(phase) || !field_number(rest, &ms)) {
		fail(r, "phase '%s' is unknown, out of order or without its time", name);
		return;
	}
	r->phases |= BIT(phase);
	r->phase_ms[phase] = ms;
}

static void heartbeat_event(struct guest_report *r, char *rest)
{
	uint64_t ms;

	if (!field_number(rest, &ms) || ms < r->heartbeat_ms) {
		fail(r, "heartbeat without its time, or back in time");
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
		fail(r, "output is badly escaped or too long");
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
		fail(r, "dropped without a number of bytes");
	else
		r->output_dropped += n;
}

static void skip_event(struct guest_report *r, char *rest)
{
	if (r->skip || !field_is_text(rest, false, sizeof(r->reason))) {
		fail(r, "skip comes again or without a reason");
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
		fail(r, "broken without phase, errno and reason");
		return;
	}
	r->broken = true;
	r->broken_phase = (enum guest_phase)phase;
	snprintf(r->broken_errno, sizeof(r->broken_errno), "%s", number);
	snprintf(r->reason, sizeof(r->reason), "%s", rest);
}

/* A line that moves the state: the nonce is its next word. Moves from `from` to the state behind it. */
static bool is_move(struct guest_report *r, char **rest, enum guest_state from)
{
	bool ours = str_eq(field_take(rest), r->nonce);

	if (!ours)
		fail(r, "a line with another nonce where state '%s' would be left", guest_state_name(from));
	else if (r->state != from)
		fail(r, "out of order: in state '%s', not '%s'", guest_state_name(r->state),
		     guest_state_name(from));
	return ours && r->state == from;
}

static void start_event(struct guest_report *r, char *rest)
{
	if (!is_move(r, &rest, GUEST_FACTS))
		return;
	if (*rest)
		fail(r, "start with more words than its nonce");
	else
		r->state = GUEST_STARTED;
}

static void end_event(struct guest_report *r, char *rest)
{
	const char *iterations, *failed;
	uint64_t n, m;

	if (!is_move(r, &rest, GUEST_STARTED))
		return;
	iterations = field_take(&rest);
	failed = field_take(&rest);
	if (*rest || !str_starts(iterations, "iterations=") || !str_starts(failed, "failed=") ||
	    !field_number(strchr(iterations, '=') + 1, &n) || !field_number(strchr(failed, '=') + 1, &m))
		fail(r, "end without its counts");
	else if (n != guest_report_done(r) || m != r->failed)
		fail(r, "end counts %llu iterations, %llu failed; their lines were %llu, %llu",
		     (unsigned long long)n, (unsigned long long)m, (unsigned long long)guest_report_done(r),
		     (unsigned long long)r->failed);
	else
		r->state = GUEST_ENDED;
}

static void poweroff_event(struct guest_report *r, char *rest)
{
	if (!is_move(r, &rest, GUEST_ENDED))
		return;
	if (*rest)
		fail(r, "poweroff with more words than its nonce");
	else
		r->state = GUEST_POWEROFF;
}

static void plan_event(struct guest_report *r, char *rest)
{
	uint64_t n;

	if (r->planned || r->state >= GUEST_STARTED || !field_number(rest, &n) || n < 1 ||
	    n > PROTO_ITERATIONS_MAX)
		fail(r, "the plan comes again, late, or is not 1..%d at most", PROTO_ITERATIONS_MAX);
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
		fail(r, "an iteration's number is impossible");
		return false;
	}
	if (!field_is_text(workload, true, sizeof(r->workload)) || !str_eq(field_take(rest), "#") ||
	    (*r->workload && !str_eq(r->workload, workload))) {
		fail(r, "an iteration without its workload");
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
		fail(r, "an iteration's result when none is due");
		return;
	}
	if (!take_iteration(r, &f, &rest))
		return;
	skip = ok && (str_eq(rest, "SKIP") || str_starts(rest, "SKIP "));
	if (skip)
		field_take(&rest);
	if (!field_details(&f, rest)) {
		fail(r, "an iteration's details are not understood");
		return;
	}
	if (ok != !(f.has & BIT(GUEST_DETAIL_KIND))) {
		fail(r, "'kind' belongs to \"not ok\" and to nothing else");
		return;
	}
	if (f.iteration != r->last + 1)
		fail(r, "iteration %llu comes after %llu", (unsigned long long)f.iteration,
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
	{ "fact", BIT(GUEST_HEADER) | BIT(GUEST_FACTS), fact_event },
	{ "start", SINCE(GUEST_HEADER), start_event }, /* these three judge the state themselves */
	{ "end", SINCE(GUEST_HEADER), end_event },
	{ "poweroff", SINCE(GUEST_HEADER), poweroff_event },
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
			fail(r, "'%s' may not come in state '%s'", word, guest_state_name(r->state));
		return;
	}
	fail(r, "unknown event '%s'", word);
}

/* Looks for the header; what is not the header of this trial does not count, not even as an error. */
static void header_event(struct guest_report *r, char *rest)
{
	uint64_t version;
	const char *number;

	if (!*r->nonce || !str_starts(rest, "# qbisect "))
		return;
	rest += strlen("# qbisect ");
	number = field_take(&rest);
	if (!str_eq(rest, r->nonce))
		return;
	if (field_number(number, &version) && version == PROTO_VERSION)
		r->state = GUEST_HEADER;
	else
		fail(r, "the guest speaks version '%s' of the protocol, this host %d", number, PROTO_VERSION);
}

static void take_line(struct guest_report *r, char *line)
{
	if (r->broken || r->state == GUEST_POWEROFF)
		fail(r, "a line behind the last one");
	else if (str_starts(line, "# "))
		comment_event(r, line + 2);
	else if (str_starts(line, "ok "))
		result_event(r, line + 3, true);
	else if (str_starts(line, "not ok "))
		result_event(r, line + 7, false);
	else if (str_starts(line, "1.."))
		plan_event(r, line + 3);
	else
		fail(r, "neither a result nor an event");
}

static void end_line(struct guest_report *r)
{
	size_t len = r->len, i = 0;

	r->lines++;
	r->len = 0;
	if (len && len <= PROTO_LINE_MAX + 1 && r->line[len - 1] == '\r')
		len--;
	while (i < len && i < PROTO_LINE_MAX && r->line[i] >= ' ' && r->line[i] <= '~')
		i++;
	r->line[i] = '\0';
	if (r->state == GUEST_NONE && i == len)
		header_event(r, r->line);
	else if (i == len)
		take_line(r, r->line);
	else if (r->state != GUEST_NONE)
		fail(r, i < PROTO_LINE_MAX ? "a byte that is not printable" : "a line that is too long");
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

	return report->state == GUEST_POWEROFF && !report->error_line && !report->broken && !report->skip &&
	       !report->skipped && !report->kinds[GUEST_KIND_TIMELIMIT] && done &&
	       (!report->planned || done == report->planned);
}

void guest_report_init(struct guest_report *report, const char *nonce)
{
	memset(report, 0, sizeof(*report));
	if (proto_is_nonce(nonce))
		snprintf(report->nonce, sizeof(report->nonce), "%s", nonce);
}

void guest_report_feed(struct guest_report *report, const void *data, size_t len)
{
	const char *s = data;

	for (size_t i = 0; i < len; i++) {
		if (s[i] == '\n') {
			end_line(report);
			continue;
		}
		if (report->len < sizeof(report->line))
			report->line[report->len++] = s[i];
	}
}
