#include "base/clock.h"
#include "base/fs.h"
#include "base/progress.h"
#include "base/supervisor.h"
#include "campaign/booth.h"
#include "campaign/slurm_call.h"
#include "campaign/slurm_stay.h"
#include "campaign/unit.h"
#include "guest/domain.h"

#define OVERHEAD    1024 /* MiB of QEMU and of the worker, beside the guest's memory */
#define PREPARE_S   600	 /* images, and what a host needs to begin */
#define SLACK_S	    60	 /* of each test, as the watch has it */
#define BOOT_PHASES 8	 /* firmware, kernel, init and power-off, with two firmwares */

/* Nothing takes longer that is still watched. */
static unsigned minutes_of(const struct order *order)
{
	unsigned seconds = PREPARE_S + BOOT_PHASES * order->questions[0]->env.bootlimit;

	for (size_t i = 0; i < order->n; i++)
		seconds += order->questions[i]->env.timelimit + SLACK_S;
	return seconds / 60 + 1;
}

static void add_command(const struct stay *stay, struct buf *out)
{
	AUTO_FREE char *unit = path_join(stay->folder, UNIT_FILE);

	buf_adds(out, "exec ");
	domain_quote(stay->slurm->program, out);
	buf_adds(out, " worker --unit ");
	domain_quote(unit, out);
	buf_adds(out, " --home ");
	domain_quote(stay->slurm->home, out);
}

static int ask(struct stay *stay, const struct strv *avoid, struct err *err)
{
	const struct environment *env = &stay->order->questions[0]->env;
	const struct slurm_file *file = &stay->slurm->file;
	AUTO_FREE char *log = path_join(stay->folder, "log");
	AUTO(buf) command = BUF_INIT;
	const struct slurm_request request = {
		.unit = path_base(stay->folder),
		.log = log,
		.command = &command,
		.cpus = env->smp,
		.memory = env->memory + OVERHEAD,
		.minutes = minutes_of(stay->order),
		.constraint = slurm_file_constraint(file, stay->order->booth->spec.candidate->arch),
		.avoid = avoid,
		.options = &file->options,
	};
	int status;

	add_command(stay, &command);
	status = slurm_sbatch(&request, &stay->id, err);
	if (status < 0 && err->kind == ERR_HOST)
		err_wrap(err, "no job with smp=%u, memory=%u MiB and constraint '%s'", request.cpus,
			 request.memory, request.constraint ? request.constraint : "");
	return status;
}

/* Under the lock. Hosts are avoided while that is possible: where there is no other, sbatch says so at once. 1: Slurm did
 * not answer, and may have the job or not. */
static int submit(struct stay *stay, struct err *err)
{
	static const struct strv nowhere = STRV_INIT;
	AUTO(err) refusal = ERR_INIT;
	bool avoiding = stay->order->avoid->n > 0;
	int status = ask(stay, stay->order->avoid, &refusal);

	if (status < 0 && avoiding && refusal.kind == ERR_HOST) {
		progress_step("%s: there is no other host", stay->order->label);
		status = ask(stay, &nowhere, &refusal);
	}
	if (status > 0)
		progress_step("Slurm does not answer, trying again: %s", refusal.text);
	return status < 0 ? err_set(err, refusal.kind, "%s", refusal.text) : status;
}

/* Under the lock. The job that the unit has in the queue, as it is now; none that has ended. 1: there is no telling. */
static int find_job(struct stay *stay, struct err *err)
{
	struct slurm *slurm = stay->slurm;
	int64_t now = clock_ms();
	const struct job *job;

	if (slurm_look(slurm, now, err) < 0)
		return -1;
	if (slurm->looked < now)
		return 1;
	slurm->unsure = false;
	job = jobs_of_unit(&slurm->jobs, path_base(stay->folder));
	if (!job || job_phase(job) == JOB_ENDED)
		return 0;
	stay->id = xstrdup(job->id);
	progress_step("%s: job %s is in the queue already", stay->order->label, job->id);
	return 0;
}

/* Under the lock. Finds or makes the unit's job. */
static int find_or_submit(struct stay *stay, struct err *err)
{
	struct slurm *slurm = stay->slurm;
	int64_t deadline = clock_ms() + SLURM_SILENCE_MS;

	while (!supervise_interrupted()) {
		bool known = !slurm->unsure && !jobs_of_unit(&slurm->jobs, path_base(stay->folder));
		int status = known ? 0 : find_job(stay, err);

		if (status == 0 && !stay->id)
			status = submit(stay, err);
		if (status <= 0)
			return status;
		if (!clock_left(deadline))
			return err_set(err, ERR_HOST, "Slurm has taken no job for %d minutes",
				       SLURM_SILENCE_MS / 60000);
		slurm->unsure = true;
		clock_sleep(SLURM_LOOK_MS);
	}
	return err_set(err, ERR_INTERRUPTED, "interrupted");
}

int stay_begin(struct stay *stay, struct err *err)
{
	struct slurm *slurm = stay->slurm;
	int status;

	pthread_mutex_lock(&slurm->lock);
	/* From now on nobody but us submits for the campaign, whose lock we have. */
	slurm->unsure |= strv_add_once(&slurm->campaigns, stay->order->campaign->folder);
	status = find_or_submit(stay, err);
	if (status == 0)
		strv_add(&slurm->ours, stay->id);
	stay->since = clock_ms();
	pthread_mutex_unlock(&slurm->lock);
	return status;
}
