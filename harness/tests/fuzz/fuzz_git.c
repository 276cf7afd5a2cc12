/*
 * What git prints, in two parts with "====\n" between them. The first is a list of commits (rev-list --parents), and
 * any other answer of git's; the second what changed in each (diff-tree -z), and what is not committed (status -z).
 *  - Each commit of the list is judged once; one that is folded has a parent in whose place it stands.
 *  - What is left of the list are commits of it, in its order, each once, and the newest one first unless it is folded.
 */
#include <assert.h>

#include "campaign/history.h"
#include "kernel/git_read.h"
#include "valid.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What changed is said in order, and for commits that it is not said of, nothing has. */
static void fit(struct git_diffs *diffs, size_t n)
{
	while (diffs->n < n) {
		GROW(diffs->v, diffs->n, diffs->cap);
		diffs->v[diffs->n++] = (struct git_diff){ NULL, 0, 0 };
	}
}

static void check_folded(const struct folded_list *folded, const struct fold_edges *edges)
{
	size_t at = 0;

	for (size_t i = 0; i < folded->n; i++) {
		const struct folded *one = &folded->v[i];
		size_t n = 0;

		assert(at < edges->n && str_eq(one->commit, edges->v[at].commit));
		while (at + n < edges->n && edges->v[at + n].commit == edges->v[at].commit)
			n++;
		assert((one->same_as < 0) == (one->why != NULL));
		assert(one->same_as < (int)n && (one->same_as < 0 || edges->v[at].parent));
		at += n;
	}
	assert(at == edges->n);
}

static void check_contracted(char *text, const struct folded_list *folded)
{
	size_t i = 0;
	char *line;

	while ((line = git_read_line(&text))) {
		const char *name = strsep(&line, " ");

		while (i < folded->n && !str_eq(folded->v[i].commit, name))
			i++;
		assert(i < folded->n);
		i++;
	}
}

/* Unless the list has it twice. */
static bool newest_stays(const struct folded_list *folded)
{
	for (size_t i = 1; i < folded->n; i++)
		if (str_eq(folded->v[i].commit, folded->v[0].commit))
			return false;
	return folded->n && folded->v[0].same_as < 0;
}

/* As a list of a history: its lines are commits, and none is empty. */
static void read_list(const struct buf *list, struct git_diffs *diffs)
{
	AUTO_FREE char *text = xstrdup(list->s);
	AUTO(fold_edges) edges = FOLD_EDGES_INIT;
	AUTO(folded_list) folded = FOLDED_LIST_INIT;
	AUTO(fold) fold = FOLD_INIT;
	AUTO(buf) left = BUF_INIT;

	if (*list->s == '\n' || *list->s == ' ' || strstr(list->s, "\n\n") || strstr(list->s, "\n "))
		return;
	strv_add(&fold.files, "fs/a.c");
	fold_edges(text, &edges);
	fuzz_must_read(edges.n > 0);
	fit(diffs, edges.n);
	fold_judge(&fold, &edges, diffs, &folded);
	check_folded(&folded, &edges);
	history_contract(list->s, &folded, &left);
	if (newest_stays(&folded))
		assert(str_starts(left.s, folded.v[0].commit));
	check_contracted(left.s, &folded);
}

static void read_others(const struct buf *text)
{
	AUTO_FREE char *own = xstrdup(text->s);
	AUTO(git_commit) commit = GIT_COMMIT_INIT;
	AUTO(buf) list = BUF_INIT, first = BUF_INIT;
	char *rest, *line;

	git_read_commit("id", own, &commit);
	assert(!strchr(commit.tree, '\n') && !strchr(commit.author, '\n') && !strchr(commit.subject, '\n'));
	buf_adds(&list, text->s);
	git_read_first_parents(&list, &first);
	rest = first.s;
	while ((line = git_read_line(&rest))) {
		assert(git_read_lists(text, line) || !*line);
		strsep(&line, " ");
		assert(!line || !strchr(line, ' '));
	}
}

static void read_status(const struct buf *text)
{
	AUTO(buf) shown = BUF_INIT;

	assert(!git_read_status(text, &shown) == !text->len && shown.len <= text->len + 100);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char mark[] = "====\n";
	const uint8_t *at = size ? memmem(data, size, mark, strlen(mark)) : NULL;
	size_t n = at ? (size_t)(at - data) : size, skip = at ? n + strlen(mark) : n;
	AUTO(git_diffs) diffs = GIT_DIFFS_INIT;
	AUTO(buf) list = BUF_INIT, changes = BUF_INIT;
	AUTO(err) err = ERR_INIT;

	buf_add(&list, data, n);
	buf_add(&changes, data + skip, size - skip);
	if (git_read_changes(&changes, &diffs, &err) < 0)
		assert(err.kind == ERR_HOST && err.text);
	fuzz_must_read(!err.text);
	read_list(&list, &diffs);
	read_others(&list);
	read_status(&changes);
	return 0;
}
