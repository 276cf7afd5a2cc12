#include "base/host.h"

#include <sys/utsname.h>

#include "base/buf.h"

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
