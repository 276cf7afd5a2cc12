#include "base/clock.h"
#include "base/progress.h"
#include "campaign/slurm_call.h"
#include "campaign/slurm_stay.h"

/* One that is asked again and again is told so once, and is an error in the end. */
static int bear_silence(struct slurm *slurm, const struct err *fault, struct err *err)
{
	if (fault->kind != ERR_HOST)
		return err_set(err, fault->kind, "%s", fault->text);
	if (!slurm->silent_since) {
		slurm->silent_since = clock_ms();
		progress_step("Slurm does not answer, waiting for it: %s", fault->text);
	}
	if (clock_ms() - slurm->silent_since < SLURM_SILENCE_MS)
		return 0;
	return err_set(err, ERR_HOST, "Slurm has not answered for %d minutes: %s", SLURM_SILENCE_MS / 60000,
		       fault->text);
}

int slurm_look(struct slurm *slurm, int64_t since, struct err *err)
{
	AUTO(jobs) jobs = JOBS_INIT;
	AUTO(err) fault = ERR_INIT;
	int64_t now = clock_ms();

	if (slurm->asked >= since)
		return 0;
	if (slurm->silent_since && runtime_is_stopping(&slurm->base))
		return err_set(err, ERR_HOST, "Slurm does not answer"); /* so that an end of it comes soon */
	slurm->asked = now;
	if (slurm_squeue(&jobs, false, &fault) < 0)
		return bear_silence(slurm, &fault, err);
	jobs_release(&slurm->jobs);
	slurm->jobs = jobs;
	jobs = (struct jobs)JOBS_INIT;
	slurm->looked = now;
	slurm->silent_since = 0;
	return 0;
}

/* That a job waits for its turn is nothing to tell; that it waits for something that may not come is, once. */
static void tell_reason(struct stay *stay, const struct job *job)
{
	static const char *const usual[] = { "None", "Priority", "Resources", "BeginTime" };

	progress_live("%s: job %s waits: %s", stay->order->label, stay->id, job->reason);
	for (size_t i = 0; i < ARRAY_SIZE(usual); i++)
		if (str_eq(job->reason, usual[i]))
			return;
	if (!stay->told)
		progress_step("%s: job %s waits: %s", stay->order->label, stay->id, job->reason);
	stay->told = true;
}

static void wait_longer(struct stay *stay, const struct job *job)
{
	stay->shut_out = !stay->anywhere && stay->order->avoid->n && job_is_shut_out(job);
	if (!stay->shut_out)
		tell_reason(stay, job);
}

static char *end_of(const struct stay *stay, const struct job *job, const char *ended)
{
	bool why = !str_eq(job->reason, "None");

	return xasprintf("job %s%s%s %s %s%s%s without a result", stay->id, stay->node ? " on " : "",
			 stay->node ? stay->node : "", ended, job->state, why ? ", " : "",
			 why ? job->reason : "");
}

/* A host that is away, or a process that cannot be killed, keeps a job so. */
static void wait_for_end(struct stay *stay)
{
	if (!stay->ends_since)
		stay->ends_since = clock_ms();
	if (clock_ms() - stay->ends_since > SLURM_ENDS_MS)
		stay->lost = xasprintf("job %s on %s has been about to end for %d minutes", stay->id,
				       stay->node ? stay->node : "its host", SLURM_ENDS_MS / 60000);
}

/* What the queue says of the job, under the lock. */
static void read_job(struct stay *stay)
{
	const struct job *job = jobs_find(&stay->slurm->jobs, stay->id);
	enum job_phase phase = job ? job_phase(job) : JOB_UNKNOWN;

	if (!job && stay->slurm->looked > stay->since)
		stay->lost = xasprintf("job %s is gone from the queue", stay->id);
	if (phase == JOB_UNKNOWN)
		return;
	if (*job->node)
		str_replace(&stay->node, job->node);
	if (phase == JOB_ENDED)
		stay->lost = end_of(stay, job, "ended as");
	else if (phase == JOB_WAITS && job_is_held(job))
		stay->lost = end_of(stay, job, "is held as");
	else if (phase == JOB_WAITS && stay->phase != JOB_WAITS)
		stay->lost = xasprintf("job %s was taken from %s and queued again", stay->id,
				       stay->node ? stay->node : "its host");
	else if (phase == JOB_WAITS)
		wait_longer(stay, job);
	else if (phase == JOB_ENDS)
		wait_for_end(stay);
	else
		progress_live("%s: job %s runs on %s", stay->order->label, stay->id,
			      stay->node ? stay->node : "?");
	stay->phase = phase;
}

int stay_see(struct stay *stay, struct err *err)
{
	struct slurm *slurm = stay->slurm;
	int64_t since = clock_ms() - SLURM_LOOK_MS; /* a look that others make meanwhile is ours, too */
	int status;

	pthread_mutex_lock(&slurm->lock);
	status = slurm_look(slurm, since, err);
	if (status == 0)
		read_job(stay);
	pthread_mutex_unlock(&slurm->lock);
	return status;
}
