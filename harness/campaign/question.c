#include "campaign/question.h"

#include "base/child.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/progress.h"
#include "guest/accelerator.h"

#define TRIES	   3 /* of a trial that breaks */
#define VERSION_MS 10000

int question_make(const struct setup *setup, const char *scenario, const struct strv *set,
		  const struct plan_program *program, unsigned trials, struct question *question,
		  struct err *err)
{
	const struct scenario *found = NULL;

	*question =
	    (struct question){ .scenario = "exec", .program = *program, .trials = trials ? trials : 1 };
	environment_init(&question->env);
	if (scenario) {
		found = scenario_find(&setup->scenarios, scenario, err);
		if (!found || scenario_apply(found, &question->env, err) < 0)
			return -1;
		question->scenario = found->name;
	} else if (!program->path) {
		return err_set(err, ERR_USAGE,
			       "which test? add --scenario NAME, for example --scenario AD033");
	}
	if (program->path && environment_set(&question->env, "workload", "exec", err) < 0)
		return -1;
	for (size_t i = 0; i < set->n; i++)
		if (environment_set_pair(&question->env, set->v[i], err) < 0)
			return -1;
	return 0;
}

enum verdict tally_verdict(const struct tally *tally)
{
	static const enum verdict order[] = { VERDICT_BAD, VERDICT_BROKEN, VERDICT_SKIP };

	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		if (tally->n[order[i]])
			return order[i];
	return tally->n[VERDICT_GOOD] ? VERDICT_GOOD : VERDICT_BROKEN;
}

/* What is the same for every trial of a candidate. */
struct booth {
	struct arch arch;
	char *init;
	char *machine;
	struct trial_spec spec;
};

static void booth_release(struct booth *booth)
{
	arch_release(&booth->arch);
	free(booth->init);
	free(booth->machine);
}
AUTO_DEFINE(booth, struct booth, booth_release);

static int check_pagesize(const struct environment *env, const struct candidate *candidate, struct err *err)
{
	char known[16];

	if (!env->pagesize || !candidate->pagesize || env->pagesize == candidate->pagesize)
		return 0;
	return err_set(
	    err, ERR_USAGE, "%s has %s pages, the environment asks for pagesize=%llu: choose another kernel",
	    candidate->id, candidate_pagesize_text(candidate, known), (unsigned long long)env->pagesize);
}

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

int question_check(const struct question *question, const struct candidate *candidate, struct err *err)
{
	if (environment_check(&question->env, candidate->arch, err) < 0 ||
	    check_pagesize(&question->env, candidate, err) < 0)
		return err_wrap(err, "%s", candidate->id);
	return 0;
}

static int booth_open(const struct setup *setup, const struct question *question,
		      const struct candidate *candidate, const char *label, struct booth *booth,
		      struct err *err)
{
	booth->spec = (struct trial_spec){ .candidate = candidate,
					   .arch = &booth->arch,
					   .env = &question->env,
					   .signatures = &setup->signatures,
					   .catalog = setup->catalog,
					   .made = setup->made,
					   .label = label,
					   .program = question->program };
	if (setup_arch(candidate->arch, &booth->arch, err) < 0 ||
	    accelerator_choose(&booth->arch, question->env.accelerator, setup->made, &booth->spec.accelerator,
			       NULL, err) < 0)
		return -1;
	booth->init = setup_init(candidate->arch, err);
	booth->spec.init = booth->init;
	booth->machine = emulator_version(&booth->arch);
	booth->spec.machine = booth->machine;
	return booth->init ? 0 : -1;
}

/* Runs one try and records it. ERR_CANDIDATE becomes a record too. */
static int ask_once(const struct setup *setup, const struct question *question, struct trial_spec *spec,
		    struct record *record, struct err *err)
{
	AUTO(trial_result) result = TRIAL_RESULT_INIT;
	AUTO(err) refusal = ERR_INIT;

	record->started = clock_utc_now();
	if (trial_run(spec, setup->backend, &result, &refusal) == 0) {
		record_trial(record, spec, question->scenario, &result);
	} else if (refusal.kind == ERR_CANDIDATE) {
		record_refusal(record, spec, question->scenario, VERDICT_SKIP, "untestable", refusal.text);
	} else if (refusal.kind == ERR_HOST) {
		record_refusal(record, spec, question->scenario, VERDICT_BROKEN, "host", refusal.text);
	} else {
		return err_set(err, refusal.kind, "%s", refusal.text);
	}
	if (fs_mkdirs(spec->folder, err) < 0)
		return -1;
	return record_save(record, spec->folder, err);
}

static void show(const char *label, const struct record *record)
{
	AUTO(buf) detail = BUF_INIT;
	int64_t total = 0;

	for (int i = 0; i < TRIAL_PHASE_N; i++)
		total += record->ms[i];
	if (record->passed + record->failed)
		buf_addf(&detail, ", %u of %u iterations failed", record->failed,
			 record->passed + record->failed);
	if (*record->agreement)
		buf_addf(&detail, " (%s)", record->agreement);
	progress_step("%s: %s, %lld.%lld s%s: %s", label, verdict_name(record->verdict),
		      (long long)total / 1000, (long long)total % 1000 / 100, detail.s, record->title);
}

int question_ask(const struct setup *setup, const struct question *question,
		 const struct candidate *candidate, const struct campaign *campaign, unsigned *number,
		 const char *label, bool stop_at_bad, struct tally *tally, struct err *err)
{
	AUTO(booth) booth = { .init = NULL };
	unsigned done = 0, tries = 0;

	if (booth_open(setup, question, candidate, label, &booth, err) < 0)
		return err_wrap(err, "%s", candidate->id);
	while (done < question->trials) {
		AUTO_FREE char *folder = xasprintf("%s/%03u-%s", campaign->folder, ++*number, candidate->id);
		AUTO(record) record = RECORD_INIT;

		booth.spec.folder = folder;
		if (ask_once(setup, question, &booth.spec, &record, err) < 0)
			return err_wrap(err, "%s", candidate->id);
		show(label, &record);
		if (record.verdict == VERDICT_BROKEN && ++tries < TRIES)
			continue;
		tries = 0;
		done++;
		tally->n[record.verdict]++;
		if (record.guest_pagesize)
			tally->pagesize = record.guest_pagesize;
		if (str_eq(record.class, "untestable") || (stop_at_bad && record.verdict == VERDICT_BAD))
			break;
	}
	return 0;
}
