#include "campaign/slurm_jobs.h"

#define FIELDS 5

static bool is_id(const char *text)
{
	return *text && text[strspn(text, "0123456789")] == '\0';
}

/* Splits at the first FIELDS - 1 bars. False: there are fewer. */
static bool split(char *line, char *fields[FIELDS])
{
	for (int i = 0; i < FIELDS; i++) {
		fields[i] = i < FIELDS - 1 ? strsep(&line, "|") : line;
		if (!fields[i])
			return false;
	}
	return true;
}

/* Its own words, or what it had when it had none. */
static char *word(const char *text)
{
	return xstrdup(str_eq(text, "(null)") ? "" : text);
}

static int parse_line(const char *line, struct jobs *jobs, struct err *err)
{
	AUTO_FREE char *copy = xstrdup(line);
	char *fields[FIELDS];

	if (!split(copy, fields))
		return err_set(
		    err, ERR_HOST,
		    "squeue printed '%.100s' where ID|STATE|NODE|REASON|NAME was expected: is this "
		    "Slurm's squeue?",
		    line);
	if (!str_starts(fields[4], JOBS_PREFIX) || strpbrk(fields[0], "_+")) /* an array's is not ours */
		return 0;
	if (!is_id(fields[0]) || !*fields[1])
		return err_set(err, ERR_HOST,
			       "squeue printed '%.100s': expected a job's number and its state", line);
	GROW(jobs->v, jobs->n, jobs->cap);
	jobs->v[jobs->n++] = (struct job){ xstrdup(fields[0]), xstrdup(fields[1]), word(fields[2]),
					   xstrdup(fields[3]), xstrdup(fields[4] + strlen(JOBS_PREFIX)) };
	return 0;
}

int jobs_parse(const char *text, struct jobs *jobs, struct err *err)
{
	AUTO_FREE char *copy = xstrdup(text);
	char *rest = copy, *line;

	while ((line = strsep(&rest, "\n")))
		if (*line && parse_line(line, jobs, err) < 0)
			return -1;
	return 0;
}

enum job_phase job_phase(const struct job *job)
{
	static const struct {
		const char *state;
		enum job_phase phase;
	} states[] = {
		{ "PENDING", JOB_WAITS },	{ "REQUEUED", JOB_WAITS },     { "REQUEUE_HOLD", JOB_WAITS },
		{ "REQUEUE_FED", JOB_WAITS },	{ "SPECIAL_EXIT", JOB_WAITS }, { "RESV_DEL_HOLD", JOB_WAITS },
		{ "RUNNING", JOB_RUNS },	{ "CONFIGURING", JOB_RUNS },   { "SUSPENDED", JOB_RUNS },
		{ "STOPPED", JOB_RUNS },	{ "SIGNALING", JOB_RUNS },     { "STAGE_OUT", JOB_RUNS },
		{ "RESIZING", JOB_RUNS },	{ "COMPLETING", JOB_ENDS },    { "COMPLETED", JOB_ENDED },
		{ "FAILED", JOB_ENDED },	{ "CANCELLED", JOB_ENDED },    { "TIMEOUT", JOB_ENDED },
		{ "NODE_FAIL", JOB_ENDED },	{ "PREEMPTED", JOB_ENDED },    { "BOOT_FAIL", JOB_ENDED },
		{ "DEADLINE", JOB_ENDED },	{ "REVOKED", JOB_ENDED },      { "OUT_OF_MEMORY", JOB_ENDED },
		{ "LAUNCH_FAILED", JOB_ENDED },
	};

	for (size_t i = 0; i < ARRAY_SIZE(states); i++)
		if (str_eq(job->state, states[i].state))
			return states[i].phase;
	return JOB_UNKNOWN;
}

/* Some versions have underscores in the place of spaces. */
static bool begins(const char *reason, const char *words)
{
	while (*words && (*reason == *words || (*reason == '_' && *words == ' ')))
		reason++, words++;
	return !*words;
}

bool job_is_shut_out(const struct job *job)
{
	return begins(job->reason, "ReqNodeNotAvail") ||
	       begins(job->reason, "Nodes required for job are DOWN");
}

bool job_is_held(const struct job *job)
{
	static const char *const states[] = { "REQUEUE_HOLD", "SPECIAL_EXIT", "RESV_DEL_HOLD" };
	static const char *const reasons[] = { "launch failed requeued held", "job requeued in held state",
					       "job requeued in special exit state", "JobHoldMaxRequeue" };

	for (size_t i = 0; i < ARRAY_SIZE(states); i++)
		if (str_eq(job->state, states[i]))
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++)
		if (begins(job->reason, reasons[i]))
			return true;
	return false;
}

const struct job *jobs_find(const struct jobs *jobs, const char *id)
{
	for (size_t i = 0; i < jobs->n; i++)
		if (str_eq(jobs->v[i].id, id))
			return &jobs->v[i];
	return NULL;
}

const struct job *jobs_of_unit(const struct jobs *jobs, const char *unit)
{
	const struct job *found = NULL;

	for (size_t i = 0; i < jobs->n; i++)
		if (str_eq(jobs->v[i].unit, unit) && (!found || job_phase(found) >= JOB_ENDS))
			found = &jobs->v[i];
	return found;
}

char *jobs_submitted(const char *text, struct err *err)
{
	AUTO_FREE char *id = xasprintf("%.*s", (int)strcspn(text, ";\n"), text);

	if (is_id(id))
		return steal_pointer(&id);
	err_set(err, ERR_HOST, "sbatch printed '%.100s' where a job's number was expected", text);
	return NULL;
}

void jobs_release(struct jobs *jobs)
{
	for (size_t i = 0; i < jobs->n; i++) {
		free(jobs->v[i].id);
		free(jobs->v[i].state);
		free(jobs->v[i].node);
		free(jobs->v[i].reason);
		free(jobs->v[i].unit);
	}
	free(jobs->v);
	*jobs = (struct jobs)JOBS_INIT;
}
