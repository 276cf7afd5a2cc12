/* What Slurm's programs print, and how they are asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <pthread.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/supervisor.h"
#include "campaign/slurm.h"
#include "campaign/slurm_call.h"
#include "campaign/slurm_jobs.h"
#include "config/slurm.h"
#include "tests/unit/order_fixture.h"

/* --- Slurm -------------------------------------------------------------------------------------------- */

static void queue_is_read(void **state)
{
	static const char text[] = "17|PENDING||Resources|qbisect-aa\n"
				   "18|RUNNING|n1|None|qbisect-bb\n"
				   "12|NODE_FAIL|n2|NodeDown|qbisect-aa\n"
				   "x_1|RUNNING|n1|None|somebody|else's\n"
				   "19|BRAND_NEW|(null)|None|qbisect-cc\n"
				   "20|COMPLETING|n2|None|qbisect-ee\n"
				   "21|REQUEUED|n2|None|qbisect-ee\n"
				   "23_[1-4]|PENDING||Priority|qbisect-night\n" /* somebody's array */
				   "22|PENDING||ReqNodeNotAvail, UnavailableNodes:n[1-3]|qbisect-ff\n";
	AUTO(jobs) jobs = JOBS_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	assert_int_equal(jobs_parse(text, &jobs, &err), 0);
	assert_int_equal(jobs.n, 7);
	assert_string_equal(jobs_find(&jobs, "18")->node, "n1");
	assert_int_equal(job_phase(jobs_find(&jobs, "18")), JOB_RUNS);
	assert_int_equal(job_phase(jobs_find(&jobs, "12")), JOB_ENDED);
	assert_string_equal(jobs_find(&jobs, "12")->reason, "NodeDown");
	assert_string_equal(jobs_of_unit(&jobs, "aa")->id, "17"); /* not the one that has ended */
	assert_int_equal(job_phase(jobs_find(&jobs, "19")), JOB_UNKNOWN);
	assert_int_equal(job_phase(jobs_find(&jobs, "20")), JOB_ENDS);
	assert_string_equal(jobs_of_unit(&jobs, "ee")->id, "21"); /* not the one that is about to end */
	assert_string_equal(jobs_find(&jobs, "19")->node, "");
	assert_false(job_is_shut_out(jobs_find(&jobs, "17")));
	assert_true(job_is_shut_out(jobs_find(&jobs, "22")));
	assert_null(jobs_find(&jobs, "1"));
	assert_null(jobs_of_unit(&jobs, "dd"));
}

/* Each word of Slurm's. */
static void states_are_phases(void **state)
{
	static const struct {
		const char *states[12];
		enum job_phase phase;
	} cases[] = {
		{ { "PENDING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "SPECIAL_EXIT", "RESV_DEL_HOLD" },
		  JOB_WAITS },
		{ { "RUNNING", "CONFIGURING", "SUSPENDED", "STOPPED", "SIGNALING", "STAGE_OUT", "RESIZING" },
		  JOB_RUNS },
		{ { "COMPLETING" }, JOB_ENDS },
		{ { "COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL", "PREEMPTED", "BOOT_FAIL",
		    "DEADLINE", "REVOKED", "OUT_OF_MEMORY", "LAUNCH_FAILED" },
		  JOB_ENDED },
		{ { "", "running", "TIMEOUTS", "OUT" }, JOB_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		for (const char *const *word = cases[i].states; *word; word++)
			if (job_phase(&(struct job){ .state = (char *)*word }) != cases[i].phase)
				fail_msg("%s is no state of phase %d", *word, (int)cases[i].phase);
}

/* What Slurm holds begins never; what people hold is theirs to release. */
static void held_jobs_are_told_apart(void **state)
{
	static const struct {
		const char *state, *reason;
		bool held;
	} cases[] = {
		{ "PENDING", "launch failed requeued held", true },
		{ "PENDING", "launch_failed_requeued_held", true },
		{ "PENDING", "job requeued in held state", true },
		{ "PENDING", "JobHoldMaxRequeue", true },
		{ "REQUEUE_HOLD", "None", true },
		{ "SPECIAL_EXIT", "JobHeldUser", true },
		{ "RESV_DEL_HOLD", "None", true },
		{ "PENDING", "JobHeldUser", false },
		{ "PENDING", "JobHeldAdmin", false },
		{ "PENDING", "launch", false },
		{ "PENDING", "BeginTime", false },
		{ "REQUEUED", "None", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct job job = { .state = (char *)cases[i].state, .reason = (char *)cases[i].reason };

		if (job_is_held(&job) != cases[i].held)
			fail_msg("%s, %s", job.state, job.reason);
	}
}

static void strange_queue_is_refused(void **state)
{
	static const char *const texts[] = { "JOBID PARTITION NAME", "17|RUNNING|n1|None",
					     "x|RUNNING|n1|None|qbisect-aa", "17||n1|None|qbisect-aa" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		AUTO(jobs) jobs = JOBS_INIT;
		AUTO(err) err = ERR_INIT;

		assert_int_equal(jobs_parse(texts[i], &jobs, &err), -1);
		assert_int_equal(err.kind, ERR_HOST);
	}
}

static void submission_is_read(void **state)
{
	AUTO(err) err = ERR_INIT;
	AUTO_FREE char *plain = jobs_submitted("17\n", &err), *cluster = jobs_submitted("18;lab\n", &err);

	(void)state;
	assert_string_equal(plain, "17");
	assert_string_equal(cluster, "18");
	assert_null(jobs_submitted("Submitted batch job 17\n", &err));
	assert_int_equal(err.kind, ERR_HOST);
	assert_null(jobs_submitted("", &err));
}

static void file_of_the_cluster(void **state)
{
	static const char text[] =
	    "{\"constraint\": {\"ppc64le\": \"arch:ppc64le&kvm\"}, \"options\": [\"--qos=x\"], \"slots\": 7, "
	    "\"build\": {\"cpus\": 16, \"constraint\": \"gcc\"}}";
	static const char *const wrong[] = { "{\"constraint\": {\"x\": \"\"}}",
					     "{\"constraint\": \"kvm\"}",
					     "{\"options\": [\"x\"]}",
					     "{\"options\": [\"--clusters=a,b\"]}",
					     "{\"options\": [\"-Ma\"]}",
					     "{\"options\": [\"--array=0-3\"]}",
					     "{\"build\": {\"cpus\": 0}}",
					     "{\"build\": {\"constraint\": \"\"}}",
					     "{\"build\": {\"smp\": 1}}",
					     "{\"slots\": 0}",
					     "{\"more\": 1}" };
	AUTO(slurm_file) file = SLURM_FILE_INIT;
	AUTO(err) none = ERR_INIT;

	(void)state;
	assert_int_equal(slurm_file_parse("s", text, strlen(text), &file, &none), 0);
	assert_string_equal(slurm_file_constraint(&file, "ppc64le"), "arch:ppc64le&kvm");
	assert_null(slurm_file_constraint(&file, "x86_64"));
	assert_string_equal(file.options.v[0], "--qos=x");
	assert_int_equal(file.slots, 7);
	assert_int_equal(file.build_cpus, 16);
	assert_int_equal(file.build_memory, SLURM_BUILD_MEMORY);
	assert_string_equal(file.build_constraint, "gcc");
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		AUTO(slurm_file) bad = SLURM_FILE_INIT;
		AUTO(err) err = ERR_INIT;

		assert_int_equal(slurm_file_parse("s", wrong[i], strlen(wrong[i]), &bad, &err), -1);
		assert_int_equal(err.kind, ERR_USAGE);
	}
}

/* --- its programs, as scripts ------------------------------------------------------------------------- */

#define PATIENCE_MS 20000

static char *file_in_folder(const char *name)
{
	return path_join(folder, name);
}

static void write_file(const char *name, const char *text)
{
	AUTO_FREE char *path = file_in_folder(name);
	AUTO(err) err = ERR_INIT;

	assert_int_equal(fs_write_atomic(path, text, strlen(text), &err), 0);
	assert_int_equal(chmod(path, 0755), 0);
}

/* squeue says what is in the file `queue`, sbatch leaves `submitted` and what scancel was called with is in `cancelled`. */
static void write_programs(const char *sbatch)
{
	AUTO_FREE char *squeue = xasprintf(
	    "#!/bin/sh\n[ ! -e %s/queue ] || while read -r line; do echo \"$line\"; done <%s/queue\n", folder,
	    folder);
	AUTO_FREE char *submit = xasprintf("#!/bin/sh\n: >%s/submitted\n%s\n", folder, sbatch);
	AUTO_FREE char *cancel =
	    xasprintf("#!/bin/sh\necho \"$*\" >%s/cancelled\n: >%s/queue\n", folder, folder);

	write_file("squeue", squeue);
	write_file("sbatch", submit);
	write_file("scancel", cancel);
}

static bool is_left(const char *name)
{
	AUTO_FREE char *path = file_in_folder(name);

	return fs_exists(path);
}

static struct runtime *open_slurm(const char *sbatch)
{
	struct runtime *runtime = NULL;
	AUTO(err) err = ERR_INIT;

	write_programs(sbatch);
	assert_int_equal(setenv("PATH", folder, 1), 0);
	if (slurm_open(folder, NULL, &runtime, &err) < 0)
		fail_msg("%s", err.text);
	return runtime;
}

struct asking {
	struct runtime *runtime;
	struct asked asked;
	int status;
	struct err err;
};

static void *ask_for_a_boot(void *arg)
{
	struct asking *asking = arg;

	asking->status = asking->runtime->ops->run(asking->runtime, &asking->asked.order.base, &asking->err);
	return NULL;
}

static void stopped_asks_for_nothing(void **state)
{
	struct asking asking = { .runtime = open_slurm("echo 17"), .err = ERR_INIT };

	(void)state;
	make(&asking.asked);
	runtime_stop(asking.runtime);
	ask_for_a_boot(&asking);
	assert_int_equal(asking.status, -1);
	assert_int_equal(asking.err.kind, ERR_INTERRUPTED);
	assert_false(is_left("submitted"));
	runtime_close(&asking.runtime);
	err_release(&asking.err);
}

/* What a shell has for people is not for us, and what stands for something in a path is taken as it is. */
static void programs_are_asked_plainly(void **state)
{
	AUTO_FREE char *sbatch = xasprintf(
	    "echo \"${SBATCH_ARRAY_INX-}${SQUEUE_FORMAT2-}\" >%s/environment; for word; do case $word in "
	    "--output=*) echo \"$word\" >%s/output ;; esac; done; echo 17",
	    folder, folder);
	struct runtime *runtime = open_slurm(sbatch);
	AUTO_FREE char *environment = file_in_folder("environment"), *output = file_in_folder("output"),
		       *id = NULL;
	const struct strv none = STRV_INIT;
	AUTO(buf) command = BUF_INIT, text = BUF_INIT;
	AUTO(err) err = ERR_INIT;
	const struct slurm_request request = {
		.unit = "aa", .log = "/a%j/b%%", .command = &command, .avoid = &none, .options = &none
	};

	(void)state;
	setenv("SBATCH_ARRAY_INX", "0-9", 1);
	setenv("SQUEUE_FORMAT2", "all", 1);
	assert_int_equal(slurm_sbatch(&request, &id, &err), 0);
	assert_int_equal(fs_read(environment, 4096, &text, &err), 0);
	assert_string_equal(text.s, "\n");
	buf_reset(&text);
	assert_int_equal(fs_read(output, 4096, &text, &err), 0);
	assert_string_equal(text.s, "--output=/a%%j/b%%%%%j\n");
	runtime_close(&runtime);
}

static void hosts_that_are_away_are_not_waited_for(void **state)
{
	AUTO_FREE char *sbatch = xasprintf(
	    "for word; do case $word in --job-name=*) name=${word#*=} ;; esac; done\n"
	    "case \"$*\" in\n"
	    "*--exclude=n1*) echo \"17|PENDING||ReqNodeNotAvail, UnavailableNodes:n2|$name\" >%s/queue; echo 17 ;;\n"
	    "*) echo \"18|PENDING||None|$name\" >%s/queue; : >%s/anywhere; echo 18 ;;\n"
	    "esac",
	    folder, folder, folder);
	struct asking asking = { .runtime = open_slurm(sbatch), .err = ERR_INIT };
	int64_t deadline = clock_ms() + PATIENCE_MS;
	pthread_t thread;

	(void)state;
	make(&asking.asked);
	strv_add(&asking.asked.avoid, "n1");
	assert_int_equal(pthread_create(&thread, NULL, ask_for_a_boot, &asking), 0);
	while (clock_left(deadline) && !is_left("anywhere"))
		clock_sleep(5);
	runtime_stop(asking.runtime);
	pthread_join(thread, NULL);
	assert_true(is_left("cancelled"));
	assert_true(is_left("anywhere"));
	runtime_close(&asking.runtime);
	strv_release(&asking.asked.avoid);
	err_release(&asking.err);
}

static void held_job_is_lost(void **state)
{
	AUTO_FREE char *sbatch =
	    xasprintf("for word; do case $word in --job-name=*) name=${word#*=} ;; esac; done\n"
		      "echo \"17|PENDING|n1|launch failed requeued held|$name\" >%s/queue; echo 17",
		      folder);
	struct asking asking = { .runtime = open_slurm(sbatch), .err = ERR_INIT };
	int64_t deadline = clock_ms() + PATIENCE_MS;
	pthread_t thread;

	(void)state;
	make(&asking.asked);
	assert_int_equal(pthread_create(&thread, NULL, ask_for_a_boot, &asking), 0);
	while (clock_left(deadline) && !is_left("cancelled"))
		clock_sleep(5);
	runtime_stop(asking.runtime);
	pthread_join(thread, NULL);
	assert_int_equal(asking.status, 1);
	assert_non_null(
	    strstr(asking.err.text, "job 17 on n1 is held as PENDING, launch failed requeued held"));
	assert_true(strv_has(&asking.asked.avoid, "n1"));
	assert_true(is_left("cancelled"));
	runtime_close(&asking.runtime);
	strv_release(&asking.asked.avoid);
	err_release(&asking.err);
}

/* The job that slurmctld took without saying so is found when nobody waits for it any more. */
static void job_without_an_answer_is_cancelled(void **state)
{
	struct asking asking = {
		.runtime =
		    open_slurm("echo 'Unable to contact slurm controller (connect failure)' >&2; exit 1"),
		.err = ERR_INIT
	};
	AUTO_FREE char *units = file_in_folder("units"), *cancelled = file_in_folder("cancelled"),
		       *queue = NULL;
	AUTO(buf) words = BUF_INIT;
	AUTO(strv) names = STRV_INIT;
	AUTO(err) err = ERR_INIT;
	int64_t deadline = clock_ms() + PATIENCE_MS;
	pthread_t thread;

	(void)state;
	make(&asking.asked);
	assert_int_equal(pthread_create(&thread, NULL, ask_for_a_boot, &asking), 0);
	while (clock_left(deadline) && !is_left("submitted"))
		clock_sleep(5);
	runtime_stop(asking.runtime);
	pthread_join(thread, NULL);
	assert_int_equal(asking.err.kind, ERR_INTERRUPTED);
	assert_int_equal(fs_list(units, &names, &err), 0);
	queue = xasprintf(
	    "16|PENDING||None|qbisect-ffffffffffffffffffffffffffffffff\n17|PENDING||None|qbisect-%s\n",
	    names.v[0]);
	write_file("queue", queue);
	runtime_close(&asking.runtime);
	assert_int_equal(fs_read(cancelled, 4096, &words, &err), 0);
	assert_string_equal(words.s, "--quiet 17\n"); /* not the one that is no unit of ours */
	err_release(&asking.err);
}

static atomic_bool unwanted;

static void *ask_until_unwanted(void *arg)
{
	supervise_thread(&unwanted);
	return ask_for_a_boot(arg);
}

/* What one thread does not want any more is not asked for again, and its job finds nothing to do. */
static void unwanted_is_withdrawn(void **state)
{
	AUTO_FREE char *sbatch =
	    xasprintf("for word; do case $word in --job-name=*) name=${word#*=} ;; esac; done\n"
		      "echo \"17|RUNNING|n1|None|$name\" >%s/queue; echo 17",
		      folder);
	struct asking asking = { .runtime = open_slurm(sbatch), .err = ERR_INIT };
	AUTO_FREE char *units = file_in_folder("units");
	int64_t deadline = clock_ms() + PATIENCE_MS;
	AUTO(strv) names = STRV_INIT;
	AUTO(err) err = ERR_INIT;
	pthread_t thread;

	(void)state;
	make(&asking.asked);
	assert_int_equal(pthread_create(&thread, NULL, ask_until_unwanted, &asking), 0);
	while (clock_left(deadline) && !is_left("queue"))
		clock_sleep(5);
	assert_int_equal(fs_list(units, &names, &err), 0);
	assert_true(units_awaits(folder, names.v[0]));
	atomic_store(&unwanted, true);
	pthread_join(thread, NULL);
	assert_int_equal(asking.err.kind, ERR_INTERRUPTED);
	assert_false(units_awaits(folder, names.v[0]));
	assert_false(supervise_interrupted()); /* nobody else is disturbed */
	runtime_close(&asking.runtime);
	assert_true(is_left("cancelled"));
	err_release(&asking.err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(queue_is_read),
		cmocka_unit_test(states_are_phases),
		cmocka_unit_test(held_jobs_are_told_apart),
		cmocka_unit_test(strange_queue_is_refused),
		cmocka_unit_test(submission_is_read),
		cmocka_unit_test(file_of_the_cluster),
		cmocka_unit_test_setup_teardown(stopped_asks_for_nothing, folder_set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(job_without_an_answer_is_cancelled, folder_set_up,
						folder_tear_down),
		cmocka_unit_test_setup_teardown(unwanted_is_withdrawn, folder_set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(programs_are_asked_plainly, folder_set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(hosts_that_are_away_are_not_waited_for, folder_set_up,
						folder_tear_down),
		cmocka_unit_test_setup_teardown(held_job_is_lost, folder_set_up, folder_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
