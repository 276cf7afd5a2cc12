#include "boot.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>

#include "emit.h"

#define KILL_MS 2000

/* /dev/shm is for injected programs: LTP's library keeps its results there. */
static const struct {
	const char *type, *folder;
} mounts[] = {
	{ "proc", "/proc" },	 { "sysfs", "/sys" }, { "devtmpfs", "/dev" },
	{ "tmpfs", "/dev/shm" }, { "tmpfs", "/tmp" },
};

static const char *const serials[] = { "/dev/hvc1", "/dev/ttyAMA1", "/dev/ttyS1" };

static int events = -1;

void boot_mount(void)
{
	int fd;

	for (size_t i = 0; i < ARRAY_SIZE(mounts); i++) {
		if (mkdir(mounts[i].folder, 0755) < 0 && errno != EEXIST)
			broken(errno, "mkdir %s", mounts[i].folder);
		if (mount(mounts[i].type, mounts[i].folder, mounts[i].type, 0, NULL) < 0 && errno != EBUSY)
			broken(errno, "mounting %s on %s", mounts[i].type, mounts[i].folder);
	}
	do
		fd = open("/dev/console", O_RDWR | O_NOCTTY);
	while (fd >= 0 && fd < STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

void boot_nonce(char nonce[PROTO_NONCE_MAX + 1])
{
	char line[4096];
	char *saved = NULL, *word;

	*nonce = '\0';
	if (read_text("/proc/cmdline", line, sizeof(line)) < 0)
		return;
	for (word = strtok_r(line, " ", &saved); word; word = strtok_r(NULL, " ", &saved)) {
		if (strncmp(word, PROTO_NONCE_PARAMETER, strlen(PROTO_NONCE_PARAMETER)) != 0)
			continue;
		word += strlen(PROTO_NONCE_PARAMETER);
		if (proto_is_nonce(word))
			snprintf(nonce, PROTO_NONCE_MAX + 1, "%s", word);
	}
}

/* A serial that is not there fails to open, or has no settings. */
static int open_serial(const char *device)
{
	int fd = open(device, O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct termios settings;

	if (fd < 0)
		return -1;
	if (tcgetattr(fd, &settings) == 0) {
		cfmakeraw(&settings);
		if (tcsetattr(fd, TCSANOW, &settings) == 0)
			return fd;
	}
	close(fd);
	return -1;
}

int boot_events(const char *device)
{
	if (*device)
		events = open_serial(device);
	for (size_t i = 0; !*device && events < 0 && i < ARRAY_SIZE(serials); i++)
		events = open_serial(serials[i]);
	return events;
}

/* `module` is "<path> [parameters]". */
static void load(const char *module)
{
	const char *parameters = strchr(module, ' ');
	int len = (int)(parameters ? parameters - module : (long)strlen(module));
	AUTO_FREE char *path = NULL;
	AUTO_CLOSE int fd = -1;

	if (asprintf(&path, "%.*s", len, module) < 0)
		broken(ENOMEM, "the name of a module");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		broken(errno, "%s", path);
	if (syscall(SYS_finit_module, fd, parameters ? parameters + 1 : "", 0) == 0)
		return;
	if (errno != ENODEV && errno != EEXIST)
		broken(errno, "loading %s", path);
	emit_fact(GUEST_FACT_MODULE, "%s %s", path, errno_name(errno));
}

void boot_modules(const struct plan *plan)
{
	for (unsigned i = 0; i < plan->n_modules; i++)
		load(plan->module[i]);
}

bool boot_kill_all(void)
{
	uint64_t until = boot_ms() + KILL_MS;
	pid_t pid;

	kill(-1, SIGKILL);
	while ((pid = waitpid(-1, NULL, WNOHANG)) >= 0 && boot_ms() < until)
		if (pid == 0)
			poll(NULL, 0, 1);
	return pid < 0;
}

void boot_power_off(void)
{
	if (events >= 0)
		tcdrain(events);
	reboot(RB_POWER_OFF);
	for (;;)
		pause(); /* PID 1 must not end */
}
