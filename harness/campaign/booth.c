#include "campaign/booth.h"

#include "base/child.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/progress.h"
#include "guest/accelerator.h"

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

/* A night is long enough for the emulator to be replaced below a campaign: each record names what it was made with. */
static void look_at_emulator(struct booth *booth)
{
	AUTO_FREE char *path = child_program(booth->spec.arch->emulator), *version = NULL;
	struct stamp stamp = { 0, 0 };

	if (booth->away.host)
		return;
	if (path)
		stamp_of(path, &stamp);
	booth->spec.machine = booth->machine;
	if (booth->machine && stamp_equal(&stamp, &booth->emulator))
		return;
	version = emulator_version(booth->spec.arch);
	if (booth->machine && !str_eq(version, booth->machine))
		progress_step("%s was replaced: trials were made with %s until now, and are made with %s",
			      booth->spec.arch->emulator, booth->machine, version);
	free(booth->machine);
	booth->spec.machine = booth->machine = steal_pointer(&version);
	booth->emulator = stamp;
}

static struct plan_scenario scenario_of(const struct question *question)
{
	return (struct plan_scenario){ question->scenario, &question->env, question->program };
}

void booth_name(const struct setup *setup, const struct question *question, const struct candidate *candidate,
		struct booth *booth)
{
	booth->setup = setup;
	booth->question = question;
	booth->scenario = scenario_of(question);
	booth->spec = (struct trial_spec){ .candidate = candidate,
					   .scenarios = &booth->scenario,
					   .n = 1,
					   .signatures = &setup->signatures,
					   .catalog = setup->catalog,
					   .made = setup->made };
}

/* What a boot needs of another host that libvirt's connection leads to. */
static int look_away(struct booth *booth, struct backend_away *away, struct err *err)
{
	if (away->ops->look(away, booth->spec.arch, booth->question->env.accelerator, booth->setup->made,
			    &booth->away, err) < 0)
		return -1;
	booth->spec.accelerator = booth->away.accelerator;
	booth->spec.emulator = booth->away.emulator;
	booth->spec.machine = booth->away.version;
	booth->spec.host = booth->away.host;
	return 0;
}

static int look_here(struct booth *booth, struct err *err)
{
	booth->spec.emulator = booth->spec.host = NULL;
	look_at_emulator(booth);
	return accelerator_choose(booth->spec.arch, booth->question->env.accelerator, booth->setup->made,
				  &booth->spec.accelerator, NULL, err);
}

/* What a boot needs of the host that it takes place on. */
static int look_at_host(struct booth *booth, struct err *err)
{
	struct backend_away *away = booth->host->backend->away;

	return away ? look_away(booth, away, err) : look_here(booth, err);
}

static struct host *take_host(struct booth *booth, int64_t begin_by, struct err *err)
{
	const struct environment *env = &booth->question->env;
	struct host_need need = { booth->spec.arch,   env->accelerator, env->memory,
				  booth->setup->made, begin_by,		booth->setup->runtime };

	return hosts_take(booth->setup->hosts, &need, err);
}

/* Of several hosts one that is not fit after all gets nothing for a while. */
static int look_at_taken(struct booth *booth, struct err *err)
{
	if (look_at_host(booth, err) == 0)
		return 0;
	if (err->kind == ERR_HOST)
		hosts_tell(booth->setup->hosts, booth->host, false);
	return -1;
}

static int open_host(struct booth *booth, struct err *err)
{
	booth->host = take_host(booth, booth->begin_by, err);
	if (!booth->host || look_at_taken(booth, err) < 0)
		return -1;
	booth->spec.init = booth->init = setup_init(booth->spec.candidate->arch, err);
	return booth->init ? 0 : -1;
}

/* What broke on one host is tried again on another, if there is one that can. While that is waited for none is held: two
 * that waited for one another's host would wait for ever. */
static int change_host(struct booth *booth, struct err *err)
{
	struct hosts *hosts = booth->setup->hosts;
	unsigned memory = booth->question->env.memory;
	struct booth before = *booth;
	AUTO(err) fault = ERR_INIT;
	int status;

	if (!hosts || hosts->n == 1)
		return 0;
	hosts_give_back(hosts, before.host, memory);
	booth->host = take_host(booth, 0, &fault);
	booth->away = (struct backend_machine){ .accelerator = NULL };
	status = booth->host ? look_at_taken(booth, &fault) : -1;
	if (status < 0 && booth->host)
		hosts_give_back(hosts, booth->host, memory);
	backend_machine_release(status == 0 ? &before.away : &booth->away);
	if (status == 0)
		return 0;
	hosts_take_again(hosts, before.host, memory);
	booth->host = before.host;
	booth->away = before.away;
	booth->spec = before.spec;
	if (!booth->away.host)
		booth->spec.machine = booth->machine;
	return fault.kind == ERR_HOST ? 0 : err_set(err, fault.kind, "%s", fault.text);
}

int booth_open(const struct setup *setup, const struct question *question, const struct candidate *candidate,
	       struct booth *booth, struct err *err)
{
	booth_name(setup, question, candidate, booth);
	booth->spec.arch = arch_find(candidate->arch, err);
	if (!booth->spec.arch || (!setup->runtime->away && open_host(booth, err) < 0))
		return err_wrap(err, "%s", candidate->id);
	return 0;
}

/* What it is called by those who asked. */
static void name_record(const struct booth *booth, const struct question *question, struct record *record)
{
	str_replace(&record->candidate_name, question->candidate_name);
	str_replace(&record->environment_name, question->environment_name);
	if (booth->commit)
		str_replace(&record->commit, booth->commit);
}

static int keep(struct booth *booth, const struct campaign *campaign, struct record *record,
		const char *folder, struct err *err)
{
	if (record->verdict != VERDICT_BROKEN) {
		record->build_ms = booth->build_ms;
		booth->build_ms = 0;
	}
	return campaign_keep(campaign, folder, record, err);
}

static void show(const char *label, const struct record *record)
{
	AUTO(buf) detail = BUF_INIT;

	if (*record->boot)
		buf_addf(&detail, ", %s", record->scenario);
	if (record->passed + record->failed)
		buf_addf(&detail, ", %u of %u iterations failed", record->failed,
			 record->passed + record->failed);
	if (*record->agreement)
		buf_addf(&detail, " (%s)", record->agreement);
	progress_step("%s: %s, %.1f s%s: %s", label, verdict_name(record->verdict), record_seconds(record),
		      detail.s, record->title);
}

/* A boot's folders. */
static char *folder_of(const struct booth *booth, const struct campaign *campaign, unsigned number)
{
	return campaign_trial_folder(campaign, number, booth->spec.candidate->id);
}

/* The trials of an order. They borrow *scenarios, the caller's to free(). */
static struct trial_spec spec_of(const struct boot_order *order, struct plan_scenario **scenarios)
{
	struct trial_spec spec = order->booth->spec;

	*scenarios = xcalloc(order->n, sizeof(**scenarios));
	for (size_t i = 0; i < order->n; i++)
		(*scenarios)[i] = scenario_of(order->questions[i]);
	spec.scenarios = *scenarios;
	spec.n = order->n;
	spec.folder = order->folder;
	spec.label = order->base.label;
	spec.last_try = order->base.last_try;
	return spec;
}

/* There was no boot. */
static void refuse_all(const struct boot_order *order, const struct trial_spec *spec, enum verdict verdict,
		       const char *class, const char *reason)
{
	for (size_t i = 0; i < order->n; i++)
		record_refusal(&order->records[i], spec, i, verdict, class, reason);
}

/* What the records have in common, whatever became of the boot. */
static void finish_records(const struct boot_order *order, const char *started)
{
	for (size_t i = 0; i < order->n; i++) {
		str_replace(&order->records[i].started, started);
		name_record(order->booth, order->questions[i], &order->records[i]);
	}
}

/* ERR_CANDIDATE and ERR_HOST become records too. */
int booth_try(const struct boot_order *order, struct err *err)
{
	AUTO_FREE struct plan_scenario *scenarios = NULL;
	const struct trial_spec spec = spec_of(order, &scenarios);
	AUTO(trial_result) result = TRIAL_RESULT_INIT;
	AUTO_FREE char *started = clock_utc_now();
	AUTO(err) refusal = ERR_INIT;
	bool ran = trial_run(&spec, order->booth->host->backend, &result, &refusal) == 0;
	bool skip = refusal.kind == ERR_CANDIDATE;

	if (!ran && !skip && refusal.kind != ERR_HOST)
		return err_set(err, refusal.kind, "%s", refusal.text);
	for (size_t i = 0; i < order->n && ran; i++)
		record_trial(&order->records[i], &spec, i, &result);
	if (!ran)
		refuse_all(order, &spec, skip ? VERDICT_SKIP : VERDICT_BROKEN, skip ? "untestable" : "host",
			   refusal.text);
	finish_records(order, started);
	return 0;
}

/* The first of n numbers that nobody else has taken. */
static unsigned take_numbers(unsigned *number, unsigned n)
{
	return __atomic_add_fetch(number, n, __ATOMIC_RELAXED) - n + 1;
}

/* A try that was lost is a fault of the host's that left nothing. 1: it was lost, and its records say so. */
static int run_order(const struct boot_order *order, struct err *err)
{
	struct runtime *runtime = order->booth->setup->runtime;
	AUTO_FREE struct plan_scenario *scenarios = NULL;
	const struct trial_spec spec = spec_of(order, &scenarios);
	AUTO_FREE char *started = clock_utc_now();
	AUTO(err) fault = ERR_INIT;
	int status = runtime->ops->run(runtime, &order->base, &fault);

	if (status < 0)
		return err_set(err, fault.kind, "%s", fault.text);
	if (status > 0) {
		refuse_all(order, &spec, VERDICT_BROKEN, "host", fault.text);
		finish_records(order, started);
		/* It was not this host, and the one that it was may be known to the fault alone. */
		for (size_t i = 0; i < order->n; i++)
			str_replace(&order->records[i].host, "");
	}
	return status;
}

/* Tries once, in folders from `number` on. The first record is kept first: its folder has the boot's files. 1: the try was
 * lost. */
static int try_and_keep(struct booth *booth, struct boot_order *order, unsigned number, struct err *err)
{
	struct runtime *runtime = booth->setup->runtime;
	AUTO_FREE char *first = folder_of(booth, order->base.campaign, number);
	int lost;

	order->folder = first;
	for (size_t i = 0; i < order->n; i++) {
		record_release(&order->records[i]);
		order->records[i] = (struct record)RECORD_INIT;
	}
	lost = run_order(order, err);
	for (size_t i = 0; i < order->n && lost >= 0; i++) {
		AUTO_FREE char *folder = folder_of(booth, order->base.campaign, number + (unsigned)i);

		if (order->n > 1)
			str_replace(&order->records[i].boot, path_base(first));
		order->records[i].number = number + (unsigned)i;
		if (keep(booth, order->base.campaign, &order->records[i], folder, err) < 0)
			return -1;
		show(order->base.label, &order->records[i]);
	}
	if (lost || !runtime->ops->kept)
		return lost;
	return runtime->ops->kept(runtime, order->base.campaign, first, err);
}

static int check_shared(const struct booth *booth, const struct question *const *questions, size_t n,
			struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if ((n > 1 || questions[i] != booth->question) &&
		    !environment_shares_boot(&booth->question->env, &questions[i]->env))
			return err_set(err, ERR_USAGE, "%s and %s cannot be run in one boot",
				       booth->question->scenario, questions[i]->scenario);
	return 0;
}

/* What the records of a try say of the host. */
static void tell_host(const struct booth *booth, const struct record *records, size_t n)
{
	if (booth->host)
		hosts_tell(booth->setup->hosts, booth->host,
			   !records_broken(records, n) || str_eq(records[0].class, "emulator"));
}

void booth_doubt_kvm(struct booth *booth, const struct record *record)
{
	struct backend_away *away = booth->host ? booth->host->backend->away : NULL;

	if (booth->setup->runtime->away || !str_eq(booth->spec.accelerator, "kvm") ||
	    !str_eq(booth->question->env.accelerator, "auto") || !str_eq(record->class, "qemu-died"))
		return;
	if (away)
		away->ops->distrust(away, booth->spec.arch, booth->setup->made, record->title);
	else
		accelerator_distrust(booth->spec.arch, booth->setup->made, record->title);
	booth->spec.accelerator = "tcg";
	progress_step("KVM is not used any more on %s host: %s", away ? "that" : "this", record->title);
}

int booth_batch(struct booth *booth, const struct question *const *questions, size_t n,
		const struct campaign *campaign, unsigned *number, const char *label, struct record *records,
		struct err *err)
{
	AUTO(strv) avoid = STRV_INIT;
	struct boot_order order = {
		{ &boot_order_kind, campaign, label, &avoid, false }, booth, questions, n, NULL, records
	};
	int status = check_shared(booth, questions, n, err), lost = 0;

	if (!booth->setup->runtime->away)
		look_at_emulator(booth);
	for (unsigned tries = 1; status == 0; tries++) {
		order.base.last_try = tries == RUNTIME_TRIES;
		status = try_and_keep(booth, &order, take_numbers(number, (unsigned)n), err);
		if (status >= 0)
			tell_host(booth, records, n);
		if (status < 0 || tries == RUNTIME_TRIES || !records_broken(records, n))
			break;
		lost += status;
		booth_doubt_kvm(booth, &records[0]);
		status = change_host(booth, err);
	}
	if (status > 0 && lost + 1 < RUNTIME_TRIES)
		status = 0;
	if (status > 0) /* that is no chance, and nothing else is known */
		runtime_give_up(&order.base, questions[0]->scenario, records[0].title, err);
	if (status != 0)
		err_wrap(err, "%s", booth->spec.candidate->id);
	return status;
}

int booth_trial(struct booth *booth, const struct campaign *campaign, unsigned *number, const char *label,
		struct record *record, struct err *err)
{
	return booth_batch(booth, &booth->question, 1, campaign, number, label, record, err) == 0 ? 0 : -1;
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
	AUTO_FREE char *folder = NULL;

	record->number = take_numbers(number, 1);
	folder = folder_of(booth, campaign, record->number);
	record->started = clock_utc_now();
	record_refusal(record, &booth->spec, 0, VERDICT_SKIP, class, reason);
	name_record(booth, booth->question, record);
	show(label, record);
	return keep(booth, campaign, record, folder, err);
}

void booth_release(struct booth *booth)
{
	free(booth->init);
	free(booth->machine);
	backend_machine_release(&booth->away);
	if (booth->host)
		hosts_give_back(booth->setup->hosts, booth->host, booth->question->env.memory);
}
