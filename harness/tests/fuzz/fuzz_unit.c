/*
 * What a cluster's hosts and programs give back: a unit, its result, the queue, a new job. Each is refused with an error, or holds
 * what its reader relies on: questions that share a boot or a commit by its full name, one candidate whose id may be a part of a folder's name, hosts
 * and jobs that are words for a command line.
 */
#include <assert.h>

#include "campaign/slurm_jobs.h"
#include "campaign/unit.h"
#include "valid.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_unit(const struct buf *text)
{
	AUTO(unit) unit = UNIT_INIT;
	AUTO(err) err = ERR_INIT;

	if (unit_parse("fuzz", text->s, text->len, &unit, &err) < 0) {
		assert(err.kind == ERR_USAGE && str_starts(err.text, "fuzz:"));
		return;
	}
	if (unit.build.git) {
		assert(*unit.build.git == '/' && git_name_valid(unit.build.rev) && unit.build.key);
		return;
	}
	assert(unit.n && candidate_id_valid(unit.candidate));
	for (size_t i = 1; i < unit.n; i++)
		assert(environment_shares_boot(&unit.questions[0].env, &unit.questions[i].env));
}

static bool read_result(const struct buf *text)
{
	AUTO(unit_result) result = UNIT_RESULT_INIT;
	AUTO(err) err = ERR_INIT;

	if (unit_result_parse("fuzz", text->s, text->len, &result, &err) < 0) {
		assert(err.kind == ERR_USAGE && str_starts(err.text, "fuzz:"));
		return false;
	}
	assert(unit_name_valid(result.unit) && !strpbrk(result.host, " ,=/"));
	assert((result.error != NULL) + (result.built != NULL) + (result.unbuilt != NULL) +
		   (result.records.n > 0) ==
	       1);
	for (size_t i = 0; i < result.records.n; i++)
		assert(candidate_id_valid(result.records.v[i].candidate));
	return true;
}

static void read_queue(const struct buf *text)
{
	AUTO(jobs) jobs = JOBS_INIT;
	AUTO(err) err = ERR_INIT;

	if (jobs_parse(text->s, &jobs, &err) < 0)
		assert(err.kind == ERR_HOST);
	for (size_t i = 0; i < jobs.n; i++) {
		assert(jobs.v[i].id[strspn(jobs.v[i].id, "0123456789")] == '\0');
		assert(jobs_of_unit(&jobs, jobs.v[i].unit));
		job_phase(&jobs.v[i]);
	}
}

static void read_submitted(const struct buf *text)
{
	AUTO(err) err = ERR_INIT;
	AUTO_FREE char *id = jobs_submitted(text->s, &err);

	if (id)
		assert(*id && id[strspn(id, "0123456789")] == '\0' && str_starts(text->s, id));
	else
		assert(err.kind == ERR_HOST);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(buf) text = BUF_INIT;

	buf_add(&text, data, size);
	read_unit(&text);
	fuzz_must_read(read_result(&text));
	read_queue(&text);
	read_submitted(&text);
	return 0;
}
