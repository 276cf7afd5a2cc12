#include "kernel/catalog.h"

#include <fcntl.h>

#include "base/fs.h"
#include "base/opts.h"
#include "kernel/version.h"

#define RECORD	      "candidate.json"
#define RECORD_LIMIT  (1 << 20)
#define STAGE_PREFIX  ".stage-"
#define ID_HASH_CHARS 8

int catalog_find_all(const char *cache, const struct strv *names, struct candidate_list *out, struct err *err)
{
	for (size_t i = 0; i < names->n; i++) {
		GROW(out->v, out->n, out->cap);
		out->v[out->n] = (struct candidate)CANDIDATE_INIT;
		if (catalog_find(cache, names->v[i], &out->v[out->n++], err) < 0)
			return -1;
	}
	return 0;
}

char *catalog_dir(const char *cache, const struct candidate *candidate)
{
	return path_join(cache, candidate->id);
}

char *catalog_image(const char *cache, const struct candidate *candidate)
{
	AUTO_FREE char *dir = catalog_dir(cache, candidate);

	return path_join(dir, candidate->image);
}

/* Reads the record of the folder `id`. 1: there is none, so the folder is no candidate. */
static int read_record(const char *cache, const char *id, struct candidate *out, struct err *err)
{
	AUTO_FREE char *dir = path_join(cache, id);
	AUTO_FREE char *path = path_join(dir, RECORD);
	AUTO(buf) text = BUF_INIT;

	if (!fs_exists(path))
		return 1;
	if (fs_read(path, RECORD_LIMIT, &text, err) < 0 ||
	    candidate_parse(path, text.s, text.len, out, err) < 0)
		return -1;
	if (!str_eq(out->id, id)) {
		err_set(err, ERR_HOST, "%s: is the record of '%s': the folder was renamed; name it so again",
			path, out->id);
		candidate_release(out);
		return -1;
	}
	return 0;
}

int catalog_list(const char *cache, struct candidate_list *out, struct err *err)
{
	AUTO(strv) names = STRV_INIT;

	if (!fs_is_dir(cache))
		return 0;
	if (fs_list(cache, &names, err) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		struct candidate candidate = CANDIDATE_INIT;
		int status =
		    candidate_id_valid(names.v[i]) ? read_record(cache, names.v[i], &candidate, err) : 1;

		if (status < 0)
			return -1;
		if (status > 0)
			continue;
		GROW(out->v, out->n, out->cap);
		out->v[out->n++] = candidate;
	}
	return 0;
}

static int by_rpm_release(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	int order = version_rpm_part(x->release, y->release);

	return order ? order : strcmp(x->id, y->id);
}

static int by_dpkg_release(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	int order = version_dpkg(x->release, y->release);

	return order ? order : strcmp(x->id, y->id);
}

void catalog_sort(struct candidate_list *list)
{
	bool rpm = false;

	for (size_t i = 0; i < list->n; i++)
		rpm = rpm || str_eq(list->v[i].origin, "rpm");
	if (list->n)
		qsort(list->v, list->n, sizeof(*list->v), rpm ? by_rpm_release : by_dpkg_release);
}

static int none_named(const char *name, const struct candidate_list *all, struct err *err)
{
	AUTO_FREE const char **ids = xcalloc(all->n + 1, sizeof(*ids));
	AUTO(buf) hint = BUF_INIT;

	for (size_t i = 0; i < all->n; i++)
		ids[i] = all->v[i].id;
	opts_suggest(name, ids, &hint);
	return err_set(
	    err, ERR_USAGE,
	    "no kernel '%s' in the catalog%s ('qbisect kernel list' shows them, 'qbisect kernel import' "
	    "and 'qbisect kernel fetch' add)",
	    name, hint.s);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Whether the id begins with the name, and not in the middle of a number: 6.1 is no beginning of 6.12. */
static bool begins_with(const char *id, const char *name)
{
	size_t n = strlen(name);

	return n && str_starts(id, name) && !(is_digit(name[n - 1]) && is_digit(id[n]));
}

/* Takes the one candidate whose id begins with `name` out of the list. */
static int find_by_prefix(const char *name, struct candidate_list *all, struct candidate *out,
			  struct err *err)
{
	AUTO(buf) matches = BUF_INIT;
	struct candidate *found = NULL;
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++) {
		if (!begins_with(all->v[i].id, name))
			continue;
		found = &all->v[i];
		buf_addf(&matches, "%s%s", n++ ? ", " : "", found->id);
	}
	if (!n)
		return none_named(name, all, err);
	if (n > 1)
		return err_set(err, ERR_USAGE, "kernel '%s' is ambiguous (%s): write more of the id", name,
			       matches.s);
	candidate_move(out, found);
	return 0;
}

int catalog_find(const char *cache, const char *name, struct candidate *out, struct err *err)
{
	AUTO(candidate_list) all = CANDIDATE_LIST_INIT;
	int status = candidate_id_valid(name) ? read_record(cache, name, out, err) : 1;

	if (status <= 0)
		return status;
	if (catalog_list(cache, &all, err) < 0)
		return -1;
	return find_by_prefix(name, &all, out, err);
}

/* What a killed import or removal left. The lock is held. */
static int sweep(const char *cache, struct err *err)
{
	AUTO(strv) names = STRV_INIT;

	if (fs_list(cache, &names, err) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		AUTO_FREE char *path = path_join(cache, names.v[i]);

		if (str_starts(names.v[i], STAGE_PREFIX) && fs_remove_tree(path, err) < 0)
			return -1;
	}
	return 0;
}

int catalog_stage(const char *cache, struct catalog_stage *stage, struct err *err)
{
	AUTO_FREE char *lock = path_join(cache, ".lock");
	AUTO_FREE char *prefix = path_join(cache, STAGE_PREFIX);

	if (fs_mkdirs(cache, err) < 0)
		return -1;
	stage->cache = cache;
	stage->lock = fs_lock(lock, err);
	if (stage->lock < 0 || sweep(cache, err) < 0)
		return -1;
	stage->dir = fs_temp_dir(prefix, err);
	if (!stage->dir)
		return -1;
	stage->left = leftover_note(stage->dir);
	return 0;
}

/* The candidate with the same content, or NULL. */
static struct candidate *find_same(struct candidate_list *all, const struct candidate *candidate)
{
	for (size_t i = 0; i < all->n; i++)
		if (str_eq(all->v[i].content_hash, candidate->content_hash))
			return &all->v[i];
	return NULL;
}

/* Gives the new candidate its id: `id`, else its release, with a piece of its hash when that is taken. */
static int choose_id(const char *cache, const char *id, struct candidate *candidate, struct err *err)
{
	AUTO_FREE char *plain = path_join(cache, id ? id : candidate->release);
	AUTO_FREE char *longer = NULL;

	free(candidate->id);
	candidate->id = xstrdup(id ? id : candidate->release);
	if (!fs_exists(plain))
		return 0;
	if (id)
		return err_set(err, ERR_USAGE,
			       "--id %s: another kernel has this id: choose another, or remove it "
			       "with 'qbisect kernel remove %s'",
			       id, id);
	free(candidate->id);
	candidate->id = xasprintf("%s-%.*s", candidate->release, ID_HASH_CHARS, candidate->content_hash);
	longer = path_join(cache, candidate->id);
	if (fs_exists(longer))
		return err_set(err, ERR_HOST, "%s is in the way: remove it", longer);
	return 0;
}

/* Makes what is in the folder durable, then puts it where it belongs in one step. */
static int move_in(struct catalog_stage *stage, const struct candidate *candidate, struct err *err)
{
	AUTO_FREE char *path = catalog_dir(stage->cache, candidate);
	AUTO_FREE char *record = path_join(stage->dir, RECORD);
	AUTO_CLOSE int fd = open(stage->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO(buf) text = BUF_INIT;

	candidate_write(candidate, &text);
	if (fs_write_atomic(record, text.s, text.len, err) < 0)
		return -1;
	if (fd < 0 || syncfs(fd) < 0)
		return err_errno(err, ERR_HOST, "cannot put the kernel into %s", path);
	if (fs_move(stage->dir, path, err) < 0)
		return -1;
	free(stage->dir);
	stage->dir = NULL;
	return 0;
}

int catalog_known(const struct catalog_stage *stage, const char *id, struct candidate *candidate,
		  struct err *err)
{
	AUTO(candidate_list) all = CANDIDATE_LIST_INIT;
	struct candidate *same;

	if (catalog_list(stage->cache, &all, err) < 0)
		return -1;
	same = find_same(&all, candidate);
	if (!same)
		return 0;
	if (id && !str_eq(id, same->id))
		return err_set(err, ERR_USAGE,
			       "--id %s: this kernel is in the catalog as %s: use that, or remove "
			       "it first with 'qbisect kernel remove %s'",
			       id, same->id, same->id);
	candidate_release(candidate);
	candidate_move(candidate, same);
	return 1;
}

int catalog_commit(struct catalog_stage *stage, const char *id, struct candidate *candidate, struct err *err)
{
	return choose_id(stage->cache, id, candidate, err) < 0 ? -1 : move_in(stage, candidate, err);
}

int catalog_remove(const char *cache, const char *name, struct candidate *removed, struct err *err)
{
	AUTO(catalog_stage) stage = CATALOG_STAGE_INIT;
	AUTO(candidate) found = CANDIDATE_INIT;
	AUTO_FREE char *from = NULL, *to = NULL;

	if (catalog_find(cache, name, &found, err) < 0 || catalog_stage(cache, &stage, err) < 0)
		return -1;
	from = catalog_dir(cache, &found);
	to = path_join(stage.dir, found.id);
	if (rename(from, to) < 0)
		return err_errno(err, ERR_HOST, "cannot remove %s", from);
	if (removed)
		candidate_move(removed, &found);
	return 0;
}

void catalog_stage_release(struct catalog_stage *stage)
{
	AUTO(err) ignored = ERR_INIT; /* the next import sweeps what could not be removed now */

	if (stage->dir)
		fs_remove_tree(stage->dir, &ignored);
	free(stage->dir);
	leftover_forget(&stage->left);
	if (stage->lock >= 0)
		close(stage->lock);
	*stage = (struct catalog_stage)CATALOG_STAGE_INIT;
}

void candidate_list_release(struct candidate_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		candidate_release(&list->v[i]);
	free(list->v);
	*list = (struct candidate_list)CANDIDATE_LIST_INIT;
}
