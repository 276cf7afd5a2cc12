/*
 * Faults for tests: with LD_PRELOAD, a system call of the program's choice fails, or the program dies in it. So every
 * write is a marked point, and the program has no hook.
 *
 *	QB_FAULT=ACTION:KIND:N		the N-th call of the kind; "N+": each from the N-th on
 *	QB_FAULT_PATH=TEXT		only calls on paths that hold the text count (with fork, pipe, thread: no path)
 *	QB_FAULT_LOG=FILE		a line "KIND PATH" for each call that was hit; without QB_FAULT, for each that counts
 *	QB_FAULT_PROGRAM=NAME		the program (default qbisect); those that it starts go on undisturbed
 *	QB_CLOCK=SECONDS[:N]		the wall clock is so much ahead (or behind), from the N-th look at it on, which is a line "clock" in the log
 *	QB_UPTIME=SECONDS:FILE		the monotonic clock is so much ahead once the file is there
 *
 * ACTION: kill (the process), crash (its supervisor, too), interrupt (SIGINT, and it goes on), or the name of an error. KIND: one of those below; "any" that
 * changes something; "space", which is what a full disk refuses. A write dies half-written, and of "N+" the first is cut.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum kind {
	OPEN = 1 << 0, /* to write, or to make */
	WRITE = 1 << 1,
	SYNC = 1 << 2,
	RENAME = 1 << 3,
	MKDIR = 1 << 4,
	UNLINK = 1 << 5,
	TRUNCATE = 1 << 6,
	CHMOD = 1 << 7,
	TEMP = 1 << 8,
	READ = 1 << 9, /* opened, to read */
	FORK = 1 << 10,
	PIPE = 1 << 11,
	THREAD = 1 << 12,
	SPACE = OPEN | WRITE | MKDIR | TEMP,
	ANY = SPACE | SYNC | RENAME | UNLINK | TRUNCATE | CHMOD,
};

static const struct name {
	const char *name;
	int value;
} kinds[] = {
	{ "open", OPEN },	  { "write", WRITE }, { "sync", SYNC },	  { "rename", RENAME }, { "mkdir", MKDIR },
	{ "unlink", UNLINK },	  { "chmod", CHMOD }, { "temp", TEMP },	  { "read", READ },	{ "fork", FORK },
	{ "truncate", TRUNCATE }, { "pipe", PIPE },   { "space", SPACE }, { "any", ANY },	{ "thread", THREAD },
	{ NULL, 0 },
}, errors[] = {
	{ "ENOSPC", ENOSPC }, { "EIO", EIO },	    { "EMFILE", EMFILE }, { "ENOMEM", ENOMEM }, { "EAGAIN", EAGAIN },
	{ "EACCES", EACCES }, { "EROFS", EROFS }, { "EDQUOT", EDQUOT }, { NULL, 0 },
};

/* What a call that is to be hit does: go on, fail, die. */
enum fate { GOES_ON, FAILS, DIES };

static struct {
	bool on;   /* this is the program */
	int kinds; /* 0: none */
	int error; /* 0: it dies */
	bool crash, interrupt, stays;
	long at;
	const char *path, *log;
	long clock, clock_from;
	long uptime;
	const char *uptime_file;
} plan;
static atomic_long calls, looks;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int find(const struct name *names, const char *word, size_t len)
{
	for (; names->name; names++)
		if (strlen(names->name) == len && memcmp(names->name, word, len) == 0)
			return names->value;
	return 0;
}

static void refuse(const char *what, const char *value)
{
	fprintf(stderr, "faultlib: %s=%s is not understood\n", what, value);
	abort();
}

static void read_fault(const char *text)
{
	const char *kind = strchr(text, ':'), *at = kind ? strchr(kind + 1, ':') : NULL;
	char *end = NULL;

	if (!at)
		refuse("QB_FAULT", text);
	plan.kinds = find(kinds, kind + 1, (size_t)(at - kind - 1));
	plan.error = find(errors, text, (size_t)(kind - text));
	plan.crash = strncmp(text, "crash:", 6) == 0;
	plan.interrupt = strncmp(text, "interrupt:", 10) == 0;
	plan.at = strtol(at + 1, &end, 10);
	plan.stays = *end == '+';
	if (!plan.kinds || plan.at < 1 ||
	    (!plan.error && !plan.crash && !plan.interrupt && strncmp(text, "kill:", 5) != 0))
		refuse("QB_FAULT", text);
}

__attribute__((constructor)) static void begin(void)
{
	const char *fault = getenv("QB_FAULT"), *program = getenv("QB_FAULT_PROGRAM"),
		   *clock = getenv("QB_CLOCK"), *uptime = getenv("QB_UPTIME");
	char *end;

	plan.on = strcmp(program_invocation_short_name, program ? program : "qbisect") == 0;
	plan.path = getenv("QB_FAULT_PATH");
	plan.log = getenv("QB_FAULT_LOG");
	if (!plan.on)
		return;
	if (fault)
		read_fault(fault);
	else if (plan.log)
		plan.kinds = ANY;
	if (clock) {
		plan.clock = strtol(clock, &end, 10);
		plan.clock_from = *end == ':' ? strtol(end + 1, NULL, 10) : 1;
	}
	if (uptime) {
		plan.uptime = strtol(uptime, &end, 10);
		plan.uptime_file = end + (*end == ':');
	}
}

/* --- what is hit --------------------------------------------------------------------------------------- */

static const char *name_of(int kind)
{
	const struct name *name = kinds;

	while (name->value != kind)
		name++;
	return name->name;
}

static void note(const char *what, const char *path)
{
	char line[4400];
	int n, fd;

	if (!plan.log)
		return;
	n = snprintf(line, sizeof(line), "%s %s\n", what, path);
	fd = (int)syscall(SYS_openat, AT_FDCWD, plan.log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd >= 0)
		syscall(SYS_write, fd, line, n);
	syscall(SYS_close, fd);
}

static enum fate fate_of(int kind, const char *path)
{
	long n;

	if (!(plan.kinds & kind) || (path && plan.path && !strstr(path, plan.path)))
		return GOES_ON;
	n = atomic_fetch_add(&calls, 1) + 1;
	if (plan.at && (n < plan.at || (n > plan.at && !plan.stays)))
		return GOES_ON;
	note(name_of(kind), path ? path : "");
	if (plan.at && plan.interrupt)
		kill(getpid(), SIGINT);
	if (!plan.at || plan.interrupt)
		return GOES_ON;
	errno = plan.error;
	return plan.error ? FAILS : DIES;
}

/* A parent that is the same program is our supervisor. */
static void kill_supervisor(void)
{
	char parent[64], own[4096], other[4096];
	ssize_t n = readlink("/proc/self/exe", own, sizeof(own)), m;

	snprintf(parent, sizeof(parent), "/proc/%d/exe", (int)getppid());
	m = readlink(parent, other, sizeof(other));
	if (n > 0 && n == m && memcmp(own, other, (size_t)n) == 0)
		kill(getppid(), SIGKILL);
}

static void die(void)
{
	if (plan.crash)
		kill_supervisor();
	for (;;)
		kill(getpid(), SIGKILL);
}

/* True: it fails, errno says why. */
static bool stopped(int kind, const char *path)
{
	enum fate fate = fate_of(kind, path);

	if (fate == DIES)
		die();
	return fate == FAILS;
}

struct path {
	char text[4352];
};

static struct path at_fd(int fd, const char *name)
{
	struct path path = { "" };
	char link[64];
	ssize_t n = 0;

	if (name && (*name == '/' || fd == AT_FDCWD)) {
		snprintf(path.text, sizeof(path.text), "%s", name);
		return path;
	}
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path.text, 4096);
	if (n >= 0 && name)
		snprintf(path.text + n, sizeof(path.text) - (size_t)n, "/%.200s", name);
	return path;
}

/* --- calls --------------------------------------------------------------------------------------------- */

static int open_at(int dir, const char *name, int flags, mode_t mode)
{
	bool writes = (flags & O_ACCMODE) != O_RDONLY || (flags & O_CREAT);

	if (plan.kinds && stopped(writes ? OPEN : READ, at_fd(dir, name).text))
		return -1;
	return (int)syscall(SYS_openat, dir, name, flags, mode);
}

static mode_t mode_of(int flags, va_list ap)
{
	return (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(ap, mode_t) : 0;
}

#define OPENS(name, params, dir)                                                                             \
	int name params                                                                                      \
	{                                                                                                    \
		va_list ap;                                                                                  \
		mode_t mode;                                                                                 \
                                                                                                             \
		va_start(ap, flags);                                                                         \
		mode = mode_of(flags, ap);                                                                   \
		va_end(ap);                                                                                  \
		return open_at(dir, path, flags, mode);                                                      \
	}
OPENS(open, (const char *path, int flags, ...), AT_FDCWD)
OPENS(open64, (const char *path, int flags, ...), AT_FDCWD)
OPENS(openat, (int dir, const char *path, int flags, ...), dir)
OPENS(openat64, (int dir, const char *path, int flags, ...), dir)

static ssize_t put(int fd, const void *data, size_t n, off_t at)
{
	return at < 0 ? syscall(SYS_write, fd, data, n) : syscall(SYS_pwrite64, fd, data, n, at);
}

/* `at` is where in the file; -1: where it stands. */
static ssize_t write_at(int fd, const void *data, size_t n, off_t at)
{
	enum fate fate = plan.kinds & WRITE ? fate_of(WRITE, at_fd(fd, NULL).text) : GOES_ON;

	if (fate == GOES_ON)
		return put(fd, data, n, at);
	if (fate == DIES) {
		put(fd, data, n / 2, at);
		die();
	}
	/* a disk that becomes full takes what still has room */
	if (plan.stays && n > 1 && atomic_load(&calls) == plan.at)
		return put(fd, data, n / 2, at);
	return -1;
}

ssize_t write(int fd, const void *data, size_t n)
{
	return write_at(fd, data, n, -1);
}

ssize_t pwrite(int fd, const void *data, size_t n, off_t at)
{
	return write_at(fd, data, n, at);
}

ssize_t pwrite64(int fd, const void *data, size_t n, off64_t at)
{
	return write_at(fd, data, n, at);
}

#define CALL(kind, path, name, params, args)                                                                 \
	int name params                                                                                      \
	{                                                                                                    \
		return plan.kinds & (kind) && stopped(kind, path) ? -1 : REAL(name) args;                    \
	}
CALL(SYNC, at_fd(fd, NULL).text, fsync, (int fd), (fd))
CALL(SYNC, at_fd(fd, NULL).text, fdatasync, (int fd), (fd))
CALL(SYNC, at_fd(fd, NULL).text, syncfs, (int fd), (fd))
CALL(RENAME, to, rename, (const char *from, const char *to), (from, to))
CALL(RENAME, to, renameat2, (int a, const char *from, int b, const char *to, unsigned how),
     (a, from, b, to, how))
CALL(UNLINK, path, unlink, (const char *path), (path))
CALL(UNLINK, at_fd(dir, path).text, unlinkat, (int dir, const char *path, int flags), (dir, path, flags))
CALL(TRUNCATE, at_fd(fd, NULL).text, ftruncate, (int fd, off_t n), (fd, n))
CALL(TRUNCATE, at_fd(fd, NULL).text, ftruncate64, (int fd, off64_t n), (fd, n))
CALL(TRUNCATE, path, truncate, (const char *path, off_t n), (path, n))
CALL(CHMOD, path, chmod, (const char *path, mode_t mode), (path, mode))
CALL(CHMOD, at_fd(fd, NULL).text, fchmod, (int fd, mode_t mode), (fd, mode))
CALL(TEMP, path, mkostemp, (char *path, int flags), (path, flags))
CALL(FORK, NULL, fork, (void), ())
CALL(PIPE, NULL, pipe2, (int fds[2], int flags), (fds, flags))

/* One that is there already takes nothing. */
int mkdir(const char *path, mode_t mode)
{
	if (plan.kinds & MKDIR && access(path, F_OK) < 0 && stopped(MKDIR, path))
		return -1;
	return REAL(mkdir)(path, mode);
}

char *mkdtemp(char *path)
{
	return plan.kinds & TEMP && stopped(TEMP, path) ? NULL : REAL(mkdtemp)(path);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *), void *arg)
{
	if (plan.kinds & THREAD && stopped(THREAD, NULL))
		return errno;
	return REAL(pthread_create)(thread, attr, start, arg);
}

/* --- the clocks ---------------------------------------------------------------------------------------- */

static long shift(void)
{
	int before = errno;
	long look = plan.clock ? atomic_fetch_add(&looks, 1) + 1 : 0;

	if (look > 0 && look == plan.clock_from)
		note("clock", "");
	errno = before;
	return look >= plan.clock_from ? plan.clock : 0;
}

static long uptime_shift(void)
{
	int before = errno;
	bool there = plan.uptime && access(plan.uptime_file, F_OK) == 0;

	errno = before;
	return there ? plan.uptime : 0;
}

int clock_gettime(clockid_t id, struct timespec *t)
{
	int status = (int)syscall(SYS_clock_gettime, id, t);

	if (status == 0 && id == CLOCK_REALTIME)
		t->tv_sec += shift();
	if (status == 0 && id == CLOCK_MONOTONIC)
		t->tv_sec += uptime_shift();
	return status;
}

time_t time(time_t *out)
{
	struct timespec t = { 0, 0 };

	clock_gettime(CLOCK_REALTIME, &t);
	if (out)
		*out = t.tv_sec;
	return t.tv_sec;
}

int gettimeofday(struct timeval *restrict t, void *restrict zone)
{
	struct timespec now = { 0, 0 };

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &now);
	*t = (struct timeval){ now.tv_sec, now.tv_nsec / 1000 };
	return 0;
}
