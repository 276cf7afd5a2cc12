#include "guest/process.h"

#include <fcntl.h>

#include "base/fs.h"

/* The beginning of /proc/PID/FILE as a text: its length, or -1. */
static ssize_t read_start(const char *pid, const char *file, char *text, size_t size)
{
	AUTO_FREE char *path = xasprintf("/proc/%s/%s", pid, file);
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

	text[n > 0 ? n : 0] = '\0';
	return n;
}

static bool is_stopped(const char *pid)
{
	char text[512]; /* "PID (NAME) STATE ..." */
	const char *end = read_start(pid, "stat", text, sizeof(text)) > 0 ? strrchr(text, ')') : NULL;

	return end && str_starts(end, ") T");
}

static bool is_qemu_of(const char *pid, const char *name)
{
	AUTO_FREE char *word = xasprintf("guest=%s,", name);
	char text[4096]; /* it is one of the first words */
	ssize_t n = read_start(pid, "cmdline", text, sizeof(text));

	return n > 0 && memmem(text, (size_t)n, word, strlen(word));
}

bool process_is_frozen(const char *name)
{
	AUTO(strv) pids = STRV_INIT;
	AUTO(err) unknown = ERR_INIT;

	if (fs_list("/proc", &pids, &unknown) < 0)
		return false;
	/* The command line is read of stopped ones alone: one that hangs in the kernel can let its reader hang. */
	for (size_t i = 0; i < pids.n; i++)
		if (is_stopped(pids.v[i]) && is_qemu_of(pids.v[i], name))
			return true;
	return false;
}
