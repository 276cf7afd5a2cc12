/*
 * A program in the guest that misbehaves: does what its arguments say, in order, and ends as LTP's do.
 *
 *	to FILE		where what follows is written; stdout at first
 *	say TEXT	a line
 *	show FILE	what is in it
 *	line MIB	one line without end
 *	junk MIB	bytes of every value
 *	flood SECONDS	lines as fast as they are taken
 *	clock SECONDS	sets the clock forward, or back, by so much
 *	power off|again
 *	sleep SECONDS
 *	exit STATUS
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <time.h>
#include <unistd.h>

#define CHUNK 65536

static int target = STDOUT_FILENO;

static void must(int good, const char *what)
{
	if (good)
		return;
	perror(what);
	exit(2);
}

static void put(const char *data, size_t n)
{
	while (n) {
		ssize_t done = write(target, data, n);

		must(done > 0, "write");
		data += done;
		n -= (size_t)done;
	}
}

static void say(const char *text)
{
	char line[1024];
	int n = snprintf(line, sizeof(line), "%s\n", text);

	put(line, (size_t)n < sizeof(line) ? (size_t)n : sizeof(line) - 1);
}

static void show(const char *path)
{
	char text[4096];
	int fd = open(path, O_RDONLY);
	ssize_t n;

	must(fd >= 0, path);
	while ((n = read(fd, text, sizeof(text))) > 0)
		put(text, (size_t)n);
	must(n == 0, path);
	close(fd);
}

/* The same bytes each time, every value among them, or letters alone. */
static void fill(long mib, int letters)
{
	static char data[CHUNK];
	uint32_t x = 1;

	for (long i = 0; i < mib * ((1 << 20) / CHUNK); i++) {
		for (size_t k = 0; k < CHUNK; k++) {
			x = x * 1664525 + 1013904223;
			data[k] = letters ? (char)('a' + (x >> 24) % 26) : (char)(x >> 24);
		}
		put(data, CHUNK);
	}
}

/* A write for each line: the kernel's log takes no more at once. */
static void flood(long seconds)
{
	time_t end = time(NULL) + seconds;
	char text[80];

	for (unsigned i = 0; time(NULL) < end; i++) {
		snprintf(text, sizeof(text), "line %u of a guest that does not stop to write", i);
		say(text);
	}
}

static void set_clock(long seconds)
{
	struct timespec now;

	must(clock_gettime(CLOCK_REALTIME, &now) == 0, "clock_gettime");
	now.tv_sec += seconds;
	must(clock_settime(CLOCK_REALTIME, &now) == 0, "clock_settime");
}

static void act(const char *verb, const char *value)
{
	long number = strtol(value, NULL, 10);

	if (strcmp(verb, "to") == 0)
		must((target = open(value, O_WRONLY | O_NOCTTY)) >= 0, value);
	else if (strcmp(verb, "say") == 0)
		say(value);
	else if (strcmp(verb, "show") == 0)
		show(value);
	else if (strcmp(verb, "line") == 0)
		fill(number, 1);
	else if (strcmp(verb, "junk") == 0)
		fill(number, 0);
	else if (strcmp(verb, "flood") == 0)
		flood(number);
	else if (strcmp(verb, "clock") == 0)
		set_clock(number);
	else if (strcmp(verb, "power") == 0)
		must(reboot(strcmp(value, "off") == 0 ? RB_POWER_OFF : RB_AUTOBOOT) == 0, "reboot");
	else if (strcmp(verb, "sleep") == 0)
		sleep((unsigned)number);
	else if (strcmp(verb, "exit") == 0)
		exit((int)number);
}

int main(int argc, char **argv)
{
	for (int i = 1; i + 1 < argc; i += 2)
		act(argv[i], argv[i + 1]);
	return 0;
}
