#include "kernel/rpmrepo.h"

#include <sys/stat.h>

#include "base/fs.h"
#include "base/hash.h"
#include "base/progress.h"
#include "kernel/download.h"
#include "kernel/unpack.h"

#define REPOMD	      "repodata/repomd.xml"
#define REPOMD_LIMIT  (4 << 20)
#define PRIMARY_LIMIT (2ULL << 30) /* bytes, unpacked; Tumbleweed's has some 200 MB */
#define FILE_LIMIT    (4ULL << 30) /* of one that does not say how long it is */
#define PART	      ".part"
#define NAME_CHARS    16 /* of the hash of a URL */

static bool is_url(const char *where)
{
	return str_starts(where, "http://") || str_starts(where, "https://") || str_starts(where, "file://");
}

/* "https://user:password@host/" without what is secret in it. */
static char *without_password(const char *url)
{
	const char *host = strstr(url, "://") + 3;
	size_t n = strcspn(host, "/");
	const char *at = memrchr(host, '@', n);

	return at ? xasprintf("%.*s%s", (int)(host - url), url, at + 1) : xstrdup(url);
}

static int open_local(const char *where, struct rpmrepo *repo, struct err *err)
{
	if (strstr(where, "://"))
		return err_set(err, ERR_USAGE, "%s: expected a folder, or a http, https or file URL", where);
	repo->local = true;
	repo->where = realpath(where, NULL);
	if (!repo->where)
		return err_errno(err, ERR_USAGE, "cannot read %s", where);
	repo->shown = xstrdup(repo->where);
	return 0;
}

/* What a killed download left. The lock is held. */
static int sweep(const struct rpmrepo *repo, struct err *err)
{
	AUTO(strv) names = STRV_INIT;

	if (fs_list(repo->dir, &names, err) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		AUTO_FREE char *path = path_join(repo->dir, names.v[i]);

		if (str_ends(path, PART) && unlink(path) < 0)
			return err_errno(err, ERR_HOST, "cannot remove %s", path);
	}
	return 0;
}

static int open_remote(const char *downloads, const char *where, struct rpmrepo *repo, struct err *err)
{
	AUTO_FREE char *hash = NULL, *lock = NULL;
	size_t n = strlen(where);

	while (n && where[n - 1] == '/')
		n--;
	repo->where = xasprintf("%.*s", (int)n, where);
	repo->shown = without_password(repo->where);
	hash = hash_bytes(repo->where, n);
	repo->dir = xasprintf("%s/rpm-md/%.*s", downloads, NAME_CHARS, hash);
	if (fs_mkdirs(repo->dir, err) < 0)
		return -1;
	lock = path_join(repo->dir, "lock");
	repo->lock = fs_lock(lock, err);
	return repo->lock < 0 ? -1 : sweep(repo, err);
}

int rpmrepo_open(const char *downloads, const char *where, struct rpmrepo *repo, struct err *err)
{
	return is_url(where) ? open_remote(downloads, where, repo, err) : open_local(where, repo, err);
}

/* --- files --------------------------------------------------------------------------------------- */

static uint64_t file_size(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
}

/* Appends what is wrong with a file that is there; nothing: it is what its entry says. */
static int find_fault(const char *path, const struct rpmmd_file *file, struct buf *fault, struct err *err)
{
	uint64_t size = file_size(path);
	AUTO_FREE char *hash = NULL;

	if (file->size && size != file->size) {
		buf_addf(fault, "has %llu bytes instead of %llu", (unsigned long long)size,
			 (unsigned long long)file->size);
		return 0;
	}
	hash = hash_file_by(file->algorithm, path, err);
	if (hash && !str_eq(hash, file->hash))
		buf_addf(fault, "has another %s checksum than the repository says", file->algorithm);
	return hash ? 0 : -1;
}

static const char *advice(const struct rpmrepo *repo)
{
	return repo->local ? "get it anew, or run createrepo_c on the folder again"
			   : "the mirror is being updated, or damaged: try again later, or another";
}

static int is_whole(const struct rpmrepo *repo, const char *path, const struct rpmmd_file *file,
		    struct err *err)
{
	AUTO(buf) fault = BUF_INIT;

	if (find_fault(path, file, &fault, err) < 0)
		return -1;
	if (!fault.len)
		return 0;
	return err_set(err, ERR_HOST, "%s/%s %s: %s", repo->shown, file->href, fault.s, advice(repo));
}

/* What is kept from before is taken when it is whole. */
static bool is_kept(const char *path, const struct rpmmd_file *file)
{
	AUTO(err) ignored = ERR_INIT; /* a file that cannot be read is fetched again */
	AUTO(buf) fault = BUF_INIT;

	return fs_exists(path) && find_fault(path, file, &fault, &ignored) == 0 && !fault.len;
}

/* An entry of a repository on the net may point to another server, but not into this machine. */
static int make_url(const struct rpmrepo *repo, const struct rpmmd_file *file, char **url, struct err *err)
{
	const char *base = file->base ? file->base : repo->where;
	bool slash = str_ends(base, "/");

	if (file->base && !str_starts(base, "http://") && !str_starts(base, "https://"))
		return err_set(err, ERR_HOST,
			       "%s: %s is said to be at '%.200s', which is no http or https URL", repo->shown,
			       file->href, base);
	*url = xasprintf("%s%s%s", base, slash ? "" : "/", file->href);
	return 0;
}

/* Fetches the file through a name of its own, so that what is at `path` is always whole. */
static int fetch(const struct rpmrepo *repo, const struct rpmmd_file *file, const char *path, struct err *err)
{
	AUTO_FREE char *part = xasprintf("%s" PART, path), *url = NULL;
	struct download d = { .path = part,
			      .what = path_base(file->href),
			      .size = file->size,
			      .limit = file->size ? file->size : FILE_LIMIT };
	int status;

	if (make_url(repo, file, &url, err) < 0)
		return -1;
	d.url = url;
	progress_step("downloading %s (%.1f MB)", d.what, (double)file->size / 1e6);
	status = download(&d, err);
	if (status > 0)
		return err_set(err, ERR_HOST,
			       "%s lists %s, but does not have it: it is being updated: try again later",
			       repo->shown, file->href);
	if (status < 0)
		return -1;
	if (is_whole(repo, part, file, err) == 0 && fs_move(part, path, err) == 0)
		return 0;
	unlink(part);
	return -1;
}

static int get_local(const struct rpmrepo *repo, const struct rpmmd_file *file, char **path, struct err *err)
{
	AUTO_FREE char *found = path_join(repo->where, file->href);

	if (!fs_exists(found))
		return err_set(err, ERR_HOST, "%s is listed, but not there: run createrepo_c on %s again",
			       found, repo->shown);
	if (is_whole(repo, found, file, err) < 0)
		return -1;
	*path = steal_pointer(&found);
	return 0;
}

/* The file of an entry; one from the net is kept as `name`. */
static int get(const struct rpmrepo *repo, const struct rpmmd_file *file, const char *name, char **path,
	       struct err *err)
{
	AUTO_FREE char *kept = NULL;

	if (repo->local && !file->base)
		return get_local(repo, file, path, err);
	if (repo->local)
		return err_set(err, ERR_USAGE, "%s: its files are at %.200s: give that instead of the folder",
			       repo->shown, file->base);
	kept = path_join(repo->dir, name);
	if (!is_kept(kept, file) && fetch(repo, file, kept, err) < 0)
		return -1;
	*path = steal_pointer(&kept);
	return 0;
}

int rpmrepo_get(const struct rpmrepo *repo, const struct rpmmd_package *package, char **path, struct err *err)
{
	return get(repo, &package->file, path_base(package->file.href), path, err);
}

/* --- metadata ------------------------------------------------------------------------------------ */

static int no_repository(const struct rpmrepo *repo, struct err *err)
{
	return err_set(err, ERR_USAGE,
		       "%s has no " REPOMD ": name the folder of an rpm-md repository that holds repodata/",
		       repo->shown);
}

static int read_repomd(const struct rpmrepo *repo, struct buf *text, struct err *err)
{
	AUTO_FREE char *path =
	    path_join(repo->local ? repo->where : repo->dir, repo->local ? REPOMD : "repomd.xml");
	AUTO_FREE char *url = path_join(repo->where, REPOMD);
	const struct download d = { .url = url, .path = path, .what = "repomd.xml", .limit = REPOMD_LIMIT };
	int status;

	if (repo->local)
		return fs_exists(path) ? fs_read(path, REPOMD_LIMIT, text, err) : no_repository(repo, err);
	progress_step("fetching the package list of %s", repo->shown);
	status = download(&d, err);
	if (status > 0)
		return no_repository(repo, err);
	return status < 0 ? err_wrap(err, "%s", repo->shown) : fs_read(path, REPOMD_LIMIT, text, err);
}

/* Metadata that cannot be read: with what to do about it. */
static int unreadable(const struct rpmrepo *repo, struct err *err)
{
	AUTO_FREE char *what = xstrdup(err->text);

	return err_set(err, ERR_HOST, "%s: %s", what, advice(repo));
}

static int feed(void *arg, const void *data, size_t len, struct err *err)
{
	return rpmmd_reader_feed(arg, data, len, err);
}

int rpmrepo_list(const struct rpmrepo *repo, rpmmd_take take, void *arg, struct err *err)
{
	AUTO_FREE char *name = path_join(repo->shown, REPOMD), *path = NULL, *primary = NULL;
	AUTO(rpmmd_reader) reader = NULL;
	AUTO(rpmmd_file) file = { 0 };
	AUTO(buf) repomd = BUF_INIT;

	if (read_repomd(repo, &repomd, err) < 0)
		return -1;
	if (rpmmd_primary(name, repomd.s, repomd.len, &file, err) < 0)
		return unreadable(repo, err);
	if (get(repo, &file, "primary", &path, err) < 0)
		return -1;
	primary = path_join(repo->shown, file.href);
	reader = rpmmd_reader_new(primary, take, arg);
	if (unpack_file(path, PRIMARY_LIMIT, feed, reader, err) < 0 || rpmmd_reader_end(reader, err) < 0)
		return unreadable(repo, err);
	return 0;
}

void rpmrepo_release(struct rpmrepo *repo)
{
	free(repo->where);
	free(repo->shown);
	free(repo->dir);
	if (repo->lock >= 0)
		close(repo->lock);
}
