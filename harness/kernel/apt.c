#include "kernel/apt.h"

#include <sys/stat.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/hash.h"
#include "base/progress.h"
#include "kernel/debian.h"

#define QUERY_TIMEOUT_MS    120000
#define TRANSFER_TIMEOUT_MS 3600000
#define SOURCES_LIMIT	    (4 << 20)
#define QUERY_LIMIT	    (16 << 20)
#define LISTS_MAX_AGE	    86400 /* seconds */

static int run_apt(const struct apt *apt, const char *const *argv, struct child_result *res, struct err *err)
{
	const char *env[] = { "LC_ALL=C", apt->config, NULL };
	struct child child = {
		.argv = argv, .env = env, .timeout_ms = QUERY_TIMEOUT_MS, .output_limit = QUERY_LIMIT
	};

	return child_run(&child, res, err) < 0 ? -1 : child_answered(&child, res, "apt", err);
}

/* What `apt-config ARGS` says about the system. */
static int ask_system(const char *const *argv, struct buf *out, struct err *err)
{
	struct child child = { .argv = argv, .timeout_ms = QUERY_TIMEOUT_MS, .output_limit = QUERY_LIMIT };

	return child_must(&child, "apt", out, err);
}

static int look_into(const char *path, const char *codename, struct debian_source *best, struct strv *seen,
		     struct err *err)
{
	AUTO(buf) text = BUF_INIT;
	bool deb822 = str_ends(path, ".sources");

	if (!fs_exists(path) || (!deb822 && !str_ends(path, ".list")))
		return 0;
	if (fs_read(path, SOURCES_LIMIT, &text, err) < 0)
		return -1;
	strv_add(seen, path);
	debian_find_source(text.s, text.len, deb822, codename, best);
	return 0;
}

static int look_into_folder(const char *folder, const char *codename, struct debian_source *best,
			    struct strv *seen, struct err *err)
{
	AUTO(strv) names = STRV_INIT;

	if (!fs_is_dir(folder))
		return 0;
	if (fs_list(folder, &names, err) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		AUTO_FREE char *path = path_join(folder, names.v[i]);

		if (look_into(path, codename, best, seen, err) < 0)
			return -1;
	}
	return 0;
}

/* The value in the line NAME='value' of apt-config shell. */
static char *shell_value(const char *text, const char *name)
{
	AUTO_FREE char *start = xasprintf("%s='", name);
	const char *at = strstr(text, start);

	at = at ? at + strlen(start) : "";
	return xasprintf("%.*s", (int)strcspn(at, "'"), at);
}

/* Finds Debian's archive in the system's own sources. */
static int find_source(struct debian_source *best, struct err *err)
{
	static const char *const argv[] = { "apt-config", "shell",
					    "LIST",	  "Dir::Etc::sourcelist/f",
					    "PARTS",	  "Dir::Etc::sourceparts/d",
					    NULL };
	AUTO(buf) places = BUF_INIT, release = BUF_INIT;
	AUTO_FREE char *list = NULL, *parts = NULL, *codename = NULL;
	AUTO(strv) seen = STRV_INIT;

	if (ask_system(argv, &places, err) < 0 ||
	    fs_read("/etc/os-release", SOURCES_LIMIT, &release, err) < 0)
		return -1;
	list = shell_value(places.s, "LIST");
	parts = shell_value(places.s, "PARTS");
	codename = debian_os_release(release.s, "VERSION_CODENAME");
	if (look_into(list, codename ? codename : "", best, &seen, err) < 0 ||
	    look_into_folder(parts, codename ? codename : "", best, &seen, err) < 0)
		return -1;
	if (best->rank)
		return 0;
	return err_set(err, ERR_HOST,
		       "no entry for Debian's archive (suite %s, component main) in the %zu files of "
		       "%s and %s: add one, or import packages with 'qbisect kernel import'",
		       codename ? codename : "stable", seen.n, list, parts);
}

/* The system's Acquire settings; which lists to fetch is ours to say. */
static int add_system_settings(struct buf *out, struct err *err)
{
	static const char *const argv[] = { "apt-config", "dump", NULL };
	AUTO(buf) dump = BUF_INIT;
	char *rest, *line;

	if (ask_system(argv, &dump, err) < 0)
		return -1;
	rest = dump.s;
	while ((line = strsep(&rest, "\n")))
		if (str_starts(line, "Acquire::") && !str_starts(line, "Acquire::IndexTargets") &&
		    !str_starts(line, "Acquire::Languages"))
			buf_addf(out, "%s\n", line);
	return 0;
}

static void add_own_settings(const struct apt *apt, struct buf *out)
{
	static const char *const none[] = { "sourceparts", "parts", "main", "preferences",
					    "preferencesparts" };

	for (size_t i = 0; i < ARRAY_SIZE(none); i++)
		buf_addf(out, "Dir::Etc::%s \"/dev/null\";\n", none[i]);
	buf_addf(out,
		 "Dir::Etc::sourcelist \"%s/debian.sources\";\n"
		 "Dir::State \"%s/state\";\n"
		 "Dir::State::lists \"%s/state/lists\";\n"
		 "Dir::State::status \"%s/state/status\";\n"
		 "Dir::Cache \"%s/cache\";\n"
		 "Dir::Cache::srcpkgcache \"\";\n",
		 apt->dir, apt->dir, apt->dir, apt->dir, apt->dir);
	buf_addf(out, "APT::Architecture \"%s\";\nAPT::Architectures { \"%s\"; };\n", apt->arch, apt->arch);
	buf_adds(out, "APT::Sandbox::User \"root\";\n"
		      "APT::Update::Error-Mode \"any\";\n"
		      "Acquire::Languages \"none\";\n"
		      "Acquire::Retries \"3\";\n");
}

static char *marker_path(const struct apt *apt)
{
	return path_join(apt->dir, "updated");
}

/* Writes a file of the configuration when it is not so already; then what was fetched by it counts no
 * more. */
static int write_setting(const struct apt *apt, const char *name, const struct buf *text, struct err *err)
{
	AUTO_FREE char *path = path_join(apt->dir, name), *marker = marker_path(apt);
	AUTO(buf) old = BUF_INIT;

	if (fs_exists(path)) {
		if (fs_read(path, SOURCES_LIMIT, &old, err) < 0)
			return -1;
		if (str_eq(old.s, text->s))
			return 0;
	}
	unlink(marker);
	return fs_write_atomic(path, text->s, text->len, err);
}

static int write_settings(const struct apt *apt, const struct debian_source *source, struct err *err)
{
	AUTO(buf) sources = BUF_INIT, config = BUF_INIT, empty = BUF_INIT;

	buf_addf(&sources, "Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nArchitectures: %s\n",
		 source->uri, apt->suite, apt->arch);
	if (source->signed_by)
		buf_addf(&sources, "Signed-By: %s\n", source->signed_by);
	if (add_system_settings(&config, err) < 0)
		return -1;
	add_own_settings(apt, &config);
	if (write_setting(apt, "debian.sources", &sources, err) < 0 ||
	    write_setting(apt, "apt.conf", &config, err) < 0 ||
	    write_setting(apt, "state/status", &empty, err) < 0)
		return -1;
	return 0;
}

int apt_open(const char *downloads, const char *suite, const char *arch, struct apt *apt, struct err *err)
{
	static const char *const folders[] = { "state/lists/partial", "cache/archives/partial" };
	AUTO(debian_source) source = { NULL, NULL, 0 };
	AUTO_FREE char *lock = NULL;

	apt->suite = xstrdup(suite);
	apt->arch = xstrdup(arch);
	apt->dir = xasprintf("%s/apt/%s_%s", downloads, suite, arch);
	apt->config = xasprintf("APT_CONFIG=%s/apt.conf", apt->dir);
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		AUTO_FREE char *folder = path_join(apt->dir, folders[i]);

		if (fs_mkdirs(folder, err) < 0)
			return -1;
	}
	lock = path_join(apt->dir, "lock");
	apt->lock = fs_lock(lock, err);
	if (apt->lock < 0 || find_source(&source, err) < 0)
		return -1;
	return write_settings(apt, &source, err);
}

bool apt_is_stale(const struct apt *apt)
{
	AUTO_FREE char *marker = marker_path(apt);
	struct stat st;
	time_t now = time(NULL);

	return stat(marker, &st) < 0 || st.st_mtime > now || now - st.st_mtime > LISTS_MAX_AGE;
}

/* Apt's words for a suite that the mirror does not have, where patience would not help. */
static bool is_missing(const struct err *err)
{
	return strstr(err->text, "does not have a Release file") != NULL;
}

static int update_once(const struct apt *apt, struct err *err)
{
	static const char *const argv[] = { "apt-get", "-q", "update", NULL };
	const char *env[] = { "LC_ALL=C", apt->config, NULL };
	struct child child = { .argv = argv, .env = env, .timeout_ms = TRANSFER_TIMEOUT_MS };

	return child_must(&child, "apt", NULL, err);
}

int apt_update(struct apt *apt, struct err *err)
{
	static const int64_t pauses_ms[] = { 3000, 10000, 0 };
	AUTO_FREE char *marker = marker_path(apt);

	for (size_t i = 0; i < ARRAY_SIZE(pauses_ms); i++) {
		progress_step("fetching the package lists of %s for %s", apt->suite, apt->arch);
		if (update_once(apt, err) == 0) {
			apt->updated = true;
			return fs_write_atomic(marker, "", 0, err);
		}
		if (is_missing(err))
			return err_set(err, ERR_USAGE, "the mirror has no suite %s", apt->suite);
		if (!pauses_ms[i])
			break;
		progress_step("%s; trying again in %d s", err->text, (int)(pauses_ms[i] / 1000));
		clock_sleep(pauses_ms[i]);
	}
	if (!fs_exists(marker))
		return err_wrap(err, "fetching the package lists of %s", apt->suite);
	progress_step("%s; going on with the older lists", err->text);
	err_release(err);
	apt->updated = true;
	return 0;
}

int apt_show(const struct apt *apt, const char *package, struct buf *control, struct err *err)
{
	const char *argv[] = { "apt-cache", "show", "--no-all-versions", package, NULL };
	AUTO(child_result) res = CHILD_RESULT_INIT;

	if (run_apt(apt, argv, &res, err) < 0)
		return -1;
	if (res.status != 0 || !res.out.len)
		return 1;
	buf_reset(control);
	buf_add(control, res.out.s, res.out.len);
	return 0;
}

int apt_names(const struct apt *apt, const char *prefix, struct strv *out, struct err *err)
{
	const char *argv[] = { "apt-cache", "--generate", "pkgnames", prefix, NULL };
	AUTO(child_result) res = CHILD_RESULT_INIT;
	char *rest, *line;

	if (run_apt(apt, argv, &res, err) < 0)
		return -1;
	rest = res.out.s;
	while ((line = strsep(&rest, "\n")))
		if (*line)
			strv_add(out, line);
	return 0;
}

static int ask_offer(const struct apt *apt, const char *package, struct debian_offer *offer, struct err *err)
{
	const char *argv[] = { "apt-get", "download", "--print-uris", package, NULL };
	AUTO(child_result) res = CHILD_RESULT_INIT;

	if (run_apt(apt, argv, &res, err) < 0)
		return -1;
	if (res.status != 0 || !debian_offer_parse(res.out.s, offer))
		return err_set(err, ERR_HOST, "apt-get does not say where %s comes from: %s%s", package,
			       res.out.s, res.err.s);
	return 0;
}

/* The file is there, with the right size and content. */
static bool is_there(const char *path, const struct debian_offer *offer)
{
	AUTO(err) ignored = ERR_INIT; /* a file that cannot be read is fetched again */
	AUTO_FREE char *hash = NULL;
	struct stat st;

	if (stat(path, &st) < 0 || (unsigned long long)st.st_size != offer->size)
		return false;
	hash = hash_file(path, &ignored);
	return hash && str_eq(hash, offer->hash);
}

struct transfer {
	const char *path;
	const struct debian_offer *offer;
};

static void show_transfer(void *arg)
{
	const struct transfer *transfer = arg;
	struct stat st;

	if (stat(transfer->path, &st) == 0)
		progress_live("downloading %s: %.0f of %.0f MB", transfer->offer->file,
			      (double)st.st_size / 1e6, (double)transfer->offer->size / 1e6);
}

int apt_download(const struct apt *apt, const char *package, const char *folder, char **path, struct err *err)
{
	const char *argv[] = { "apt-get", "-q", "download", package, NULL };
	const char *env[] = { "LC_ALL=C", apt->config, NULL };
	AUTO_FREE char *file = NULL;
	struct debian_offer offer = { "", "", 0 };
	struct transfer transfer = { NULL, &offer };
	struct child child = { .argv = argv,
			       .dir = folder,
			       .env = env,
			       .timeout_ms = TRANSFER_TIMEOUT_MS,
			       .tick = show_transfer,
			       .tick_arg = &transfer };

	if (ask_offer(apt, package, &offer, err) < 0)
		return -1;
	file = path_join(folder, offer.file);
	transfer.path = file;
	if (!is_there(file, &offer)) {
		unlink(file);
		progress_step("downloading %s (%.1f MB)", offer.file, (double)offer.size / 1e6);
		if (child_must(&child, "apt", NULL, err) < 0)
			return err_wrap(err, "cannot download %s; try again, or another mirror", offer.file);
		if (!is_there(file, &offer))
			return err_set(err, ERR_HOST, "%s is not what the lists say: is the disk full?",
				       file);
	}
	*path = steal_pointer(&file);
	return 0;
}

void apt_release(struct apt *apt)
{
	free(apt->suite);
	free(apt->arch);
	free(apt->dir);
	free(apt->config);
	if (apt->lock >= 0)
		close(apt->lock);
}
