#include "base/datadir.h"

#include "base/fs.h"

/* The folder of the running program, or NULL. */
static char *program_dir(struct err *err)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *slash;

	if (n < 0) {
		err_errno(err, ERR_HOST, "reading the link /proc/self/exe (is /proc mounted?)");
		return NULL;
	}
	path[n] = '\0';
	slash = strrchr(path, '/');
	if (slash)
		*slash = '\0';
	return xstrdup(path);
}

/* dir/relative when it exists; else NULL, and the path is added to `tried`. */
static char *probe(const char *dir, const char *relative, struct buf *tried)
{
	char *path = path_join(dir, relative);

	if (fs_exists(path))
		return path;
	buf_addf(tried, "%s%s", tried->len ? " and " : "", path);
	free(path);
	return NULL;
}

static char *beside_program(const char *relative, struct buf *tried, struct err *err)
{
	static const char *const places[] = { "..", "../share/qbisect" };
	AUTO_FREE char *program = program_dir(err);
	char *path = NULL;

	for (size_t i = 0; program && !path && i < ARRAY_SIZE(places); i++) {
		AUTO_FREE char *dir = path_join(program, places[i]);

		path = probe(dir, relative, tried);
	}
	return path;
}

char *datadir_path(const char *relative, struct err *err)
{
	const char *dir = getenv("QBISECT_DATA");
	AUTO(buf) tried = BUF_INIT;
	char *path = dir ? probe(dir, relative, &tried) : beside_program(relative, &tried, err);

	if (!path && tried.len)
		err_set(err, ERR_HOST,
			"%s is not there (tried %s): run qbisect from where it was built or installed, or "
			"set QBISECT_DATA to the folder that holds configs/",
			relative, tried.s);
	return path;
}

char *datadir_tree(void)
{
	AUTO(err) ignored = ERR_INIT; /* without /proc there is no tree that we could find */
	AUTO_FREE char *program = program_dir(&ignored), *root = NULL, *configs = NULL;

	if (!program)
		return NULL;
	root = path_join(program, "..");
	configs = path_join(root, "configs");
	return fs_is_dir(configs) ? realpath(root, NULL) : NULL;
}
