#include "base/supervisor.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/leftover.h"

#define END_MS	    10000
#define SIGNAL_MS   1000 /* until all have a signal that is sent to one after the other */
#define SIGNAL_TICK 20

static volatile sig_atomic_t interrupted;

static void on_signal(int sig)
{
	(void)sig;
	interrupted = 1;
}

static _Thread_local const atomic_bool *unwanted;

void supervise_thread(const atomic_bool *flag)
{
	unwanted = flag;
}

bool supervise_unwanted(void)
{
	return unwanted && atomic_load(unwanted);
}

bool supervise_interrupted(void)
{
	return interrupted != 0 || supervise_unwanted();
}

bool supervise_called_off(void)
{
	int64_t deadline = clock_ms() + SIGNAL_MS;

	while (clock_left(deadline) && !supervise_interrupted())
		clock_sleep(SIGNAL_TICK);
	return supervise_interrupted();
}

static int become_worker(int (*work)(void *arg), void *arg, pid_t parent, const sigset_t *old)
{
	struct sigaction sa = { .sa_handler = on_signal };

	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
	sigaction(SIGQUIT, &sa, NULL);
	sigprocmask(SIG_SETMASK, old, NULL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		interrupted = 1;
	return work(arg);
}

/* Kills whatever we have as children now. Returns false when there was nothing to kill. */
static bool kill_children(void)
{
	AUTO_FREE char *path = xasprintf("/proc/self/task/%d/children", (int)getpid());
	AUTO_FCLOSE FILE *file = fopen(path, "re");
	bool any = false;
	char pid[32];

	while (file && fscanf(file, "%31s", pid) == 1) {
		kill((pid_t)strtol(pid, NULL, 10), SIGKILL);
		any = true;
	}
	return any;
}

/* Descendants of the dead reach us one generation after the other. */
static void end_leftovers(void)
{
	int64_t deadline = clock_ms() + END_MS;

	while (kill_children() && clock_left(deadline) > 0) {
		siginfo_t info;
		struct timespec tick = { 0, 5000000 };

		while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG) == 0 && info.si_pid)
			;
		nanosleep(&tick, NULL);
	}
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

/* Reaps until the worker has ended; returns its wait status. */
static int follow(pid_t worker, const sigset_t *signals, bool *asked)
{
	int status, sig;

	for (;;) {
		if (sigwait(signals, &sig) != 0)
			continue;
		if (sig != SIGCHLD) {
			kill(worker, *asked ? SIGKILL : SIGTERM);
			*asked = true;
			continue;
		}
		for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
			if (pid == worker)
				return status;
	}
}

int supervise(int (*work)(void *arg), void *arg)
{
	pid_t self = getpid(), worker;
	sigset_t signals, old;
	bool asked = false;
	int status;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	leftover_share();
	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGQUIT);
	sigprocmask(SIG_BLOCK, &signals, &old);
	fflush(NULL);
	worker = fork();
	if (worker < 0) {
		perror("qbisect: fork");
		return 128;
	}
	if (worker == 0) {
		status = become_worker(work, arg, self, &old);
		fflush(NULL);
		_exit(status);
	}
	status = follow(worker, &signals, &asked);
	end_leftovers();
	leftover_remove();
	sigprocmask(SIG_SETMASK, &old, NULL);
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	if (asked)
		return 130;
	fprintf(stderr, "qbisect: the worker was killed by signal %d; its guests were ended\n",
		WTERMSIG(status));
	return 128;
}
