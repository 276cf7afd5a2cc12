/* Imports from every kind of source: what comes out, what is refused, and that nothing half-made stays. */
#include "tests/unit/kernel_fixture.h"

#include "kernel/catalog.h"
#include "kernel/import.h"

#define R	"6.12.1-test"
#define MODULES "usr/lib/modules/" R "/"

static struct buf elf = BUF_INIT;
static char *cache;

static int set_up(void **state)
{
	int failed = fixture_set_up(state);

	fixture_elf(&elf, EM_PPC64, R);
	cache = fixture_path("cache");
	return failed;
}

static int tear_down(void **state)
{
	buf_release(&elf);
	free(cache);
	return fixture_tear_down(state);
}

/* An empty catalog for each test. */
static int clear(void **state)
{
	AUTO(err) err = ERR_INIT;

	(void)state;
	return fs_remove_tree(cache, &err);
}

static int import(const char *a, const char *b, const char *id, const char *release, struct candidate *out,
		  struct err *err)
{
	const char *paths[] = { a, b };
	struct import_spec spec = { .paths = paths, .n = b ? 2 : 1, .id = id, .release = release };

	return import_kernel(cache, &spec, out, err);
}

/* The import works. */
static void import_ok(const char *a, const char *b, const char *id, struct candidate *out)
{
	AUTO(err) err = ERR_INIT;

	if (import(a, b, id, NULL, out, &err) < 0)
		fail_msg("%s", err.text);
}

/* Names in the catalog's folder that are not its lock. */
static size_t cache_entries(void)
{
	AUTO(strv) names = STRV_INIT;
	AUTO(err) err = ERR_INIT;
	size_t n = 0;

	assert_int_equal(fs_list(cache, &names, &err), 0);
	for (size_t i = 0; i < names.n; i++)
		n += !str_eq(names.v[i], ".lock");
	return n;
}

/* The import is refused with these words, and leaves nothing. */
static void import_fails(const char *a, const char *b, const char *expected)
{
	AUTO(candidate) out = CANDIDATE_INIT;
	AUTO(err) err = ERR_INIT;
	size_t before = fs_is_dir(cache) ? cache_entries() : 0;

	assert_int_equal(import(a, b, NULL, NULL, &out, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	if (!strstr(err.text, expected))
		fail_msg("'%s' lacks '%s'", err.text, expected);
	assert_int_equal(cache_entries(), before);
}

/* A package with the image, the config and what else is given. */
static char *image_deb(const char *name, const struct fixture_member *more)
{
	struct fixture_member members[] = {
		{ .path = "./boot/vmlinux-" R, .data = elf.s, .len = elf.len },
		{ .path = "./boot/config-" R, .data = FIXTURE_CONFIG_PPC, .len = strlen(FIXTURE_CONFIG_PPC) },
		more ? *more : (struct fixture_member){ .path = "./usr/share/doc/x", .data = "x", .len = 1 },
	};

	return fixture_deb(name, members, ARRAY_SIZE(members));
}

static void one_package(void **state)
{
	AUTO_FREE char *deb = image_deb("one.deb", NULL);
	AUTO(candidate) c = CANDIDATE_INIT, again = CANDIDATE_INIT;
	AUTO_FREE char *image = NULL, *dir = NULL, *doc = NULL;

	(void)state;
	import_ok(deb, NULL, NULL, &c);
	image = catalog_image(cache, &c);
	dir = catalog_dir(cache, &c);
	doc = path_join(dir, "usr");
	assert_string_equal(c.id, R);
	assert_string_equal(c.arch, "ppc64le");
	assert_string_equal(c.release, R);
	assert_int_equal(c.pagesize, 65536);
	assert_string_equal(c.origin, "deb");
	assert_string_equal(c.sources.v[0], "one.deb");
	assert_string_equal(c.image, "vmlinux");
	assert_true(c.has_config);
	assert_false(c.has_modules);
	assert_true(fs_exists(image));
	assert_false(fs_exists(doc));
	import_ok(deb, NULL, NULL, &again);
	assert_string_equal(again.id, c.id);
	assert_int_equal(cache_entries(), 1);
}

static void a_kernel_in_parts(void **state)
{
	const struct fixture_member binary[] = {
		{ .path = MODULES "vmlinuz", .data = elf.s, .len = elf.len }
	};
	static const struct fixture_member modules[] = {
		{ .path = MODULES "modules.builtin", .data = "kernel/a.ko\n", .len = 12 },
		{ .path = MODULES "modules.order", .data = "", .len = 0 },
		{ .path = MODULES "config",
		  .data = FIXTURE_CONFIG_PPC,
		  .len = sizeof(FIXTURE_CONFIG_PPC) - 1 },
	};
	AUTO_FREE char *a = fixture_deb("binary.deb", binary, 1);
	AUTO_FREE char *b = fixture_deb("modules.deb", modules, ARRAY_SIZE(modules));
	AUTO_FREE char *dir = NULL, *index = NULL;
	AUTO(candidate) c = CANDIDATE_INIT;

	(void)state;
	import_ok(a, b, "mine", &c);
	dir = catalog_dir(cache, &c);
	index = path_join(dir, "lib/modules/" R "/modules.dep.bin");
	assert_string_equal(c.id, "mine");
	assert_true(c.has_modules);
	assert_true(fs_exists(index));
	assert_int_equal(c.sources.n, 2);
	assert_int_equal(clear(NULL), 0);
	import_fails(b, NULL, "no kernel image");
}

/* Content is what counts: the same kernel from a folder is the same candidate. */
static void same_kernel_from_a_folder(void **state)
{
	AUTO_FREE char *deb = image_deb("one.deb", NULL), *tree = fixture_path("tree");
	AUTO_FREE char *image = fixture_path("tree/boot/vmlinux-" R),
		       *config = fixture_path("tree/boot/config-" R);
	AUTO(candidate) c = CANDIDATE_INIT, again = CANDIDATE_INIT;

	(void)state;
	import_ok(deb, NULL, "first", &c);
	fixture_write(image, elf.s, elf.len);
	fixture_write(config, FIXTURE_CONFIG_PPC, strlen(FIXTURE_CONFIG_PPC));
	import_ok(tree, NULL, NULL, &again);
	assert_string_equal(again.id, "first");
	assert_string_equal(again.origin, "deb");
}

static void ids(void **state)
{
	AUTO_FREE char *deb = image_deb("one.deb", NULL);
	AUTO_FREE char *bare = fixture_path("vmlinux");
	AUTO(candidate) c = CANDIDATE_INIT, other = CANDIDATE_INIT, out = CANDIDATE_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	import_ok(deb, NULL, NULL, &c);
	fixture_write(bare, elf.s, elf.len);
	assert_int_equal(import(deb, NULL, "other", NULL, &out, &err), -1);
	assert_non_null(strstr(err.text, "is in the catalog as " R));
	assert_int_equal(import(bare, NULL, R, NULL, &out, &err), -1);
	assert_non_null(strstr(err.text, "another kernel has this id"));
	assert_int_equal(import(bare, NULL, "../x", NULL, &out, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_int_equal(cache_entries(), 1);
	/* the same release, another content: a piece of the hash tells them apart */
	import_ok(bare, NULL, NULL, &other);
	assert_true(str_starts(other.id, R "-"));
	assert_int_equal(strlen(other.id), strlen(R) + 9);
}

static void bare_files(void **state)
{
	AUTO_FREE char *bare = fixture_path("vmlinux"), *config = fixture_path("some-config");
	AUTO(candidate) alone = CANDIDATE_INIT, both = CANDIDATE_INIT;

	(void)state;
	fixture_write(bare, elf.s, elf.len);
	fixture_write(config, FIXTURE_CONFIG_PPC, strlen(FIXTURE_CONFIG_PPC));
	import_ok(bare, NULL, NULL, &alone);
	assert_string_equal(alone.origin, "file");
	assert_string_equal(alone.sources.v[0], bare);
	assert_false(alone.has_config);
	assert_int_equal(alone.pagesize, 0);
	import_ok(config, bare, NULL, &both);
	assert_int_equal(both.pagesize, 65536);
	assert_int_equal(clear(NULL), 0);
	import_fails(config, config, "two configs");
}

static void bzimage_and_builtin_config(void **state)
{
	AUTO(buf) image = BUF_INIT, packed = BUF_INIT;
	AUTO_FREE char *path = fixture_path("bzImage"), *with_config = fixture_path("vmlinux");
	AUTO(candidate) x86 = CANDIDATE_INIT, ppc = CANDIDATE_INIT;

	(void)state;
	fixture_bzimage(&image, "6.1-x");
	fixture_write(path, image.s, image.len);
	import_ok(path, NULL, NULL, &x86);
	assert_string_equal(x86.arch, "x86_64");
	assert_string_equal(x86.image, "bzImage");
	assert_int_equal(x86.pagesize, 4096);
	fixture_elf(&image, EM_PPC64, R);
	buf_adds(&image, "IKCFG_ST");
	fixture_pack(&packed, ARCHIVE_FILTER_GZIP, FIXTURE_CONFIG_PPC, strlen(FIXTURE_CONFIG_PPC));
	buf_add(&image, packed.s, packed.len);
	buf_adds(&image, "IKCFG_ED");
	fixture_write(with_config, image.s, image.len);
	import_ok(with_config, NULL, NULL, &ppc);
	assert_true(ppc.has_config);
	assert_int_equal(ppc.pagesize, 65536);
}

static void a_build_tree(void **state)
{
	AUTO_FREE char *tree = fixture_path("build"), *out_of_tree = fixture_path("build/.git/vmlinux");
	static const char *const files[][2] = {
		{ "build/include/config/kernel.release", "6.1-x\n" },
		{ "build/.config", FIXTURE_CONFIG_X86 },
		{ "build/modules.builtin", "kernel/a.ko\n" },
		{ "build/fs/Makefile", "obj-y :=\n" },
	};
	AUTO_FREE char *vmlinux = fixture_path("build/vmlinux"),
		       *boot = fixture_path("build/arch/x86/boot/bzImage");
	AUTO(buf) image = BUF_INIT;
	AUTO(candidate) c = CANDIDATE_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		AUTO_FREE char *path = fixture_path(files[i][0]);

		fixture_write(path, files[i][1], strlen(files[i][1]));
	}
	fixture_elf(&image, EM_X86_64, "6.1-x");
	fixture_write(vmlinux, image.s, image.len);
	fixture_write(out_of_tree, image.s, image.len);
	fixture_bzimage(&image, "6.1-x");
	fixture_write(boot, image.s, image.len);
	import_ok(tree, NULL, NULL, &c);
	assert_string_equal(c.image, "bzImage");
	assert_string_equal(c.release, "6.1-x");
	assert_true(c.has_modules);
	fixture_bzimage(&image, "6.1-stale");
	fixture_write(boot, image.s, image.len);
	import_fails(tree, NULL, "6.1-stale");
}

static void a_folder_with_several_kernels(void **state)
{
	AUTO_FREE char *tree = fixture_path("two"), *a = fixture_path("two/boot/vmlinux-" R);
	AUTO_FREE char *b = fixture_path("two/boot/vmlinux-6.13-b");
	AUTO(buf) image = BUF_INIT;
	AUTO(candidate) c = CANDIDATE_INIT, none = CANDIDATE_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	fixture_elf(&image, EM_PPC64, "6.13-b");
	fixture_write(a, elf.s, elf.len);
	fixture_write(b, image.s, image.len);
	import_fails(tree, NULL, R);
	import_fails(tree, NULL, "6.13-b");
	import_fails(tree, NULL, "--release");
	assert_int_equal(import(tree, NULL, NULL, "6.13-b", &c, &err), 0);
	assert_string_equal(c.release, "6.13-b");
	assert_int_equal(import(tree, NULL, NULL, "6.14", &none, &err), -1);
	assert_non_null(strstr(err.text, "of release 6.14"));
}

static void pieces_that_disagree(void **state)
{
	AUTO(buf) image = BUF_INIT;
	const struct fixture_member lying = { .path = "boot/vmlinux-6.13-lie",
					      .data = elf.s,
					      .len = elf.len };
	AUTO_FREE char *deb = fixture_deb("lie.deb", &lying, 1), *good = image_deb("one.deb", NULL);
	AUTO_FREE char *x86 = fixture_path("bzImage"), *x86_config = fixture_path("x86.config");
	AUTO_FREE char *vmlinux = fixture_path("vmlinux"), *arm = fixture_path("Image");
	AUTO_FREE char *arm_config = fixture_path("arm.config");
	static const char arm_text[] = "CONFIG_ARM64=y\nCONFIG_ARM64_4K_PAGES=y\n";

	(void)state;
	import_fails(deb, NULL, "6.13-lie");
	import_fails(deb, NULL, R);
	import_fails(good, deb, "several kernels");
	fixture_bzimage(&image, R);
	fixture_write(x86, image.s, image.len);
	fixture_write(vmlinux, elf.s, elf.len);
	fixture_write(x86_config, FIXTURE_CONFIG_X86, strlen(FIXTURE_CONFIG_X86));
	import_fails(x86, vmlinux, "for ppc64le");
	import_fails(vmlinux, x86_config, "config of a kernel for x86_64");
	fixture_arm64(&image, R, 3 << 1);
	fixture_write(arm, image.s, image.len);
	fixture_write(arm_config, arm_text, strlen(arm_text));
	import_fails(arm, arm_config, "pages of 4096 bytes, the image 65536");
}

static void what_cannot_be_imported(void **state)
{
	AUTO_FREE char *text = fixture_path("text"), *none = fixture_path("none"),
		       *empty = fixture_path("empty/x");
	AUTO_FREE char *folder = fixture_path("empty"), *fifo = fixture_path("fifo"),
		       *big = fixture_path("big");
	const struct fixture_member evil = { .path = "../../evil", .data = "x", .len = 1 };
	const struct fixture_member device = { .path = "dev/mem", .type = S_IFCHR };
	AUTO_FREE char *evil_deb = image_deb("evil.deb", &evil), *device_deb = image_deb("dev.deb", &device);
	AUTO(buf) image = BUF_INIT;

	(void)state;
	fixture_write(text, "hello", 5);
	fixture_write(empty, "x", 1);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	fixture_elf(&image, EM_PPC64, R);
	image.s[EI_DATA] = ELFDATA2MSB;
	fixture_write(big, image.s, image.len);
	import_fails(none, NULL, "No such file");
	import_fails(text, NULL, "neither an ELF vmlinux");
	import_fails(folder, NULL, "no kernel image");
	import_fails(fifo, NULL, "expected a .deb");
	import_fails(big, NULL, "big-endian");
	import_fails(evil_deb, NULL, "evil.deb: ../../evil");
	import_fails(device_deb, NULL, "dev.deb: dev/mem");
}

/* What a killed import leaves is swept by the next one, and never looks like a candidate. */
static void leftovers_are_swept(void **state)
{
	AUTO_FREE char *deb = image_deb("one.deb", NULL), *left = path_join(cache, ".stage-abcdef/images/0");
	AUTO(candidate_list) all = CANDIDATE_LIST_INIT;
	AUTO(candidate) c = CANDIDATE_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	fixture_write(left, "x", 1);
	assert_int_equal(catalog_list(cache, &all, &err), 0);
	assert_int_equal(all.n, 0);
	import_ok(deb, NULL, NULL, &c);
	assert_int_equal(cache_entries(), 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(one_package, clear),
		cmocka_unit_test_setup(a_kernel_in_parts, clear),
		cmocka_unit_test_setup(same_kernel_from_a_folder, clear),
		cmocka_unit_test_setup(ids, clear),
		cmocka_unit_test_setup(bare_files, clear),
		cmocka_unit_test_setup(bzimage_and_builtin_config, clear),
		cmocka_unit_test_setup(a_build_tree, clear),
		cmocka_unit_test_setup(a_folder_with_several_kernels, clear),
		cmocka_unit_test_setup(pieces_that_disagree, clear),
		cmocka_unit_test_setup(what_cannot_be_imported, clear),
		cmocka_unit_test_setup(leftovers_are_swept, clear),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
