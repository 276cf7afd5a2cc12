#include "guest/backend.h"

int backend_open(const char *uri, const char *cache_dir, struct backend **backend, struct err *err)
{
	if (uri && str_starts(uri, "fake:"))
		return backend_open_fake(uri + strlen("fake:"), backend, err);
	if (uri && str_eq(uri, "qemu:///embed"))
		uri =
		    NULL; /* who names the usual one means it: libvirt has no root folder of its own for it */
	return backend_open_libvirt(uri, cache_dir, backend, err);
}
