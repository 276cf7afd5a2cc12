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
	if (!str_starts(fields[4], JOBS_PREFIX))
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
	static const char *const run[] = { "RUNNING", "COMPLETING", "CONFIGURING", "SUSPENDED",
					   "STOPPED", "SIGNALING",  "STAGE_OUT",   "RESIZING" };
	static const char *const ended[] = { "COMPLETED", "FAILED",	   "CANCELLED",	   "TIMEOUT",
					     "NODE_FAIL", "PREEMPTED",	   "BOOT_FAIL",	   "DEADLINE",
					     "REVOKED",	  "OUT_OF_MEMORY", "LAUNCH_FAILED" };

	for (size_t i = 0; i < ARRAY_SIZE(run); i++)
		if (str_eq(job->state, run[i]))
			return JOB_RUNS;
	for (size_t i = 0; i < ARRAY_SIZE(ended); i++)
		if (str_eq(job->state, ended[i]))
			return JOB_ENDED;
	return JOB_WAITS;
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
		if (str_eq(jobs->v[i].unit, unit) && (!found || job_phase(found) == JOB_ENDED))
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
