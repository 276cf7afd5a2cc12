#include "kernel/deps.h"

#include <fts.h>

#include "base/fs.h"

#define CMD_LIMIT (64 << 20)
#define DROP_AT	  (1 << 18) /* names, most of them many times: drop those now and then */

/* Appends the path with its "a/.." taken away; nothing when it leads out of the tree. */
static void add_plain(const char *path, size_t len, struct strv *out)
{
	AUTO_FREE char *plain = xcalloc(1, len + 1), *raw = xcalloc(1, len + 1);
	char *rest = raw, *part;
	size_t n = 0;

	memcpy(raw, path, len);
	while ((part = strsep(&rest, "/"))) {
		char *slash;

		if (str_eq(part, "") || str_eq(part, "."))
			continue;
		if (!str_eq(part, "..")) {
			n += (size_t)snprintf(plain + n, len + 1 - n, "%s%s", n ? "/" : "", part);
			continue;
		}
		if (!n)
			return;
		slash = memrchr(plain, '/', n);
		n = slash ? (size_t)(slash - plain) : 0;
		plain[n] = '\0';
	}
	if (n)
		strv_add(out, plain);
}

void deps_scan(const char *text, size_t len, const char *tree, struct strv *out)
{
	static const char ends[] = " \t\n\\:;)'\"";
	size_t n = strlen(tree);

	for (size_t at = 0; at < len;) {
		size_t end = at;

		while (end < len && text[end] && !strchr(ends, text[end]))
			end++;
		if (end - at > n + 1 && memcmp(text + at, tree, n) == 0 && text[at + n] == '/')
			add_plain(text + at + n + 1, end - at - n - 1, out);
		at = end + 1;
	}
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void deps_sort(struct strv *files)
{
	size_t kept = 0;

	if (!files->n)
		return;
	qsort(files->v, files->n, sizeof(*files->v), by_name);
	for (size_t i = 1; i < files->n; i++) {
		if (str_eq(files->v[i], files->v[kept]))
			free(files->v[i]);
		else
			files->v[++kept] = files->v[i];
	}
	files->n = kept + 1;
	files->v[files->n] = NULL;
}

static int scan_file(const char *path, const char *tree, struct strv *out, struct err *err)
{
	AUTO(buf) text = BUF_INIT;

	if (fs_read(path, CMD_LIMIT, &text, err) < 0)
		return -1;
	deps_scan(text.s, text.len, tree, out);
	return 0;
}

/* All .cmd files; the link to the source in the folder is not followed. */
static int scan_objects(FTS *walk, const char *tree, struct strv *out, struct err *err)
{
	FTSENT *entry;

	while ((entry = fts_read(walk))) {
		if (entry->fts_info == FTS_F && str_ends(entry->fts_name, ".cmd") &&
		    scan_file(entry->fts_accpath, tree, out, err) < 0)
			return -1;
		if (out->n > DROP_AT)
			deps_sort(out);
	}
	return errno ? err_errno(err, ERR_HOST, "cannot list the object folder") : 0;
}

int deps_collect(const char *objects, const char *tree, const char *path, struct err *err)
{
	char *const roots[] = { (char *)objects, NULL };
	FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	AUTO(strv) files = STRV_INIT;
	AUTO(buf) text = BUF_INIT;
	int status;

	if (!walk)
		return err_errno(err, ERR_HOST, "cannot list %s", objects);
	status = scan_objects(walk, tree, &files, err);
	fts_close(walk);
	if (status < 0)
		return -1;
	deps_sort(&files);
	if (!files.n) /* believed, it would say that no commit changes anything */
		return err_set(err, ERR_HOST, "%s: none of its .cmd files names a file of %s", objects, tree);
	for (size_t i = 0; i < files.n; i++)
		buf_addf(&text, "%s\n", files.v[i]);
	return fs_write_atomic(path, text.s, text.len, err);
}
