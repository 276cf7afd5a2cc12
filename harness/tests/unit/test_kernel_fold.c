/* What can change an image, and what is asked of its configuration. */
#include "tests/unit/kernel_fixture.h"

#include "base/child.h"
#include "config/build_record.h"
#include "kernel/fold.h"
#include "kernel/fragment.h"
#include "kernel/kconfig.h"

static const struct {
	char status;
	const char *path;
	bool counts;
} rows[] = {
	{ 'M', "fs/a.c", true },
	{ 'M', "include/a.h", true },
	{ 'M', "fs/b.c", false },
	{ 'M', "include/b.h", false },
	{ 'A', "include/b.h", true }, /* it may hide another */
	{ 'D', "fs/b.c", true },
	{ 'M', "fs/Kconfig", true },
	{ 'M', "fs/Kconfig.debug", true },
	{ 'M', "drivers/x/Makefile", true },
	{ 'M', "Documentation/Kconfig", true },
	{ 'M', "scripts/x.sh", true },
	{ 'M', "arch/x/syscalls/syscall.tbl", true },
	{ 'A', "Documentation/x.rst", false },
	{ 'D', "tools/testing/x.c", false },
	{ 'M', "MAINTAINERS", false },
	{ 'M', "drivers/x/README", false },
	{ 'M', "arch/x/boot/dts/a.dts", false },
};

static void knows_what_counts(void **state)
{
	AUTO_FREE char *path = fixture_path("deps");
	AUTO(fold) fold = FOLD_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	fixture_write(path, "fs/a.c\n", 7);
	assert_int_equal(fold_read(path, &fold, &err), 0);
	fixture_write(path, "fs/a.c\ninclude/a.h\n", 19);
	assert_int_equal(fold_read(path, &fold, &err), 0);
	assert_int_equal(fold.files.n, 2);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (fold_counts(&fold, rows[i].status, rows[i].path) != rows[i].counts)
			fail_msg("%c %s", rows[i].status, rows[i].path);
}

/*
 *	base - code - docs - merge of side - merge of more	docs and side are foldable,
 *								code and more are not
 */
static const char script[] =
    "set -e; export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=A "
    "GIT_COMMITTER_EMAIL=a@b; git init -q -b main repo; cd repo; mkdir fs; echo 1 >fs/a.c; echo 1 >fs/b.c; "
    "echo 1 >fs/c.c; echo >MAINTAINERS; git add .; git commit -qm base; git tag base; echo 2 >fs/a.c; "
    "git commit -qam code; echo x >MAINTAINERS; git commit -qam docs; git checkout -q -b side base; echo 2 >fs/b.c; "
    "git commit -qam side; git checkout -q -b more base; echo 2 >fs/c.c; git commit -qam more; git checkout -q main; "
    "git merge -q -m merge1 side; git merge -q -m merge2 more";

static void folds_a_history(void **state)
{
	static const char *const argv[] = { "/bin/sh", "-c", script, NULL };
	struct child child = { .argv = argv, .dir = fixture_dir, .timeout_ms = 60000 };
	struct git_range range = { .older = "base", .newer = "main" };
	AUTO_FREE char *repo = fixture_path("repo"), *deps = fixture_path("deps");
	AUTO(fold) fold = FOLD_INIT;
	AUTO(git) git = GIT_INIT;
	AUTO(folded_list) list = FOLDED_LIST_INIT;
	AUTO(buf) text = BUF_INIT, shown = BUF_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	fixture_write(deps, "fs/a.c\nfs/c.c\n", 14);
	assert_int_equal(child_must(&child, NULL, NULL, &err), 0);
	assert_int_equal(fold_read(deps, &fold, &err), 0);
	assert_int_equal(git_open(repo, &git, &err), 0);
	assert_int_equal(git_range(&git, &range, &text, &err), 0);
	assert_int_equal(fold_history(&git, &fold, text.s, &list, &err), 0);
	for (size_t i = 0; i < list.n; i++) {
		AUTO(git_commit) commit = GIT_COMMIT_INIT;

		assert_int_equal(git_commit(&git, list.v[i].commit, &commit, &err), 0);
		buf_addf(&shown, "%s %d %s\n", commit.subject, list.v[i].same_as,
			 list.v[i].why ? list.v[i].why : "-");
	}
	/* merge2 brings c.c: from its first parent's side that counts, and from more's a.c does */
	assert_non_null(strstr(shown.s, "merge2 -1 fs/c.c\n"));
	assert_non_null(strstr(shown.s, "merge1 0 -\n"));
	assert_non_null(strstr(shown.s, "side 0 -\n"));
	assert_non_null(strstr(shown.s, "more -1 fs/c.c\n"));
	assert_non_null(strstr(shown.s, "docs 0 -\n"));
	assert_non_null(strstr(shown.s, "code -1 fs/a.c\n"));
	assert_int_equal(list.n, 6);
}

static void compares_configurations(void **state)
{
	static const char have[] =
	    "CONFIG_A=y\nCONFIG_B=m\n# CONFIG_C is not set\nCONFIG_D=\"x y\"\nCONFIG_E=y\n";
	static const char want[] =
	    "# text\nCONFIG_A=y\nCONFIG_B=y\nCONFIG_C=y\nCONFIG_D=\"x y\"\n# CONFIG_E is not set\n"
	    "# CONFIG_F is not set\n\nCONFIG_G=16\n";
	struct kconfig config, wanted;
	AUTO(buf) lost = BUF_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	assert_int_equal(kconfig_open("have", have, strlen(have), &config, &err), 0);
	assert_int_equal(kconfig_open("want", want, strlen(want), &wanted, &err), 0);
	assert_int_equal(kconfig_compare(&config, &wanted, &lost), 4);
	assert_string_equal(lost.s, "CONFIG_B=y\nCONFIG_C=y\n# CONFIG_E is not set\nCONFIG_G=16\n");
}

static void fragments_are_there_and_checked(void **state)
{
	AUTO_FREE char *path = fixture_path("config");
	AUTO(fragment) large = FRAGMENT_INIT, small = FRAGMENT_INIT, none = FRAGMENT_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	setenv("QBISECT_DATA", TREE, 1);
	assert_int_equal(fragment_load("ppc64le", 0, 65536, NULL, &large, &err), 0);
	assert_int_equal(fragment_load("ppc64le", 4096, 65536, NULL, &small, &err), 0);
	assert_int_equal(large.pagesize, 65536);
	assert_string_not_equal(large.hash, small.hash);
	assert_int_equal(fragment_load("ppc64le", 16384, 65536, NULL, &none, &err), -1);
	assert_non_null(strstr(err.text, "expected 4k or 64k"));
	fixture_write(path, large.text.s, large.text.len);
	assert_int_equal(fragment_check(&large, path, &err), 0);
	assert_int_equal(fragment_check(&small, path, &err), -1);
	assert_int_equal(err.kind, ERR_CANDIDATE);
	assert_non_null(strstr(err.text, "CONFIG_PPC_4K_PAGES=y"));
}

static void records_are_read_as_written(void **state)
{
	static const char hex[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	struct build_record record = {
		{ (char *)hex, (char *)hex, (char *)hex, "gcc" }, NULL, "a.c:1: error", 2.5
	};
	AUTO(build_record) again = BUILD_RECORD_INIT;
	AUTO(buf) text = BUF_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	build_record_write(&record, &text);
	assert_int_equal(build_record_parse("r", text.s, text.len, &again, &err), 0);
	assert_string_equal(again.reason, "a.c:1: error");
	assert_string_equal(again.git.toolchain, "gcc");
	assert_null(again.candidate);
	record.candidate = "../up";
	record.reason = NULL;
	buf_reset(&text);
	build_record_write(&record, &text);
	build_record_release(&again);
	assert_int_equal(build_record_parse("r", text.s, text.len, &again, &err), -1);
	assert_int_equal(err.kind, ERR_HOST);
	record.candidate = NULL;
	buf_reset(&text);
	build_record_write(&record, &text);
	assert_int_equal(build_record_parse("r", text.s, text.len, &again, &err), -1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_what_counts),
		cmocka_unit_test(folds_a_history),
		cmocka_unit_test(compares_configurations),
		cmocka_unit_test(fragments_are_there_and_checked),
		cmocka_unit_test(records_are_read_as_written),
	};

	return cmocka_run_group_tests(tests, fixture_set_up, fixture_tear_down);
}
