/* libvirt's roots: what is left in one by those before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/fs.h"
#include "guest/embed.h"

static void put(const char *root, const char *name)
{
	AUTO_FREE char *path = path_join(root, name), *folder = NULL;
	AUTO(err) err = ERR_INIT;

	folder = xasprintf("%.*s", (int)(path_base(path) - path), path);
	assert_int_equal(fs_mkdirs(folder, &err), 0);
	assert_int_equal(fs_write_atomic(path, "x", 1, &err), 0);
}

static bool has(const char *root, const char *name)
{
	AUTO_FREE char *path = path_join(root, name);

	return fs_exists(path);
}

/* Of the logs only so many stay. */
static void many_logs(void **state)
{
	AUTO(err) err = ERR_INIT;
	AUTO_FREE char *cache = fs_temp_dir("/tmp/qb-e.", &err), *root = path_join(cache, "embed/0");

	(void)state;
	for (int i = 1; i <= 51; i++) {
		AUTO(embed_root) taken = EMBED_ROOT_INIT;
		AUTO_FREE char *name = xasprintf("log/qemu/qb-%d.log", i);

		put(root, name);
		assert_int_equal(embed_root_take(cache, &taken, &err), 0);
		assert_int_equal(has(root, name), i <= 50);
	}
	fs_remove_tree(cache, &err);
}

/* Each guest leaves a log, and one that was killed more; the cache of QEMU's abilities is what a root is kept for. */
static void leftovers(void **state)
{
	AUTO(err) err = ERR_INIT;
	AUTO_FREE char *cache = fs_temp_dir("/tmp/qb-e.", &err), *root = path_join(cache, "embed/0");
	AUTO(embed_root) taken = EMBED_ROOT_INIT;

	(void)state;
	put(root, "log/qemu/qb-1.log");
	put(root, "lib/qemu/domain-1-qb-1/monitor.sock");
	put(root, "run/qemu/qb-1.pid");
	put(root, "libvirt.log");
	put(root, "cache/qemu/capabilities/a.xml");
	assert_int_equal(embed_root_take(cache, &taken, &err), 0);
	assert_string_equal(taken.path, root);
	assert_true(has(root, "log/qemu/qb-1.log"));
	assert_false(has(root, "lib/qemu"));
	assert_false(has(root, "run/qemu"));
	assert_false(has(root, "libvirt.log"));
	assert_true(has(root, "cache/qemu/capabilities/a.xml"));
	put(root, "log/qemu/qb-2.log");
	put(root, "log/qemu/qb-3.log");
	embed_forget(&taken, "qb-2");
	embed_forget(&taken, "qb-4");
	assert_false(has(root, "log/qemu/qb-2.log"));
	assert_true(has(root, "log/qemu/qb-3.log"));
	fs_remove_tree(cache, &err);
}

/* A process that looks like a QEMU of this root. */
static pid_t start_guest_of(const char *root)
{
	AUTO_FREE char *socket = path_join(root, "lib/qemu/monitor.sock");
	AUTO_FREE char *run = path_join(root, "run/qemu"), *file = path_join(run, "qb-1.pid"), *text = NULL;
	AUTO(err) err = ERR_INIT;
	pid_t child = fork();

	if (child == 0) {
		execl("/bin/sleep", socket, "60", NULL);
		_exit(127);
	}
	text = xasprintf("%d\n", (int)child);
	assert_int_equal(fs_mkdirs(run, &err), 0);
	assert_int_equal(fs_write_atomic(file, text, strlen(text), &err), 0);
	return child;
}

static void wait_until_it_looks_so(pid_t child, const char *root)
{
	AUTO_FREE char *file = xasprintf("/proc/%d/cmdline", (int)child);
	int64_t deadline = clock_ms() + 10000;
	AUTO(err) err = ERR_INIT;
	bool so = false;

	while (!so && clock_left(deadline)) {
		AUTO(buf) text = BUF_INIT;

		clock_sleep(5);
		so = fs_read(file, 4096, &text, &err) == 0 && str_starts(text.s, root);
	}
	assert_true(so);
}

/* One that was killed holds its root until its last thread has ended, which a busy disk delays. */
static void slow_to_die(void **state)
{
	AUTO(err) err = ERR_INIT;
	AUTO_FREE char *cache = fs_temp_dir("/tmp/qb-e.", &err);
	AUTO(embed_root) dying = EMBED_ROOT_INIT;
	AUTO(embed_root) next = EMBED_ROOT_INIT;
	const struct embed_root none = EMBED_ROOT_INIT;
	pid_t guest;
	int status;

	(void)state;
	assert_int_equal(embed_root_take(cache, &dying, &err), 0);
	guest = start_guest_of(dying.path);
	assert_int_equal(embed_root_take(cache, &next, &err), 0);
	assert_string_not_equal(next.path, dying.path);
	wait_until_it_looks_so(guest, dying.path);
	embed_sweep_others(&next);
	clock_sleep(50); /* a signal takes its time */
	assert_int_equal(waitpid(guest, &status, WNOHANG), 0);
	embed_root_release(&dying);
	embed_sweep_others(&none);
	embed_sweep_others(&next);
	assert_int_equal(waitpid(guest, &status, 0), guest);
	assert_true(WIFSIGNALED(status));
	fs_remove_tree(cache, &err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leftovers),
		cmocka_unit_test(many_logs),
		cmocka_unit_test(slow_to_die),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
