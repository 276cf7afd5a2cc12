/* Child processes: how a program is found, what ends one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/child.h"

static void finds_in_path_and_sbin(void **state)
{
	AUTO_FREE char *sh = NULL, *absolute = NULL;

	(void)state;
	setenv("PATH", "/usr/bin:/bin", 1);
	sh = child_program("sh");
	assert_non_null(sh);
	assert_true(str_ends(sh, "/bin/sh"));
	absolute = child_program("/bin/sh");
	assert_string_equal(absolute, "/bin/sh");
	assert_null(child_program("/etc/passwd"));
	assert_null(child_program("no-such-program-anywhere"));
	setenv("PATH", "/nonexistent:/etc", 1);
	assert_null(child_program("passwd"));
	assert_null(child_program("sh"));
}

static void sbin_is_searched_without_being_in_path(void **state)
{
	AUTO_FREE char *ldconfig = NULL;

	(void)state;
	setenv("PATH", "/usr/bin", 1);
	ldconfig = child_program("ldconfig"); /* libc-bin: on every Debian, in sbin only */
	assert_non_null(ldconfig);
}

static void missing_program_is_127_and_never_the_working_folder(void **state)
{
	static const char *const argv[] = { "passwd-of-etc", NULL };
	struct child child = { .argv = argv, .dir = "/", .timeout_ms = 5000 };
	AUTO(child_result) res = CHILD_RESULT_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	setenv("PATH", "/usr/bin:/bin", 1);
	assert_int_equal(child_run(&child, &res, &err), 0);
	assert_int_equal(res.status, 127);
	assert_int_equal(child_must(&child, "some-package", NULL, &err), -1);
	assert_non_null(strstr(err.text, "apt-get install some-package"));
}

static void deadline_ends_it(void **state)
{
	static const char *const argv[] = { "sleep", "60", NULL };
	struct child child = { .argv = argv, .timeout_ms = 100 };
	AUTO(child_result) res = CHILD_RESULT_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	setenv("PATH", "/usr/bin:/bin", 1);
	assert_int_equal(child_run(&child, &res, &err), 0);
	assert_true(res.timed_out);
	assert_int_equal(res.status, 128 + 9);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_in_path_and_sbin),
		cmocka_unit_test(sbin_is_searched_without_being_in_path),
		cmocka_unit_test(missing_program_is_127_and_never_the_working_folder),
		cmocka_unit_test(deadline_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
