/* What a build's dependency files say that was compiled. */
#include "tests/unit/kernel_fixture.h"

#include "kernel/deps.h"

static const char cmd[] =
    "savedcmd_fs/a.o := gcc -I/t/ree/include -include /t/ree/include/linux/kconfig.h -c -o fs/a.o /t/ree/fs/a.c\n\n"
    "source_fs/a.o := /t/ree/fs/a.c\n\ndeps_fs/a.o := \\\n    $(wildcard include/config/X) \\\n"
    "  /t/ree/arch/x/vdso/../../../lib/b.h \\\n  include/generated/c.h \\\n  /t/reef/d.h \\\n"
    "  /t/ree/../e.h \\\n  /usr/include/stdio.h\n\nfs/a.o: $(deps_fs/a.o)\n$(deps_fs/a.o):\n";

static void names_files_of_the_tree(void **state)
{
	AUTO(strv) files = STRV_INIT;

	(void)state;
	deps_scan(cmd, strlen(cmd), "/t/ree", &files);
	deps_sort(&files);
	assert_int_equal(files.n, 3);
	assert_string_equal(files.v[0], "fs/a.c");
	assert_string_equal(files.v[1], "include/linux/kconfig.h");
	assert_string_equal(files.v[2], "lib/b.h");
	assert_null(files.v[3]);
}

static void names_files_of_a_tree_above(void **state)
{
	static const char relative[] = "x := ../fs/a.c ../lib/../lib/b.h ../../c.h a/../d.h ..\n";
	AUTO(strv) files = STRV_INIT;

	(void)state;
	deps_scan(relative, strlen(relative), "..", &files);
	assert_int_equal(files.n, 2);
	assert_string_equal(files.v[0], "fs/a.c");
	assert_string_equal(files.v[1], "lib/b.h");
}

static void an_empty_list_is_refused(void **state)
{
	AUTO_FREE char *objects = fixture_path("empty"), *list = fixture_path("list2");
	AUTO(err) err = ERR_INIT;

	(void)state;
	assert_int_equal(fs_mkdirs(objects, &err), 0);
	assert_int_equal(deps_collect(objects, "..", list, &err), -1);
	assert_int_equal(err.kind, ERR_HOST);
	assert_false(fs_exists(list));
}

static void collects_from_an_object_folder(void **state)
{
	AUTO_FREE char *objects = fixture_path("objects"), *link = fixture_path("objects/source");
	AUTO_FREE char *one = fixture_path("objects/.a.o.cmd"), *two = fixture_path("objects/fs/b/.c.o.cmd");
	AUTO_FREE char *other = fixture_path("objects/fs/b/c.o"), *list = fixture_path("list");
	AUTO_FREE char *source = fixture_path("src"), *trap = fixture_path("src/.x.cmd");
	AUTO(buf) text = BUF_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	fixture_write(one, "/t/z.c /t/a.c", 13);
	fixture_write(two, "/t/a.c", 6);
	fixture_write(other, "/t/not.c", 8);
	fixture_write(trap, "/t/trap.c", 9);
	assert_int_equal(symlink(source, link), 0);
	assert_int_equal(deps_collect(objects, "/t", list, &err), 0);
	assert_int_equal(fs_read(list, 100, &text, &err), 0);
	assert_string_equal(text.s, "a.c\nz.c\n");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_files_of_the_tree),
		cmocka_unit_test(names_files_of_a_tree_above),
		cmocka_unit_test(an_empty_list_is_refused),
		cmocka_unit_test(collects_from_an_object_folder),
	};

	return cmocka_run_group_tests(tests, fixture_set_up, fixture_tear_down);
}
