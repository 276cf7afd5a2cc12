/*
 * Whatever bytes a guest sends:
 *  - without the nonce in them, the state stays GUEST_NONE; "begun", "started", "ended" and "left" need it once
 *    more each, and what comes before a scenario's turn too;
 *  - in pieces of any length, by its own first bytes, gives the same reports as all at once;
 *  - counts agree with each other, and every text is bounded and printable.
 * The nonce is a constant, so that a seed or a dictionary can hold it.
 */
#include <assert.h>

#include "guest/events.h"

#define NONCE	  "0123456789abcdef"
#define SCENARIOS 2

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Padding included: both start as zeros and are filled by the same code. */
static int same_bytes(const void *a, const void *b, size_t n)
{
	return memcmp(a, b, n) == 0;
}

static unsigned count_nonces(const uint8_t *data, size_t size)
{
	const uint8_t *end = data + size;
	unsigned n = 0;

	while (size && (data = memmem(data, (size_t)(end - data), NONCE, strlen(NONCE)))) {
		data += strlen(NONCE);
		n++;
	}
	return n;
}

static void check_text(const char *s, size_t size)
{
	size_t n = strnlen(s, size);

	assert(n < size);
	for (size_t i = 0; i < n; i++)
		assert((s[i] >= ' ' && s[i] <= '~') || s[i] == '\n');
}

static void check_failures(const struct guest_report *r)
{
	AUTO(buf) text = BUF_INIT;
	uint64_t kinds = 0;

	for (size_t i = 0; i < GUEST_KIND_N; i++)
		kinds += r->kinds[i];
	assert(kinds == r->failed);
	for (size_t i = 0; i < guest_report_failures_kept(r); i++) {
		assert(r->failure[i].kind < GUEST_KIND_N && r->failure[i].iteration <= r->last);
		buf_reset(&text);
		guest_failure_format(&r->failure[i], &text);
		check_text(text.s, PROTO_LINE_MAX);
	}
}

/* `before`: how many scenarios' turns came before this one's. */
static void check_report(const struct guest_report *r, unsigned nonces, unsigned before)
{
	static const unsigned needed[] = { 0, 1, 1, 2, 3, 4, 5 };

	assert(r->state < GUEST_STATE_N && nonces >= needed[r->state] + 2 * before);
	assert(r->state != GUEST_NONE || (!r->facts && !r->phases && !guest_report_done(r) && !r->broken));
	assert(guest_report_done(r) <= r->last && r->last <= PROTO_ITERATIONS_MAX);
	assert(!r->planned || r->last <= r->planned);
	assert(!guest_report_is_complete(r) || (r->state == GUEST_LEFT && !r->error_line));
	check_failures(r);
	check_text(r->error, sizeof(r->error));
	check_text(r->reason, sizeof(r->reason));
	check_text(r->output, sizeof(r->output));
	for (size_t i = 0; i < GUEST_FACT_N; i++)
		check_text(r->fact[i], sizeof(r->fact[i]));
}

static void feed_cut(struct guest_events *events, const uint8_t *data, size_t size)
{
	for (size_t at = 0, i = 0, n; at < size; at += n, i++) {
		n = 1u + data[i % 8 % size] % 64u;
		n = n < size - at ? n : size - at;
		guest_events_feed(events, data + at, n);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct guest_events whole, cut;
	static struct guest_report of_whole[SCENARIOS], of_cut[SCENARIOS];

	guest_events_init(&whole, NONCE, of_whole, SCENARIOS);
	guest_events_feed(&whole, data, size);
	guest_events_init(&cut, NONCE, of_cut, SCENARIOS);
	feed_cut(&cut, data, size);
	assert(whole.begun == cut.begun && whole.begun <= SCENARIOS && whole.lines == cut.lines);
	assert(same_bytes(of_whole, of_cut, sizeof(of_whole)));
	assert(same_bytes(&whole.boot, &cut.boot, sizeof(whole.boot)));
	check_report(&whole.boot, count_nonces(data, size), 0);
	for (unsigned i = 0; i < whole.begun; i++)
		check_report(&of_whole[i], count_nonces(data, size), i);
	return 0;
}
