#include "base/clock.h"
#include "base/fs.h"
#include "base/progress.h"
#include "base/supervisor.h"
#include "campaign/slurm_call.h"
#include "campaign/slurm_stay.h"
#include "campaign/unit.h"

#define OVERHEAD 1024  /* MiB of QEMU and of the worker, beside the guest's memory */
#define FULL_MS	 10000 /* between two tries when the queue is full */

/* A build asks for a host with its compiler, whatever its kernel is for. */
static void fill_request(const struct stay *stay, struct slurm_request *request)
{
	const struct slurm_file *file = &stay->slurm->file;
	struct needs needs;

	stay->order->kind->need(stay->order, &needs);
	request->minutes = needs.seconds / 60 + 1;
	if (needs.arch) {
		request->cpus = needs.cpus;
		request->memory = needs.memory + OVERHEAD;
		request->constraint = slurm_file_constraint(file, needs.arch);
	} else {
		request->cpus = file->build_cpus;
		request->memory = file->build_memory;
		request->constraint = file->build_constraint;
	}
}

static void add_command(const struct stay *stay, struct buf *out)
{
	AUTO_FREE char *unit = path_join(stay->folder, UNIT_FILE);

	buf_adds(out, "exec ");
	buf_add_shell_word(out, stay->slurm->program);
	buf_adds(out, " worker --unit ");
	buf_add_shell_word(out, unit);
	buf_adds(out, " --home ");
	buf_add_shell_word(out, stay->slurm->home);
	if (stay->order->last_try)
		buf_adds(out, " --last-try");
}

static int ask(struct stay *stay, const struct strv *avoid, struct err *err)
{
	AUTO_FREE char *log = path_join(stay->folder, SLURM_LOG);
	AUTO(buf) command = BUF_INIT;
	struct slurm_request request = {
		.unit = path_base(stay->folder),
		.log = log,
		.command = &command,
		.avoid = avoid,
		.options = &stay->slurm->file.options,
	};
	int status;

	fill_request(stay, &request);
	add_command(stay, &command);
	status = slurm_sbatch(&request, &stay->id, err);
	if (status < 0 && err->kind == ERR_HOST)
		err_wrap(err, "no job with %u cores, memory=%u MiB and constraint '%s'", request.cpus,
			 request.memory, request.constraint ? request.constraint : "");
	return status;
}

/* Under the lock. One that ends makes room, which takes as long as jobs take: as in the queue, there is no limit. */
static void be_full(struct slurm *slurm, const char *why)
{
	if (!slurm->full_until)
		progress_step("the queue has as many jobs as you may have, waiting until one ends: %s", why);
	slurm->full_until = clock_ms() + FULL_MS;
}

/* Under the lock. Hosts are avoided while that is possible: where there is no other, sbatch says so at once, and where the
 * others are down the job's reason does (job_is_shut_out()). 1: Slurm did not answer, and may have the job or not.
 * SLURM_FULL. */
static int submit(struct stay *stay, struct err *err)
{
	static const struct strv nowhere = STRV_INIT;
	AUTO(err) refusal = ERR_INIT;
	bool avoiding = stay->order->avoid->n > 0 && !stay->anywhere;
	int status;

	if (clock_left(stay->slurm->full_until))
		return SLURM_FULL;
	status = ask(stay, avoiding ? stay->order->avoid : &nowhere, &refusal);
	if (status < 0 && avoiding && refusal.kind == ERR_HOST) {
		progress_step("%s: there is no other host", stay->order->label);
		stay->anywhere = true;
		status = ask(stay, &nowhere, &refusal);
	}
	if (status == SLURM_FULL)
		be_full(stay->slurm, refusal.text);
	else if (status > 0 && !stay->slurm->refused_since)
		progress_step("Slurm does not answer, trying again: %s", refusal.text);
	return status < 0 ? err_set(err, refusal.kind, "%s", refusal.text) : status;
}

/* Under the lock. The job that the unit has in the queue, as it was after the last try or is now; none that has ended, or
 * is about to. 1: there is no telling. */
static int find_job(struct stay *stay, struct err *err)
{
	struct slurm *slurm = stay->slurm;
	int64_t since = stay->since ? stay->since : clock_ms();
	const struct job *job;

	if (slurm_look(slurm, since, err) < 0)
		return -1;
	if (slurm->looked < since)
		return 1;
	slurm->unsure = false;
	job = jobs_of_unit(&slurm->jobs, path_base(stay->folder));
	if (!job || job_phase(job) >= JOB_ENDS)
		return 0;
	stay->id = xstrdup(job->id);
	stay->phase = job_phase(job);
	progress_step("%s: job %s is in the queue already", stay->order->label, job->id);
	return 0;
}

/* Under the lock. One clock for all that want to submit: they are refused by the same slurmctld. 1: try again. */
static int bear_refusal(struct slurm *slurm, struct err *err)
{
	if (!slurm->refused_since)
		slurm->refused_since = clock_ms();
	if (clock_ms() - slurm->refused_since < SLURM_SILENCE_MS)
		return 1;
	return err_set(err, ERR_HOST, "Slurm has taken no job for %d minutes", SLURM_SILENCE_MS / 60000);
}

/* Under the lock. Finds or makes the unit's job. More than 0: there is none yet, try again. */
static int find_or_submit(struct stay *stay, struct err *err)
{
	struct slurm *slurm = stay->slurm;
	bool known = !stay->since && !slurm->unsure && !jobs_of_unit(&slurm->jobs, path_base(stay->folder));
	int status = known ? 0 : find_job(stay, err);

	if (status == 0 && !stay->id)
		status = submit(stay, err);
	if (status == SLURM_FULL) {
		slurm->refused_since = 0;
		return status;
	}
	if (status > 0) {
		slurm->unsure = true;
		status = bear_refusal(slurm, err);
	}
	if (status <= 0)
		slurm->refused_since = 0;
	if (status == 0)
		strv_add(&slurm->ours, stay->id);
	stay->since = clock_ms();
	return status;
}

bool stay_is_stopping(const struct stay *stay)
{
	return supervise_interrupted() ||
	       (stay->phase == JOB_WAITS && runtime_is_stopping(&stay->slurm->base));
}

int stay_begin(struct stay *stay, struct err *err)
{
	struct slurm *slurm = stay->slurm;
	int status = 1;

	while (status > 0 && !stay_is_stopping(stay)) {
		pthread_mutex_lock(&slurm->lock);
		/* From now on nobody but us submits for the campaign, whose lock we have. */
		slurm->unsure |= strv_add_once(&slurm->campaigns, stay->order->campaign->folder);
		status = find_or_submit(stay, err);
		pthread_mutex_unlock(&slurm->lock);
		if (status > 0)
			clock_sleep(SLURM_LOOK_MS); /* results may be taken in meanwhile */
	}
	return status > 0 ? err_set(err, ERR_INTERRUPTED, "interrupted before there was a job") : status;
}
