#include "base/progress.h"

#include <pthread.h>
#include <sys/ioctl.h>

#include "base/utf8.h"

#define LINE_MAX_BYTES 4096

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool quiet, live;

static bool on_terminal(void)
{
	return isatty(STDERR_FILENO);
}

static int columns(void)
{
	struct winsize size;

	return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 10 ? size.ws_col : 80;
}

static void clear_locked(void)
{
	if (live)
		fputs("\r\033[K", stderr);
	live = false;
}

void progress_quiet(void)
{
	quiet = true;
}

void progress_clear(void)
{
	pthread_mutex_lock(&lock);
	clear_locked();
	pthread_mutex_unlock(&lock);
}

void progress_step(const char *fmt, ...)
{
	AUTO(buf) text = BUF_INIT, line = BUF_INIT;
	va_list ap;

	if (quiet)
		return;
	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	utf8_add_escaped(&line, text.s, text.len, LINE_MAX_BYTES);
	pthread_mutex_lock(&lock);
	clear_locked();
	fprintf(stderr, "%s\n", line.s);
	pthread_mutex_unlock(&lock);
}

void progress_live(const char *fmt, ...)
{
	AUTO(buf) text = BUF_INIT, line = BUF_INIT;
	va_list ap;

	if (quiet || !on_terminal())
		return;
	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	utf8_add_escaped(&line, text.s, text.len, LINE_MAX_BYTES);
	pthread_mutex_lock(&lock);
	clear_locked();
	fprintf(stderr, "%.*s", columns() - 1, line.s);
	fflush(stderr);
	live = true;
	pthread_mutex_unlock(&lock);
}
