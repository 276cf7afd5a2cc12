#include "base/fs.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/clock.h"
#include "base/leftover.h"
#include "base/progress.h"
#include "base/supervisor.h"

#define TEMP_MARK   ".tmp-"
#define TEMP_RANDOM 6 /* hexadecimal digits */

char *path_join(const char *dir, const char *name)
{
	return xasprintf("%s%s%s", dir, str_ends(dir, "/") ? "" : "/", name);
}

const char *path_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

int fs_mkdirs(const char *path, struct err *err)
{
	AUTO_FREE char *copy = xstrdup(path);

	for (char *p = copy + 1; *copy; p++) {
		char c = *p;

		if (c != '/' && c != '\0')
			continue;
		*p = '\0';
		if (mkdir(copy, 0700) < 0 && errno != EEXIST)
			return err_errno(err, ERR_HOST, "cannot make folder %s", copy);
		if (c == '\0')
			break;
		*p = c;
	}
	if (!fs_is_dir(path))
		return err_set(err, ERR_HOST, "%s is in the way: a folder is needed there", path);
	return 0;
}

bool fs_exists(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

bool fs_is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool fs_is_link(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
}

int fs_read(const char *path, size_t limit, struct buf *out, struct err *err)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char chunk[65536];
	struct stat st;
	ssize_t n;

	buf_reset(out);
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(err, ERR_HOST, "cannot read %s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_HOST, "cannot read %s: not a regular file", path);
	while ((n = read(fd, chunk, sizeof(chunk))) > 0) {
		if (out->len + (size_t)n > limit)
			return err_set(err, ERR_HOST, "cannot read %s: larger than %zu bytes", path, limit);
		buf_add(out, chunk, (size_t)n);
	}
	if (n < 0)
		return err_errno(err, ERR_HOST, "cannot read %s", path);
	return 0;
}

int fs_write_all(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static int sync_path(const char *path)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	return fd < 0 ? -1 : fsync(fd);
}

static int sync_parent(const char *path)
{
	AUTO_FREE char *dir = xstrdup(path);
	char *slash = strrchr(dir, '/');

	if (slash)
		slash[slash == dir] = '\0';
	return sync_path(slash ? dir : ".");
}

static char *temp_name(const char *path)
{
	uint32_t random;

	if (getrandom(&random, sizeof(random), 0) < 0)
		random = (uint32_t)clock_ms();
	return xasprintf("%s" TEMP_MARK "%0*x", path, TEMP_RANDOM, random & ((1u << 4 * TEMP_RANDOM) - 1));
}

/* The name is noted before the file is there: whoever is killed between the two leaves nothing behind. */
int fs_write_atomic(const char *path, const void *data, size_t len, struct err *err)
{
	AUTO_FREE char *temp = temp_name(path);
	LEFTOVER(temp);
	AUTO_CLOSE int fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_errno(err, ERR_HOST, "cannot write %s", path);
	if (fs_write_all(fd, data, len) < 0 || fchmod(fd, 0644) < 0 || fsync(fd) < 0 ||
	    rename(temp, path) < 0 || sync_parent(path) < 0) {
		err_errno(err, ERR_HOST, "cannot write %s", path);
		unlink(temp);
		return -1;
	}
	return 0;
}

int fs_move(const char *from, const char *to, struct err *err)
{
	if (rename(from, to) < 0 || sync_parent(to) < 0)
		return err_errno(err, ERR_HOST, "cannot rename %s to %s", from, to);
	return 0;
}

/* Copies the data between two offsets that SEEK_DATA and SEEK_HOLE gave. */
static int copy_range(int in, int out, off_t from, off_t to)
{
	char chunk[65536];

	while (from < to) {
		size_t want = (size_t)(to - from) < sizeof(chunk) ? (size_t)(to - from) : sizeof(chunk);
		ssize_t n = pread(in, chunk, want, from);

		if (n <= 0)
			return -1;
		if (lseek(out, from, SEEK_SET) < 0 || fs_write_all(out, chunk, (size_t)n) < 0)
			return -1;
		from += n;
	}
	return 0;
}

static int copy_data(int in, int out)
{
	off_t end = lseek(in, 0, SEEK_END), data = 0, hole;

	if (end < 0 || ftruncate(out, end) < 0)
		return -1;
	while (data < end) {
		data = lseek(in, data, SEEK_DATA);
		if (data < 0)
			return errno == ENXIO ? 0 : -1;
		hole = lseek(in, data, SEEK_HOLE);
		if (hole < 0 || copy_range(in, out, data, hole) < 0)
			return -1;
		data = hole;
	}
	return 0;
}

int fs_copy_sparse(const char *from, const char *to, struct err *err)
{
	AUTO_CLOSE int in = open(from, O_RDONLY | O_CLOEXEC);
	AUTO_CLOSE int out = -1;

	if (in < 0)
		return err_errno(err, ERR_HOST, "cannot read %s", from);
	out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out < 0)
		return err_errno(err, ERR_HOST, "cannot write %s", to);
	if (copy_data(in, out) < 0) {
		err_errno(err, ERR_HOST, "cannot copy %s to %s", from, to);
		unlink(to);
		return -1;
	}
	return 0;
}

static int remove_at(int dirfd, const char *name)
{
	struct dirent *entry;
	DIR *dir = NULL;
	int fd, failed = 0; /* why the first of them could not be removed */

	if (unlinkat(dirfd, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -1;
	if (unlinkat(dirfd, name, AT_REMOVEDIR) == 0) /* empty: that needs no descriptor */
		return 0;
	fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 && !(dir = fdopendir(fd)))
		close(fd);
	if (!dir)
		return -1;
	while ((entry = readdir(dir)))
		if (!str_eq(entry->d_name, ".") && !str_eq(entry->d_name, "..") &&
		    remove_at(fd, entry->d_name) < 0 && !failed)
			failed = errno;
	closedir(dir);
	errno = failed;
	return failed ? -1 : unlinkat(dirfd, name, AT_REMOVEDIR);
}

int fs_remove_tree(const char *path, struct err *err)
{
	if (remove_at(AT_FDCWD, path) < 0)
		return err_errno(err, ERR_HOST, "cannot remove %s", path);
	return 0;
}

static int not_dot(const struct dirent *entry)
{
	return !str_eq(entry->d_name, ".") && !str_eq(entry->d_name, "..");
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

int fs_list(const char *path, struct strv *out, struct err *err)
{
	struct dirent **entries;
	int n = scandir(path, &entries, not_dot, by_name);

	if (n < 0)
		return err_errno(err, ERR_HOST, "cannot list %s", path);
	for (int i = 0; i < n; i++) {
		strv_add(out, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return 0;
}

bool fs_is_full(const char *path)
{
	struct statvfs disk;

	return statvfs(path, &disk) == 0 && disk.f_blocks && (geteuid() ? disk.f_bavail : disk.f_bfree) == 0;
}

int fs_sync_folder(const char *path, struct err *err)
{
	AUTO(strv) names = STRV_INIT;

	if (fs_list(path, &names, err) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		AUTO_FREE char *file = path_join(path, names.v[i]);

		if (sync_path(file) < 0)
			return err_errno(err, ERR_HOST, "cannot put %s on the disk", file);
	}
	return sync_path(path) < 0 ? err_errno(err, ERR_HOST, "cannot put %s on the disk", path) : 0;
}

void fs_look_again(const char *folder)
{
	AUTO(strv) ignored = STRV_INIT;
	AUTO(err) none = ERR_INIT;

	fs_list(folder, &ignored, &none);
}

#define LOCK_MS	     600000 /* an import of a large package holds it for some seconds */
#define LOCK_TICK_MS 50
#define LOCK_SAY_MS  500 /* threads of ours wait for each other as well, but not long */

int fs_lock_within(const char *path, int64_t ms, struct err *err)
{
	AUTO_CLOSE int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int failed = fd < 0 ? -1 : flock(fd, LOCK_EX | LOCK_NB);

	if (fd >= 0 && failed && errno == EWOULDBLOCK) {
		int64_t began = clock_ms();
		bool said = false;

		while (failed && errno == EWOULDBLOCK && clock_left(began + ms) && !supervise_interrupted()) {
			if (!said && clock_ms() - began > LOCK_SAY_MS) {
				progress_step("waiting for another process that holds %s", path);
				said = true;
			}
			clock_sleep(LOCK_TICK_MS);
			failed = flock(fd, LOCK_EX | LOCK_NB);
		}
		if (failed && supervise_interrupted())
			return err_set(err, ERR_INTERRUPTED, "interrupted while waiting for %s", path);
	}
	if (failed)
		return err_errno(err, ERR_HOST, "cannot lock %s", path);
	return steal_fd(&fd);
}

int fs_lock(const char *path, struct err *err)
{
	return fs_lock_within(path, LOCK_MS, err);
}

int fs_lock_try(const char *path, int *lock, struct err *err)
{
	AUTO_CLOSE int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	int failed = fd < 0 ? -1 : flock(fd, LOCK_EX | LOCK_NB);

	if (failed)
		return fd >= 0 && errno == EWOULDBLOCK ? 1 : err_errno(err, ERR_HOST, "cannot lock %s", path);
	*lock = steal_fd(&fd);
	return 0;
}

static bool is_temporary(const char *name)
{
	size_t n = strlen(name), mark = strlen(TEMP_MARK) + TEMP_RANDOM;

	return str_ends(name, ".part") || (n > mark && str_starts(name + n - mark, TEMP_MARK));
}

/* What one who held the lock and was killed left. Folders may have any name. */
static int sweep(const char *dir, struct err *err)
{
	AUTO(strv) names = STRV_INIT;

	if (fs_list(dir, &names, err) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		AUTO_FREE char *path = path_join(dir, names.v[i]);

		if (is_temporary(names.v[i]) && !fs_is_dir(path) && fs_remove_tree(path, err) < 0)
			return -1;
	}
	return 0;
}

int fs_lock_folder(const char *dir, struct err *err)
{
	AUTO_FREE char *path = path_join(dir, ".lock");
	AUTO_CLOSE int fd = -1;

	if (fs_mkdirs(dir, err) < 0 || (fd = fs_lock(path, err)) < 0 || sweep(dir, err) < 0)
		return -1;
	return steal_fd(&fd);
}

char *fs_temp_dir(const char *prefix, struct err *err)
{
	AUTO_FREE char *path = xasprintf("%sXXXXXX", prefix);

	if (!mkdtemp(path)) {
		err_errno(err, ERR_HOST, "cannot make a temporary folder %s", path);
		return NULL;
	}
	return steal_pointer(&path);
}
