/*
 * What git prints, taken apart. Pure.
 */
#ifndef QB_GIT_READ_H
#define QB_GIT_READ_H

#include "kernel/git.h"

/* For rev-list: tree, author, date and subject, a line each. */
#define GIT_READ_FORMAT "--format=%T%n%an <%ae>%n%ai%n%s"

/* Takes the next line off the text; NULL at its end. */
char *git_read_line(char **rest);

/* The same as a copy, the caller's to free(); "" at its end. */
char *git_read_own_line(char **rest);

/* The commit `id` from what `rev-list -1 GIT_READ_FORMAT` prints, which is changed; a line that is not there is "". */
void git_read_commit(const char *id, char *text, struct git_commit *out);

/* How many files `status --porcelain=v1 -z` names; appends "a.c, b.c, c.c and 4 more". */
size_t git_read_status(const struct buf *status, struct buf *shown);

/* Whether a line of a list of commits begins with the name. */
bool git_read_lists(const struct buf *list, const char *id);

/* Appends "ID PARENT" of every line of a list, which is changed: git names all parents of those that it follows one of. */
void git_read_first_parents(struct buf *list, struct buf *out);

/* What `diff-tree --stdin --always -z --name-status` prints: a git_diff for each commit, in their order. ERR_HOST: it is not
 * that; `out` then holds what stood before. */
int git_read_changes(const struct buf *text, struct git_diffs *out, struct err *err);

#endif
