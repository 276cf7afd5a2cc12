/* A folder of a test's own, as set-up and tear-down for cmocka. */
#ifndef QB_TEST_FOLDER_FIXTURE_H
#define QB_TEST_FOLDER_FIXTURE_H

#include "base/fs.h"
#include "base/progress.h"

static char *folder;

static int folder_set_up(void **state)
{
	AUTO(err) err = ERR_INIT;

	(void)state;
	progress_quiet();
	folder = fs_temp_dir("/tmp/qbisect-test-", &err);
	return folder ? 0 : -1;
}

static int folder_tear_down(void **state)
{
	AUTO(err) err = ERR_INIT;
	int failed = fs_remove_tree(folder, &err);

	(void)state;
	free(folder);
	return failed;
}

#endif
