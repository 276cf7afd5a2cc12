#include "kernel/download.h"

#include <signal.h>
#include <sys/stat.h>

#include "base/child.h"
#include "base/fs.h"
#include "base/progress.h"

#define TIMEOUT_MS    3600000
#define CURL_HTTP     22 /* exit status: the server answered with 400 or more */
#define CURL_NO_FILE  37 /* of a file: URL */
#define CURL_WRITE    23
#define CURL_TOO_LONG 63

/* -q: without the user's own settings, which may change what is written where. */
#define CURL_OPTIONS                                                                                         \
	"-q", "--silent", "--show-error", "--fail", "--location", "--max-redirs", "5", "--globoff",          \
	    "--proto", "=http,https,file", "--proto-redir", "=http,https", "--connect-timeout", "30",        \
	    "--speed-limit", "1000", "--speed-time", "30", "--retry", "2", "--write-out", "%{http_code}"

static void show_progress(void *arg)
{
	const struct download *d = arg;
	struct stat st;

	if (stat(d->path, &st) < 0)
		return;
	if (d->size)
		progress_live("downloading %s: %.1f of %.1f MB", d->what, (double)st.st_size / 1e6,
			      (double)d->size / 1e6);
	else
		progress_live("downloading %s: %.1f MB", d->what, (double)st.st_size / 1e6);
}

/* The last line of what curl said, without its own name and number. */
static const char *last_words(struct buf *text)
{
	const char *line, *end;

	while (text->len && text->s[text->len - 1] == '\n')
		text->s[--text->len] = '\0';
	line = strrchr(text->s, '\n');
	line = line ? line + 1 : text->s;
	end = str_starts(line, "curl: (") ? strstr(line, ") ") : NULL;
	return end ? end + 2 : line;
}

static bool is_missing(const struct child_result *res)
{
	return res->status == CURL_NO_FILE ||
	       (res->status == CURL_HTTP && (str_eq(res->out.s, "404") || str_eq(res->out.s, "410")));
}

/* What curl's end means. */
static int judge(const struct download *d, const struct child *child, struct child_result *res,
		 struct err *err)
{
	if (res->status == 0)
		return 0;
	if (is_missing(res))
		return 1;
	if (res->status == 127) /* prlimit is where Debian is */
		return err_set(err, ERR_HOST,
			       "curl is not installed: run 'apt-get install curl' or 'make deps'");
	if (res->timed_out)
		return child_check(child, res, "curl", err);
	if (res->status == 128 + SIGXFSZ || res->status == CURL_TOO_LONG)
		return err_set(err, ERR_HOST,
			       "%s: the server sends more than the %llu bytes that it may have: try "
			       "again later, or another mirror",
			       d->what, (unsigned long long)d->limit);
	if (res->status == CURL_WRITE)
		return err_set(err, ERR_HOST, "cannot write %s: is the disk full?", d->path);
	return err_set(err, ERR_HOST, "cannot download %s: %s: try again later, or another mirror", d->what,
		       last_words(&res->err));
}

static int run_curl(const struct download *d, struct child_result *res, struct err *err)
{
	AUTO_FREE char *limit = xasprintf("--fsize=%llu", (unsigned long long)d->limit);
	/* prlimit: curl itself does not count what comes without its length in front */
	const char *argv[] = { "prlimit", limit,   "curl", CURL_OPTIONS, "--output",
			       d->path,	  "--url", d->url, NULL };
	static const char *const env[] = { "LC_ALL=C", NULL };
	struct child child = { .argv = argv,
			       .env = env,
			       .timeout_ms = TIMEOUT_MS,
			       .tick = show_progress,
			       .tick_arg = (void *)d };

	return child_run(&child, res, err) < 0 ? -1 : judge(d, &child, res, err);
}

int download(const struct download *d, struct err *err)
{
	AUTO(child_result) res = CHILD_RESULT_INIT;
	int status;

	unlink(d->path);
	status = run_curl(d, &res, err);
	if (status != 0)
		unlink(d->path);
	return status;
}
