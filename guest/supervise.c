#include "supervise.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "aiocp.h"
#include "emit.h"
#include "exec.h"
#include "probe.h"
#include "stress.h"

#define KILL_MS 2000 /* for the scenario to be gone after SIGKILL */

struct supervisor {
	const struct plan *plan;
	pid_t pid;
	bool gone; /* reaped, and this is its wait status */
	bool broken;
	int status;
	int fd;				    /* where the scenario's lines come from */
	uint64_t deadline, heartbeat, last; /* ms: limit, next heartbeat, end of the last iteration */
	uint64_t done, failed;
	size_t len;
	char line[PROTO_LINE_MAX + 1];
};

static void run_iteration(const struct plan *plan, uint64_t i, struct outcome *outcome)
{
	uint64_t began = boot_ms();

	switch ((enum workload)plan->workload) {
	case WORKLOAD_AIOCP:
		aiocp_iteration(plan, i, outcome);
		break;
	case WORKLOAD_EXEC:
		exec_iteration(plan, outcome);
		break;
	case WORKLOAD_PROBE:
		probe_iteration(plan, i, outcome);
		break;
	default:
		stress_iteration(plan, i, outcome);
	}
	outcome_number(outcome, GUEST_DETAIL_MS, boot_ms() - began);
	emit_iteration(i, plan_workload(plan), outcome);
}

/* Why the scenario makes no sense here, or NULL. */
static const char *unfit_here(const struct plan *plan, uint64_t logical_block)
{
	switch ((enum workload)plan->workload) {
	case WORKLOAD_AIOCP:
		return aiocp_unfit(plan, logical_block);
	case WORKLOAD_EXEC:
		return NULL;
	case WORKLOAD_PROBE:
		return probe_unfit(plan, logical_block);
	default:
		return stress_unfit(plan, logical_block);
	}
}

/* The scenario's own process. */
static void run_scenario(const struct plan *plan, uint64_t logical_block)
{
	const char *unfit = unfit_here(plan, logical_block);
	uint64_t end = boot_ms() + plan->seconds * 1000;

	if (unfit) {
		emit_skip("%s", unfit);
		return;
	}
	for (uint64_t i = 1; plan->iterations ? i <= plan->iterations : i == 1 || boot_ms() < end; i++) {
		struct outcome outcome = { 0 };

		run_iteration(plan, i, &outcome);
		if (outcome.skip) {
			emit_skip("the program says that it cannot run here");
			return;
		}
	}
}

static void end_scenario(void)
{
	_exit(1);
}

static void start_scenario(struct supervisor *s, uint64_t logical_block)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		broken(errno, "pipe");
	s->pid = fork();
	if (s->pid < 0)
		broken(errno, "fork");
	if (s->pid == 0) {
		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		broken_ends_with(end_scenario);
		emit_to(fds[1], "");
		run_scenario(s->plan, logical_block);
		_exit(0);
	}
	setpgid(s->pid, s->pid);
	close(fds[1]);
	s->fd = fds[0];
}

static void take_line(struct supervisor *s)
{
	bool failed = strncmp(s->line, "not ok ", 7) == 0;

	s->line[s->len] = '\0';
	s->len = 0;
	if (failed || strncmp(s->line, "ok ", 3) == 0) {
		s->done++;
		s->failed += failed;
		s->last = boot_ms();
	}
	if (strncmp(s->line, "# broken ", 9) == 0) {
		s->broken = true;
		emit_broken_line(s->line);
	} else if (!s->broken) {
		emit_raw(s->line);
	}
}

/* Reads once. False at the end of the scenario's stream. */
static bool take_lines(struct supervisor *s)
{
	char data[4096];
	ssize_t n = read(s->fd, data, sizeof(data));

	for (ssize_t i = 0; i < n; i++) {
		if (data[i] == '\n')
			take_line(s);
		else if (s->len < PROTO_LINE_MAX)
			s->line[s->len++] = data[i];
	}
	return n > 0 || (n < 0 && errno == EINTR);
}

/* Reaps the scenario, and whatever orphans came to PID 1. */
static void reap(struct supervisor *s)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != s->pid)
			continue;
		s->gone = true;
		s->status = status;
	}
}

/* Waits until the scenario says something, is at its end, or the next heartbeat or the deadline is due. */
static bool is_running(struct supervisor *s)
{
	struct pollfd pfd = { .fd = s->fd, .events = POLLIN };
	uint64_t now = boot_ms();
	uint64_t due = s->heartbeat < s->deadline ? s->heartbeat : s->deadline;

	if (poll(&pfd, 1, due > now ? (int)(due - now) : 0) > 0 && !take_lines(s))
		return false;
	if (boot_ms() >= s->heartbeat) {
		emit_heartbeat();
		s->heartbeat = boot_ms() + PROTO_HEARTBEAT_MS;
	}
	reap(s);
	return true;
}

/* Ends the scenario's processes, and takes what they still said. */
static void kill_scenario(struct supervisor *s)
{
	struct pollfd pfd = { .fd = s->fd, .events = POLLIN };

	kill(-s->pid, SIGKILL);
	while (poll(&pfd, 1, 0) > 0 && take_lines(s))
		;
}

/* Says which iteration the limit cut off. */
static void tell_limit(struct supervisor *s)
{
	struct outcome outcome = { 0 };

	outcome_fail(&outcome, GUEST_KIND_TIMELIMIT, 0, NULL);
	outcome_number(&outcome, GUEST_DETAIL_MS, boot_ms() - s->last);
	emit_iteration(++s->done, plan_workload(s->plan), &outcome);
	s->failed++;
}

/* Gives a process that was killed, or that closed its stream, the time to be gone. */
static void wait_gone(struct supervisor *s)
{
	uint64_t until = boot_ms() + KILL_MS;

	for (reap(s); !s->gone && boot_ms() < until; reap(s))
		poll(NULL, 0, 5);
}

/* The last line of a scenario that did not say itself that it broke. */
static void tell_end(struct supervisor *s, bool late)
{
	bool all_done = s->plan->iterations && s->done == s->plan->iterations;

	s->broken = late ? all_done : s->gone && WIFSIGNALED(s->status);
	if (late && !all_done)
		tell_limit(s);
	if (!s->broken)
		emit_end(s->done, s->failed);
	else if (late)
		emit_broken(ETIMEDOUT, "the scenario was done, its process did not end");
	else
		emit_broken(0, "the scenario's process died of signal %d", WTERMSIG(s->status));
}

/* Until the scenario's stream ends, it broke, or its time is over: then true. */
static bool watch(struct supervisor *s)
{
	bool running = true, late = false;

	while (running && !late && !s->broken) {
		running = is_running(s);
		late = running && boot_ms() >= s->deadline;
	}
	return late && !s->broken;
}

enum scenario_end supervise(const struct plan *plan, uint64_t logical_block)
{
	uint64_t now = boot_ms();
	struct supervisor s = { .plan = plan, .last = now };
	bool late;

	s.deadline = now + plan->timelimit * 1000;
	s.heartbeat = now + PROTO_HEARTBEAT_MS;
	emit_start();
	start_scenario(&s, logical_block);
	late = watch(&s);
	if (late || s.broken)
		kill_scenario(&s);
	wait_gone(&s);
	if (!s.broken)
		tell_end(&s, late);
	close(s.fd);
	if (!s.gone)
		return SCENARIO_HANGS;
	return s.broken ? SCENARIO_BROKEN : SCENARIO_ENDED;
}
