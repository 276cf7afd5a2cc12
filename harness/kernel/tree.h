/*
 * A work tree of qbisect's own beside the user's repository: his checkout is never touched. The repository
 * gets to know it (`git worktree list` shows it); nothing else of it changes.
 */
#ifndef QB_TREE_H
#define QB_TREE_H

#include "kernel/git.h"

/* Folders at its top whose names begin so are the caller's, and kept. */
#define TREE_KEPT ".qbisect-"

/*
 * Makes the work tree at `dir` (made when missing, made anew when it is broken or another repository's) hold
 * the commit and nothing else but what is kept. The caller holds a lock (its descriptor is `lock`) that says
 * that nobody else uses `dir`: so what a killed git left in the way is removed. Files that do not differ keep
 * their times, so that make sees what changed.
 */
int tree_checkout(const struct git *git, const char *dir, const char *commit, int lock, struct err *err);

/* Whether a path that `from` and `to` (commits or trees) do not share may change what Kconfig says. */
int tree_reconfigures(const struct git *git, const char *from, const char *to, bool *out, struct err *err);

#endif
