#include "guest/embed.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/fs.h"

#define ROOTS	  256 /* processes at a time: one for each job of a large host */
#define LOGS_KEPT 50
/* ROOT/lib/qemu/domain-N-NAME/monitor.sock must fit in sockaddr_un; libvirt cuts NAME to 20 characters. */
#define ROOT_LIMIT 48

/* The folder of all roots: below the cache, or in /tmp when there is none or that path is too long for sockets. */
static char *roots_folder(const char *cache_dir, struct err *err)
{
	AUTO_FREE char *folder = cache_dir ? path_join(cache_dir, "embed") : NULL;
	struct stat st;

	if (!folder || strlen(folder) + 4 > ROOT_LIMIT) {
		free(folder);
		folder = xasprintf("/tmp/qbisect-%u", (unsigned)getuid());
	}
	if (fs_mkdirs(folder, err) < 0)
		return NULL;
	if (lstat(folder, &st) < 0 || !S_ISDIR(st.st_mode) || st.st_uid != geteuid()) {
		err_set(err, ERR_HOST,
			"%s belongs to somebody else: remove it or set XDG_CACHE_HOME to a short path",
			folder);
		return NULL;
	}
	return steal_pointer(&folder);
}

/* True when the process is a QEMU that was started for this root. */
static bool is_our_qemu(pid_t pid, const char *root)
{
	AUTO_FREE char *path = xasprintf("/proc/%d/cmdline", (int)pid);
	AUTO_FREE char *needle = xasprintf("%s/", root);
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[65536];
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text));

	return n > 0 && memmem(text, (size_t)n, needle, strlen(needle));
}

/* The process that a pid file names, or 0. */
static pid_t read_pid(const char *pid_file)
{
	AUTO(buf) text = BUF_INIT;
	AUTO(err) ignored = ERR_INIT;
	long pid;

	if (fs_read(pid_file, 64, &text, &ignored) < 0)
		return 0;
	pid = strtol(text.s, NULL, 10);
	return pid > 1 ? (pid_t)pid : 0;
}

/* Ends the guest that a pid file names. */
static void end_leftover(const char *pid_file, const char *root)
{
	pid_t pid = read_pid(pid_file);

	if (pid && is_our_qemu(pid, root))
		kill(pid, SIGKILL);
}

/* The pid files of the guests that run in a root, or were left there. */
static int list_guests(const char *root, struct strv *pid_files, struct err *err)
{
	AUTO_FREE char *run = xasprintf("%s/run/qemu", root);
	AUTO(strv) names = STRV_INIT;

	if (!fs_is_dir(run))
		return 0;
	if (fs_list(run, &names, err) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++)
		if (str_ends(names.v[i], ".pid") && !str_eq(names.v[i], "driver.pid"))
			strv_addf(pid_files, "%s/%s", run, names.v[i]);
	return 0;
}

static int end_leftovers(const char *root, struct err *err)
{
	AUTO(strv) pid_files = STRV_INIT;

	if (list_guests(root, &pid_files, err) < 0)
		return -1;
	for (size_t i = 0; i < pid_files.n; i++)
		end_leftover(pid_files.v[i], root);
	return 0;
}

/* What QEMU said of guests that failed, of the last of them. */
static int sweep_logs(const char *root, struct err *err)
{
	AUTO_FREE char *folder = path_join(root, "log/qemu");
	AUTO(strv) names = STRV_INIT;

	if (!fs_is_dir(folder))
		return 0;
	if (fs_list(folder, &names, err) < 0)
		return -1;
	return names.n > LOGS_KEPT ? fs_remove_tree(folder, err) : 0;
}

/* A qbisect that was killed together with its supervisor leaves guests and libvirt's record of them; libvirt itself
 * leaves folders. */
static int sweep(const char *root, struct err *err)
{
	static const char *const left[] = { "run/qemu", "lib/qemu", "libvirt.log" };

	if (end_leftovers(root, err) < 0 || sweep_logs(root, err) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(left); i++) {
		AUTO_FREE char *path = path_join(root, left[i]);

		if (fs_remove_tree(path, err) < 0)
			return -1;
	}
	return 0;
}

static int write_configuration(const char *root, struct err *err)
{
	static const char common[] = "stdio_handler = \"file\"\n" /* else it asks for virtlogd */
				     "security_driver = \"none\"\n"
				     "seccomp_sandbox = 1\n" /* a QEMU that cannot is refused */
				     "dynamic_ownership = 0\n"
				     "remember_owner = 0\n"
				     "namespaces = []\n"
				     "cgroup_controllers = []\n";
	AUTO_FREE char *folder = path_join(root, "etc");
	AUTO_FREE char *file = path_join(folder, "qemu.conf");
	AUTO(buf) text = BUF_INIT;

	buf_adds(&text, common);
	if (geteuid() == 0)
		buf_adds(&text, "user = \"root\"\ngroup = \"root\"\n");
	if (fs_mkdirs(folder, err) < 0)
		return -1;
	return fs_write_atomic(file, text.s, text.len, err);
}

/* Locks a root if it is free and ends what was left in it. *fd stays -1 when it is not free. */
static int lock_root(const char *path, int *fd, struct err *err)
{
	AUTO_FREE char *lock = xasprintf("%s.lock", path);
	AUTO_CLOSE int own = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (own < 0)
		return err_errno(err, ERR_HOST, "cannot open %s", lock);
	if (flock(own, LOCK_EX | LOCK_NB) < 0)
		return 0;
	if (sweep(path, err) < 0)
		return -1;
	*fd = steal_fd(&own);
	return 0;
}

int embed_root_take(const char *cache_dir, struct embed_root *root, struct err *err)
{
	AUTO_FREE char *folder = roots_folder(cache_dir, err);

	if (!folder)
		return -1;
	for (int i = 0; i < ROOTS; i++) {
		AUTO_FREE char *path = xasprintf("%s/%d", folder, i);
		AUTO_CLOSE int fd = -1;

		if (lock_root(path, &fd, err) < 0)
			return -1;
		if (fd < 0)
			continue;
		if (fs_mkdirs(path, err) < 0 || write_configuration(path, err) < 0)
			return -1;
		root->lock = steal_fd(&fd);
		root->path = steal_pointer(&path);
		return 0;
	}
	return err_set(err, ERR_HOST,
		       "all %d libvirt roots below %s are in use: wait for another qbisect to end", ROOTS,
		       folder);
}

/* One where nothing is left is not locked: somebody may be about to take it, who would have to take a new one then. */
static void sweep_other(const char *path)
{
	AUTO(strv) guests = STRV_INIT;
	AUTO(err) for_its_next_user = ERR_INIT;
	AUTO_CLOSE int fd = -1;

	if (list_guests(path, &guests, &for_its_next_user) == 0 && guests.n)
		lock_root(path, &fd, &for_its_next_user);
}

void embed_sweep_others(const struct embed_root *root)
{
	int folder = root->path ? (int)(path_base(root->path) - root->path) : 0;

	for (int i = 0; folder && i < ROOTS; i++) {
		AUTO_FREE char *path = xasprintf("%.*s%d", folder, root->path, i);

		if (!fs_is_dir(path))
			return;
		if (!str_eq(path, root->path))
			sweep_other(path);
	}
}

void embed_forget(const struct embed_root *root, const char *name)
{
	AUTO_FREE char *path = root->path ? xasprintf("%s/log/qemu/%s.log", root->path, name) : NULL;

	if (path)
		unlink(path);
}

void embed_root_release(struct embed_root *root)
{
	free(root->path);
	root->path = NULL;
	auto_close_(&root->lock);
	root->lock = -1;
}
