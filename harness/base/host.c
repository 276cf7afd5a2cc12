#include "base/host.h"

#include <sys/utsname.h>

#include "base/buf.h"

const char *host_version = "of unknown version";

const char *host_without_name(const char *description)
{
	const char *comma = strstr(description, ", ");

	return comma ? comma + 2 : description;
}

char *host_describe(void)
{
	struct utsname name;

	if (uname(&name) < 0)
		return xasprintf("qbisect %s", host_version);
	return xasprintf("%s, %s %s %s, qbisect %s", name.nodename, name.sysname, name.release, name.machine,
			 host_version);
}
