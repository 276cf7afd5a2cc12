#include "base/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/supervisor.h"

#define NOT_STARTED    126 /* as the shell says it */
#define TICK_MS	       200
#define STOP_TICK_MS   10
#define OUTPUT_TICK_MS 50 /* there is no stream that would wake us at the child's end */

struct pipes {
	int out[2], err[2];
	int alive[2]; /* nothing is ever written: it closes when we end */
	int go[2];    /* a byte, when somebody watches */
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void close_pipes(struct pipes *p)
{
	close_fd(&p->out[0]);
	close_fd(&p->out[1]);
	close_fd(&p->err[0]);
	close_fd(&p->err[1]);
	close_fd(&p->alive[0]);
	close_fd(&p->alive[1]);
	close_fd(&p->go[0]);
	close_fd(&p->go[1]);
}
AUTO_DEFINE(pipes, struct pipes, close_pipes);

/* Never above what we have ourselves. */
static int limit_memory(size_t bytes)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_AS, &limit) < 0)
		return -1;
	if (limit.rlim_cur <= bytes)
		return 0;
	limit.rlim_cur = limit.rlim_max = bytes;
	return setrlimit(RLIMIT_AS, &limit);
}

/* In the child: whether we may begin; not when our parent is gone. */
static bool is_watched(struct pipes *p)
{
	ssize_t n;
	char c;

	close_fd(&p->go[1]);
	while ((n = read(p->go[0], &c, 1)) < 0 && errno == EINTR)
		;
	return n == 1;
}

/* Runs in the child between fork and exec: only async-signal-safe calls. */
static void become(const struct child *child, const char *program, struct pipes *p, pid_t parent,
		   char *const *env)
{
	int in = open(child->input ? child->input : "/dev/null", O_RDONLY);
	sigset_t none;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(NOT_STARTED);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (in < 0 || dup2(in, 0) < 0 || dup2(p->out[1], 1) < 0 || dup2(p->err[1], 2) < 0)
		_exit(NOT_STARTED);
	if (child->dir && chdir(child->dir) < 0)
		_exit(NOT_STARTED);
	if (child->memory && limit_memory(child->memory) < 0)
		_exit(NOT_STARTED);
	if (child->keep_fd && (!is_watched(p) || fcntl(child->keep_fd, F_SETFD, 0) < 0))
		_exit(NOT_STARTED);
	if (program)
		execve(program, (char *const *)child->argv, env);
	_exit(!program || errno == ENOENT ? 127 : NOT_STARTED);
}

/* Whether "NAME=value" or "NAME" stands in `list` for the variable that `entry` sets. */
static bool is_replaced(const char *entry, const char *const *list)
{
	size_t n = strcspn(entry, "=");

	for (; list && *list; list++)
		if (strncmp(entry, *list, n) == 0 && ((*list)[n] == '=' || (*list)[n] == '\0'))
			return true;
	return false;
}

static char **environment_with(const char *const *changes)
{
	char **env = NULL;
	size_t n = 0, cap = 0;

	for (size_t i = 0; changes && changes[i]; i++) {
		GROW(env, n, cap);
		if (strchr(changes[i], '='))
			env[n++] = (char *)changes[i];
	}
	for (size_t i = 0; environ[i]; i++) {
		GROW(env, n, cap);
		if (!is_replaced(environ[i], changes))
			env[n++] = environ[i];
	}
	GROW(env, n, cap);
	env[n] = NULL;
	return env;
}

char *child_program(const char *name)
{
	const char *path = getenv("PATH");
	AUTO_FREE char *folders =
	    xasprintf("%s:/usr/local/sbin:/usr/sbin:/sbin", path ? path : "/usr/local/bin:/usr/bin:/bin");
	char *rest = folders, *folder;

	if (strchr(name, '/'))
		return access(name, X_OK) == 0 ? xstrdup(name) : NULL;
	while ((folder = strsep(&rest, ":"))) {
		AUTO_FREE char *program = path_join(*folder ? folder : ".", name);

		if (access(program, X_OK) == 0 && !fs_is_dir(program))
			return steal_pointer(&program);
	}
	return NULL;
}

/* The ends that the child writes to; with a file for its output there is none that we read. */
static int open_streams(const struct child *child, struct pipes *p, struct err *err)
{
	if (child->output) {
		p->out[1] = open(child->output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
		p->err[1] = p->out[1] < 0 ? -1 : fcntl(p->out[1], F_DUPFD_CLOEXEC, 0);
		if (p->err[1] < 0)
			return err_errno(err, ERR_HOST, "cannot write %s", child->output);
	} else if (pipe2(p->out, O_CLOEXEC) < 0 || pipe2(p->err, O_CLOEXEC) < 0) {
		return err_errno(err, ERR_HOST, "cannot make a pipe for %s", child->argv[0]);
	}
	return 0;
}

/*
 * When we are killed the child dies, and what it has started does not: a make's compilers. So one more process is in its
 * group, which sees the pipe close, however we end, and then ends the group. It is our child and not the child's: a make
 * that is asked to end may wait for all that it has. -1: there is none, as it cannot be had.
 */
static pid_t watch_over_group(pid_t group, int alive)
{
	pid_t watcher = _Fork();
	sigset_t all;
	char c;

	if (watcher != 0)
		return watcher;
	if (setpgid(0, group) < 0 && getpgrp() != group)
		_exit(0);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	if (dup2(alive, 0) < 0 || close_range(1, ~0U, 0) < 0)
		_exit(0);
	while (read(0, &c, 1) < 0)
		;
	kill(0, SIGKILL);
	_exit(0);
}

static int start(const struct child *child, struct pipes *p, pid_t *pid, pid_t *watcher, struct err *err)
{
	AUTO_FREE char **env = environment_with(child->env);
	AUTO_FREE char *program = child_program(child->argv[0]);
	pid_t self = getpid();

	if (open_streams(child, p, err) < 0)
		return -1;
	if (child->keep_fd && (pipe2(p->alive, O_CLOEXEC) < 0 || pipe2(p->go, O_CLOEXEC) < 0))
		return err_errno(err, ERR_HOST, "cannot make a pipe for %s", child->argv[0]);
	*pid = fork();
	if (*pid < 0)
		return err_errno(err, ERR_HOST, "cannot start %s", child->argv[0]);
	if (*pid == 0)
		become(child, program, p, self, env);
	setpgid(*pid, *pid);
	if (child->keep_fd) {
		*watcher = watch_over_group(*pid, p->alive[0]);
		if (*watcher > 0)
			setpgid(*watcher, *pid);
		while (write(p->go[1], "", 1) < 0 && errno == EINTR)
			;
	}
	close_fd(&p->out[1]);
	close_fd(&p->err[1]);
	close_fd(&p->alive[0]);
	close_fd(&p->go[0]);
	close_fd(&p->go[1]);
	return 0;
}

/* Takes what is there; closes the descriptor at its end. */
static void drain(int *fd, struct buf *into, size_t limit)
{
	char chunk[16384];
	ssize_t n = read(*fd, chunk, sizeof(chunk));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		close_fd(fd);
		return;
	}
	if (into->len < limit)
		buf_add(into, chunk, into->len + (size_t)n > limit ? limit - into->len : (size_t)n);
}

/* Reads both streams until the child has ended, the deadline is there, or we are interrupted. Returns true
 * when the child has ended. */
static bool follow(const struct child *child, struct pipes *p, pid_t pid, struct child_result *res,
		   int *status)
{
	size_t limit = child->output_limit ? child->output_limit : 1 << 20;
	int64_t deadline = clock_ms() + child->timeout_ms;
	bool ended = false;

	while (!ended || p->out[0] >= 0 || p->err[0] >= 0) {
		struct pollfd fds[2] = { { p->out[0], POLLIN, 0 }, { p->err[0], POLLIN, 0 } };
		int64_t left = clock_left(deadline);

		/* A grandchild that keeps the pipes open must not keep us: the child's end is the end. */
		poll(fds, 2,
		     ended			      ? 0
		     : child->output		      ? OUTPUT_TICK_MS
		     : p->out[0] < 0 && p->err[0] < 0 ? 5
		     : left < TICK_MS		      ? (int)left
						      : TICK_MS);
		if (fds[0].revents)
			drain(&p->out[0], &res->out, limit);
		if (fds[1].revents)
			drain(&p->err[0], &res->err, limit);
		if (ended && !fds[0].revents && !fds[1].revents)
			break;
		if (!ended && waitpid(pid, status, WNOHANG) == pid)
			ended = true;
		if (!ended && (left == 0 || (child->grace_ms && supervise_interrupted())))
			return false;
		if (child->tick)
			child->tick(child->tick_arg);
	}
	return true;
}

static void reap(pid_t pid, int *status)
{
	while (waitpid(pid, status, 0) < 0 && errno == EINTR)
		;
}

/* Ends a child that has not ended by itself, and reaps it. */
static void stop(const struct child *child, pid_t pid, int *status)
{
	int64_t deadline = clock_ms() + child->grace_ms;

	if (child->grace_ms)
		kill(-pid, SIGTERM);
	while (clock_left(deadline)) {
		if (waitpid(pid, status, WNOHANG) == pid)
			return;
		clock_sleep(STOP_TICK_MS);
	}
	kill(-pid, SIGKILL);
	reap(pid, status);
}

/* Whether it died of the signal that ends the whole job, us too. */
static bool is_called_off(int status)
{
	int sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

	return (sig == SIGTERM || sig == SIGINT || sig == SIGHUP || sig == SIGQUIT) && supervise_called_off();
}

int child_run(const struct child *child, struct child_result *res, struct err *err)
{
	AUTO(pipes) p = { { -1, -1 }, { -1, -1 }, { -1, -1 }, { -1, -1 } };
	bool ended, interrupted;
	int status = 0;
	pid_t pid = -1, watcher = -1;

	buf_reset(&res->out);
	buf_reset(&res->err);
	if (start(child, &p, &pid, &watcher, err) < 0)
		return -1;
	ended = follow(child, &p, pid, res, &status);
	interrupted = !ended && child->grace_ms && supervise_interrupted();
	if (ended)
		interrupted = is_called_off(status);
	else
		stop(child, pid, &status);
	kill(-pid, SIGKILL);
	if (watcher > 0) {
		kill(watcher, SIGKILL);
		reap(watcher, NULL);
	}
	res->timed_out = !ended && !interrupted;
	res->killed = !WIFEXITED(status);
	res->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	if (interrupted)
		return err_set(err, ERR_INTERRUPTED, "interrupted: %s was stopped", child->argv[0]);
	return 0;
}

/* The last `want` lines of a text, without a newline at the end. */
static const char *last_lines(struct buf *text, int want)
{
	while (text->len && text->s[text->len - 1] == '\n')
		text->s[--text->len] = '\0';
	for (size_t i = text->len; i > 0; i--)
		if (text->s[i - 1] == '\n' && --want == 0)
			return text->s + i;
	return text->s;
}

int child_check(const struct child *child, struct child_result *res, const char *package, struct err *err)
{
	const char *name = child->argv[0];

	if (res->status == 127)
		return err_set(err, ERR_HOST, "%s is not installed: run 'apt-get install %s' or 'make deps'",
			       name, package ? package : name);
	if (res->status == NOT_STARTED)
		return err_set(err, ERR_HOST,
			       "%s cannot be started: is it a program, and has the system memory and "
			       "descriptors left?",
			       name);
	if (res->timed_out)
		return err_set(err, ERR_HOST, "%s did not end within %lld s and was stopped", name,
			       (long long)(child->timeout_ms / 1000));
	if (res->status != 0)
		return err_set(err, ERR_HOST, "%s failed with status %d: %s", name, res->status,
			       last_lines(&res->err, 5));
	return 0;
}

int child_answered(const struct child *child, struct child_result *res, const char *package, struct err *err)
{
	return res->status == 127 || res->status == NOT_STARTED || res->timed_out || res->killed
		   ? child_check(child, res, package, err)
		   : 0;
}

int child_must(const struct child *child, const char *package, struct buf *out, struct err *err)
{
	AUTO(child_result) res = CHILD_RESULT_INIT;

	if (child_run(child, &res, err) < 0 || child_check(child, &res, package, err) < 0)
		return -1;
	if (out) {
		buf_release(out);
		*out = res.out;
		res.out = (struct buf)BUF_INIT;
	}
	return 0;
}

void child_result_release(struct child_result *res)
{
	buf_release(&res->out);
	buf_release(&res->err);
}
