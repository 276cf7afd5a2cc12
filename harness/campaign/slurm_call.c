#include "campaign/slurm_call.h"

#include "base/child.h"

#define PACKAGE	     "slurm-client"
#define CALL_MS	     60000
#define GRACE_MS     1000
#define OUTPUT_LIMIT (64u << 20) /* a line a job */

/* Options that people give these programs by their environment, and which would change what is done or printed. */
static void add_unwanted(struct strv *names)
{
	strv_add(names, "SBATCH_ARRAY_INX");
	strv_add(names, "SBATCH_WAIT");
	strv_add(names, "SBATCH_CLUSTERS");
	strv_add(names, "SLURM_CLUSTERS");
	for (char **one = environ; *one; one++)
		if (str_starts(*one, "SQUEUE_") || str_starts(*one, "SCANCEL_"))
			strv_addf(names, "%.*s", (int)strcspn(*one, "="), *one);
}

static int call(const struct strv *words, bool asked_to_end, struct child_result *res, struct err *err)
{
	AUTO(strv) unwanted = STRV_INIT;
	struct child child = { .argv = (const char *const *)words->v,
			       .timeout_ms = CALL_MS,
			       .grace_ms = asked_to_end ? GRACE_MS : 0,
			       .output_limit = OUTPUT_LIMIT };

	add_unwanted(&unwanted);
	child.env = (const char *const *)unwanted.v;
	return child_run(&child, res, err) < 0 ? -1 : child_check(&child, res, PACKAGE, err);
}

int slurm_look_for_programs(struct err *err)
{
	static const char *const programs[] = { "sbatch", "squeue", "scancel" };

	for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
		AUTO_FREE char *path = child_program(programs[i]);

		if (!path)
			return err_set(err, ERR_HOST,
				       "runtime slurm: %s is not installed: run 'apt-get install " PACKAGE
				       "', or leave --runtime slurm away",
				       programs[i]);
	}
	return 0;
}

int slurm_squeue(struct jobs *jobs, bool to_the_end, struct err *err)
{
	AUTO(child_result) res = CHILD_RESULT_INIT;
	AUTO(strv) words = STRV_INIT;
	AUTO(err) fault = ERR_INIT;

	strv_add(&words, "squeue");
	strv_add(&words, "--noheader");
	strv_add(&words, "--states=all");
	strv_addf(&words, "--user=%u", (unsigned)geteuid());
	strv_add(&words, "--format=" JOBS_FORMAT);
	if (call(&words, !to_the_end, &res, &fault) < 0)
		return err_set(err, fault.kind, "%s%s", fault.text,
			       fault.kind == ERR_HOST ? ": do munged here and slurmctld run?" : "");
	return jobs_parse(res.out.s, jobs, err);
}

static void add_avoided(struct strv *words, const struct strv *hosts)
{
	AUTO(buf) list = BUF_INIT;

	for (size_t i = 0; i < hosts->n; i++)
		buf_addf(&list, "%s%s", i ? "," : "", hosts->v[i]);
	if (hosts->n)
		strv_addf(words, "--exclude=%s", list.s);
}

/* The job's id is appended. A percent sign stands for something in it: twice it is one. */
static void add_log(struct strv *words, const char *path)
{
	AUTO(buf) name = BUF_INIT;

	for (; *path; path++) {
		if (*path == '%')
			buf_addc(&name, '%');
		buf_addc(&name, *path);
	}
	strv_addf(words, "--output=%s%%j", name.s);
}

static void request_words(const struct slurm_request *request, struct strv *words)
{
	strv_add(words, "sbatch");
	strv_add(words, "--parsable");
	strv_add(words, "--requeue");
	strv_add(words, "--nodes=1");
	strv_add(words, "--ntasks=1");
	strv_add(words, "--open-mode=append");
	strv_addf(words, "--job-name=" JOBS_PREFIX "%s", request->unit);
	add_log(words, request->log);
	strv_addf(words, "--cpus-per-task=%u", request->cpus);
	strv_addf(words, "--mem=%uM", request->memory);
	strv_addf(words, "--time=%u", request->minutes);
	if (request->constraint)
		strv_addf(words, "--constraint=%s", request->constraint);
	add_avoided(words, request->avoid);
	for (size_t i = 0; i < request->options->n; i++)
		strv_add(words, request->options->v[i]);
	strv_addf(words, "--wrap=%s", request->command->s);
}

/* What they say when slurmctld is away, or too busy. */
static bool is_silence(const struct child_result *res)
{
	static const char *const words[] = { "Unable to contact slurm controller", "Socket timed out",
					     "Zero Bytes were transmitted", "Connection refused",
					     "temporarily unable to accept job" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strstr(res->err.s, words[i]))
			return true;
	return res->timed_out;
}

/* AssocMaxSubmitJobLimit, QOSMaxSubmitJobPerUserLimit and their like. */
static bool is_full(const struct child_result *res)
{
	return strstr(res->err.s, "SubmitJob") != NULL;
}

int slurm_sbatch(const struct slurm_request *request, char **id, struct err *err)
{
	AUTO(child_result) res = CHILD_RESULT_INIT;
	AUTO(strv) words = STRV_INIT;

	request_words(request, &words);
	if (call(&words, false, &res, err) < 0)
		return err->kind != ERR_HOST ? -1 : is_full(&res) ? SLURM_FULL : is_silence(&res) ? 1 : -1;
	*id = jobs_submitted(res.out.s, err);
	return *id ? 0 : -1;
}

int slurm_scancel(const struct strv *ids, struct err *err)
{
	AUTO(child_result) res = CHILD_RESULT_INIT;
	AUTO(strv) words = STRV_INIT;

	strv_add(&words, "scancel");
	strv_add(&words, "--quiet"); /* of one that has ended meanwhile */
	for (size_t i = 0; i < ids->n; i++)
		strv_add(&words, ids->v[i]);
	return call(&words, false, &res, err);
}
