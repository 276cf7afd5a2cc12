#include "campaign/booth.h"

#include "base/child.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/progress.h"
#include "guest/accelerator.h"

#define TRIES	   3 /* of a trial that breaks */
#define VERSION_MS 10000

/* QEMU has been seen to emulate wrongly in some versions, so each record names it. */
static char *emulator_version(const struct arch *arch)
{
	const char *const argv[] = { arch->emulator, "--version", NULL };
	struct child child = { .argv = argv, .timeout_ms = VERSION_MS };
	AUTO(child_result) res = CHILD_RESULT_INIT;
	AUTO(err) err = ERR_INIT;

	if (child_run(&child, &res, &err) < 0 || res.status != 0)
		return xasprintf("%s of unknown version", arch->emulator);
	return xasprintf("%.*s", (int)strcspn(res.out.s, "\n"), res.out.s);
}

int booth_open(const struct setup *setup, const struct question *question, const struct candidate *candidate,
	       struct booth *booth, struct err *err)
{
	booth->setup = setup;
	booth->question = question;
	booth->spec = (struct trial_spec){ .candidate = candidate,
					   .arch = &booth->arch,
					   .env = &question->env,
					   .signatures = &setup->signatures,
					   .catalog = setup->catalog,
					   .made = setup->made,
					   .program = question->program };
	if (setup_arch(candidate->arch, &booth->arch, err) < 0 ||
	    accelerator_choose(&booth->arch, question->env.accelerator, setup->made, &booth->spec.accelerator,
			       NULL, err) < 0)
		return err_wrap(err, "%s", candidate->id);
	booth->spec.init = booth->init = setup_init(candidate->arch, err);
	booth->spec.machine = booth->machine = emulator_version(&booth->arch);
	return booth->init ? 0 : err_wrap(err, "%s", candidate->id);
}

static int keep(struct booth *booth, struct record *record, struct err *err)
{
	if (booth->commit) {
		free(record->commit);
		record->commit = xstrdup(booth->commit);
	}
	if (record->verdict != VERDICT_BROKEN) {
		record->build_ms = booth->build_ms;
		booth->build_ms = 0;
	}
	if (fs_mkdirs(booth->spec.folder, err) < 0)
		return -1;
	return record_save(record, booth->spec.folder, err);
}

/* Runs one try and records it. ERR_CANDIDATE becomes a record too. */
static int try_once(struct booth *booth, struct record *record, struct err *err)
{
	const struct trial_spec *spec = &booth->spec;
	const char *scenario = booth->question->scenario;
	AUTO(trial_result) result = TRIAL_RESULT_INIT;
	AUTO(err) refusal = ERR_INIT;

	record->started = clock_utc_now();
	if (trial_run(spec, booth->setup->backend, &result, &refusal) == 0) {
		record_trial(record, spec, scenario, &result);
	} else if (refusal.kind == ERR_CANDIDATE) {
		record_refusal(record, spec, scenario, VERDICT_SKIP, "untestable", refusal.text);
	} else if (refusal.kind == ERR_HOST) {
		record_refusal(record, spec, scenario, VERDICT_BROKEN, "host", refusal.text);
	} else {
		return err_set(err, refusal.kind, "%s", refusal.text);
	}
	return keep(booth, record, err);
}

static void show(const char *label, const struct record *record)
{
	AUTO(buf) detail = BUF_INIT;
	if (record->passed + record->failed)
		buf_addf(&detail, ", %u of %u iterations failed", record->failed,
			 record->passed + record->failed);
	if (*record->agreement)
		buf_addf(&detail, " (%s)", record->agreement);
	progress_step("%s: %s, %.1f s%s: %s", label, verdict_name(record->verdict), record_seconds(record),
		      detail.s, record->title);
}

int booth_trial(struct booth *booth, const struct campaign *campaign, unsigned *number, const char *label,
		struct record *record, struct err *err)
{
	const char *id = booth->spec.candidate->id;

	booth->spec.label = label;
	for (unsigned tries = 1;; tries++) {
		AUTO_FREE char *folder = xasprintf("%s/%05u-%s", campaign->folder, ++*number, id);

		booth->spec.folder = folder;
		record_release(record);
		*record = (struct record)RECORD_INIT;
		if (try_once(booth, record, err) < 0)
			return err_wrap(err, "%s", id);
		show(label, record);
		if (record->verdict != VERDICT_BROKEN || tries == TRIES)
			return 0;
	}
}

int booth_broken(const struct campaign *campaign, const struct record *record, struct err *err)
{
	return err_set(
	    err, ERR_HOST,
	    "%s: every trial broke: %s; 'qbisect doctor' checks the host, 'qbisect resume %s' goes on",
	    record->candidate, record->title, campaign->name);
}

int booth_refuse(struct booth *booth, const struct campaign *campaign, unsigned *number, const char *label,
		 const char *class, const char *reason, struct record *record, struct err *err)
{
	AUTO_FREE char *folder =
	    xasprintf("%s/%05u-%s", campaign->folder, ++*number, booth->spec.candidate->id);

	booth->spec.folder = folder;
	record->started = clock_utc_now();
	record_refusal(record, &booth->spec, booth->question->scenario, VERDICT_SKIP, class, reason);
	show(label, record);
	return keep(booth, record, err);
}

void booth_release(struct booth *booth)
{
	arch_release(&booth->arch);
	free(booth->init);
	free(booth->machine);
}
