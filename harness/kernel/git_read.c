#include "kernel/git_read.h"

#define SHOWN_FILES 3

char *git_read_line(char **rest)
{
	return *rest && **rest ? strsep(rest, "\n") : NULL;
}

char *git_read_own_line(char **rest)
{
	char *line = git_read_line(rest);

	return xstrdup(line ? line : "");
}

void git_read_commit(const char *id, char *text, struct git_commit *out)
{
	git_read_line(&text); /* "commit ID" */
	git_commit_release(out);
	out->id = xstrdup(id);
	out->tree = git_read_own_line(&text);
	out->author = git_read_own_line(&text);
	out->date = git_read_own_line(&text);
	out->subject = git_read_own_line(&text);
}

/* An entry is "XY path" and a NUL; behind a renamed one stands its old name. */
size_t git_read_status(const struct buf *status, struct buf *shown)
{
	size_t n = 0;

	for (size_t at = 0; at < status->len; at += strlen(status->s + at) + 1) {
		const char *entry = status->s + at;
		size_t len = strlen(entry);

		if (n++ < SHOWN_FILES)
			buf_addf(shown, "%s%s", n > 1 ? ", " : "", entry + (len < 3 ? len : 3));
		if (entry[0] == 'R' || entry[0] == 'C')
			at += at + len < status->len ? len + 1 : len;
	}
	if (n > SHOWN_FILES)
		buf_addf(shown, " and %zu more", n - SHOWN_FILES);
	return n;
}

bool git_read_lists(const struct buf *list, const char *id)
{
	for (const char *at = list->s; *id && (at = strstr(at, id)); at++)
		if (at == list->s || at[-1] == '\n')
			return true;
	return false;
}

void git_read_first_parents(struct buf *list, struct buf *out)
{
	char *rest = list->s, *line;

	while ((line = git_read_line(&rest))) {
		char *space = strchr(line, ' ');

		if (space)
			space[1 + strcspn(space + 1, " ")] = '\0';
		buf_addf(out, "%s\n", line);
	}
}

/* Words that end with a NUL: for each edge the commit, then a letter and a path for each file. */
int git_read_changes(const struct buf *text, struct git_diffs *out, struct err *err)
{
	for (size_t at = 0; at < text->len; at += strlen(text->s + at) + 1) {
		const char *word = text->s + at;
		struct git_diff *diff;

		if (git_name_valid(word)) {
			GROW(out->v, out->n, out->cap);
			out->v[out->n++] = (struct git_diff){ NULL, 0, 0 };
			continue;
		}
		at += strlen(word) + 1;
		if (!out->n || strlen(word) != 1 || at >= text->len)
			return err_set(err, ERR_HOST, "git diff-tree printed what is not understood: '%s'",
				       word);
		diff = &out->v[out->n - 1];
		GROW(diff->changes, diff->n, diff->cap);
		diff->changes[diff->n++] = (struct git_change){ *word, xstrdup(text->s + at) };
	}
	return 0;
}
