/*
 * Which commits of a history cannot change the image of one configuration: they are folded into a neighbour
 * before a search, which so has fewer kernels to build.
 *
 *	AUTO(fold) fold = FOLD_INIT;
 *	fold_read(result.deps, &fold, err)		for the builds of both ends, or of any others
 *	fold_history(&git, &fold, list, &folded, err)	list: what git_range() gave
 *
 * It rests on what those builds compiled, so it may be wrong for a file that only commits between them use. A
 * change of what make, Kconfig or scripts read therefore always counts, and so does a source that comes or
 * goes. An answer that rests on it is checked by building: the culprit's image must differ from its parents'.
 */
#ifndef QB_FOLD_H
#define QB_FOLD_H

#include "kernel/git.h"

struct fold {
	struct strv files; /* compiled, sorted */
};
#define FOLD_INIT                                                                                            \
	{                                                                                                    \
		STRV_INIT                                                                                    \
	}

/* Adds the list of a build (build_result.deps). */
int fold_read(const char *path, struct fold *fold, struct err *err);

/* Whether this change of a file may change the image. `status` is git's letter. Pure. */
bool fold_counts(const struct fold *fold, char status, const char *path);

struct folded {
	char *commit;
	int same_as; /* its n-th parent, from 0, has the same image; -1: it may have one of its own */
	char *why;   /* when it is -1: a file that may change the image */
};
struct folded_list {
	struct folded *v; /* in the order of the list */
	size_t n, cap;
};
#define FOLDED_LIST_INIT                                                                                     \
	{                                                                                                    \
		NULL, 0, 0                                                                                   \
	}

/* A commit of a list and each of its parents make an edge. */
struct fold_edges {
	struct git_edge *v; /* names point into the list's text */
	size_t n, cap;
};
#define FOLD_EDGES_INIT                                                                                      \
	{                                                                                                    \
		NULL, 0, 0                                                                                   \
	}

/* Takes a list as git_range() gives it apart, in place. Pure. */
void fold_edges(char *list, struct fold_edges *edges);

/* Judges each commit by what changed on each of its edges. Pure. */
void fold_judge(const struct fold *fold, const struct fold_edges *edges, const struct git_diffs *diffs,
		struct folded_list *out);

/* Judges every commit of a list as git_range() gives it. A merge is as a parent when nothing that counts
 * differs from that parent. */
int fold_history(const struct git *git, const struct fold *fold, const char *list, struct folded_list *out,
		 struct err *err);

void fold_edges_release(struct fold_edges *edges);
AUTO_DEFINE(fold_edges, struct fold_edges, fold_edges_release);
void fold_release(struct fold *fold);
AUTO_DEFINE(fold, struct fold, fold_release);
void folded_list_release(struct folded_list *list);
AUTO_DEFINE(folded_list, struct folded_list, folded_list_release);

#endif
