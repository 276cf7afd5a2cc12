#include "kernel/git.h"

#include <fcntl.h>
#include <sys/mman.h>

#include "base/child.h"
#include "base/fs.h"
#include "kernel/git_read.h"

#define QUICK_MS      60000
#define GIT_SAYS_NO   128
#define HISTORY_MS    600000
#define HISTORY_BYTES ((size_t)1 << 30)
#define WORDS_MAX     24

/* In front of the words: nothing of the user's configuration may start programs or change what is printed. */
static const char *const head[] = {
	"-c", "core.hooksPath=/dev/null",     "-c", "core.fsmonitor=false",    "-c", "gc.auto=0",
	"-c", "i18n.logOutputEncoding=UTF-8", "-c", "submodule.recurse=false", "-c", "core.quotePath=false",
};

/* `git rev-parse --local-env-vars` lists what leads git to another repository. */
static const char *const env[] = {
	"GIT_DIR",
	"GIT_WORK_TREE",
	"GIT_COMMON_DIR",
	"GIT_INDEX_FILE",
	"GIT_OBJECT_DIRECTORY",
	"GIT_ALTERNATE_OBJECT_DIRECTORIES",
	"GIT_NAMESPACE",
	"GIT_PREFIX",
	"GIT_CONFIG_PARAMETERS",
	"GIT_TERMINAL_PROMPT=0",
	"GIT_OPTIONAL_LOCKS=0",
	"LC_ALL=C",
	NULL,
};

/* One call of git. */
struct call {
	const char *dir;
	const char *const *words;
	const char *input;
	int64_t timeout_ms;
	int keep_fd;
};

static int call_git(const struct call *call, struct child_result *res, struct err *err)
{
	const char *argv[3 + ARRAY_SIZE(head) + WORDS_MAX + 1] = { "git", "-C", call->dir };
	struct child child = { .argv = argv,
			       .env = env,
			       .input = call->input,
			       .keep_fd = call->keep_fd,
			       .timeout_ms = call->timeout_ms,
			       .output_limit = HISTORY_BYTES };
	size_t n = 3;

	for (size_t i = 0; i < ARRAY_SIZE(head); i++)
		argv[n++] = head[i];
	for (size_t i = 0; call->words[i] && n < ARRAY_SIZE(argv) - 1; i++)
		argv[n++] = call->words[i];
	/* Those of git's answers that say no are for the caller to understand. */
	return child_run(&child, res, err) < 0 ? -1 : child_answered(&child, res, "git", err);
}

/* git's stderr as one line, without its "fatal: ". */
static const char *git_says(struct child_result *res)
{
	const char *text = res->err.s;

	if (res->err.len)
		res->err.s[strcspn(res->err.s, "\n")] = '\0';
	return str_starts(text, "fatal: ") ? text + strlen("fatal: ") : *text ? text : "no reason given";
}

static int failed(const struct call *call, struct child_result *res, struct err *err)
{
	return err_set(err, ERR_HOST, "git %s in %s failed with status %d: %s", call->words[0], call->dir,
		       res->status, git_says(res));
}

static void take_output(struct child_result *res, struct buf *out)
{
	buf_release(out);
	*out = res->out;
	res->out = (struct buf)BUF_INIT;
}

int git_run(const char *dir, const char *const *words, int64_t timeout_ms, int keep_fd, struct buf *out,
	    struct err *err)
{
	struct call call = { dir, words, NULL, timeout_ms, keep_fd };
	AUTO(child_result) res = CHILD_RESULT_INIT;

	if (call_git(&call, &res, err) < 0)
		return -1;
	if (res.status != 0)
		return failed(&call, &res, err);
	if (out)
		take_output(&res, out);
	return 0;
}

int git_ask(const char *dir, const char *const *words, struct buf *out, struct err *err)
{
	struct call call = { dir, words, NULL, QUICK_MS, 0 };
	AUTO(child_result) res = CHILD_RESULT_INIT;

	if (call_git(&call, &res, err) < 0)
		return -1;
	if (res.status != 0 && res.status != GIT_SAYS_NO)
		return failed(&call, &res, err);
	take_output(&res, out);
	return res.status != 0;
}

int git_open(const char *dir, struct git *git, struct err *err)
{
	static const char *const words[] = { "rev-parse", "--path-format=absolute", "--git-common-dir",
					     "--is-shallow-repository", NULL };
	struct call call = { dir, words, NULL, QUICK_MS, 0 };
	AUTO(child_result) res = CHILD_RESULT_INIT;
	AUTO_FREE char *real = realpath(dir, NULL), *shallow = NULL;
	char *rest;

	if (!real || !fs_is_dir(real))
		return err_set(err, ERR_USAGE, "%s: expected a folder with a git repository", dir);
	if (call_git(&call, &res, err) < 0)
		return -1;
	if (res.status != 0)
		return err_set(err, ERR_USAGE, "%s: expected a git repository: %s", dir, git_says(&res));
	rest = res.out.s;
	git_release(git);
	git->dir = steal_pointer(&real);
	git->common = git_read_own_line(&rest);
	shallow = git_read_own_line(&rest);
	git->shallow = str_eq(shallow, "true");
	return 0;
}

static const char shallow_advice[] =
    "this clone is shallow and may end before it: fetch the rest with 'git fetch --unshallow'";

/* The full name of the commit, the caller's to free(). */
static char *resolve(const struct git *git, const char *rev, struct err *err)
{
	AUTO_FREE char *peeled = xasprintf("%s^{commit}", rev);
	const char *words[] = { "rev-parse", "--verify", "--quiet", "--end-of-options", peeled, NULL };
	struct call call = { git->dir, words, NULL, QUICK_MS, 0 };
	AUTO(child_result) res = CHILD_RESULT_INIT;
	char *rest;

	if (call_git(&call, &res, err) < 0)
		return NULL;
	if (res.status != 0) {
		err_set(err, ERR_USAGE, "'%s' names no commit of %s%s%s", rev, git->dir,
			git->shallow ? ": " : "", git->shallow ? shallow_advice : "");
		return NULL;
	}
	rest = res.out.s;
	return git_read_own_line(&rest);
}

/* Of a commit's full name. */
static int read_commit(const struct git *git, const char *id, struct git_commit *out, struct err *err)
{
	const char *words[] = { "rev-list", "-1", GIT_READ_FORMAT, id, "--", NULL };
	AUTO(buf) text = BUF_INIT;

	if (git_run(git->dir, words, QUICK_MS, 0, &text, err) < 0)
		return -1;
	git_read_commit(id, text.s, out);
	return 0;
}

int git_commit(const struct git *git, const char *rev, struct git_commit *out, struct err *err)
{
	AUTO_FREE char *id = resolve(git, rev, err);

	return id ? read_commit(git, id, out, err) : -1;
}

int git_checkout_commit(const struct git *git, struct git_commit *out, struct err *err)
{
	static const char *const words[] = {
		"status", "--porcelain=v1", "-z", "--untracked-files=no", "--ignore-submodules=all", NULL
	};
	struct call call = { git->dir, words, NULL, HISTORY_MS, 0 };
	AUTO(child_result) res = CHILD_RESULT_INIT;
	AUTO(buf) shown = BUF_INIT;

	if (call_git(&call, &res, err) < 0)
		return -1;
	if (res.status != 0)
		return err_set(err, ERR_USAGE, "%s: expected a checkout: %s", git->dir, git_says(&res));
	if (git_read_status(&res.out, &shown))
		return err_set(err, ERR_USAGE,
			       "%s differs from what is committed (%s), so a verdict would not be the "
			       "commit's: commit the changes, or put them aside with 'git stash'",
			       git->dir, shown.s);
	return git_commit(git, "HEAD", out, err);
}

/* 1: `a` is an ancestor of `b`, or the same. */
static int is_ancestor(const struct git *git, const char *a, const char *b, struct err *err)
{
	const char *words[] = { "merge-base", "--is-ancestor", a, b, NULL };
	struct call call = { git->dir, words, NULL, HISTORY_MS, 0 };
	AUTO(child_result) res = CHILD_RESULT_INIT;

	if (call_git(&call, &res, err) < 0)
		return -1;
	if (res.status > 1)
		return err_set(err, ERR_HOST, "git merge-base in %s failed: %s", git->dir, git_says(&res));
	return res.status == 0;
}

/* Why the older end is no ancestor of the newer one. Returns -1. */
static int explain_ends(const struct git *git, const struct git_range *range, const char *older,
			const char *newer, struct err *err)
{
	const char *words[] = { "merge-base", older, newer, NULL };
	const char *first = range->fix ? "--bad" : "--good", *last = range->fix ? "--good" : "--bad";
	struct call call = { git->dir, words, NULL, HISTORY_MS, 0 };
	AUTO(child_result) res = CHILD_RESULT_INIT;
	int swapped = is_ancestor(git, newer, older, err);

	if (swapped < 0 || call_git(&call, &res, err) < 0)
		return -1;
	if (swapped)
		return err_set(
		    err, ERR_USAGE, "%s %s comes after %s %s: swap them, or look for the change back with %s",
		    first, range->older, last, range->newer, range->fix ? "--find regression" : "--find fix");
	if (git->shallow)
		return err_set(err, ERR_USAGE, "%s %s is not known as an ancestor of %s %s: %s", first,
			       range->older, last, range->newer, shallow_advice);
	if (res.status != 0)
		return err_set(err, ERR_USAGE, "%s %s and %s %s have no common history", first, range->older,
			       last, range->newer);
	res.out.s[strcspn(res.out.s, "\n")] = '\0';
	return err_set(err, ERR_USAGE,
		       "%s %s is not an ancestor of %s %s: they parted at %.12s: test that commit, and give "
		       "it as %s when it is as %s is",
		       first, range->older, last, range->newer, res.out.s, first, range->older);
}

/* A commit whose parents a shallow clone lacks looks like a first one. Returns -1 when one is on the list. */
static int check_shallow(const struct git *git, const struct git_range *range, const struct buf *list,
			 struct err *err)
{
	AUTO_FREE char *path = path_join(git->common, "shallow");
	AUTO(buf) text = BUF_INIT;
	char *rest, *id;

	if (!git->shallow)
		return 0;
	if (fs_read(path, HISTORY_BYTES, &text, err) < 0)
		return -1;
	rest = text.s;
	while ((id = git_read_line(&rest)))
		if (git_read_lists(list, id))
			return err_set(err, ERR_USAGE, "the history between %s and %s ends at %.12s: %s",
				       range->older, range->newer, id, shallow_advice);
	return 0;
}

static int list_range(const struct git *git, const struct git_range *range, const char *span, struct buf *out,
		      struct err *err)
{
	const char *words[WORDS_MAX] = { "rev-list", "--topo-order", "--parents", span };
	AUTO(buf) list = BUF_INIT;
	size_t n = 4;

	if (range->first_parent)
		words[n++] = "--first-parent";
	words[n++] = "--";
	for (size_t i = 0; range->paths && range->paths[i]; i++) {
		if (n == WORDS_MAX - 1)
			return err_set(err, ERR_USAGE, "more than %zu paths: name the folder they are in",
				       (size_t)WORDS_MAX - 7);
		words[n++] = range->paths[i];
	}
	if (git_run(git->dir, words, HISTORY_MS, 0, &list, err) < 0 ||
	    check_shallow(git, range, &list, err) < 0)
		return -1;
	if (range->first_parent)
		git_read_first_parents(&list, out);
	else
		buf_add(out, list.s, list.len);
	return 0;
}

int git_range(const struct git *git, const struct git_range *range, struct buf *out, struct err *err)
{
	AUTO_FREE char *older = resolve(git, range->older, err);
	AUTO_FREE char *newer = older ? resolve(git, range->newer, err) : NULL;
	AUTO_FREE char *span = newer ? xasprintf("%s..%s", older, newer) : NULL;
	size_t before = out->len;
	int status;

	if (!span)
		return -1;
	if (str_eq(older, newer))
		return err_set(err, ERR_USAGE,
			       "%s and %s are the same commit %.12s: nothing lies between them", range->older,
			       range->newer, older);
	status = is_ancestor(git, older, newer, err);
	if (status < 0)
		return -1;
	if (status == 0)
		return explain_ends(git, range, older, newer, err);
	if (list_range(git, range, span, out, err) < 0)
		return -1;
	if (out->len == before)
		return err_set(err, ERR_USAGE, "no commit between %s and %s touches %s", range->older,
			       range->newer, range->paths ? range->paths[0] : "anything");
	return 0;
}

/* "COMMIT PARENT\n" of each, as a file without a name. Returns its descriptor. */
static int write_edges(const struct git_edge *edges, size_t n, struct err *err)
{
	AUTO_CLOSE int fd = memfd_create("edges", MFD_CLOEXEC);
	AUTO(buf) text = BUF_INIT;

	for (size_t i = 0; i < n; i++)
		buf_addf(&text, "%s%s%s\n", edges[i].commit, edges[i].parent ? " " : "",
			 edges[i].parent ? edges[i].parent : "");
	if (fd < 0 || fs_write_all(fd, text.s, text.len) < 0)
		return err_errno(err, ERR_HOST, "cannot write a list of commits");
	return steal_fd(&fd);
}

bool git_name_valid(const char *word)
{
	size_t n = strlen(word);

	return (n == 40 || n == 64) && strspn(word, "0123456789abcdef") == n;
}

int git_changes(const struct git *git, const struct git_edge *edges, size_t n, struct git_diffs *out,
		struct err *err)
{
	static const char *const words[] = { "diff-tree", "--stdin",	   "--always",	   "-r", "-z",
					     "--root",	  "--name-status", "--no-renames", NULL };
	AUTO_CLOSE int fd = write_edges(edges, n, err);
	AUTO_FREE char *input = xasprintf("/proc/self/fd/%d", fd);
	struct call call = { git->dir, words, input, HISTORY_MS, 0 };
	AUTO(child_result) res = CHILD_RESULT_INIT;

	if (fd < 0 || call_git(&call, &res, err) < 0)
		return -1;
	if (res.status != 0)
		return err_set(err, ERR_HOST, "git diff-tree in %s failed: %s", git->dir, git_says(&res));
	if (git_read_changes(&res.out, out, err) < 0)
		return -1;
	if (out->n != n)
		return err_set(err, ERR_HOST, "git diff-tree in %s answered for %zu of %zu commits", git->dir,
			       out->n, n);
	return 0;
}

void git_release(struct git *git)
{
	free(git->dir);
	free(git->common);
	*git = (struct git)GIT_INIT;
}

void git_commit_release(struct git_commit *commit)
{
	free(commit->id);
	free(commit->tree);
	free(commit->subject);
	free(commit->author);
	free(commit->date);
	*commit = (struct git_commit)GIT_COMMIT_INIT;
}

void git_diffs_release(struct git_diffs *diffs)
{
	for (size_t i = 0; i < diffs->n; i++) {
		for (size_t k = 0; k < diffs->v[i].n; k++)
			free(diffs->v[i].changes[k].path);
		free(diffs->v[i].changes);
	}
	free(diffs->v);
	*diffs = (struct git_diffs)GIT_DIFFS_INIT;
}
