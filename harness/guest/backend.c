#include "guest/backend.h"

bool backend_is_away(const char *uri)
{
	const char *host = uri ? strstr(uri, "://") : NULL;

	return host && host[3] && host[3] != '/';
}

void backend_machine_release(struct backend_machine *machine)
{
	free(machine->why);
	free(machine->emulator);
	free(machine->version);
	free(machine->host);
}

int backend_open(const char *uri, const char *cache_dir, struct backend **backend, struct err *err)
{
	if (uri && str_starts(uri, "fake:"))
		return backend_open_fake(uri + strlen("fake:"), backend, err);
	if (uri && str_eq(uri, "qemu:///embed"))
		uri =
		    NULL; /* who names the usual one means it: libvirt has no root folder of its own for it */
	return backend_open_libvirt(uri, cache_dir, backend, err);
}
