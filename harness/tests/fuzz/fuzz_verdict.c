/*
 * A guest that lies on both serials: what stands before "====\n" is its console, what stands behind it are its events, and
 * the first byte is how it ended. Two scenarios shared the boot.
 *  - With a nonce that is not in the input no verdict is good, and none is bad: at most skip.
 *  - With a nonce that a seed or the dictionary can hold, good takes all its marks: the header, and each scenario's turn,
 *    start and end, and the power-off or the next turn; each with the nonce.
 *  - A verdict has its words, on one line each, and harmless on a terminal.
 * Run it where configs/signatures.json is (the tree's root).
 */
#include <assert.h>

#include "base/utf8.h"
#include "guest/events.h"
#include "signature_table.h"
#include "verdict/judge.h"

#define NONCE	  "0123456789abcdef"
#define SECRET	  "fedcba9876543210fedcba9876543210"
#define SCENARIOS 2

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct guest_report reports[SCENARIOS];

/* What a guest wrote. */
struct told {
	enum judge_end end;
	const uint8_t *console, *events;
	size_t console_n, events_n;
};

static bool cut(const uint8_t *data, size_t size, struct told *told)
{
	static const char mark[] = "====\n";
	const uint8_t *at;

	if (!size)
		return false;
	told->end = (enum judge_end)(data[0] % JUDGE_END_N);
	told->console = data + 1;
	at = memmem(told->console, size - 1, mark, strlen(mark));
	told->console_n = at ? (size_t)(at - told->console) : size - 1;
	told->events = at ? at + strlen(mark) : data + size;
	told->events_n = (size_t)(data + size - told->events);
	return true;
}

static unsigned count_nonces(const uint8_t *at, size_t len)
{
	const uint8_t *end = at + len;
	unsigned n = 0;

	while (at < end && (at = memmem(at, (size_t)(end - at), NONCE, strlen(NONCE)))) {
		at += strlen(NONCE);
		n++;
	}
	return n;
}

static void check_line(const char *s)
{
	size_t len = strlen(s), n;

	for (; len; s += n, len -= n) {
		uint32_t code = 0;

		n = utf8_next(s, len, &code);
		assert(n && !utf8_is_control(code));
	}
}

static void check_words(const struct judgement *j)
{
	assert(*j->class && *j->title && j->reasons.n);
	assert((j->verdict == VERDICT_BAD) == (*j->agreement != '\0'));
	check_line(j->title);
	check_line(j->evidence);
	for (size_t i = 0; i < j->reasons.n; i++)
		check_line(j->reasons.v[i]);
}

/* As guest/trial.c asks for it. */
static enum verdict verdict_of(const struct told *told, const struct guest_events *events,
			       const struct classify *console, size_t i)
{
	struct judge_input in = { .report = guest_events_report(events, i),
				  .console = console,
				  .end = told->end,
				  .phase = "test" };
	AUTO(judgement) j = JUDGEMENT_INIT;

	in.marked = classify_part_at(console, i + 1, &in.started_at);
	if (i > 0)
		in.from = in.started_at;
	if (i + 1 < events->begun)
		classify_part_at(console, i + 2, &in.until);
	judge(&in, &j);
	check_words(&j);
	return j.verdict;
}

static void check_nonce(const struct told *told, const char *nonce, bool known)
{
	AUTO_FREE char *mark = xasprintf(PROTO_CONSOLE_MARK, nonce);
	AUTO(classify) console = classify_new(&table);
	static struct guest_events events;

	guest_events_init(&events, nonce, reports, SCENARIOS);
	guest_events_feed(&events, told->events, told->events_n);
	classify_part(console, mark, SCENARIOS);
	classify_feed(console, told->console, told->console_n);
	classify_end(console);
	for (unsigned i = 0; i < SCENARIOS; i++) {
		enum verdict verdict = verdict_of(told, &events, console, i);

		if (!known)
			assert(verdict == VERDICT_SKIP || verdict == VERDICT_BROKEN);
		else if (verdict == VERDICT_GOOD)
			assert(count_nonces(told->events, told->events_n) >= 5 + 2 * i &&
			       count_nonces(told->console, told->console_n) > i);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct told told;

	load_table();
	if (!cut(data, size, &told))
		return 0;
	if (!memmem(data, size, SECRET, strlen(SECRET)))
		check_nonce(&told, SECRET, false);
	check_nonce(&told, NONCE, true);
	return 0;
}
