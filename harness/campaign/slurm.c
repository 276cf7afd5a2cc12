#include "campaign/slurm.h"

#include <pthread.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/progress.h"
#include "base/supervisor.h"
#include "campaign/booth.h"
#include "campaign/slurm_call.h"
#include "campaign/unit.h"
#include "campaign/units.h"
#include "config/slurm.h"
#include "guest/domain.h"

#define FILE_LIMIT  (1u << 20)
#define LOG_LIMIT   (4u << 20)
#define LOOK_MS	    1000   /* between two looks at the queue */
#define TICK_MS	    200	   /* between two looks for a result */
#define SETTLE_MS   2000   /* until a shared file system shows what a job has left */
#define SILENCE_MS  600000 /* without a word of slurmctld */
#define OVERHEAD    1024   /* MiB of QEMU and of the worker, beside the guest's memory */
#define PREPARE_S   600	   /* images, and what a host needs to begin */
#define SLACK_S	    60	   /* of each test, as the watch has it */
#define BOOT_PHASES 8	   /* firmware, kernel, init and power-off, with two firmwares */

struct slurm {
	struct runtime base;
	struct slurm_file file;
	char *home, *connect, *program;
	pthread_mutex_t lock; /* guards what follows, and lets one program run at a time */
	struct jobs jobs;     /* as of `looked` */
	int64_t asked, looked, silent_since;
	bool unsure;	       /* the queue may have jobs of ours that we do not know */
	struct strv ours;      /* ids of jobs that are waited for */
	struct strv campaigns; /* folders of those whose units were asked for */
	struct strv busy;      /* folders of units that a thread waits for, or has taken in */
};

/* A unit that is waited for. */
struct stay {
	struct slurm *slurm;
	const struct order *order;
	const char *folder; /* the unit's */
	char *id;	    /* of its job */
	char *node;	    /* that it runs on or did; NULL: none yet */
	char *lost;	    /* why there will be no result; NULL: there may be */
	enum job_phase phase;
	bool told;     /* that it waits for something */
	int64_t since; /* submitted, or found in the queue */
};

static void stay_release(struct stay *stay)
{
	free(stay->id);
	free(stay->node);
	free(stay->lost);
}
AUTO_DEFINE(stay, struct stay, stay_release);

static void replace(char **text, const char *value)
{
	free(*text);
	*text = xstrdup(value);
}

/* --- the queue ---------------------------------------------------------------------------------------- */

/* One that is asked again and again is told so once, and is an error in the end. */
static int bear_silence(struct slurm *slurm, const struct err *fault, struct err *err)
{
	if (fault->kind != ERR_HOST)
		return err_set(err, fault->kind, "%s", fault->text);
	if (!slurm->silent_since) {
		slurm->silent_since = clock_ms();
		progress_step("Slurm does not answer, waiting for it: %s", fault->text);
	}
	if (clock_ms() - slurm->silent_since < SILENCE_MS)
		return 0;
	return err_set(err, ERR_HOST, "Slurm has not answered for %d minutes: %s", SILENCE_MS / 60000,
		       fault->text);
}

/* Under the lock. The queue as it is, unless it was asked for at `since` or later. A Slurm that does not answer leaves
 * slurm->looked as it was. */
static int look(struct slurm *slurm, int64_t since, struct err *err)
{
	AUTO(jobs) jobs = JOBS_INIT;
	AUTO(err) fault = ERR_INIT;
	int64_t now = clock_ms();

	if (slurm->asked >= since)
		return 0;
	slurm->asked = now;
	if (slurm_squeue(&jobs, &fault) < 0)
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

/* What the queue says of the job, under the lock. */
static void read_job(struct stay *stay)
{
	const struct job *job = jobs_find(&stay->slurm->jobs, stay->id);
	enum job_phase before = stay->phase;

	if (!job) {
		if (stay->slurm->looked > stay->since)
			stay->lost = xasprintf("job %s is gone from the queue", stay->id);
		return;
	}
	stay->phase = job_phase(job);
	if (*job->node)
		replace(&stay->node, job->node);
	if (stay->phase == JOB_ENDED)
		stay->lost = xasprintf("job %s%s%s ended as %s%s%s without a result", stay->id,
				       stay->node ? " on " : "", stay->node ? stay->node : "", job->state,
				       str_eq(job->reason, "None") ? "" : ", ",
				       str_eq(job->reason, "None") ? "" : job->reason);
	else if (stay->phase == JOB_WAITS && before == JOB_RUNS)
		stay->lost = xasprintf("job %s was taken from %s and queued again", stay->id,
				       stay->node ? stay->node : "its host");
	else if (stay->phase == JOB_WAITS)
		tell_reason(stay, job);
	else
		progress_live("%s: job %s runs on %s", stay->order->label, stay->id,
			      stay->node ? stay->node : "?");
}

static int see(struct stay *stay, struct err *err)
{
	struct slurm *slurm = stay->slurm;
	int status;

	pthread_mutex_lock(&slurm->lock);
	status = look(slurm, clock_ms() - LOOK_MS, err);
	if (status == 0)
		read_job(stay);
	pthread_mutex_unlock(&slurm->lock);
	return status;
}

/* --- submitting --------------------------------------------------------------------------------------- */

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

	if (look(slurm, now, err) < 0)
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
	int64_t deadline = clock_ms() + SILENCE_MS;

	while (!supervise_interrupted()) {
		bool known = !slurm->unsure && !jobs_of_unit(&slurm->jobs, path_base(stay->folder));
		int status = known ? 0 : find_job(stay, err);

		if (status == 0 && !stay->id)
			status = submit(stay, err);
		if (status <= 0)
			return status;
		if (!clock_left(deadline))
			return err_set(err, ERR_HOST, "Slurm has taken no job for %d minutes",
				       SILENCE_MS / 60000);
		slurm->unsure = true;
		clock_sleep(LOOK_MS);
	}
	return err_set(err, ERR_INTERRUPTED, "interrupted");
}

static int begin(struct stay *stay, struct err *err)
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

/* --- waiting ------------------------------------------------------------------------------------------ */

/* The last line that the job wrote, for people. */
static void add_last_word(const struct stay *stay, struct buf *out)
{
	AUTO_FREE char *path = path_join(stay->folder, "log");
	AUTO(err) ignored = ERR_INIT;
	AUTO(buf) log = BUF_INIT;
	const char *line;

	if (fs_read(path, LOG_LIMIT, &log, &ignored) < 0)
		return;
	while (log.len && log.s[log.len - 1] == '\n')
		log.s[--log.len] = '\0';
	line = strrchr(log.s, '\n');
	line = line ? line + 1 : log.s;
	if (*line)
		buf_addf(out, "; its last word: %.300s", line);
}

/* The job is over. What it may have left is looked for a little longer. 1: it is lost. */
static int settle(struct stay *stay, struct err *err)
{
	int64_t deadline = clock_ms() + SETTLE_MS;
	AUTO(buf) why = BUF_INIT;

	while (clock_left(deadline) && !supervise_interrupted()) {
		if (units_has_result(stay->folder, true))
			return 0;
		clock_sleep(TICK_MS);
	}
	if (supervise_interrupted())
		return err_set(err, ERR_INTERRUPTED, "interrupted");
	buf_adds(&why, stay->lost);
	add_last_word(stay, &why);
	err_set(err, ERR_HOST, "%s", why.s);
	if (stay->node)
		strv_add_once(stay->order->avoid, stay->node);
	return 1;
}

static bool is_stopping(const struct stay *stay)
{
	return stay->phase == JOB_WAITS && __atomic_load_n(&stay->slurm->base.stopping, __ATOMIC_RELAXED);
}

static int wait_for(struct stay *stay, struct err *err)
{
	while (!stay->lost) {
		if (units_has_result(stay->folder, false))
			return 0;
		if (supervise_interrupted() || is_stopping(stay))
			return err_set(err, ERR_INTERRUPTED,
				       "interrupted: what is in the queue is cancelled");
		if (see(stay, err) < 0)
			return -1;
		if (!stay->lost)
			clock_sleep(TICK_MS);
	}
	return settle(stay, err);
}

static void drop(struct strv *list, const char *text)
{
	size_t i = strv_find(list, text);

	if (i >= list->n)
		return;
	free(list->v[i]);
	list->v[i] = list->v[--list->n];
	list->v[list->n] = NULL;
}

/* A job that is over, or whose unit has its result. One that was queued again is not wanted any more. */
static void end(struct stay *stay)
{
	AUTO(strv) id = STRV_INIT;
	AUTO(err) ignored = ERR_INIT; /* the worker finds that there is nothing to do */

	strv_add(&id, stay->id);
	pthread_mutex_lock(&stay->slurm->lock);
	if (stay->lost && stay->phase == JOB_WAITS)
		slurm_scancel(&id, &ignored);
	drop(&stay->slurm->ours, stay->id);
	pthread_mutex_unlock(&stay->slurm->lock);
}

static int follow(struct slurm *slurm, const struct order *order, const char *folder, struct err *err)
{
	AUTO(stay) stay = { .slurm = slurm, .order = order, .folder = folder };
	int status;

	if (begin(&stay, err) < 0)
		return -1;
	status = wait_for(&stay, err);
	if (status >= 0)
		end(&stay);
	return status;
}

/* A unit of one's own. It stays so when it is taken in; one that was lost is asked for again. */
static char *take_unit(struct slurm *slurm, const struct order *order, struct err *err)
{
	char *folder;

	pthread_mutex_lock(&slurm->lock);
	folder = units_put(order, slurm->connect, &slurm->busy, err);
	if (folder)
		strv_add(&slurm->busy, folder);
	pthread_mutex_unlock(&slurm->lock);
	return folder;
}

static void give_back(struct slurm *slurm, const char *folder)
{
	pthread_mutex_lock(&slurm->lock);
	drop(&slurm->busy, folder);
	pthread_mutex_unlock(&slurm->lock);
}

static int run(struct runtime *runtime, const struct order *order, struct err *err)
{
	struct slurm *slurm = (struct slurm *)runtime;
	AUTO_FREE char *folder = take_unit(slurm, order, err);
	int status;

	if (!folder)
		return -1;
	status = units_has_result(folder, true) ? 0 : follow(slurm, order, folder, err);
	if (status == 0)
		status = units_collect(order, folder, err);
	if (status)
		give_back(slurm, folder);
	return status;
}

static int kept(struct runtime *runtime, const struct order *order, struct err *err)
{
	(void)runtime;
	return units_kept(order, err);
}

/* --- opening and closing ------------------------------------------------------------------------------ */

/* Whether a job is one of a campaign that ran here: one that a controller before us left, and nobody asked for since. */
static bool is_left(const struct slurm *slurm, const struct job *job)
{
	if (job_phase(job) == JOB_ENDED || strv_has(&slurm->ours, job->id))
		return false;
	for (size_t i = 0; i < slurm->campaigns.n; i++)
		if (units_awaits(slurm->campaigns.v[i], job->unit))
			return true;
	return false;
}

static void cancel_all(struct slurm *slurm)
{
	AUTO(err) err = ERR_INIT;

	for (size_t i = 0; i < slurm->jobs.n; i++)
		if (is_left(slurm, &slurm->jobs.v[i]))
			strv_add(&slurm->ours, slurm->jobs.v[i].id);
	if (!slurm->ours.n)
		return;
	progress_step("cancelling %zu jobs", slurm->ours.n);
	if (slurm_scancel(&slurm->ours, &err) < 0)
		progress_step("jobs are left in the queue, 'scancel' ends them: %s", err.text);
}

static void close_slurm(struct runtime *runtime)
{
	struct slurm *slurm = (struct slurm *)runtime;

	cancel_all(slurm);
	jobs_release(&slurm->jobs);
	strv_release(&slurm->ours);
	strv_release(&slurm->campaigns);
	strv_release(&slurm->busy);
	slurm_file_release(&slurm->file);
	pthread_mutex_destroy(&slurm->lock);
	free(slurm->home);
	free(slurm->connect);
	free(slurm->program);
	free(slurm);
}

static int read_file(const char *home, struct slurm_file *file, struct err *err)
{
	AUTO_FREE char *path = path_join(home, SLURM_FILE);
	AUTO(buf) text = BUF_INIT;

	if (!fs_exists(path))
		return 0;
	return fs_read(path, FILE_LIMIT, &text, err) < 0
		   ? -1
		   : slurm_file_parse(path, text.s, text.len, file, err);
}

int slurm_open(const char *home, const char *uri, struct runtime **runtime, struct err *err)
{
	static const struct runtime_ops ops = { run, kept, close_slurm };
	struct slurm *slurm = xcalloc(1, sizeof(*slurm));

	*slurm = (struct slurm){ .base = { .ops = &ops, .away = true },
				 .file = SLURM_FILE_INIT,
				 .home = xstrdup(home),
				 .connect = xstrdup(uri ? uri : ""),
				 .jobs = JOBS_INIT };
	pthread_mutex_init(&slurm->lock, NULL);
	*runtime = &slurm->base;
	slurm->program = realpath("/proc/self/exe", NULL);
	if (!slurm->program) {
		err_errno(err, ERR_HOST, "cannot tell where this program is (is /proc mounted?)");
	} else if (slurm_look_for_programs(err) == 0 && read_file(home, &slurm->file, err) == 0 &&
		   slurm_squeue(&slurm->jobs, err) == 0) {
		slurm->base.slots = slurm->file.slots;
		return 0;
	}
	runtime_close(runtime);
	return -1;
}
