/* A kernel in the catalog that is not what was imported any more. */
#include "tests/unit/kernel_fixture.h"

#include <fcntl.h>
#include <unistd.h>

#include "kernel/import.h"
#include "kernel/verify.h"

#define RELEASE "6.12.1"

static char *cache, *module;
static struct candidate kernel;

/* Imported anew for each test. */
static int import(void **state)
{
	AUTO_FREE char *root = fixture_path("root"), *image_path = path_join(root, "boot/vmlinux-" RELEASE);
	AUTO_FREE char *config = path_join(root, "boot/config-" RELEASE);
	AUTO_FREE char *list = path_join(root, "lib/modules/" RELEASE "/modules.builtin");
	const char *const paths[] = { root };
	const struct import_spec spec = { .paths = paths, .n = 1 };
	AUTO(buf) image = BUF_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	cache = fixture_path("cache");
	fixture_elf(&image, EM_PPC64, RELEASE);
	fixture_write(image_path, image.s, image.len);
	fixture_write(config, FIXTURE_CONFIG_PPC, strlen(FIXTURE_CONFIG_PPC));
	fixture_write(list, "kernel/a.ko\n", 12);
	kernel = (struct candidate)CANDIDATE_INIT;
	if (import_kernel(cache, &spec, &kernel, &err) < 0) {
		print_error("%s\n", err.text);
		return -1;
	}
	/* Any file that was imported does for a module. */
	module = xasprintf("%s/" RELEASE "/lib/modules/" RELEASE "/modules.builtin", cache);
	return 0;
}

static int forget(void **state)
{
	AUTO(err) err = ERR_INIT;
	int failed = fs_remove_tree(cache, &err);

	(void)state;
	candidate_release(&kernel);
	free(cache);
	free(module);
	return failed;
}

static void expect(const char *path, const char *fault)
{
	char *paths[] = { (char *)path, NULL };
	const struct strv modules = { paths, path ? 1 : 0, 1 };
	AUTO(err) err = ERR_INIT;
	int status = verify_kernel(cache, &kernel, &modules, &err);

	if (!fault) {
		if (status < 0)
			fail_msg("%s", err.text);
		return;
	}
	assert_int_equal(status, -1);
	assert_int_equal(err.kind, ERR_HOST);
	if (!strstr(err.text, fault) || !strstr(err.text, "is not as it was imported"))
		fail_msg("'%s' is not about %s", err.text, fault);
}

static char *in_folder(const char *name)
{
	return xasprintf("%s/" RELEASE "/%s", cache, name);
}

static void append(const char *path)
{
	FILE *file = fopen(path, "ae");

	assert_non_null(file);
	fputc('x', file);
	fclose(file);
}

static void as_imported(void **state)
{
	(void)state;
	expect(module, NULL);
	expect(module, NULL);
	expect(NULL, NULL);
}

/* What was read before is not believed after a change. */
static void changed_later(void **state)
{
	static const char *const files[] = { "vmlinux", "config", "manifest",
					     "lib/modules/" RELEASE "/modules.builtin" };

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		AUTO_FREE char *path = in_folder(files[i]);

		expect(module, NULL);
		append(path);
		expect(module, files[i]);
		assert_int_equal(forget(state), 0);
		assert_int_equal(import(state), 0);
	}
}

/* Of the same size and with the old times: the time of the change itself cannot be set back. */
static void changed_in_secret(void **state)
{
	AUTO_FREE char *path = in_folder("vmlinux");
	struct stat before;
	FILE *file;

	(void)state;
	expect(module, NULL);
	assert_int_equal(stat(path, &before), 0);
	file = fopen(path, "r+e");
	assert_non_null(file);
	fputc('x', file);
	fclose(file);
	assert_int_equal(utimensat(AT_FDCWD, path, (struct timespec[]){ before.st_atim, before.st_mtim }, 0),
			 0);
	expect(module, "vmlinux");
}

static void modules_from_elsewhere(void **state)
{
	AUTO_FREE char *above = in_folder("lib/../../../evil.ko"), *other = fixture_path("evil.ko");
	AUTO_FREE char *beside = xasprintf("%s/" RELEASE "-evil.ko", cache);

	(void)state;
	fixture_write(other, "x", 1);
	expect(above, "evil.ko");
	expect(other, "evil.ko");
	expect(beside, "evil.ko");
}

/* Whatever there is to compare it with. */
static void a_folder_above(void **state)
{
	AUTO_FREE char *above = in_folder("lib/.."), *manifest = in_folder("manifest");

	(void)state;
	assert_int_equal(unlink(manifest), 0);
	expect(above, "lib/..");
}

/* A module that was put there, and one under another's name. */
static void modules_that_were_not_imported(void **state)
{
	AUTO_FREE char *added = in_folder("lib/modules/" RELEASE "/added.ko");
	AUTO_FREE char *renamed = in_folder("lib/modules/" RELEASE "/renamed.ko");

	(void)state;
	fixture_write(added, "x", 1);
	expect(added, "added.ko");
	assert_int_equal(link(module, renamed), 0);
	expect(renamed, "renamed.ko");
}

/* Of a kernel that was imported before there were manifests the image is compared. */
static void without_a_manifest(void **state)
{
	AUTO_FREE char *manifest = in_folder("manifest"), *config = in_folder("config"),
		       *image = in_folder("vmlinux");

	(void)state;
	assert_int_equal(unlink(manifest), 0);
	append(config);
	expect(module, NULL);
	append(image);
	expect(module, "vmlinux");
}

static void nothing_there(void **state)
{
	AUTO_FREE char *image = in_folder("vmlinux");
	const struct strv none = STRV_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	assert_int_equal(unlink(image), 0);
	assert_int_equal(verify_kernel(cache, &kernel, &none, &err), -1);
	assert_int_equal(err.kind, ERR_HOST);
	assert_non_null(strstr(err.text, "cannot read"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(as_imported, import, forget),
		cmocka_unit_test_setup_teardown(changed_later, import, forget),
		cmocka_unit_test_setup_teardown(changed_in_secret, import, forget),
		cmocka_unit_test_setup_teardown(modules_from_elsewhere, import, forget),
		cmocka_unit_test_setup_teardown(a_folder_above, import, forget),
		cmocka_unit_test_setup_teardown(modules_that_were_not_imported, import, forget),
		cmocka_unit_test_setup_teardown(without_a_manifest, import, forget),
		cmocka_unit_test_setup_teardown(nothing_there, import, forget),
	};

	return cmocka_run_group_tests(tests, fixture_set_up, fixture_tear_down);
}
