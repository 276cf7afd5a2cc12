#include "kernel/verify.h"

#include <pthread.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "base/hash.h"
#include "kernel/catalog.h"
#include "kernel/layout.h"

#define MANIFEST_LIMIT (64u << 20)

/* A file that was read, as it was then. */
struct known {
	char *path;
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec written, changed;
	char hash[HASH_HEX_LEN + 1];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards what follows */
static struct known *known;
static size_t n_known, cap_known;

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool is_same(const struct known *k, const char *path, const struct stat *st)
{
	return str_eq(k->path, path) && k->device == st->st_dev && k->inode == st->st_ino &&
	       k->size == st->st_size && same_time(&k->written, &st->st_mtim) &&
	       same_time(&k->changed, &st->st_ctim);
}

static bool recall(const char *path, const struct stat *st, char hash[HASH_HEX_LEN + 1])
{
	bool found = false;

	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < n_known && !found; i++) {
		found = is_same(&known[i], path, st);
		if (found)
			memcpy(hash, known[i].hash, HASH_HEX_LEN + 1);
	}
	pthread_mutex_unlock(&lock);
	return found;
}

static void remember(const char *path, const struct stat *st, const char *hash)
{
	pthread_mutex_lock(&lock);
	GROW(known, n_known, cap_known);
	known[n_known] = (struct known){ xstrdup(path), st->st_dev,  st->st_ino, st->st_size,
					 st->st_mtim,	st->st_ctim, "" };
	snprintf(known[n_known++].hash, sizeof(known->hash), "%s", hash);
	pthread_mutex_unlock(&lock);
}

/* The times are taken before the content is read, so a change meanwhile shows the next time. */
static int hash_of(const char *path, char hash[HASH_HEX_LEN + 1], struct err *err)
{
	AUTO_FREE char *text = NULL;
	struct stat st;

	if (stat(path, &st) < 0)
		return err_errno(err, ERR_HOST, "cannot read %s", path);
	if (recall(path, &st, hash))
		return 0;
	text = hash_file(path, err);
	if (!text)
		return -1;
	snprintf(hash, HASH_HEX_LEN + 1, "%s", text);
	remember(path, &st, hash);
	return 0;
}

static int was_changed(const struct candidate *candidate, const char *path, struct err *err)
{
	return err_set(
	    err, ERR_HOST,
	    "%s is not as it was imported, so a verdict would not be that kernel's: 'qbisect kernel "
	    "remove %s' and import it again",
	    path, candidate->id);
}

/* A folder of the catalog and what its manifest says. */
struct entry {
	const struct candidate *candidate;
	char *dir;
	struct buf manifest; /* empty: there is none to compare with */
};

static void entry_release(struct entry *entry)
{
	free(entry->dir);
	buf_release(&entry->manifest);
}
AUTO_DEFINE(entry, struct entry, entry_release);

static int read_manifest(struct entry *entry, struct err *err)
{
	AUTO_FREE char *path = path_join(entry->dir, VERIFY_MANIFEST), *hash = NULL;

	if (entry->candidate->git.commit || !fs_exists(path))
		return 0;
	if (fs_read(path, MANIFEST_LIMIT, &entry->manifest, err) < 0)
		return -1;
	hash = hash_bytes(entry->manifest.s, entry->manifest.len);
	return str_eq(hash, entry->candidate->content_hash) ? 0 : was_changed(entry->candidate, path, err);
}

static int check_image(const struct entry *entry, struct err *err)
{
	AUTO_FREE char *path = path_join(entry->dir, entry->candidate->image);
	char hash[HASH_HEX_LEN + 1];

	if (hash_of(path, hash, err) < 0)
		return -1;
	return str_eq(hash, entry->candidate->image_hash) ? 0 : was_changed(entry->candidate, path, err);
}

const char *verify_name(const char *dir, const char *path)
{
	size_t n = strlen(dir);
	AUTO(buf) plain = BUF_INIT;

	if (!str_starts(path, dir) || path[n] != '/' || layout_clean(path + n + 1, &plain) || !plain.len ||
	    !str_eq(plain.s, path + n + 1))
		return NULL;
	return path + n + 1;
}

bool verify_lists(const char *manifest, const char *hash, const char *name)
{
	AUTO_FREE char *line = xasprintf("%s  %s\n", hash, name);

	for (const char *at = manifest; (at = strstr(at, line)); at++)
		if (at == manifest || at[-1] == '\n')
			return true;
	return false;
}

/* `name` is below the entry's folder. */
static int check_file(const struct entry *entry, const char *name, struct err *err)
{
	AUTO_FREE char *path = path_join(entry->dir, name);
	char hash[HASH_HEX_LEN + 1];

	if (!entry->manifest.len)
		return 0;
	if (hash_of(path, hash, err) < 0)
		return -1;
	return verify_lists(entry->manifest.s, hash, name) ? 0 : was_changed(entry->candidate, path, err);
}

/* kmod takes the paths from an index that it made here: one that leads out of the folder was put there. */
static int check_module(const struct entry *entry, const char *path, struct err *err)
{
	const char *name = verify_name(entry->dir, path);

	return name ? check_file(entry, name, err) : was_changed(entry->candidate, path, err);
}

int verify_kernel(const char *cache, const struct candidate *candidate, const struct strv *modules,
		  struct err *err)
{
	AUTO(entry) entry = { candidate, catalog_dir(cache, candidate), BUF_INIT };

	if (check_image(&entry, err) < 0 || read_manifest(&entry, err) < 0 ||
	    (candidate->has_config && check_file(&entry, "config", err) < 0))
		return -1;
	for (size_t i = 0; i < modules->n; i++)
		if (check_module(&entry, modules->v[i], err) < 0)
			return -1;
	return 0;
}
