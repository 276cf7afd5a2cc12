/*
 * A user's git repository, asked through the program git with deadlines. Nothing here changes it.
 *
 * Variables of the environment that would lead git elsewhere (GIT_DIR and so on) are taken away. Texts are
 * owned by the structs. Errors are ERR_USAGE when the repository or the revisions are not what was expected,
 * ERR_HOST when git itself fails.
 */
#ifndef QB_GIT_H
#define QB_GIT_H

#include "base/buf.h"
#include "base/err.h"

struct git {
	char *dir;    /* the folder that was named, absolute */
	char *common; /* what all its work trees share (.git), absolute: tells repositories apart */
	bool shallow; /* a clone without its old history */
};
#define GIT_INIT                                                                                             \
	{                                                                                                    \
		NULL, NULL, false                                                                            \
	}

/* ERR_USAGE: `dir` is not there, or not in a git repository. */
int git_open(const char *dir, struct git *git, struct err *err);

/* Whether it is a full name of a commit or tree, in hex. */
bool git_name_valid(const char *word);

struct git_commit {
	char *id, *tree; /* names in hex */
	char *subject;	 /* the first line of the message */
	char *author;	 /* "Name <address>" */
	char *date;	 /* of the author, as git's %ai */
};
#define GIT_COMMIT_INIT                                                                                      \
	{                                                                                                    \
		NULL, NULL, NULL, NULL, NULL                                                                 \
	}

/* The commit that `rev` names, as git names them. */
int git_commit(const struct git *git, const char *rev, struct git_commit *out, struct err *err);

/*
 * The commit that is checked out in `git->dir`, for a test of the checkout as it stands. ERR_USAGE, with the
 * files: it is not as committed, so that a verdict would not be the commit's.
 */
int git_checkout_commit(const struct git *git, struct git_commit *out, struct err *err);

struct git_range {
	const char *older, *newer; /* revisions */
	const char *const *paths;  /* only commits that touch them; ends with NULL; may be NULL: all */
	bool first_parent;
	bool fix; /* a fix is looked for: errors call the older end --bad, the newer --good */
};

/*
 * Appends what `git rev-list --topo-order --parents older..newer -- paths` prints: the newest first, without
 * the older end; parents that are not listed are ancestors of the older end.
 *
 * ERR_USAGE, with what to do: the ends are the same commit, swapped, unrelated, or apart (names the merge
 * base); the clone is shallow and ends before the older end; nothing between them touches the paths.
 */
int git_range(const struct git *git, const struct git_range *range, struct buf *out, struct err *err);

/* A commit and one of its parents (full names); no parent: NULL, for all that a first commit brings. */
struct git_edge {
	const char *commit, *parent;
};

struct git_change {
	char status; /* git's letter: A added, D deleted, M modified, T another type */
	char *path;
};
struct git_diff {
	struct git_change *changes;
	size_t n, cap;
};
struct git_diffs {
	struct git_diff *v;
	size_t n, cap;
};
#define GIT_DIFFS_INIT                                                                                       \
	{                                                                                                    \
		NULL, 0, 0                                                                                   \
	}

/* Which files each of the `n` edges changed, in their order; one process does it for all. */
int git_changes(const struct git *git, const struct git_edge *edges, size_t n, struct git_diffs *out,
		struct err *err);

/*
 * Runs git with these words, for others that need it to do something (kernel/worktree). `keep_fd` as in
 * struct child. No hook of the user is run. `out` (may be NULL) gets its stdout. ERR_HOST when it fails.
 */
int git_run(const char *dir, const char *const *words, int64_t timeout_ms, int keep_fd, struct buf *out,
	    struct err *err);

/* As git_run(), of a question that git answers soon; `out` must be there. 1: git says no (its status 128). */
int git_ask(const char *dir, const char *const *words, struct buf *out, struct err *err);

void git_release(struct git *git);
AUTO_DEFINE(git, struct git, git_release);
void git_commit_release(struct git_commit *commit);
AUTO_DEFINE(git_commit, struct git_commit, git_commit_release);
void git_diffs_release(struct git_diffs *diffs);
AUTO_DEFINE(git_diffs, struct git_diffs, git_diffs_release);

#endif
