#include "kernel/fold.h"

#include "base/fs.h"
#include "kernel/deps.h"

#define LIST_LIMIT (64 << 20)

int fold_read(const char *path, struct fold *fold, struct err *err)
{
	AUTO(buf) text = BUF_INIT;
	char *rest, *line;

	if (fs_read(path, LIST_LIMIT, &text, err) < 0)
		return -1;
	rest = text.s;
	while ((line = strsep(&rest, "\n")))
		if (*line)
			strv_add(&fold->files, line);
	deps_sort(&fold->files);
	return 0;
}

static int by_name(const void *key, const void *element)
{
	return strcmp(key, *(char *const *)element);
}

static bool is_compiled(const struct fold *fold, const char *path)
{
	return fold->files.n &&
	       bsearch(path, fold->files.v, fold->files.n, sizeof(*fold->files.v), by_name) != NULL;
}

/* What make and Kconfig themselves read, wherever it is. */
static bool is_rule(const char *path)
{
	static const char *const names[] = { "Kconfig", "Makefile", "Kbuild", "Platform" };
	const char *name = path_base(path);

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (str_starts(name, names[i]))
			return true;
	return str_starts(path, "scripts/") || str_starts(path, "include/config/");
}

/* No build of an image reads these, whatever their names end with. */
static bool is_prose(const char *path)
{
	static const char *const folders[] = { "Documentation/", "LICENSES/",	"samples/",
					       "tools/testing/", "tools/perf/", ".github/" };
	static const char *const files[] = { "MAINTAINERS", "CREDITS",	"COPYING",
					     "README",	    ".mailmap", ".gitignore" };

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		if (str_starts(path, folders[i]))
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (str_eq(path_base(path), files[i]))
			return true;
	return false;
}

/* What a compiler reads is in its dependency files when it is used; other inputs (tables, keys) may not
 * be. */
static bool is_source(const char *path)
{
	static const char *const ends[] = { ".c", ".h", ".S", ".rs", ".dts", ".dtsi", ".rst", ".yaml" };

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (str_ends(path, ends[i]))
			return true;
	return false;
}

bool fold_counts(const struct fold *fold, char status, const char *path)
{
	if (is_rule(path))
		return true;
	if (is_prose(path))
		return false;
	return !is_source(path) || status != 'M' || is_compiled(fold, path);
}

/* The first file of the diff that counts, or NULL. */
static const char *find_reason(const struct fold *fold, const struct git_diff *diff)
{
	for (size_t i = 0; i < diff->n; i++)
		if (fold_counts(fold, diff->changes[i].status, diff->changes[i].path))
			return diff->changes[i].path;
	return NULL;
}

static void add_edge(struct fold_edges *edges, const char *commit, const char *parent)
{
	GROW(edges->v, edges->n, edges->cap);
	edges->v[edges->n++] = (struct git_edge){ commit, parent };
}

void fold_edges(char *list, struct fold_edges *edges)
{
	char *line;

	while ((line = strsep(&list, "\n"))) {
		char *commit = strsep(&line, " "), *parent;

		if (!*commit)
			continue;
		if (!line)
			add_edge(edges, commit, NULL);
		while ((parent = strsep(&line, " ")))
			add_edge(edges, commit, parent);
	}
}

/* Takes the edges of one commit, from `at` on, and returns where those of the next begin. */
static size_t judge(const struct fold *fold, const struct fold_edges *edges, const struct git_diffs *diffs,
		    size_t at, struct folded *out)
{
	const char *why = NULL;
	size_t end = at;

	out->commit = xstrdup(edges->v[at].commit);
	out->same_as = -1;
	for (; end < edges->n && edges->v[end].commit == edges->v[at].commit; end++) {
		const char *reason = find_reason(fold, &diffs->v[end]);

		if (!reason && edges->v[end].parent && out->same_as < 0)
			out->same_as = (int)(end - at);
		why = why ? why : reason;
	}
	out->why = out->same_as < 0 ? xstrdup(why ? why : "its first files") : NULL;
	return end;
}

void fold_judge(const struct fold *fold, const struct fold_edges *edges, const struct git_diffs *diffs,
		struct folded_list *out)
{
	for (size_t at = 0; at < edges->n;) {
		GROW(out->v, out->n, out->cap);
		at = judge(fold, edges, diffs, at, &out->v[out->n++]);
	}
}

int fold_history(const struct git *git, const struct fold *fold, const char *list, struct folded_list *out,
		 struct err *err)
{
	AUTO(git_diffs) diffs = GIT_DIFFS_INIT;
	AUTO_FREE char *text = xstrdup(list);
	AUTO(fold_edges) edges = FOLD_EDGES_INIT;

	fold_edges(text, &edges);
	if (git_changes(git, edges.v, edges.n, &diffs, err) < 0)
		return -1;
	fold_judge(fold, &edges, &diffs, out);
	return 0;
}

void fold_edges_release(struct fold_edges *edges)
{
	free(edges->v);
}

void fold_release(struct fold *fold)
{
	strv_release(&fold->files);
}

void folded_list_release(struct folded_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		free(list->v[i].commit);
		free(list->v[i].why);
	}
	free(list->v);
	*list = (struct folded_list)FOLDED_LIST_INIT;
}
