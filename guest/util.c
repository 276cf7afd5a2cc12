#include "util.h"

#include <fcntl.h>
#include <time.h>

#include "emit.h"

uint64_t boot_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

int read_text(const char *path, char *text, size_t size)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;
	size_t len = 0;

	if (fd < 0)
		return -1;
	while ((n = read(fd, text + len, size - 1 - len)) > 0)
		len += (size_t)n;
	if (n < 0)
		return -1;
	if (len && text[len - 1] == '\n')
		len--;
	text[len] = '\0';
	return 0;
}

void *must_calloc(size_t n, size_t size)
{
	void *p = calloc(n, size);

	if (!p)
		broken(ENOMEM, "%zu times %zu bytes", n, size);
	return p;
}

const char *errno_name(int error)
{
	static char number[16];
	const char *name = strerrorname_np(error);

	snprintf(number, sizeof(number), "%d", error);
	return name ? name : number;
}
