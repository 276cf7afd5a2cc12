#include "emit.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>

enum type { TEXT, WORD, NUMBER, HEX, ERRNO, KIND };

static const struct {
	const char *key;
	enum type type;
} facts[] = {
#define X(id, key, type, before) [GUEST_FACT_##id] = { key, type },
	PROTO_FACTS(X)
#undef X
}, details[] = {
#define X(id, key, type) [GUEST_DETAIL_##id] = { key, type },
	PROTO_DETAILS(X)
#undef X
};

#define X(id, name) [GUEST_PHASE_##id] = (name),
static const char *const phases[] = { PROTO_PHASES(X) };
#undef X

#define X(id, name) [GUEST_KIND_##id] = (name),
static const char *const kinds[] = { PROTO_KINDS(X) };
#undef X

static void end_process(void)
{
	_exit(2);
}

static struct {
	int fd;
	char nonce[PROTO_NONCE_MAX + 1];
	enum guest_phase phase;
	void (*end)(void);
} stream = { STDOUT_FILENO, "", GUEST_PHASE_INIT, end_process };

static void write_all(int fd, const char *s, size_t len)
{
	while (len) {
		ssize_t n = write(fd, s, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return; /* nobody listens: the host's deadline will tell */
		s += n;
		len -= (size_t)n;
	}
}

__attribute__((format(printf, 1, 2))) static void line(const char *fmt, ...)
{
	char text[PROTO_LINE_MAX + 2];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text) - 1, fmt, ap);
	va_end(ap);
	if (n > PROTO_LINE_MAX)
		n = PROTO_LINE_MAX;
	text[n] = '\n';
	write_all(stream.fd, text, (size_t)n + 1);
}

/* Formats, escapes and cuts a <text> or <word>. */
__attribute__((format(printf, 3, 0))) static void escape(char text[PROTO_TEXT_MAX + 1], bool word,
							 const char *fmt, va_list ap)
{
	char raw[PROTO_TEXT_MAX + 1];

	vsnprintf(raw, sizeof(raw), fmt, ap);
	proto_escape(text, PROTO_TEXT_MAX + 1, raw, strlen(raw), word);
}

/*
 * One line of the kernel's log, with one write(2): dprintf() seeks first, which /dev/kmsg refuses. Each line opens
 * it anew, for the kernel limits how much one descriptor writes.
 */
__attribute__((format(printf, 1, 2))) static void tell_console(const char *fmt, ...)
{
	AUTO_CLOSE int fd = getpid() == 1 ? open("/dev/kmsg", O_WRONLY | O_CLOEXEC) : -1;
	char text[PROTO_LINE_MAX + 32];
	va_list ap;

	if (fd < 0)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	write_all(fd, text, strlen(text));
}

void emit_to(int fd, const char *nonce)
{
	stream.fd = fd;
	snprintf(stream.nonce, sizeof(stream.nonce), "%s", nonce);
}

void emit_header(void)
{
	line("KTAP version 1");
	line("# qbisect %d %s", PROTO_VERSION, stream.nonce);
}

void emit_phase(enum guest_phase phase, uint64_t ms)
{
	stream.phase = phase;
	line("# phase %s %" PRIu64, phases[phase], ms);
}

void emit_fact(enum guest_fact fact, const char *fmt, ...)
{
	char text[PROTO_TEXT_MAX + 1];
	va_list ap;

	va_start(ap, fmt);
	escape(text, facts[fact].type != TEXT, fmt, ap);
	va_end(ap);
	line("# fact %s %s", facts[fact].key, text);
}

void emit_scenario(size_t number, const char *label)
{
	line("# scenario %s %zu %s", stream.nonce, number, label);
	tell_console("<5>" PROTO_CONSOLE_MARK "%zu: %s\n", stream.nonce, number, label);
}

void emit_plan(uint64_t iterations)
{
	line("1..%" PRIu64, iterations);
}

void emit_start(void)
{
	line("# start %s", stream.nonce);
}

void emit_heartbeat(void)
{
	line("# heartbeat %" PRIu64, boot_ms());
}

void emit_output(const char *text, size_t len)
{
	char escaped[PROTO_TEXT_MAX + 1];

	do {
		size_t n = proto_escape(escaped, sizeof(escaped), text, len, false);

		line("# output %s", escaped);
		text += n;
		len -= n;
	} while (len);
}

void emit_dropped(uint64_t bytes)
{
	line("# dropped %" PRIu64, bytes);
}

void emit_skip(const char *fmt, ...)
{
	char text[PROTO_TEXT_MAX + 1];
	va_list ap;

	va_start(ap, fmt);
	escape(text, false, fmt, ap);
	va_end(ap);
	line("# skip %s", text);
}

void emit_end(uint64_t iterations, uint64_t failed)
{
	line("# end %s iterations=%" PRIu64 " failed=%" PRIu64, stream.nonce, iterations, failed);
}

void emit_poweroff(void)
{
	line("# poweroff %s", stream.nonce);
}

void emit_raw(const char *text)
{
	line("%s", text);
}

bool outcome_failed(const struct outcome *outcome)
{
	return outcome->has & 1U << GUEST_DETAIL_KIND;
}

void outcome_number(struct outcome *outcome, enum guest_detail detail, uint64_t value)
{
	outcome->has |= 1U << detail;
	outcome->value[detail] = value;
}

void outcome_word(struct outcome *outcome, enum guest_detail detail, const char *word)
{
	outcome->has |= 1U << detail;
	proto_escape(outcome->name[detail], sizeof(outcome->name[detail]), word, strlen(word), true);
}

bool outcome_fail(struct outcome *outcome, enum guest_kind kind, int error, const char *file)
{
	outcome_number(outcome, GUEST_DETAIL_ERRORS, outcome->value[GUEST_DETAIL_ERRORS] + 1);
	if (outcome_failed(outcome))
		return false;
	outcome->has |= 1U << GUEST_DETAIL_KIND;
	outcome->kind = kind;
	if (error)
		outcome_word(outcome, GUEST_DETAIL_ERRNO, errno_name(error));
	if (file)
		outcome_word(outcome, GUEST_DETAIL_FILE, file);
	return true;
}

static int format_detail(const struct outcome *outcome, size_t i, char *text, size_t size)
{
	switch (details[i].type) {
	case NUMBER:
		return snprintf(text, size, " %s=%" PRIu64, details[i].key, outcome->value[i]);
	case HEX:
		return snprintf(text, size, " %s=%016" PRIx64, details[i].key, outcome->value[i]);
	case KIND:
		return snprintf(text, size, " %s=%s", details[i].key, kinds[outcome->kind]);
	default:
		return snprintf(text, size, " %s=%s", details[i].key, outcome->name[i]);
	}
}

void emit_iteration(uint64_t i, const char *workload, const struct outcome *outcome)
{
	char text[PROTO_LINE_MAX] = "";
	size_t len = 0;

	for (size_t d = 0; d < GUEST_DETAIL_N && len < sizeof(text); d++)
		if (outcome->has & 1U << d)
			len += (size_t)format_detail(outcome, d, text + len, sizeof(text) - len);
	line("%sok %" PRIu64 " %s #%s%s", outcome_failed(outcome) ? "not " : "", i, workload,
	     outcome->skip ? " SKIP" : "", text);
}

void emit_broken_line(const char *text)
{
	line("%s", text);
	tell_console("<3>qbisect: %s\n", text); /* the events' serial may be what is missing */
}

static void say_broken(int error, const char *text)
{
	char whole[PROTO_LINE_MAX];

	snprintf(whole, sizeof(whole), "# broken %s %s %s", phases[stream.phase],
		 error ? errno_name(error) : "-", text);
	emit_broken_line(whole);
}

void emit_broken(int error, const char *fmt, ...)
{
	char text[PROTO_TEXT_MAX + 1];
	va_list ap;

	va_start(ap, fmt);
	escape(text, false, fmt, ap);
	va_end(ap);
	say_broken(error, text);
}

void broken(int error, const char *fmt, ...)
{
	char text[PROTO_TEXT_MAX + 1];
	va_list ap;

	va_start(ap, fmt);
	escape(text, false, fmt, ap);
	va_end(ap);
	say_broken(error, text);
	stream.end();
	_exit(2);
}

void broken_ends_with(void (*end)(void))
{
	stream.end = end;
}
