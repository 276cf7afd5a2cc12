#include "cmd.h"

#include "base/progress.h"
#include "base/supervisor.h"
#include "base/utf8.h"
#include "config/environment.h"

#define ERROR_LINE_MAX 4096

struct opts_common cmd_common;

int cmd_fail(const struct err *err)
{
	AUTO(buf) line = BUF_INIT;

	/* It may quote a file, a package or a program that nobody vouches for. */
	utf8_add_escaped(&line, err->text, strlen(err->text), ERROR_LINE_MAX);
	progress_clear();
	fprintf(stderr, "qbisect: %s\n", line.s);
	return err_exit_code(err->kind);
}

void cmd_keys_help(struct buf *out)
{
	buf_adds(out, "\nKeys of --set and of \"environment\" in a campaign's file:\n\n");
	environment_help(out);
}

const char *cmd_runtime(const char *line, const char *file)
{
	const char *wanted = line ? line : file;

	return wanted && !str_eq(wanted, "local") ? wanted : "";
}

int cmd_flush(int status)
{
	if (fflush(stdout) != EOF && !ferror(stdout))
		return status;
	fprintf(stderr, "qbisect: cannot write to stdout: %s\n", strerror(errno));
	return 128;
}

struct supervised {
	int (*work)(void *arg, struct err *err);
	void *arg;
};

static int work_and_report(void *arg)
{
	const struct supervised *s = arg;
	AUTO(err) err = ERR_INIT;
	int status = s->work(s->arg, &err);

	return cmd_flush(status < 0 ? cmd_fail(&err) : status);
}

int cmd_supervise(int (*work)(void *arg, struct err *err), void *arg)
{
	struct supervised s = { work, arg };

	return supervise(work_and_report, &s);
}
