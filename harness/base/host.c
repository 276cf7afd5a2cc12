#include "base/host.h"

#include <sys/utsname.h>

#include "base/buf.h"

const char *host_version = "of unknown version";

char *host_describe(void)
{
	struct utsname name;

	if (uname(&name) < 0)
		return xasprintf("qbisect %s", host_version);
	return xasprintf("%s, %s %s %s, qbisect %s", name.nodename, name.sysname, name.release, name.machine,
			 host_version);
}
