/* Files and folders: locks, sparse copies, removal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/fs.h"
#include "base/progress.h"
#include "tests/unit/folder_fixture.h"

/* Takes the lock in a child, tells by a pipe, and waits to be killed. */
static pid_t locker(const char *path, int tell)
{
	AUTO(err) err = ERR_INIT;
	pid_t pid = fork();

	if (pid)
		return pid;
	if (fs_lock(path, &err) < 0 || write(tell, "x", 1) != 1)
		_exit(1);
	pause();
	_exit(0);
}

static void lock_of_a_killed_process_is_free(void **state)
{
	AUTO_FREE char *path = path_join(folder, "lock");
	AUTO(err) err = ERR_INIT;
	AUTO_CLOSE int fd = -1;
	int pipe_fds[2];
	pid_t pid;
	char c;

	(void)state;
	assert_int_equal(pipe(pipe_fds), 0);
	pid = locker(path, pipe_fds[1]);
	assert_int_equal(read(pipe_fds[0], &c, 1), 1);
	kill(pid, SIGKILL);
	fd = fs_lock(path, &err);
	assert_true(fd >= 0);
	waitpid(pid, NULL, 0);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
}

static void lock_that_is_held_is_not_waited_for(void **state)
{
	AUTO_FREE char *path = path_join(folder, "lock"), *none = path_join(folder, "none/lock");
	AUTO(err) err = ERR_INIT;
	int held, lock = -1;

	(void)state;
	held = fs_lock(path, &err);
	assert_true(held >= 0);
	assert_int_equal(fs_lock_try(path, &lock, &err), 1);
	assert_int_equal(lock, -1);
	close(held);
	assert_int_equal(fs_lock_try(path, &lock, &err), 0);
	assert_true(lock >= 0);
	close(lock);
	assert_int_equal(fs_lock_try(none, &lock, &err), -1);
	assert_int_equal(err.kind, ERR_HOST);
}

static void lock_without_a_folder_is_an_error(void **state)
{
	AUTO_FREE char *path = path_join(folder, "none/lock");
	AUTO(err) err = ERR_INIT;

	(void)state;
	assert_int_equal(fs_lock(path, &err), -1);
	assert_int_equal(err.kind, ERR_HOST);
	assert_non_null(strstr(err.text, path));
}

static void sparse_copy_keeps_content_and_holes(void **state)
{
	AUTO_FREE char *from = path_join(folder, "from"), *to = path_join(folder, "to");
	AUTO(buf) a = BUF_INIT, b = BUF_INIT;
	AUTO(err) err = ERR_INIT;
	struct stat st;
	int fd = open(from, O_WRONLY | O_CREAT, 0600);

	(void)state;
	assert_int_equal(pwrite(fd, "head", 4, 0), 4);
	assert_int_equal(pwrite(fd, "tail", 4, 8 << 20), 4);
	close(fd);
	assert_int_equal(fs_copy_sparse(from, to, &err), 0);
	assert_int_equal(fs_read(from, 16 << 20, &a, &err), 0);
	assert_int_equal(fs_read(to, 16 << 20, &b, &err), 0);
	assert_int_equal(a.len, b.len);
	assert_memory_equal(a.s, b.s, a.len);
	assert_int_equal(stat(to, &st), 0);
	assert_true(st.st_blocks * 512 < 1 << 20);
	assert_int_equal(fs_copy_sparse(from, to, &err), -1);
}

static void removing_does_not_follow_links(void **state)
{
	AUTO_FREE char *keep = path_join(folder, "keep"), *tree = path_join(folder, "tree/a/b");
	AUTO_FREE char *link = path_join(folder, "tree/a/link"), *top = path_join(folder, "tree");
	AUTO(err) err = ERR_INIT;

	(void)state;
	assert_int_equal(fs_write_atomic(keep, "x", 1, &err), 0);
	assert_int_equal(fs_mkdirs(tree, &err), 0);
	assert_int_equal(symlink(folder, link), 0);
	assert_int_equal(fs_remove_tree(top, &err), 0);
	assert_false(fs_exists(top));
	assert_true(fs_exists(keep));
	assert_int_equal(fs_remove_tree(top, &err), 0);
}

/* Whatever the umask lets others do. */
static void folders_are_private(void **state)
{
	static const char *const names[] = { "home", "home/kernels", "home/kernels/cache" };
	AUTO_FREE char *deepest = path_join(folder, names[2]);
	AUTO(err) err = ERR_INIT;
	mode_t old = umask(0);

	(void)state;
	assert_int_equal(fs_mkdirs(deepest, &err), 0);
	umask(old);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		AUTO_FREE char *path = path_join(folder, names[i]);
		struct stat st;

		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0700);
	}
}

static void a_folder_that_is_locked_is_swept(void **state)
{
	static const char *const files[] = { "a.json.tmp-Ab12Cd", "b.img.part", "c.tmp-", "d.tmp-Ab12Cdx",
					     "e.partial" };
	AUTO_FREE char *dir = path_join(folder, "swept"), *trial = path_join(dir, "00001-6.9.tmp-kernel");
	AUTO(strv) names = STRV_INIT;
	AUTO(err) err = ERR_INIT;
	AUTO_CLOSE int fd = -1;

	(void)state;
	assert_int_equal(fs_mkdirs(trial, &err), 0);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		AUTO_FREE char *path = path_join(dir, files[i]);

		assert_int_equal(fs_write_atomic(path, "x", 1, &err), 0);
	}
	fd = fs_lock_folder(dir, &err);
	assert_true(fd >= 0);
	assert_int_equal(fs_list(dir, &names, &err), 0);
	assert_int_equal(names.n, 5);
	assert_string_equal(names.v[0], ".lock");
	assert_string_equal(names.v[1], "00001-6.9.tmp-kernel");
	assert_string_equal(names.v[2], "c.tmp-");
	assert_string_equal(names.v[4], "e.partial");
}

static struct strv synced = STRV_INIT; /* what fsync() was called for */

/* In the place of libc's. */
int fsync(int fd)
{
	AUTO_FREE char *link = xasprintf("/proc/self/fd/%d", fd);
	char path[4096] = "";

	assert_true(readlink(link, path, sizeof(path) - 1) > 0);
	strv_add(&synced, path_base(path));
	return 0;
}

static void a_folder_is_put_on_the_disk_with_its_files(void **state)
{
	AUTO_FREE char *dir = path_join(folder, "whole"), *one = path_join(dir, "console.log"),
		       *two = path_join(dir, "events.ktap"), *none = path_join(folder, "none");
	AUTO(err) err = ERR_INIT;

	(void)state;
	assert_int_equal(fs_mkdirs(dir, &err), 0);
	assert_int_equal(fs_write_atomic(one, "x", 1, &err), 0);
	assert_int_equal(fs_write_atomic(two, "x", 1, &err), 0);
	strv_release(&synced);
	assert_int_equal(fs_sync_folder(dir, &err), 0);
	assert_int_equal(synced.n, 3);
	assert_true(strv_has(&synced, "console.log"));
	assert_true(strv_has(&synced, "events.ktap"));
	assert_string_equal(synced.v[2], "whole"); /* the names, behind what they name */
	strv_release(&synced);
	assert_int_equal(fs_sync_folder(none, &err), -1);
	assert_int_equal(err.kind, ERR_HOST);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(lock_of_a_killed_process_is_free),
		cmocka_unit_test(lock_that_is_held_is_not_waited_for),
		cmocka_unit_test(lock_without_a_folder_is_an_error),
		cmocka_unit_test(sparse_copy_keeps_content_and_holes),
		cmocka_unit_test(removing_does_not_follow_links),
		cmocka_unit_test(folders_are_private),
		cmocka_unit_test(a_folder_that_is_locked_is_swept),
		cmocka_unit_test(a_folder_is_put_on_the_disk_with_its_files),
	};

	return cmocka_run_group_tests(tests, folder_set_up, folder_tear_down);
}
