#include "exec.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "result.h"

#define TICK_MS 50

/* What the program wrote and was not sent yet: lines, cut where they are too long. */
struct output {
	int fd;
	size_t len;
	char text[256];
	uint64_t dropped;
	struct result result;
};

/* What all iterations have sent: the bound is the trial's. */
static size_t sent;

static void send_line(struct output *o)
{
	result_line(&o->result, o->text, o->len);
	if (sent + o->len + 1 > PROTO_OUTPUT_MAX) {
		o->dropped += o->len + 1;
	} else {
		emit_output(o->text, o->len);
		sent += o->len + 1;
	}
	o->len = 0;
}

static void take_output(struct output *o, const char *data, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (data[i] == '\n') {
			send_line(o);
			continue;
		}
		if (o->len == sizeof(o->text))
			send_line(o);
		o->text[o->len++] = data[i];
	}
}

/* Takes what is there within the time. False: nothing more will come. */
static bool read_output(struct output *o, int timeout_ms)
{
	struct pollfd pfd = { .fd = o->fd, .events = POLLIN };
	char data[4096];
	ssize_t n;

	if (poll(&pfd, 1, timeout_ms) <= 0)
		return true;
	n = read(o->fd, data, sizeof(data));
	if (n > 0)
		take_output(o, data, (size_t)n);
	return n > 0;
}

/* Becomes the program; says errno through `report` when that fails. Runs between fork and exec. */
__attribute__((noreturn)) static void become(const struct plan *plan, int output, int report)
{
	char *argv[PROTO_PLAN_ARGS_MAX + 2] = { (char *)plan->exec };
	char folder[PATH_MAX] = "/";
	int null = open("/dev/null", O_RDONLY);
	int error;

	memcpy(argv + 1, plan->arg, plan->n_args * sizeof(char *));
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_DFL);
	if (!getcwd(folder, sizeof(folder)) || setenv("TMPDIR", folder, 1) < 0 ||
	    setenv("HOME", folder, 1) < 0 ||
	    setenv("PATH", "/bin:/sbin:/usr/bin:/usr/sbin:" PROTO_PLAN_INJECT, 1) < 0 ||
	    dup2(output, 1) < 0 || dup2(output, 2) < 0 || (null >= 0 && dup2(null, 0) < 0))
		_exit(126);
	execv(plan->exec, argv);
	error = errno;
	if (write(report, &error, sizeof(error)) < 0)
		_exit(126);
	_exit(127);
}

/* Starts the program; *output gets the end of a pipe that it writes to. */
static pid_t start(const struct plan *plan, int *output)
{
	int out[2], report[2], error = 0;
	pid_t pid;

	if (pipe2(out, O_CLOEXEC) < 0 || pipe2(report, O_CLOEXEC) < 0)
		broken(errno, "pipe");
	pid = fork();
	if (pid < 0)
		broken(errno, "fork");
	if (pid == 0)
		become(plan, out[1], report[1]);
	close(out[1]);
	close(report[1]);
	if (read(report[0], &error, sizeof(error)) > 0)
		broken(error, "cannot run %s: is it a static program for this architecture?", plan->exec);
	close(report[0]);
	*output = out[0];
	return pid;
}

void exec_iteration(const struct plan *plan, struct outcome *outcome)
{
	struct output o = { .fd = -1 };
	bool open = true;
	int status = 0;
	pid_t pid;

	result_init(&o.result, plan);
	pid = start(plan, &o.fd);
	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (open)
			open = read_output(&o, TICK_MS);
		else
			poll(NULL, 0, TICK_MS);
	}
	kill(-pid, SIGKILL); /* what it left behind */
	while (open && poll(&(struct pollfd){ .fd = o.fd, .events = POLLIN }, 1, 0) > 0)
		open = read_output(&o, 0);
	if (o.len)
		send_line(&o);
	if (o.dropped)
		emit_dropped(o.dropped);
	close(o.fd);
	result_judge(&o.result, status, outcome);
}
