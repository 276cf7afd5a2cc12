#include "guest/watch.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/progress.h"
#include "base/supervisor.h"

#define CONSOLE_LIMIT (16u << 20)
#define EVENTS_LIMIT  (16u << 20)
#define CHUNK	      (1u << 20)
#define TICK_MS	      20
#define DISK_MS	      1000
#define TEST_SLACK_S  60 /* what the guest may take beyond its own time limit, to say so */

int watch_open(struct watch *watch, const char *console, const char *events, struct err *err)
{
	watch->scenario = xcalloc(watch->spec->n, sizeof(*watch->scenario));
	if (follow_open(&watch->console, console, CONSOLE_LIMIT, err) < 0)
		return -1;
	return follow_open(&watch->events, events, EVENTS_LIMIT, err);
}

static void enter(struct watch *watch, enum trial_phase phase, size_t turn)
{
	int64_t now = clock_ms(), ms = now - watch->began;

	watch->ms[watch->phase] += ms;
	if (watch->phase == TRIAL_TEST)
		watch->scenario[watch->turn].ms += ms;
	watch->phase = phase;
	watch->turn = turn;
	watch->began = now;
}

/* The phase that the evidence shows; phases may be jumped over. */
static enum trial_phase phase_seen(const struct watch *watch)
{
	size_t begun = watch->told->begun;

	switch (guest_events_current(watch->told)->state) {
	case GUEST_NONE:
		return watch->kernel_spoke ? TRIAL_KERNEL : TRIAL_FIRMWARE;
	case GUEST_HEADER:
	case GUEST_FACTS:
		return TRIAL_INIT;
	case GUEST_BEGUN:
		return begun > 1 ? TRIAL_TEST : TRIAL_INIT;
	case GUEST_STARTED:
		return TRIAL_TEST;
	default:
		return begun < watch->spec->n ? TRIAL_TEST : TRIAL_POWEROFF;
	}
}

/* Goes on to what the evidence shows, never back. */
static void follow_phase(struct watch *watch)
{
	enum trial_phase phase = phase_seen(watch);
	size_t turn = watch->told->begun ? watch->told->begun - 1 : 0;

	if (phase > watch->phase || turn > watch->turn)
		enter(watch, phase, turn);
}

static int64_t phase_limit_ms(const struct watch *watch)
{
	const struct environment *env = watch->spec->scenarios[watch->turn].env;
	unsigned seconds = watch->phase == TRIAL_TEST ? env->timelimit + TEST_SLACK_S : env->bootlimit;

	return (int64_t)seconds * 1000;
}

/* The kernel's first words, which come in pieces as the serial has them. Their first letter is in them once. */
static void look_for_banner(struct watch *watch, const struct buf *chunk)
{
	static const char banner[] = "Linux version ";

	for (size_t i = 0; i < chunk->len && !watch->kernel_spoke; i++) {
		if (chunk->s[i] != banner[watch->banner_seen])
			watch->banner_seen = 0;
		if (chunk->s[i] == banner[watch->banner_seen])
			watch->banner_seen++;
		watch->kernel_spoke = !banner[watch->banner_seen];
	}
}

static int read_console(struct watch *watch, struct buf *chunk, struct err *err)
{
	if (follow_read(&watch->console, CHUNK, chunk, &watch->flooded, err) < 0)
		return -1;
	look_for_banner(watch, chunk);
	classify_feed(watch->classify, chunk->s, chunk->len);
	return 0;
}

/* Notes where the console was, before the events were read, for each scenario that they show as started. */
static void note_starts(struct watch *watch, uint64_t console)
{
	for (size_t i = watch->turn; i < watch->told->begun; i++) {
		struct watch_scenario *scenario = &watch->scenario[i];

		if (scenario->started || watch->told->scenario[i].state < GUEST_STARTED)
			continue;
		scenario->started = true;
		scenario->started_at = console;
	}
}

/* Takes what both serials have. *any tells whether there was anything. */
static int read_serials(struct watch *watch, bool *any, struct err *err)
{
	uint64_t console_before = watch->console.offset;
	AUTO(buf) chunk = BUF_INIT;

	if (read_console(watch, &chunk, err) < 0)
		return -1;
	*any = chunk.len > 0;
	if (follow_read(&watch->events, CHUNK, &chunk, &watch->flooded, err) < 0)
		return -1;
	guest_events_feed(watch->told, chunk.s, chunk.len);
	*any |= chunk.len > 0;
	note_starts(watch, console_before);
	return 0;
}

static void show(const struct watch *watch)
{
	const struct guest_report *report = guest_events_current(watch->told);
	const struct trial_spec *spec = watch->spec;
	AUTO(buf) detail = BUF_INIT;

	if (watch->phase == TRIAL_TEST && spec->n > 1)
		buf_addf(&detail, ", %s (%zu of %zu)", spec->scenarios[watch->turn].name, watch->turn + 1,
			 spec->n);
	if (watch->phase == TRIAL_TEST)
		buf_addf(&detail, " %llu/%llu, %llu failed", (unsigned long long)guest_report_done(report),
			 (unsigned long long)report->planned, (unsigned long long)report->failed);
	progress_live("%s: %s %lld s%s", spec->label, trial_phase_name(watch->phase),
		      (long long)(clock_ms() - watch->began) / 1000, detail.s);
}

/* Not at each turn: the disk may be another host's. */
static void look_at_disk(struct watch *watch, bool ended)
{
	if (!ended && clock_ms() - watch->looked < DISK_MS)
		return;
	watch->looked = clock_ms();
	watch->disk_full |= fs_is_full(watch->console.path);
}

static bool must_stop(struct watch *watch)
{
	watch->timed_out = clock_ms() - watch->began > phase_limit_ms(watch);
	watch->interrupted = supervise_interrupted();
	return watch->timed_out || watch->interrupted || watch->flooded || watch->disk_full;
}

/* Until the guest has ended or has to be stopped. What it wrote last is read before the end is believed. */
static int watch_on(struct watch *watch, const struct backend_ops *ops, struct guest *guest, struct err *err)
{
	bool ended = false, any = true;

	while (!ended || any) {
		ended = ops->wait(guest, any ? 0 : TICK_MS) != GUEST_RUNNING;
		if (read_serials(watch, &any, err) < 0)
			return -1;
		look_at_disk(watch, ended);
		follow_phase(watch);
		show(watch);
		if (!ended && must_stop(watch))
			return 0;
		if (watch->flooded)
			return 0;
	}
	return 0;
}

int watch_guest(struct watch *watch, const struct backend_ops *ops, struct guest *guest, struct err *err)
{
	int status;

	watch->phase = TRIAL_FIRMWARE;
	watch->began = clock_ms();
	status = watch_on(watch, ops, guest, err);
	ops->stop(guest);
	watch->end = ops->wait(guest, 0);
	if (watch->end == GUEST_LOST) /* ctrl-C ends the ssh that connects, too */
		watch->interrupted = supervise_called_off();
	enter(watch, watch->phase, watch->turn);
	return status;
}

void watch_close(struct watch *watch)
{
	follow_close(&watch->console);
	follow_close(&watch->events);
	free(watch->scenario);
	watch->scenario = NULL;
}
