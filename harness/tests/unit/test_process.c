/* A QEMU that somebody stopped, among all processes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "base/buf.h"
#include "base/clock.h"
#include "guest/process.h"

static bool becomes(const char *name, bool frozen)
{
	int64_t deadline = clock_ms() + 10000;

	while (process_is_frozen(name) != frozen && clock_left(deadline))
		clock_sleep(10);
	return process_is_frozen(name) == frozen;
}

static void frozen(void **state)
{
	AUTO_FREE char *name = xasprintf("qb-test-%d", (int)getpid()), *longer = xasprintf("%s1", name);
	AUTO_FREE char *word = xasprintf("guest=%s,debug-threads=on", name);
	int started[2]; /* it ends when the child has become another program */
	char none;
	pid_t child;

	(void)state;
	assert_int_equal(pipe2(started, O_CLOEXEC), 0);
	child = fork();
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* a stopped one would stay */
		execl("/bin/sleep", word, "60", NULL);
		_exit(127);
	}
	close(started[1]);
	assert_int_equal(read(started[0], &none, 1), 0);
	close(started[0]);
	assert_false(process_is_frozen(name));
	kill(child, SIGSTOP);
	assert_true(becomes(name, true));
	assert_false(process_is_frozen(longer));
	kill(child, SIGCONT);
	assert_true(becomes(name, false));
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	assert_false(process_is_frozen(name));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(frozen) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
