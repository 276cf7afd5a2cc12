/* Child processes: how a program is found, what ends one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/supervisor.h"

static void finds_in_path_and_sbin(void **state)
{
	AUTO_FREE char *sh = NULL, *absolute = NULL;

	(void)state;
	setenv("PATH", "/usr/bin:/bin", 1);
	sh = child_program("sh");
	assert_non_null(sh);
	assert_true(str_ends(sh, "/bin/sh"));
	absolute = child_program("/bin/sh");
	assert_string_equal(absolute, "/bin/sh");
	assert_null(child_program("/etc/passwd"));
	assert_null(child_program("no-such-program-anywhere"));
	setenv("PATH", "/nonexistent:/etc", 1);
	assert_null(child_program("passwd"));
	assert_null(child_program("sh"));
}

static void sbin_is_searched_without_being_in_path(void **state)
{
	AUTO_FREE char *ldconfig = NULL;

	(void)state;
	setenv("PATH", "/usr/bin", 1);
	ldconfig = child_program("ldconfig"); /* libc-bin: on every Debian, in sbin only */
	assert_non_null(ldconfig);
}

static void missing_program_is_127_and_never_the_working_folder(void **state)
{
	static const char *const argv[] = { "passwd-of-etc", NULL };
	struct child child = { .argv = argv, .dir = "/", .timeout_ms = 5000 };
	AUTO(child_result) res = CHILD_RESULT_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	setenv("PATH", "/usr/bin:/bin", 1);
	assert_int_equal(child_run(&child, &res, &err), 0);
	assert_int_equal(res.status, 127);
	assert_int_equal(child_must(&child, "some-package", NULL, &err), -1);
	assert_non_null(strstr(err.text, "apt-get install some-package"));
}

static void deadline_ends_it(void **state)
{
	static const char *const argv[] = { "sleep", "60", NULL };
	struct child child = { .argv = argv, .timeout_ms = 100 };
	AUTO(child_result) res = CHILD_RESULT_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	setenv("PATH", "/usr/bin:/bin", 1);
	assert_int_equal(child_run(&child, &res, &err), 0);
	assert_true(res.timed_out);
	assert_int_equal(res.status, 128 + 9);
}

/* The result of a shell command. */
static int shell(struct child *child, const char *command, struct child_result *res)
{
	const char *argv[] = { "/bin/sh", "-c", command, NULL };
	AUTO(err) err = ERR_INIT;
	int status;

	child->argv = argv;
	child->timeout_ms = child->timeout_ms ? child->timeout_ms : 10000;
	status = child_run(child, res, &err);
	child->argv = NULL;
	if (status < 0)
		assert_int_equal(err.kind, ERR_INTERRUPTED);
	return status;
}

static void variables_are_set_replaced_and_taken_away(void **state)
{
	static const char *const env[] = { "QB_NEW=1", "QB_OLD=2", "QB_GONE", "QB_GON", NULL };
	struct child child = { .env = env };
	AUTO(child_result) res = CHILD_RESULT_INIT;

	(void)state;
	setenv("QB_OLD", "old", 1);
	setenv("QB_GONE", "old", 1);
	setenv("QB_GONER", "kept", 1);
	assert_int_equal(shell(&child, "echo $QB_NEW-$QB_OLD-$QB_GONE-$QB_GONER; env | grep -c QB_OLD", &res),
			 0);
	assert_string_equal(res.out.s, "1-2--kept\n1\n");
}

static void output_goes_to_a_file(void **state)
{
	AUTO(err) err = ERR_INIT;
	AUTO_FREE char *dir = fs_temp_dir("/tmp/qbisect-test-", &err), *path = path_join(dir, "log");
	struct child child = { .output = path };
	AUTO(child_result) res = CHILD_RESULT_INIT;
	AUTO(buf) text = BUF_INIT;

	(void)state;
	assert_int_equal(shell(&child, "echo first; exit 1", &res), 0);
	assert_int_equal(shell(&child, "echo out; echo err >&2; exit 3", &res), 0);
	assert_int_equal(res.status, 3);
	assert_int_equal(res.out.len + res.err.len, 0);
	assert_int_equal(fs_read(path, 100, &text, &err), 0);
	assert_string_equal(text.s, "out\nerr\n");
	child.output = "/nonexistent/log";
	child.argv = (const char *const[]){ "true", NULL };
	assert_int_equal(child_run(&child, &res, &err), -1);
	assert_non_null(strstr(err.text, "/nonexistent/log"));
	fs_remove_tree(dir, &err);
}

static void is_asked_before_it_is_killed(void **state)
{
	struct child child = { .timeout_ms = 300, .grace_ms = 5000 };
	AUTO(child_result) res = CHILD_RESULT_INIT;

	(void)state;
	assert_int_equal(shell(&child, "trap 'exit 7' TERM; while :; do sleep 0.05; done", &res), 0);
	assert_true(res.timed_out);
	assert_int_equal(res.status, 7);
	child.grace_ms = 200;
	assert_int_equal(shell(&child, "trap '' TERM; while :; do sleep 0.05; done", &res), 0);
	assert_int_equal(res.status, 128 + SIGKILL);
}

static int run_long(void *arg)
{
	struct child child = { .timeout_ms = 20000, .grace_ms = 1000 };
	AUTO(child_result) res = CHILD_RESULT_INIT;

	(void)arg;
	kill(getppid(), SIGTERM); /* the supervisor passes it on */
	return shell(&child, "sleep 20", &res) < 0 ? 130 : 0;
}

static void interruption_reaches_it(void **state)
{
	int64_t start = clock_ms();

	(void)state;
	assert_int_equal(supervise(run_long, NULL), 130);
	assert_true(clock_ms() - start < 10000);
}

/* The end of a cluster's job: the child has its signal first. */
static int run_first(void *arg)
{
	struct child child = { .timeout_ms = 20000 };
	AUTO_FREE char *script = xasprintf(
	    "setsid sh -c 'sleep 0.3; kill -TERM %d' >/dev/null 2>&1 & kill -TERM $$", (int)getppid());
	AUTO(child_result) res = CHILD_RESULT_INIT;

	(void)arg;
	return shell(&child, script, &res) < 0 ? 130 : 0;
}

static void a_signal_to_all_is_no_failure_of_it(void **state)
{
	(void)state;
	assert_int_equal(supervise(run_first, NULL), 130);
}

/* What a killed make leaves running must be waited for. */
static void keeps_a_lock_as_long_as_what_it_started_lives(void **state)
{
	AUTO(err) err = ERR_INIT;
	AUTO_FREE char *dir = fs_temp_dir("/tmp/qbisect-test-", &err), *path = path_join(dir, "lock"),
		       *left = path_join(dir, "left");
	int fd = fs_lock(path, &err), again = open(path, O_RDWR | O_CLOEXEC);
	struct child child = { .dir = dir, .keep_fd = fd };
	AUTO(child_result) res = CHILD_RESULT_INIT;

	(void)state;
	assert_int_equal(
	    shell(&child,
		  "setsid sh -c 'touch left; for i in $(seq 1000); do [ ! -e left ] || sleep 0.01; done' "
		  ">/dev/null 2>&1 </dev/null & until [ -e left ]; do sleep 0.01; done",
		  &res),
	    0);
	close(fd);
	assert_int_equal(flock(again, LOCK_EX | LOCK_NB), -1);
	assert_int_equal(unlink(left), 0);
	assert_int_equal(flock(again, LOCK_EX), 0);
	close(again);
	fs_remove_tree(dir, &err);
}

/* Nobody but its own group is left to do that. */
static void ends_with_us_and_so_does_what_it_started(void **state)
{
	AUTO(err) err = ERR_INIT;
	AUTO_FREE char *dir = fs_temp_dir("/tmp/qbisect-test-", &err), *path = path_join(dir, "lock"),
		       *begun = path_join(dir, "begun");
	AUTO_FREE char *command = xasprintf("sleep 60 >/dev/null 2>&1 & touch %s; wait", begun);
	int fd = fs_lock(path, &err), again = open(path, O_RDWR | O_CLOEXEC);
	struct child child = { .keep_fd = fd };
	int64_t deadline = clock_ms() + 20000;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		AUTO(child_result) res = CHILD_RESULT_INIT;

		_exit(shell(&child, command, &res));
	}
	close(fd);
	while (!fs_exists(begun) && clock_left(deadline))
		clock_sleep(10);
	assert_true(fs_exists(begun));
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	for (deadline = clock_ms() + 2000; flock(again, LOCK_EX | LOCK_NB) < 0 && clock_left(deadline);)
		clock_sleep(10);
	assert_int_equal(flock(again, LOCK_EX | LOCK_NB), 0);
	close(again);
	fs_remove_tree(dir, &err);
}

/* A make that is asked to end just as its last recipe does would wait for it for ever. */
static void has_no_child_that_it_did_not_start(void **state)
{
	AUTO(err) err = ERR_INIT;
	AUTO_FREE char *dir = fs_temp_dir("/tmp/qbisect-test-", &err), *path = path_join(dir, "lock");
	int fd = fs_lock(path, &err);
	struct child child = { .keep_fd = fd };
	AUTO(child_result) res = CHILD_RESULT_INIT;

	(void)state;
	assert_int_equal(shell(&child, "exec perl -e 'alarm 5; print wait'", &res), 0);
	assert_string_equal(res.out.s, "-1");
	close(fd);
	fs_remove_tree(dir, &err);
}

static void has_the_memory_that_it_may_have(void **state)
{
	struct child child = { .memory = 64 << 20 };
	AUTO(child_result) res = CHILD_RESULT_INIT;

	(void)state;
	assert_int_equal(shell(&child, "ulimit -v", &res), 0);
	assert_string_equal(res.out.s, "65536\n");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_in_path_and_sbin),
		cmocka_unit_test(sbin_is_searched_without_being_in_path),
		cmocka_unit_test(missing_program_is_127_and_never_the_working_folder),
		cmocka_unit_test(deadline_ends_it),
		cmocka_unit_test(variables_are_set_replaced_and_taken_away),
		cmocka_unit_test(output_goes_to_a_file),
		cmocka_unit_test(is_asked_before_it_is_killed),
		cmocka_unit_test(interruption_reaches_it),
		cmocka_unit_test(a_signal_to_all_is_no_failure_of_it),
		cmocka_unit_test(has_the_memory_that_it_may_have),
		cmocka_unit_test(keeps_a_lock_as_long_as_what_it_started_lives),
		cmocka_unit_test(ends_with_us_and_so_does_what_it_started),
		cmocka_unit_test(has_no_child_that_it_did_not_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
