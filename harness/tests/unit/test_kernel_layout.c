/* Paths: which are safe, and what lies where. */
#include "tests/unit/kernel_fixture.h"

#include "kernel/layout.h"

static void clean_paths(void **state)
{
	static const char *const rows[][2] = {
		{ "a/b", "a/b" }, { "./a/b", "a/b" }, { "a//b/", "a/b" }, { ".", "" },
		{ "./", "" },	  { "", "" },	      { "a/./b", "a/b" }, { "..a/b..", "..a/b.." },
	};
	AUTO(buf) clean = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_null(layout_clean(rows[i][0], &clean));
		assert_string_equal(clean.s, rows[i][1]);
	}
}

static void unsafe_paths(void **state)
{
	static const char *const rows[] = { "/a",     "//a",  "..",   "../a", "a/..",
					    "a/../b", "./..", "a\nb", "a\x7f" };
	AUTO(buf) clean = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_non_null(layout_clean(rows[i], &clean));
}

static void links(void **state)
{
	(void)state;
	assert_true(layout_link_stays("a", "b"));
	assert_true(layout_link_stays("a/b/c", "../../d"));
	assert_true(layout_link_stays("a/b", "./../c/.."));
	assert_false(layout_link_stays("a", ".."));
	assert_false(layout_link_stays("a", "/a"));
	assert_false(layout_link_stays("a/b", "../../c"));
	assert_false(layout_link_stays("a/b", "c/../../../a/b/c"));
}

static void pieces(void **state)
{
	static const struct {
		const char *path;
		bool build;
		enum layout_kind kind;
		const char *release, *rest;
	} rows[] = {
		{ "boot/vmlinux-6.1.0-50-powerpc64le", false, LAYOUT_IMAGE, "6.1.0-50-powerpc64le", "" },
		{ "boot/vmlinuz-6.12.1+deb13-amd64", false, LAYOUT_IMAGE, "6.12.1+deb13-amd64", "" },
		{ "boot/config-6.1", false, LAYOUT_CONFIG, "6.1", "" },
		{ "boot/System.map-6.1", false, LAYOUT_OTHER, "", "" },
		{ "boot/vmlinuz-6.1.old", false, LAYOUT_OTHER, "", "" },
		{ "boot/vmlinux-6.4-default.xz", false, LAYOUT_OTHER, "", "" },
		{ "boot/initrd.img-6.1", false, LAYOUT_OTHER, "", "" },
		{ "boot/grub/vmlinuz-6.1", false, LAYOUT_OTHER, "", "" },
		{ "boot/vmlinuz-../x", false, LAYOUT_OTHER, "", "" },
		{ "vmlinuz", false, LAYOUT_IMAGE, "", "" },
		{ "vmlinux-7.2", false, LAYOUT_IMAGE, "7.2", "" },
		{ "bzImage", false, LAYOUT_IMAGE, "", "" },
		{ ".config", false, LAYOUT_CONFIG, "", "" },
		{ "usr/lib/modules/7.2/vmlinuz", false, LAYOUT_IMAGE, "7.2", "" },
		{ "usr/lib/modules/7.2/config", false, LAYOUT_CONFIG, "7.2", "" },
		{ "lib/modules/6.1/kernel/fs/btrfs/btrfs.ko", false, LAYOUT_MODULES, "6.1",
		  "kernel/fs/btrfs/btrfs.ko" },
		{ "usr/lib/modules/6.1/a.ko.xz", false, LAYOUT_MODULES, "6.1", "a.ko.xz" },
		{ "usr/lib/modules/6.1/a.ko.zst", false, LAYOUT_MODULES, "6.1", "a.ko.zst" },
		{ "lib/modules/6.1/a b.ko", false, LAYOUT_OTHER, "", "" },
		{ "lib/modules/6.1/modules.builtin", false, LAYOUT_MODULES, "6.1", "modules.builtin" },
		{ "lib/modules/6.1/modules.dep", false, LAYOUT_OTHER, "", "" },
		{ "lib/modules/6.1/kernel/modules.builtin", false, LAYOUT_OTHER, "", "" },
		{ "lib/modules/6.1", false, LAYOUT_OTHER, "", "" },
		{ "lib/modules/.x/a.ko", false, LAYOUT_OTHER, "", "" },
		{ "usr/share/doc/x", false, LAYOUT_OTHER, "", "" },
		{ "vmlinux", true, LAYOUT_IMAGE, "", "" },
		{ "arch/x86/boot/bzImage", true, LAYOUT_IMAGE, "", "" },
		{ "arch/arm64/boot/Image", true, LAYOUT_IMAGE, "", "" },
		{ "arch/x86/boot/compressed/vmlinux", true, LAYOUT_OTHER, "", "" },
		{ ".config", true, LAYOUT_CONFIG, "", "" },
		{ "fs/btrfs/btrfs.ko", true, LAYOUT_MODULES, "", "kernel/fs/btrfs/btrfs.ko" },
		{ "fs/btrfs/btrfs.o", true, LAYOUT_OTHER, "", "" },
		{ "modules.builtin", true, LAYOUT_MODULES, "", "modules.builtin" },
		{ "modules.order", true, LAYOUT_OTHER, "", "" },
	};
	AUTO(layout) layout = LAYOUT_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		layout_find(rows[i].path, rows[i].build, &layout);
		if (layout.kind != rows[i].kind)
			fail_msg("%s: kind %d", rows[i].path, (int)layout.kind);
		assert_string_equal(layout.release, rows[i].release);
		assert_string_equal(layout.rest.s, rows[i].rest);
	}
}

static void folders_to_enter(void **state)
{
	(void)state;
	assert_true(layout_descend("boot", false));
	assert_true(layout_descend("usr/lib/modules/6.1/kernel", false));
	assert_false(layout_descend("usr/share", false));
	assert_false(layout_descend("proc", false));
	assert_false(layout_descend("boot/grub", false));
	assert_true(layout_descend("drivers/net", true));
	assert_false(layout_descend(".git", true));
	assert_false(layout_descend("tools/.cache", true));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(clean_paths), cmocka_unit_test(unsafe_paths),	   cmocka_unit_test(links),
		cmocka_unit_test(pieces),      cmocka_unit_test(folders_to_enter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
