/* A worker's end, whatever way, and what it leaves behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "base/clock.h"
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_killed_worker_leaves_nothing),
		cmocka_unit_test(test_ended_worker_leaves_nothing),
		cmocka_unit_test(test_signal_is_passed_on),
	};

	daemon_pid =
	    mmap(NULL, sizeof(*daemon_pid), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
