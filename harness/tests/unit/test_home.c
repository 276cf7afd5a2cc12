/* Where state lives: --home, the XDG folders, and no home at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/home.h"

static void home_option(void **state)
{
	AUTO(err) err = ERR_INIT;
	AUTO_FREE char *results = home_results_dir("/x", &err), *cache = home_cache_dir("/x/", &err);
	AUTO_FREE char *relative = home_cache_dir("some/where", &err), *here = getcwd(NULL, 0);
	AUTO_FREE char *expected = xasprintf("%s/some/where/kernels/cache", here);

	(void)state;
	assert_string_equal(results, "/x/results");
	assert_string_equal(cache, "/x/kernels/cache");
	assert_string_equal(relative, expected);
}

/* This program lies outside of a tree's build folder proper, as an installed one does. */
static void xdg_folders(void **state)
{
	AUTO(err) err = ERR_INIT;
	AUTO_FREE char *data = NULL, *cache = NULL, *fallback = NULL, *ignored = NULL;

	(void)state;
	setenv("HOME", "/home/u", 1);
	setenv("XDG_DATA_HOME", "/data", 1);
	setenv("XDG_CACHE_HOME", "/cache", 1);
	data = home_results_dir(NULL, &err);
	cache = home_downloads_dir(&err);
	assert_string_equal(data, "/data/qbisect/results");
	assert_string_equal(cache, "/cache/qbisect");
	unsetenv("XDG_DATA_HOME");
	setenv("XDG_CACHE_HOME", "not/absolute", 1);
	fallback = home_cache_dir(NULL, &err);
	ignored = home_downloads_dir(&err);
	assert_string_equal(fallback, "/home/u/.local/share/qbisect/kernels/cache");
	assert_string_equal(ignored, "/home/u/.cache/qbisect");
}

static void no_home_at_all(void **state)
{
	AUTO(err) err = ERR_INIT;

	(void)state;
	unsetenv("HOME");
	unsetenv("XDG_DATA_HOME");
	unsetenv("XDG_CACHE_HOME");
	assert_null(home_results_dir(NULL, &err));
	assert_int_equal(err.kind, ERR_HOST);
	assert_non_null(strstr(err.text, "--home"));
	assert_null(home_downloads_dir(&err));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(home_option),
		cmocka_unit_test(xdg_folders),
		cmocka_unit_test(no_home_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
