/*
 * Module closures, with real kmod over small modules that the C compiler makes: an ELF object with a
 * .modinfo, what it exports, and what it wants from others, is all that depmod looks at.
 */
#include "tests/unit/kernel_fixture.h"

#include "base/child.h"
#include "kernel/import.h"
#include "kernel/modules.h"

#define R      "6.12.1-test"
#define CONFIG FIXTURE_CONFIG_PPC "CONFIG_VIRTIO_PCI=y\nCONFIG_VIRTIO_BLK=m\nCONFIG_BTRFS_FS=m\n"

static char *cache;

/* A module NAME.ko that exports NAME_symbol and calls the symbol of `uses` ("": none). */
static void make_module(const char *name, const char *uses, const char *modinfo)
{
	AUTO_FREE char *source = fixture_path("module.c"), *object = NULL;
	const char *argv[] = { "cc", "-c", "-O0", "-o", NULL, source, NULL };
	struct child cc = { .argv = argv, .timeout_ms = 60000 };
	AUTO(buf) text = BUF_INIT;
	AUTO(err) err = ERR_INIT;

	object = xasprintf("%s/tree/lib/modules/" R "/kernel/%s.ko", fixture_dir, name);
	fixture_write(object, "", 0); /* for its folder */
	buf_addf(
	    &text,
	    "__attribute__((section(\".modinfo\"), used)) static const char info[] = \"name=%s\\0%s\";\n",
	    name, modinfo);
	buf_addf(
	    &text,
	    "__attribute__((section(\"__ksymtab_strings\"), used)) static const char e[] = \"%s_symbol\";\n",
	    name);
	buf_addf(&text, "int %s_symbol(void) { return 0; }\n", name);
	if (*uses)
		buf_addf(&text, "int %s_symbol(void);\nint %s_user(void) { return %s_symbol(); }\n", uses,
			 name, uses);
	fixture_write(source, text.s, text.len);
	argv[4] = object;
	if (child_must(&cc, "gcc", NULL, &err) < 0)
		fail_msg("%s", err.text);
}

static struct candidate import_tree(const char *config)
{
	AUTO_FREE char *tree = fixture_path("tree"), *image = fixture_path("tree/boot/vmlinux-" R);
	AUTO_FREE char *config_path = fixture_path("tree/boot/config-" R);
	const char *paths[] = { tree };
	struct import_spec spec = { .paths = paths, .n = 1 };
	struct candidate out = CANDIDATE_INIT;
	AUTO(buf) elf = BUF_INIT;
	AUTO(err) err = ERR_INIT;

	fixture_elf(&elf, EM_PPC64, R);
	fixture_write(image, elf.s, elf.len);
	unlink(config_path);
	if (config)
		fixture_write(config_path, config, strlen(config));
	if (import_kernel(cache, &spec, &out, &err) < 0)
		fail_msg("%s", err.text);
	return out;
}

static int set_up(void **state)
{
	AUTO_FREE char *builtin = NULL;

	if (fixture_set_up(state) < 0)
		return -1;
	cache = fixture_path("cache");
	make_module("virtio_blk", "", "");
	make_module("libcrc", "", "softdep=pre: crc_fast");
	make_module("crc_fast", "", "");
	make_module("xor", "libcrc", "depends=libcrc");
	make_module("btrfs", "xor", "depends=xor");
	builtin = fixture_path("tree/lib/modules/" R "/modules.builtin");
	fixture_write(builtin, "kernel/virtio_pci.ko\n", 21);
	return 0;
}

static int tear_down(void **state)
{
	free(cache);
	return fixture_tear_down(state);
}

static void lacks(const struct candidate *c, const char *filesystem, enum err_kind kind, const char *expected)
{
	AUTO(strv) paths = STRV_INIT;
	AUTO(err) err = ERR_INIT;

	assert_int_equal(modules_for_filesystem(cache, c, filesystem, &paths, &err), -1);
	assert_int_equal(err.kind, kind);
	if (!strstr(err.text, expected))
		fail_msg("'%s' lacks '%s'", err.text, expected);
}

static void closure_is_in_load_order(void **state)
{
	static const char *const order[] = { "virtio_blk.ko", "crc_fast.ko", "libcrc.ko", "xor.ko",
					     "btrfs.ko" };
	AUTO(candidate) c = import_tree(CONFIG);
	AUTO(strv) paths = STRV_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	if (modules_for_filesystem(cache, &c, "btrfs", &paths, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(paths.n, ARRAY_SIZE(order));
	for (size_t i = 0; i < paths.n; i++) {
		assert_string_equal(path_base(paths.v[i]), order[i]);
		assert_true(fs_exists(paths.v[i]));
	}
}

static void nothing_twice(void **state)
{
	static const struct module_need needs[] = { { "xor", "XOR", NULL }, { "btrfs", "BTRFS_FS", NULL } };
	AUTO(candidate) c = import_tree(CONFIG);
	AUTO(strv) paths = STRV_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	assert_int_equal(modules_closure(cache, &c, needs, 2, &paths, &err), 0);
	assert_int_equal(paths.n, 4);
	assert_string_equal(path_base(paths.v[3]), "btrfs.ko");
}

static void what_a_kernel_lacks(void **state)
{
	AUTO(candidate) c = import_tree(CONFIG), no_file = CANDIDATE_INIT, no_aio = CANDIDATE_INIT;
	AUTO(candidate) no_virtio = CANDIDATE_INIT;

	(void)state;
	lacks(&c, "xfs", ERR_CANDIDATE,
	      "kernel " R " has no xfs (CONFIG_XFS_FS is not set): choose a kernel with it or");
	lacks(&c, "xfs", ERR_CANDIDATE, "--set filesystem=");
	lacks(&c, "zfs", ERR_USAGE, "expected btrfs, ext4 or xfs");
	no_file = import_tree(CONFIG "CONFIG_XFS_FS=m\n");
	lacks(&no_file, "xfs", ERR_CANDIDATE, "is a module, but its file was not imported");
	no_aio = import_tree(CONFIG "# CONFIG_AIO is not set\n");
	lacks(&no_aio, "btrfs", ERR_CANDIDATE, "CONFIG_AIO is not set");
	no_virtio =
	    import_tree("CONFIG_PPC64=y\nCONFIG_AIO=y\nCONFIG_BTRFS_FS=y\n# CONFIG_MODULES is not set\n");
	no_virtio.has_modules = false;
	lacks(&no_virtio, "btrfs", ERR_CANDIDATE, "has no virtio_pci (CONFIG_VIRTIO_PCI is not set)");
}

static void builtin_by_config_or_by_belief(void **state)
{
	AUTO(candidate) c = import_tree(CONFIG "CONFIG_XFS_FS=y\n"), bare = CANDIDATE_INIT;
	AUTO(strv) paths = STRV_INIT, none = STRV_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	assert_int_equal(modules_for_filesystem(cache, &c, "xfs", &paths, &err), 0);
	assert_int_equal(paths.n, 1);
	bare = import_tree(NULL);
	assert_false(bare.has_config);
	bare.has_modules = false;
	assert_int_equal(modules_for_filesystem(cache, &bare, "ext4", &none, &err), 0);
	assert_int_equal(none.n, 0);
}

/* Notes what memory it may have, and becomes the program. */
static void stand_in(const char *name, const char *path)
{
	AUTO_FREE char *file = path_join(fixture_dir, "bin"), *program = path_join(file, name);
	AUTO(buf) text = BUF_INIT;

	buf_addf(&text,
		 "#!/bin/sh\necho %s $(ulimit -v) >>%s/limits\nPATH='%s:/sbin:/usr/sbin' exec %s \"$@\"\n",
		 name, fixture_dir, path, name);
	fixture_write(program, text.s, text.len);
	assert_int_equal(chmod(program, 0700), 0);
}

/* It unpacks in memory what packages say is a module. */
static void kmod_has_its_limit_of_memory(void **state)
{
	AUTO_FREE char *path = xstrdup(getenv("PATH")), *with = xasprintf("%s/bin:%s", fixture_dir, path);
	AUTO_FREE char *limits = fixture_path("limits"), *fresh = fixture_path("limited");
	char *before = cache;
	AUTO(strv) paths = STRV_INIT;
	AUTO(buf) text = BUF_INIT;
	AUTO(err) err = ERR_INIT;
	AUTO(candidate) c = CANDIDATE_INIT;
	int status;

	(void)state;
	stand_in("depmod", path);
	stand_in("modprobe", path);
	cache = fresh;
	setenv("PATH", with, 1);
	c = import_tree(CONFIG);
	status = modules_for_filesystem(cache, &c, "btrfs", &paths, &err);
	setenv("PATH", path, 1);
	cache = before;
	assert_int_equal(status, 0);
	assert_int_equal(fs_read(limits, 4096, &text, &err), 0);
	assert_string_equal(text.s, "depmod 1048576\nmodprobe 1048576\nmodprobe 1048576\nmodprobe 1048576\n");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(closure_is_in_load_order),
		cmocka_unit_test(nothing_twice),
		cmocka_unit_test(what_a_kernel_lacks),
		cmocka_unit_test(builtin_by_config_or_by_belief),
		cmocka_unit_test(kmod_has_its_limit_of_memory),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
