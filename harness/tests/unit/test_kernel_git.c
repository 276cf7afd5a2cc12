/* A repository as users have them, and as they should not be. */
#include "tests/unit/kernel_fixture.h"

#include "base/child.h"
#include "kernel/git.h"
#include "kernel/git_read.h"
#include "kernel/tree.h"

/*
 *	base - one - two - tip		two changes a/f, tip merges side
 *	     \- side --/		side adds b/g
 *	other				shares nothing
 */
static const char script[] =
    "set -e; export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=A "
    "GIT_COMMITTER_EMAIL=a@b; git init -q -b main repo; cd repo; mkdir a; echo 1 >a/f; git add .; "
    "git commit -qm base; git tag base; git commit -q --allow-empty -m 'one is empty'; git tag one; "
    "echo 2 >a/f; git commit -qam two; git tag two; git checkout -q -b side base; mkdir b; echo 1 >b/g; git add .; "
    "git commit -qm side; git checkout -q main; git merge -q -m tip side; git tag tip; "
    "git checkout -q --orphan other; git rm -rqf .; echo x >x; git add .; git commit -qm other; git checkout -q main; "
    "cd ..; git clone -q --depth 2 \"file://$PWD/repo\" shallow 2>/dev/null";

static struct git git;

static void shell(const char *command)
{
	const char *argv[] = { "/bin/sh", "-c", command, NULL };
	struct child child = { .argv = argv, .dir = fixture_dir, .timeout_ms = 60000 };
	AUTO(err) err = ERR_INIT;

	if (child_must(&child, NULL, NULL, &err) < 0)
		fail_msg("%s", err.text);
}

static int set_up(void **state)
{
	AUTO_FREE char *repo = NULL;
	AUTO(err) err = ERR_INIT;

	if (fixture_set_up(state) != 0)
		return -1;
	shell(script);
	repo = fixture_path("repo");
	return git_open(repo, &git, &err);
}

static int tear_down(void **state)
{
	git_release(&git);
	return fixture_tear_down(state);
}

/* The full name of a revision. */
static char *name(const char *rev)
{
	AUTO(git_commit) commit = GIT_COMMIT_INIT;
	AUTO(err) err = ERR_INIT;

	if (git_commit(&git, rev, &commit, &err) < 0)
		fail_msg("%s", err.text);
	return xstrdup(commit.id);
}

static void resolves(void **state)
{
	AUTO(git_commit) commit = GIT_COMMIT_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	assert_int_equal(git_commit(&git, "tip~2", &commit, &err), 0);
	assert_string_equal(commit.subject, "one is empty");
	assert_string_equal(commit.author, "A <a@b>");
	assert_int_equal(strlen(commit.id), 40);
	assert_int_equal(strlen(commit.tree), 40);
	assert_int_equal(git_commit(&git, "no-such", &commit, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_non_null(strstr(err.text, "'no-such' names no commit"));
	assert_int_equal(git_commit(&git, "--all", &commit, &err), -1);
	assert_int_equal(git_commit(&git, "HEAD:a/f", &commit, &err), -1);
}

static void the_environment_leads_nowhere_else(void **state)
{
	AUTO(git_commit) commit = GIT_COMMIT_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	setenv("GIT_DIR", "/nonexistent", 1);
	assert_int_equal(git_commit(&git, "tip", &commit, &err), 0);
	unsetenv("GIT_DIR");
}

static void folders_that_are_none(void **state)
{
	AUTO(git) other = GIT_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	assert_int_equal(git_open("/nonexistent", &other, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_int_equal(git_open(fixture_dir, &other, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_non_null(strstr(err.text, "expected a git repository"));
}

static int range(const char *older, const char *newer, const char *const *paths, bool first, struct buf *out,
		 struct err *err)
{
	struct git_range range = { .older = older, .newer = newer, .paths = paths, .first_parent = first };

	buf_reset(out);
	return git_range(&git, &range, out, err);
}

static size_t lines(const struct buf *text)
{
	size_t n = 0;

	for (size_t i = 0; i < text->len; i++)
		n += text->s[i] == '\n';
	return n;
}

static void lists_what_lies_between(void **state)
{
	AUTO_FREE char *tip = name("tip"), *side = name("side"), *two = name("two"), *one = name("one");
	AUTO_FREE char *first = xasprintf("%s %s %s\n", tip, two, side);
	AUTO_FREE char *line = xasprintf("%s %s\n%s %s\n", tip, two, two, one);
	static const char *const paths[] = { "b", NULL };
	AUTO(buf) out = BUF_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	assert_int_equal(range("base", "tip", NULL, false, &out, &err), 0);
	assert_int_equal(lines(&out), 4);
	assert_true(str_starts(out.s, first));
	assert_int_equal(range("one", "tip", NULL, true, &out, &err), 0);
	assert_string_equal(out.s, line);
	assert_int_equal(range("base", "tip", paths, false, &out, &err), 0);
	assert_int_equal(lines(&out), 1);
	assert_true(str_starts(out.s, side));
}

static void refuses_ends_that_make_no_sense(void **state)
{
	static const char *const paths[] = { "no/such", NULL };
	static const struct {
		const char *older, *newer, *said;
	} rows[] = {
		{ "tip", "main", "same commit" },
		{ "tip", "base", "--good tip comes after --bad base" },
		{ "other", "tip", "no common history" },
		{ "side", "two", "not an ancestor" },
		{ "base", "gone", "'gone' names no commit" },
	};
	AUTO(buf) out = BUF_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(range(rows[i].older, rows[i].newer, NULL, false, &out, &err), -1);
		assert_int_equal(err.kind, ERR_USAGE);
		if (!strstr(err.text, rows[i].said))
			fail_msg("no '%s' in: %s", rows[i].said, err.text);
	}
	assert_int_equal(range("base", "tip", paths, false, &out, &err), -1);
	assert_non_null(strstr(err.text, "touches no/such"));
}

static void says_how_to_deepen_a_shallow_clone(void **state)
{
	AUTO_FREE char *path = fixture_path("shallow"), *base = name("base"), *two = name("two");
	struct git_range known = { .older = two, .newer = "HEAD" },
			 unknown = { .older = base, .newer = "HEAD" };
	AUTO(git) shallow = GIT_INIT;
	AUTO(buf) out = BUF_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	assert_int_equal(git_open(path, &shallow, &err), 0);
	assert_true(shallow.shallow);
	assert_int_equal(git_range(&shallow, &unknown, &out, &err), -1);
	assert_non_null(strstr(err.text, "git fetch --unshallow"));
	/* two is there, but side, whose parents are not, lies between */
	assert_int_equal(git_range(&shallow, &known, &out, &err), -1);
	assert_non_null(strstr(err.text, "git fetch --unshallow"));
}

static void tells_what_each_edge_changed(void **state)
{
	AUTO_FREE char *tip = name("tip"), *side = name("side"), *two = name("two"), *one = name("one");
	AUTO_FREE char *base = name("base");
	struct git_edge edges[] = { { tip, two }, { tip, side }, { one, base }, { base, NULL } };
	AUTO(git_diffs) diffs = GIT_DIFFS_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	assert_int_equal(git_changes(&git, edges, ARRAY_SIZE(edges), &diffs, &err), 0);
	assert_int_equal(diffs.n, 4);
	assert_int_equal(diffs.v[0].n, 1);
	assert_int_equal(diffs.v[0].changes[0].status, 'A');
	assert_string_equal(diffs.v[0].changes[0].path, "b/g");
	assert_int_equal(diffs.v[1].changes[0].status, 'M');
	assert_string_equal(diffs.v[1].changes[0].path, "a/f");
	assert_int_equal(diffs.v[2].n, 0);
	assert_int_equal(diffs.v[3].n, 1);
	assert_int_equal(diffs.v[3].changes[0].status, 'A');
}

static void a_checkout_must_be_as_committed(void **state)
{
	AUTO(git_commit) commit = GIT_COMMIT_INIT;
	AUTO_FREE char *tip = name("tip");
	AUTO(err) err = ERR_INIT;

	(void)state;
	shell("echo x >repo/untracked");
	assert_int_equal(git_checkout_commit(&git, &commit, &err), 0);
	assert_string_equal(commit.id, tip);
	shell("echo dirty >repo/a/f");
	assert_int_equal(git_checkout_commit(&git, &commit, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_non_null(strstr(err.text, "(a/f)"));
	shell("cd repo && git checkout -q a/f && rm untracked");
}

static void expect_file(const char *path, const char *wanted)
{
	AUTO_FREE char *full = fixture_path(path);
	AUTO(buf) text = BUF_INIT;
	AUTO(err) err = ERR_INIT;

	if (!wanted) {
		assert_false(fs_exists(full));
		return;
	}
	assert_int_equal(fs_read(full, 100, &text, &err), 0);
	assert_string_equal(text.s, wanted);
}

static void checks_out_whatever_was_left(void **state)
{
	AUTO_FREE char *base = name("base"), *tip = name("tip"), *dir = fixture_path("tree");
	AUTO(err) err = ERR_INIT;

	(void)state;
	assert_int_equal(tree_checkout(&git, dir, base, 0, &err), 0);
	expect_file("tree/a/f", "1\n");
	/* a killed git, and what a build left */
	shell(
	    "touch repo/.git/worktrees/tree/index.lock repo/.git/worktrees/tree/HEAD.lock; echo x >tree/a/f; "
	    "mkdir tree/new tree/.qbisect-o; echo x >tree/new/left; echo x >tree/.qbisect-o/kept");
	assert_int_equal(tree_checkout(&git, dir, tip, 0, &err), 0);
	expect_file("tree/a/f", "2\n");
	expect_file("tree/b/g", "1\n");
	expect_file("tree/new/left", NULL);
	expect_file("tree/.qbisect-o/kept", "x\n");
	/* half made, lost, and not ours */
	shell("rm -r tree/.git");
	assert_int_equal(tree_checkout(&git, dir, base, 0, &err), 0);
	shell("rm -r tree");
	assert_int_equal(tree_checkout(&git, dir, base, 0, &err), 0);
	shell("rm -r repo/.git/worktrees");
	assert_int_equal(tree_checkout(&git, dir, tip, 0, &err), 0);
	expect_file("tree/a/f", "2\n");
	expect_file("repo/a/f", "2\n");
	shell(
	    "cd repo && test -z \"$(git status --porcelain)\" && test \"$(git symbolic-ref HEAD)\" = refs/heads/main");
}

/* A killed git has not said that the folder is no tree: what was built in it stays. */
static void is_not_made_anew_for_a_killed_git(void **state)
{
	AUTO_FREE char *base = name("base"), *dir = fixture_path("killed"), *bin = fixture_path("bin");
	AUTO_FREE char *old = xstrdup(getenv("PATH")), *path = xasprintf("%s:%s", bin, old);
	AUTO(err) err = ERR_INIT;
	int checked_out;

	(void)state;
	assert_int_equal(tree_checkout(&git, dir, base, 0, &err), 0);
	shell("mkdir bin killed/.qbisect-o && printf '#!/bin/sh\nkill -9 $$\n' >bin/git && chmod +x bin/git");
	setenv("PATH", path, 1);
	checked_out = tree_checkout(&git, dir, base, 0, &err);
	setenv("PATH", old, 1);
	assert_int_equal(checked_out, -1);
	assert_int_equal(err.kind, ERR_HOST);
	assert_int_equal(tree_checkout(&git, dir, base, 0, &err), 0);
	shell("test -d killed/.qbisect-o");
}

static void unchanged_files_keep_their_time(void **state)
{
	AUTO_FREE char *one = name("one"), *two = name("two"), *side = name("side"),
		       *dir = fixture_path("times");
	AUTO(err) err = ERR_INIT;

	(void)state;
	assert_int_equal(tree_checkout(&git, dir, one, 0, &err), 0);
	shell("stat -c %y times/a/f >before");
	assert_int_equal(tree_checkout(&git, dir, side, 0, &err), 0);
	shell("test \"$(stat -c %y times/a/f)\" = \"$(cat before)\"");
	assert_int_equal(tree_checkout(&git, dir, two, 0, &err), 0);
	shell("test \"$(stat -c %y times/a/f)\" != \"$(cat before)\"");
}

/* As of an answer that was cut short. */
static void a_status_without_its_end(void **state)
{
	AUTO(buf) status = BUF_INIT, shown = BUF_INIT;

	(void)state;
	buf_add(&status, " M a\0R  new\0old", 15);
	assert_int_equal(git_read_status(&status, &shown), 2);
	assert_string_equal(shown.s, "a, new");
	status.len -= 4;
	status.s[status.len] = '\0';
	buf_reset(&shown);
	assert_int_equal(git_read_status(&status, &shown), 2);
	assert_string_equal(shown.s, "a, new");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(resolves),
		cmocka_unit_test(the_environment_leads_nowhere_else),
		cmocka_unit_test(folders_that_are_none),
		cmocka_unit_test(lists_what_lies_between),
		cmocka_unit_test(refuses_ends_that_make_no_sense),
		cmocka_unit_test(says_how_to_deepen_a_shallow_clone),
		cmocka_unit_test(tells_what_each_edge_changed),
		cmocka_unit_test(a_checkout_must_be_as_committed),
		cmocka_unit_test(a_status_without_its_end),
		cmocka_unit_test(checks_out_whatever_was_left),
		cmocka_unit_test(is_not_made_anew_for_a_killed_git),
		cmocka_unit_test(unchanged_files_keep_their_time),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
