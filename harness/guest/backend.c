#include "guest/backend.h"

int backend_open(const char *uri, const char *cache_dir, struct backend **backend, struct err *err)
{
	if (uri && str_starts(uri, "fake:"))
		return backend_open_fake(uri + strlen("fake:"), backend, err);
	return backend_open_libvirt(uri, cache_dir, backend, err);
}
