/* A worker's end, whatever way, and what it leaves behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/leftover.h"
#include "base/supervisor.h"

static pid_t *daemon_pid; /* shared with the worker */

static int give_status(void *arg)
{
	return *(int *)arg;
}

/* A grandchild that loses its parent and ignores polite signals, as a guest might. */
static void leave_daemon(void)
{
	pid_t child = fork();

	if (child == 0) {
		pid_t grandchild = fork();

		if (grandchild == 0) {
			signal(SIGTERM, SIG_IGN);
			setsid();
			*daemon_pid = getpid();
			for (;;)
				pause();
		}
		while (!*(volatile pid_t *)daemon_pid)
			usleep(1000);
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

static int leave_and_die(void *arg)
{
	(void)arg;
	leave_daemon();
	kill(getpid(), SIGKILL);
	return 0;
}

static int leave_and_return(void *arg)
{
	(void)arg;
	leave_daemon();
	return 7;
}

static int wait_for_interrupt(void *arg)
{
	int64_t deadline = clock_ms() + 5000;

	(void)arg;
	kill(getppid(), SIGINT);
	while (!supervise_interrupted() && clock_left(deadline))
		usleep(1000);
	return supervise_interrupted() ? 130 : 1;
}

static void test_status(void **state)
{
	int status = 125;

	(void)state;
	assert_int_equal(supervise(give_status, &status), 125);
}

static void daemon_is_gone(int (*work)(void *), int status)
{
	int64_t began = clock_ms();

	*daemon_pid = 0;
	assert_int_equal(supervise(work, NULL), status);
	assert_true(*daemon_pid > 0);
	assert_int_equal(kill(*daemon_pid, 0), -1);
	assert_true(clock_ms() - began < 2000);
}

static void test_killed_worker_leaves_nothing(void **state)
{
	(void)state;
	daemon_is_gone(leave_and_die, 128);
}

static void test_ended_worker_leaves_nothing(void **state)
{
	(void)state;
	daemon_is_gone(leave_and_return, 7);
}

static void test_signal_is_passed_on(void **state)
{
	(void)state;
	assert_int_equal(supervise(wait_for_interrupt, NULL), 130);
}

/* Two temporary files, of which one became what it should; a folder. */
static int leave_files_and_die(void *arg)
{
	AUTO_FREE char *part = path_join(arg, "a.part"), *whole = path_join(arg, "whole");
	AUTO_FREE char *stage = path_join(arg, "stage"), *inside = path_join(stage, "b");
	AUTO(err) err = ERR_INIT;
	struct leftover first = leftover_note(part), other = leftover_note(whole);

	leftover_note(stage);
	if (first.slot < 0 || fs_write_atomic(part, "x", 1, &err) < 0 ||
	    fs_write_atomic(whole, "x", 1, &err) < 0 || fs_mkdirs(stage, &err) < 0 ||
	    fs_write_atomic(inside, "x", 1, &err) < 0)
		return 1;
	leftover_forget(&other);
	for (;;)
		kill(getpid(), SIGKILL);
}

static void test_killed_worker_leaves_no_temporary_file(void **state)
{
	AUTO(err) err = ERR_INIT;
	AUTO_FREE char *folder = fs_temp_dir("/tmp/qbisect-test-supervisor-", &err);
	AUTO(strv) names = STRV_INIT;

	(void)state;
	assert_int_equal(supervise(leave_files_and_die, folder), 128);
	assert_int_equal(fs_list(folder, &names, &err), 0);
	assert_int_equal(names.n, 1);
	assert_string_equal(names.v[0], "whole");
	assert_int_equal(fs_remove_tree(folder, &err), 0);
}

static int note_too_many(void *arg)
{
	int noted = 0;

	(void)arg;
	for (int i = 0; i < 1000; i++)
		noted += leftover_note("/nowhere/x").slot >= 0;
	return noted > 10 && noted < 1000 ? 0 : 1;
}

static void test_too_many_are_not_noted(void **state)
{
	(void)state;
	assert_int_equal(supervise(note_too_many, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_killed_worker_leaves_nothing),
		cmocka_unit_test(test_ended_worker_leaves_nothing),
		cmocka_unit_test(test_signal_is_passed_on),
		cmocka_unit_test(test_killed_worker_leaves_no_temporary_file),
		cmocka_unit_test(test_too_many_are_not_noted),
	};

	daemon_pid =
	    mmap(NULL, sizeof(*daemon_pid), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
