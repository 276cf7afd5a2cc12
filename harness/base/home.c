#include "base/home.h"

#include "base/datadir.h"
#include "base/fs.h"

/* $VARIABLE/qbisect, or ~/fallback/qbisect; the XDG rules ignore a value that is not absolute. */
static char *xdg_dir(const char *variable, const char *fallback, struct err *err)
{
	const char *value = getenv(variable), *home = getenv("HOME");

	if (value && *value == '/')
		return path_join(value, "qbisect");
	if (home && *home == '/')
		return xasprintf("%s/%s/qbisect", home, fallback);
	err_set(err, ERR_HOST, "neither %s nor HOME names a folder: set one, or use --home DIR", variable);
	return NULL;
}

static char *absolute(const char *path, struct err *err)
{
	AUTO_FREE char *here = NULL;

	if (*path == '/')
		return xstrdup(path);
	here = getcwd(NULL, 0);
	if (!here)
		err_errno(err, ERR_HOST, "cannot tell the working folder");
	return here ? path_join(here, path) : NULL;
}

/* What we may not look into is not the same as what is not there. Takes the path over. */
static char *readable(char *path, struct err *err)
{
	AUTO_FREE char *owned = path;

	if (access(path, R_OK | X_OK) == 0 || errno == ENOENT)
		return steal_pointer(&owned);
	err_errno(err, ERR_HOST, "cannot look into %s: choose another folder with --home DIR", path);
	return NULL;
}

static char *below_home(const char *home, const char *name, struct err *err)
{
	AUTO_FREE char *root = home ? absolute(home, err) : datadir_tree();

	if (!root && !home)
		root = xdg_dir("XDG_DATA_HOME", ".local/share", err);
	return root ? readable(path_join(root, name), err) : NULL;
}

char *home_results_dir(const char *home, struct err *err)
{
	return below_home(home, "results", err);
}

char *home_cache_dir(const char *home, struct err *err)
{
	return below_home(home, "kernels/cache", err);
}

char *home_downloads_dir(struct err *err)
{
	return xdg_dir("XDG_CACHE_HOME", ".cache", err);
}
