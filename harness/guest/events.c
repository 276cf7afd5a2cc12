#include "guest/events.h"

#include "guest/fields.h"

static struct guest_report *current(struct guest_events *e)
{
	return e->begun ? &e->scenario[e->begun - 1] : &e->boot;
}

/* The nonce is the next word of a line that moves the state. */
static bool is_ours(const struct guest_events *e, struct guest_report *r, char **rest)
{
	bool ours = str_eq(field_take(rest), e->nonce);

	if (!ours)
		guest_report_fail(r, "a line with another nonce where state '%s' would be left",
				  guest_state_name(r->state));
	return ours;
}

static bool is_in(struct guest_report *r, bool right)
{
	if (!right)
		guest_report_fail(r, "out of order: in state '%s'%s", guest_state_name(r->state),
				  r->broken ? ", broken" : "");
	return right;
}

/* Whether what comes behind a scenario, or behind the boot's facts, may come now. */
static bool is_done(const struct guest_events *e, const struct guest_report *r)
{
	if (!e->begun)
		return r->state == GUEST_FACTS && !r->broken;
	return r->state == (r->broken ? GUEST_STARTED : GUEST_ENDED);
}

static void leave(struct guest_report *r)
{
	if (r->state == GUEST_ENDED && !r->broken)
		r->state = GUEST_LEFT;
}

static void scenario_event(struct guest_events *e, struct guest_report *r, char *rest)
{
	uint64_t number;

	if (!is_ours(e, r, &rest) || !is_in(r, is_done(e, r)))
		return;
	if (!field_number(field_take(&rest), &number) || number != e->begun + 1 || number > e->n ||
	    !field_is_text(rest, true, PROTO_LABEL_MAX + 1)) {
		guest_report_fail(r, "a scenario that is not the plan's next one");
		return;
	}
	leave(r);
	e->scenario[e->begun] = e->boot;
	e->scenario[e->begun++].state = GUEST_BEGUN;
}

static void start_event(struct guest_events *e, struct guest_report *r, char *rest)
{
	if (!is_ours(e, r, &rest) || !is_in(r, guest_report_may_start(r) && !r->broken))
		return;
	if (*rest)
		guest_report_fail(r, "start with more words than its nonce");
	else
		r->state = GUEST_STARTED;
}

static void end_event(struct guest_events *e, struct guest_report *r, char *rest)
{
	const char *iterations, *failed;
	uint64_t n, m;

	if (!is_ours(e, r, &rest) || !is_in(r, r->state == GUEST_STARTED && !r->broken))
		return;
	iterations = field_take(&rest);
	failed = field_take(&rest);
	if (*rest || !str_starts(iterations, "iterations=") || !str_starts(failed, "failed=") ||
	    !field_number(strchr(iterations, '=') + 1, &n) || !field_number(strchr(failed, '=') + 1, &m))
		guest_report_fail(r, "end without its counts");
	else if (n != guest_report_done(r) || m != r->failed)
		guest_report_fail(r, "end counts %llu iterations, %llu failed; their lines were %llu, %llu",
				  (unsigned long long)n, (unsigned long long)m,
				  (unsigned long long)guest_report_done(r), (unsigned long long)r->failed);
	else
		r->state = GUEST_ENDED;
}

static void poweroff_event(struct guest_events *e, struct guest_report *r, char *rest)
{
	if (!is_ours(e, r, &rest) || !is_in(r, e->begun == e->n && is_done(e, r)))
		return;
	if (*rest) {
		guest_report_fail(r, "poweroff with more words than its nonce");
		return;
	}
	leave(r);
	e->over = true;
}

static const struct {
	const char *word;
	void (*take)(struct guest_events *e, struct guest_report *r, char *rest);
} moves[] = {
	{ "scenario", scenario_event },
	{ "start", start_event },
	{ "end", end_event },
	{ "poweroff", poweroff_event },
};

static void take_line(struct guest_events *e, struct guest_report *r, char *line)
{
	size_t len = str_starts(line, "# ") ? strcspn(line + 2, " ") : 0;

	if (e->over) {
		guest_report_fail(r, "a line behind the last one");
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(moves); i++) {
		char *rest = line + 2 + len;

		if (strlen(moves[i].word) != len || memcmp(line + 2, moves[i].word, len) != 0)
			continue;
		moves[i].take(e, r, *rest ? rest + 1 : rest);
		return;
	}
	guest_report_take(r, line);
}

/* Looks for the header; what is not the header of this boot does not count, not even as an error. */
static void header_event(struct guest_events *e, char *rest)
{
	uint64_t version;
	const char *number;

	if (!*e->nonce || !str_starts(rest, "# qbisect "))
		return;
	rest += strlen("# qbisect ");
	number = field_take(&rest);
	if (!str_eq(rest, e->nonce))
		return;
	if (field_number(number, &version) && version == PROTO_VERSION)
		e->boot.state = GUEST_HEADER;
	else
		guest_report_fail(&e->boot, "the guest speaks version '%s' of the protocol, this host %d",
				  number, PROTO_VERSION);
}

static void end_line(struct guest_events *e)
{
	struct guest_report *r = current(e);
	size_t len = e->len, i = 0;

	r->lines = ++e->lines;
	e->len = 0;
	if (len && len <= PROTO_LINE_MAX + 1 && e->line[len - 1] == '\r')
		len--;
	while (i < len && i < PROTO_LINE_MAX && e->line[i] >= ' ' && e->line[i] <= '~')
		i++;
	e->line[i] = '\0';
	if (r->state == GUEST_NONE && i == len)
		header_event(e, e->line);
	else if (i == len)
		take_line(e, r, e->line);
	else if (r->state != GUEST_NONE)
		guest_report_fail(r, i < PROTO_LINE_MAX ? "a byte that is not printable"
							: "a line that is too long");
}

const struct guest_report *guest_events_current(const struct guest_events *events)
{
	return events->begun ? &events->scenario[events->begun - 1] : &events->boot;
}

const struct guest_report *guest_events_report(const struct guest_events *events, size_t i)
{
	return i < events->begun ? &events->scenario[i] : &events->boot;
}

void guest_events_init(struct guest_events *events, const char *nonce, struct guest_report *scenario,
		       size_t n)
{
	*events = (struct guest_events){ .scenario = scenario, .n = n };
	memset(scenario, 0, n * sizeof(*scenario));
	if (proto_is_nonce(nonce))
		snprintf(events->nonce, sizeof(events->nonce), "%s", nonce);
}

/* Of a line that is too long the beginning is kept, and that it goes on. */
static void add(struct guest_events *e, const char *s, size_t len)
{
	size_t room = sizeof(e->line) - e->len, n = len < room ? len : room;

	memcpy(e->line + e->len, s, n);
	e->len += n;
}

void guest_events_feed(struct guest_events *events, const void *data, size_t len)
{
	const char *s = data, *end = s + len;

	while (s < end) {
		const char *newline = memchr(s, '\n', (size_t)(end - s));

		add(events, s, (size_t)((newline ? newline : end) - s));
		if (newline)
			end_line(events);
		s = newline ? newline + 1 : end;
	}
}
