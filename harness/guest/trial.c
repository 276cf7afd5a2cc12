#include "guest/trial.h"

#include <fcntl.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/leftover.h"
#include "base/progress.h"
#include "guest/accelerator.h"
#include "guest/image.h"
#include "guest/watch.h"

static const char *const phase_names[TRIAL_PHASE_N] = { "prepare", "start", "firmware",	 "kernel",
							"init",	   "test",  "power-off", "judge" };

const char *trial_phase_name(enum trial_phase phase)
{
	return phase_names[phase];
}

/* What one boot needs; some trials boot twice, when the first firmware does not work. */
struct boot {
	const struct trial_spec *spec;
	struct backend *backend;
	struct trial_result *result;
	struct guest_image image;
	struct domain_spec domain;
	struct backend_placed placed; /* the same on another host */
	struct watch watch;
	struct classify *classify;
	char *mark; /* of the console's parts */
	struct leftover disk;
};

static void boot_release(struct boot *boot)
{
	watch_close(&boot->watch);
	classify_free(boot->classify);
	free(boot->mark);
	/* What cannot be removed now is the supervisor's. */
	if (!boot->image.disk || unlink(boot->image.disk) == 0 || errno == ENOENT)
		leftover_forget(&boot->disk);
	guest_image_release(&boot->image);
}
AUTO_DEFINE(boot, struct boot, boot_release);

static int make_nonce(char nonce[PROTO_NONCE_MAX + 1], struct err *err)
{
	unsigned char bytes[16];

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return err_errno(err, ERR_HOST, "no random bytes");
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(nonce + 2 * i, 3, "%02x", bytes[i]);
	return 0;
}

static int save(const struct trial_spec *spec, const char *name, const struct buf *text, struct err *err)
{
	AUTO_FREE char *path = path_join(spec->folder, name);

	return fs_write_atomic(path, text->s, text->len, err);
}

/* The script makes a disk of its own and leaves the trial's evidence alone. */
static int save_repeat(const struct boot *boot, struct err *err)
{
	struct domain_spec domain = boot->domain;
	AUTO(buf) text = BUF_INIT;

	if (boot->backend->away) /* its path is another host's */
		domain.emulator = boot->spec->arch->emulator;
	domain.disk = "repeat-disk.img";
	domain.console = "repeat-console.log";
	domain.events = "repeat-events.ktap";
	buf_addf(
	    &text,
	    "#!/bin/sh\n# Repeats this boot without qbisect, in the current folder; see %s and %s there.\n",
	    domain.console, domain.events);
	buf_addf(&text, "set -e\nrm -f %s %s %s\ncp --sparse=always ", domain.disk, domain.console,
		 domain.events);
	buf_add_shell_word(&text, boot->image.kept_disk);
	buf_addf(&text, " %s\n", domain.disk);
	domain_command(&domain, &text);
	return save(boot->spec, "repeat.sh", &text, err);
}

static int start_guest(struct boot *boot, struct guest **guest, struct err *err)
{
	struct backend_away *away = boot->backend->away;
	AUTO(buf) xml = BUF_INIT;

	if (away && away->ops->place(away, &boot->domain, &boot->placed, err) < 0)
		return -1;
	domain_xml(away ? &boot->placed.spec : &boot->domain, &xml);
	if (save(boot->spec, "domain.xml", &xml, err) < 0 || save_repeat(boot, err) < 0)
		return -1;
	return boot->backend->ops->start(boot->backend, &boot->domain, xml.s, guest, err);
}

/* What it boots from is removed from another host behind it. */
static void clear_away(struct boot *boot)
{
	struct backend_away *away = boot->backend->away;

	if (away)
		away->ops->clear(away, &boot->placed);
}

/* One boot with one firmware, watched to its end. */
static int boot_once(struct boot *boot, const char *firmware, struct err *err)
{
	struct trial_result *result = boot->result;
	int64_t began = clock_ms();
	struct guest *guest = NULL;
	int status;

	guest_image_domain(boot->spec, &boot->image, firmware, &boot->domain);
	result->firmware = firmware;
	guest_events_init(&result->events, result->nonce, result->reports, result->n);
	classify_free(boot->classify);
	boot->classify = classify_new(boot->spec->signatures);
	classify_part(boot->classify, boot->mark, result->n);
	boot->watch = (struct watch){ .console = FOLLOW_INIT,
				      .events = FOLLOW_INIT,
				      .classify = boot->classify,
				      .told = &result->events,
				      .spec = boot->spec };
	if (watch_open(&boot->watch, boot->image.console, boot->image.events, err) < 0 ||
	    start_guest(boot, &guest, err) < 0) {
		clear_away(boot);
		return -1;
	}
	result->ms[TRIAL_START] += clock_ms() - began;
	status = watch_guest(&boot->watch, boot->backend->ops, guest, err);
	boot->backend->ops->release(guest);
	clear_away(boot);
	classify_end(boot->classify);
	for (int i = 0; i < TRIAL_PHASE_N; i++)
		result->ms[i] += boot->watch.ms[i];
	if (status == 0 && boot->watch.interrupted)
		return err_set(err, ERR_INTERRUPTED, "interrupted: what was finished is in %s",
			       boot->spec->folder);
	return status;
}

/* A firmware that brings no kernel to speak is not believed to be the kernel's fault while there is
 * another. */
static bool firmware_failed(const struct boot *boot)
{
	return !boot->watch.kernel_spoke && boot->result->events.boot.state == GUEST_NONE;
}

/* Empties the way for another boot of the same trial. */
static int clear_serials(struct boot *boot, struct err *err)
{
	watch_close(&boot->watch);
	return fs_remove_tree(boot->image.console, err) < 0 || fs_remove_tree(boot->image.events, err) < 0
		   ? -1
		   : 0;
}

/* Boots with the first firmware that lets the kernel speak; the last one's outcome stands in any case. */
static int boot_firmwares(struct boot *boot, struct err *err)
{
	const char *const *firmwares = boot->spec->arch->firmwares;
	const char *wanted = trial_env(boot->spec)->firmware;
	bool any = str_eq(wanted, "auto");

	for (size_t i = 0; firmwares[i]; i++) {
		bool last = !any || !firmwares[i + 1];
		AUTO(err) fault = ERR_INIT;
		int status;

		if (!any && *firmwares[i] && !str_eq(wanted, firmwares[i]))
			continue;
		status = boot_once(boot, firmwares[i], &fault);
		if (status < 0 && (last || fault.kind != ERR_HOST))
			return err_set(err, fault.kind, "%s", fault.text);
		if (status == 0 && (last || !firmware_failed(boot)))
			return 0;
		progress_step("%s: no word from the kernel with %s%s%s, trying %s", boot->spec->label,
			      firmwares[i], status < 0 ? ": " : "", status < 0 ? fault.text : "",
			      firmwares[i + 1]);
		if (clear_serials(boot, err) < 0)
			return -1;
	}
	return 0;
}

/* What the host did to the guest says nothing about the guest, whatever it did before. */
static enum judge_end end_of(const struct watch *watch)
{
	if (watch->disk_full)
		return JUDGE_END_FULL;
	if (watch->end == GUEST_FAILED)
		return JUDGE_END_FAILED;
	if (watch->end == GUEST_LOST)
		return JUDGE_END_LOST;
	if (watch->end == GUEST_CUT)
		return JUDGE_END_CUT;
	if (watch->flooded)
		return JUDGE_END_FLOODED;
	if (watch->timed_out)
		return JUDGE_END_TIMED_OUT;
	switch (watch->end) {
	case GUEST_POWERED_OFF:
		return JUDGE_END_POWERED_OFF;
	case GUEST_CRASHED:
		return JUDGE_END_CRASHED;
	default:
		return JUDGE_END_FAILED;
	}
}

/* The console's own mark; without it, where the console was when the events told of the start. */
static uint64_t part_of(const struct boot *boot, size_t i)
{
	uint64_t at;

	return classify_part_at(boot->classify, i + 1, &at) ? at : boot->watch.scenario[i].started_at;
}

static bool is_marked(const struct boot *boot, size_t i)
{
	uint64_t at;

	return classify_part_at(boot->classify, i + 1, &at);
}

static enum judge_end end_of_scenario(const struct boot *boot, size_t i)
{
	enum judge_end end = end_of(&boot->watch);
	size_t begun = boot->result->events.begun;

	/* The events of a scenario may have come, and its part of the console not. */
	if (end == JUDGE_END_LOST || end == JUDGE_END_CUT || end == JUDGE_END_FULL)
		return end;
	if (i + 1 < begun)
		return JUDGE_END_WENT_ON;
	return begun && i >= begun && end != JUDGE_END_FAILED ? JUDGE_END_TOO_EARLY : end;
}

/* A fault that comes at every try is no chance. */
static bool may_run_stale_code(const struct trial_spec *spec)
{
	return !spec->last_try && trial_env(spec)->smp > 1 &&
	       accelerator_may_run_stale_code(spec->arch, spec->accelerator, spec->machine);
}

static void judge_scenario(struct boot *boot, size_t i)
{
	const struct candidate *candidate = boot->spec->candidate;
	struct trial_scenario *scenario = &boot->result->scenario[i];
	size_t begun = boot->result->events.begun;
	struct judge_input input = {
		.release = candidate->release,
		.pagesize =
		    candidate->pagesize ? candidate->pagesize : (unsigned)trial_env(boot->spec)->pagesize,
		.report = guest_events_report(&boot->result->events, i),
		.console = boot->classify,
		.marked = is_marked(boot, i),
		.stale_code = may_run_stale_code(boot->spec),
		.end = end_of_scenario(boot, i),
		.phase = trial_phase_name(boot->watch.phase),
	};

	if (i < begun)
		input.started_at = part_of(boot, i);
	if (i > 0)
		input.from = i < begun ? input.started_at : begun ? UINT64_MAX : 0;
	if (i + 1 < begun)
		input.until = part_of(boot, i + 1);
	judge(&input, &scenario->judgement);
	scenario->report = input.report;
	scenario->test_ms = boot->watch.scenario[i].ms;
}

/* Room for what each scenario will tell. */
static void result_prepare(struct trial_result *result, size_t n)
{
	result->n = n;
	result->reports = xcalloc(n, sizeof(*result->reports));
	result->scenario = xcalloc(n, sizeof(*result->scenario));
}

int trial_run(const struct trial_spec *spec, struct backend *backend, struct trial_result *result,
	      struct err *err)
{
	AUTO_FREE char *disk = path_join(spec->folder, GUEST_DISK);
	AUTO(boot) boot = { .spec = spec, .backend = backend, .result = result, .disk = leftover_note(disk) };
	AUTO(buf) machine = BUF_INIT;
	int64_t began = clock_ms();

	boot.watch.console = boot.watch.events = (struct follow)FOLLOW_INIT;
	result_prepare(result, spec->n);
	progress_live("%s: preparing", spec->label);
	if (make_nonce(result->nonce, err) < 0 ||
	    guest_image_make(spec, result->nonce, &boot.image, &result->disk_tool, err) < 0)
		return -1;
	boot.mark = xasprintf(PROTO_CONSOLE_MARK, result->nonce);
	result->ms[TRIAL_PREPARE] = clock_ms() - began;
	if (boot_firmwares(&boot, err) < 0)
		return -1;
	began = clock_ms();
	for (size_t i = 0; i < spec->n; i++)
		judge_scenario(&boot, i);
	backend->ops->describe(backend, &machine);
	buf_addf(&machine, ", %s", spec->machine);
	result->machine = buf_steal(&machine);
	result->ms[TRIAL_JUDGE] = clock_ms() - began;
	return 0;
}

void trial_result_release(struct trial_result *result)
{
	for (size_t i = 0; i < result->n; i++)
		judgement_release(&result->scenario[i].judgement);
	free(result->scenario);
	free(result->reports);
	free(result->machine);
	free(result->disk_tool);
	*result = (struct trial_result)TRIAL_RESULT_INIT;
}
