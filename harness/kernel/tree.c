#include "kernel/tree.h"

#include "base/fs.h"

#define CHECKOUT_MS 1800000

/* What git says of the folder: the lines of one call. */
struct state {
	struct buf text;
	const char *common, *top, *locks[2];
};

static void state_release(struct state *state)
{
	buf_release(&state->text);
}
AUTO_DEFINE(state, struct state, state_release);

/* Asks git about the folder. 1: it is no work tree of ours that can be used. */
static int ask(const struct git *git, const char *dir, struct state *state, struct err *err)
{
	static const char *const words[] = { "rev-parse",
					     "--path-format=absolute",
					     "--git-common-dir",
					     "--show-toplevel",
					     "--git-path",
					     "index.lock",
					     "--git-path",
					     "HEAD.lock",
					     NULL };
	const char **const fields[] = { &state->common, &state->top, &state->locks[0], &state->locks[1] };
	char *rest;
	int answer = fs_is_dir(dir) ? git_ask(dir, words, &state->text, err) : 1;

	if (answer != 0)
		return answer;
	rest = state->text.s;
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		*fields[i] = strsep(&rest, "\n");
		if (!*fields[i])
			return 1;
	}
	return str_eq(state->common, git->common) && str_eq(state->top, dir) ? 0 : 1;
}

static int make_tree(const struct git *git, const char *dir, const char *commit, int lock, struct err *err)
{
	const char *words[] = { "worktree",	 "add", "--force", "--detach", "--quiet",
				"--no-checkout", dir,	commit,	   NULL };

	return fs_remove_tree(dir, err) < 0 ? -1 : git_run(git->dir, words, CHECKOUT_MS, lock, NULL, err);
}

int tree_checkout(const struct git *git, const char *dir, const char *commit, int lock, struct err *err)
{
	const char *checkout[] = { "checkout", "--force", "--detach", "--quiet", commit, "--", NULL };
	static const char *const clean[] = { "clean", "-ffdxq", "-e", (TREE_KEPT "*"), NULL };
	AUTO(state) state = { .text = BUF_INIT };
	int answer = ask(git, dir, &state, err);

	if (answer < 0)
		return -1;
	if (answer > 0) {
		if (make_tree(git, dir, commit, lock, err) < 0)
			return -1;
	} else {
		for (size_t i = 0; i < ARRAY_SIZE(state.locks); i++)
			if (fs_remove_tree(state.locks[i], err) < 0)
				return -1;
	}
	if (git_run(dir, checkout, CHECKOUT_MS, lock, NULL, err) < 0)
		return -1;
	return git_run(dir, clean, CHECKOUT_MS, lock, NULL, err);
}

/* Kconfig reads Kconfig files, and asks compiler and scripts; make's own files choose the flags they see. */
static bool reconfigures(const char *path)
{
	const char *name = path_base(path);

	return str_starts(name, "Kconfig") || str_starts(name, "Makefile") || str_starts(path, "scripts/");
}

int tree_reconfigures(const struct git *git, const char *from, const char *to, bool *out, struct err *err)
{
	const char *words[] = { "diff-tree", "-r", "-z", "--name-only", from, to, NULL };
	AUTO(buf) paths = BUF_INIT;

	if (git_run(git->dir, words, CHECKOUT_MS, 0, &paths, err) < 0)
		return -1;
	*out = false;
	for (size_t at = 0; at < paths.len && !*out; at += strlen(paths.s + at) + 1)
		*out = reconfigures(paths.s + at);
	return 0;
}
