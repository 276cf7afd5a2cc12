#include "kernel/obtain.h"

#include "base/fs.h"
#include "base/home.h"
#include "kernel/catalog.h"
#include "kernel/fetch.h"
#include "kernel/import.h"

static bool is_path(const char *id)
{
	return strchr(id, '/') || ((str_ends(id, ".deb") || str_ends(id, ".rpm")) && fs_exists(id));
}

int obtain_kernel(const char *cache, const struct origin *origin, struct candidate *out, struct err *err)
{
	const char *const paths[] = { origin->id };
	const struct import_spec spec = { .paths = paths, .n = 1 };
	AUTO_FREE char *downloads = NULL;

	if (origin->id && is_path(origin->id))
		return import_kernel(cache, &spec, out, err);
	if (origin->id)
		return catalog_find(cache, origin->id, out, err);
	downloads = home_downloads_dir(err);
	return downloads ? fetch_debian(cache, downloads, origin->suite, origin->package, out, err) : -1;
}
