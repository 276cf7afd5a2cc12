#include "base/host.h"

#include <sys/utsname.h>

#include "base/fs.h"

const char *host_version = "of unknown version";

const char *host_without_name(const char *description)
{
	const char *comma = strstr(description, ", ");

	return comma ? comma + 2 : description;
}

char *host_describe_as(const char *name, const char *system)
{
	return xasprintf("%s, %s, qbisect %s", name, system, host_version);
}

char *host_describe(void)
{
	AUTO_FREE char *system = NULL;
	struct utsname name;

	if (uname(&name) < 0)
		return xasprintf("qbisect %s", host_version);
	system = xasprintf("%s %s %s", name.sysname, name.release, name.machine);
	return host_describe_as(name.nodename, system);
}

char *host_of_pids(void)
{
	struct utsname name = { .nodename = "" };
	char space[64] = "";
	AUTO(buf) boot = BUF_INIT;
	AUTO(err) ignored = ERR_INIT;

	uname(&name);
	if (readlink("/proc/self/ns/pid", space, sizeof(space) - 1) < 0)
		*space = '\0';
	fs_read("/proc/sys/kernel/random/boot_id", 64, &boot, &ignored);
	return xasprintf("%s %s %.*s", name.nodename, space, (int)strcspn(boot.s, "\n"), boot.s);
}
