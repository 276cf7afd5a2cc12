#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/datadir.h"
#include "base/fs.h"

static void test_override(void **state)
{
	AUTO(err) err = ERR_INIT;
	AUTO_FREE char *dir = fs_temp_dir("/tmp/qbisect-datadir-", &err);
	AUTO_FREE char *file = path_join(dir, "x.json");
	AUTO_FREE char *found = NULL, *missing = NULL;

	(void)state;
	assert_int_equal(fs_write_atomic(file, "{}", 2, &err), 0);
	assert_int_equal(setenv("QBISECT_DATA", dir, 1), 0);
	found = datadir_path("x.json", &err);
	assert_non_null(found);
	assert_string_equal(found, file);
	missing = datadir_path("y.json", &err);
	assert_null(missing);
	assert_int_equal(err.kind, ERR_HOST);
	assert_non_null(strstr(err.text, dir));
	assert_int_equal(fs_remove_tree(dir, &err), 0);
}

/* This test runs from BUILD/unit/, so ".." is the build folder. */
static void test_beside_program(void **state)
{
	AUTO(err) err = ERR_INIT;
	AUTO_FREE char *found = NULL, *missing = NULL;

	(void)state;
	assert_int_equal(unsetenv("QBISECT_DATA"), 0);
	found = datadir_path("unit/test_datadir", &err);
	if (!found)
		fail_msg("%s", err.text);
	missing = datadir_path("no/such/file", &err);
	assert_null(missing);
	assert_non_null(strstr(err.text, "../share/qbisect/no/such/file"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_override),
		cmocka_unit_test(test_beside_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
