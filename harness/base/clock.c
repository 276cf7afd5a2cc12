#include "base/clock.h"

#include <errno.h>

int64_t clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t clock_left(int64_t deadline_ms)
{
	int64_t left = deadline_ms - clock_ms();

	return left > 0 ? left : 0;
}

void clock_sleep(int64_t ms)
{
	struct timespec left = { ms / 1000, ms % 1000 * 1000000 };

	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		;
}

char *clock_utc_ago(int64_t seconds)
{
	char text[32];
	struct tm tm;
	time_t then = time(NULL) - (time_t)seconds;

	gmtime_r(&then, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return xstrdup(text);
}

char *clock_utc_now(void)
{
	return clock_utc_ago(0);
}
