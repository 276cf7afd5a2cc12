#include "campaign/slurm.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/progress.h"
#include "base/supervisor.h"
#include "campaign/slurm_call.h"
#include "campaign/slurm_stay.h"
#include "campaign/unit.h"
#include "campaign/units.h"

#define FILE_LIMIT (1u << 20)
#define LOG_LIMIT  (4u << 20)
#define TICK_MS	   200	/* between two looks for a result */
#define SETTLE_MS  2000 /* until a shared file system shows what a job has left */

static void stay_release(struct stay *stay)
{
	free(stay->id);
	free(stay->node);
	free(stay->lost);
}
AUTO_DEFINE(stay, struct stay, stay_release);

/* --- waiting ------------------------------------------------------------------------------------------ */

/* The last line that the job wrote, for people. */
static void add_last_word(const struct stay *stay, struct buf *out)
{
	AUTO_FREE char *path = xasprintf("%s/" SLURM_LOG "%s", stay->folder, stay->id);
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
	if (fs_is_full(stay->folder)) /* a job writes no log then, and leaves no result */
		buf_addf(&why, "; the disk of %s is full: make room", stay->folder);
	err_set(err, ERR_HOST, "%s", why.s);
	if (stay->node)
		strv_add_once(stay->order->avoid, stay->node);
	return 1;
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

/* The job is not waited for any more. -1: it cannot be cancelled now, and will be in the end. */
static int leave(struct stay *stay, bool cancel)
{
	AUTO(strv) id = STRV_INIT;
	AUTO(err) ignored = ERR_INIT; /* the worker finds that there is nothing to do */
	int status;

	strv_add(&id, stay->id);
	pthread_mutex_lock(&stay->slurm->lock);
	status = cancel ? slurm_scancel(&id, &ignored) : 0;
	if (status == 0)
		drop(&stay->slurm->ours, stay->id);
	pthread_mutex_unlock(&stay->slurm->lock);
	return status;
}

/* A host on which a try broke is better than none. */
static int begin_anywhere(struct stay *stay, struct err *err)
{
	stay->shut_out = false;
	if (leave(stay, true) < 0)
		return 0; /* the next look tells that it is shut out still */
	progress_step("%s: job %s waits for hosts that are away, it may run on any now", stay->order->label,
		      stay->id);
	free(stay->id);
	stay->id = NULL;
	stay->anywhere = true;
	stay->since = clock_ms();
	return stay_begin(stay, err);
}

static int wait_for(struct stay *stay, struct err *err)
{
	while (!stay->lost) {
		if (units_has_result(stay->folder, false))
			return 0;
		if (stay_is_stopping(stay))
			return err_set(err, ERR_INTERRUPTED,
				       "interrupted: what is in the queue is cancelled");
		if (stay_see(stay, err) < 0 || (stay->shut_out && begin_anywhere(stay, err) < 0))
			return -1;
		if (!stay->lost)
			clock_sleep(TICK_MS);
	}
	return settle(stay, err);
}

static int follow(struct slurm *slurm, const struct order *order, const char *folder, struct err *err)
{
	AUTO(stay) stay = { .slurm = slurm, .order = order, .folder = folder };
	int status;

	if (stay_begin(&stay, err) < 0)
		return -1;
	status = wait_for(&stay, err);
	if (status >= 0)
		leave(&stay, stay.lost && stay.phase == JOB_WAITS); /* what was queued again is not wanted */
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

/* Its job, which is cancelled in the end, finds nothing to do then. */
static void withdraw(const char *folder)
{
	AUTO(err) ignored = ERR_INIT;

	units_empty(folder, &ignored);
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
	if (status < 0 && supervise_unwanted())
		withdraw(folder);
	if (status)
		give_back(slurm, folder);
	return status;
}

static int kept(struct runtime *runtime, const struct campaign *campaign, const char *folder, struct err *err)
{
	(void)runtime;
	return units_kept(campaign, folder, err);
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

/* Where the queue may have more than we know: what an interruption kept us from looking for, and what slurmctld took
 * without saying so. */
static void look_closely(struct slurm *slurm)
{
	AUTO(jobs) jobs = JOBS_INIT;
	AUTO(err) err = ERR_INIT;

	if (!slurm->campaigns.n || !(slurm->unsure || supervise_interrupted()))
		return;
	if (slurm_squeue(&jobs, true, &err) < 0) {
		progress_step("jobs may be left in the queue, 'scancel' ends them: %s", err.text);
		return;
	}
	jobs_release(&slurm->jobs);
	slurm->jobs = jobs;
	jobs = (struct jobs)JOBS_INIT;
}

static void cancel_all(struct slurm *slurm)
{
	AUTO(err) err = ERR_INIT;

	look_closely(slurm);
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

	*slurm = (struct slurm){ .base = { .ops = &ops, .away = true, .memory = UINT64_MAX },
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
		   slurm_squeue(&slurm->jobs, false, err) == 0) {
		slurm->base.slots = slurm->file.slots;
		return 0;
	}
	runtime_close(runtime);
	return -1;
}
