#include "store/gc.h"

#include <fcntl.h>
#include <sys/file.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/progress.h"
#include "store/campaigns.h"
#include "store/heads.h"
#include "store/store.h"

#define DAY	 86400
#define EMPTY_OF 4 /* a file that is empty to a quarter is made smaller */

static bool is_awaited(const struct heads *found, const struct campaign *campaign)
{
	for (size_t i = 0; i < found->n; i++)
		if (!*found->v[i].ended && str_eq(found->v[i].previous, campaign->name))
			return true;
	return false;
}

/* The campaign's lock, or -1 when another process has it. */
static int try_lock(const struct campaign *campaign)
{
	AUTO_FREE char *path = path_join(campaign->folder, ".lock");
	AUTO_CLOSE int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	return fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 ? steal_fd(&fd) : -1;
}

/* Rows without a folder would be evidence that is gone: there is nothing to go on with without the database. */
static int forget_rows(const char *results, const char *name, struct err *err)
{
	AUTO(store) store = STORE_INIT;
	int use = store_take(results, STORE_READS, &store, err);

	if (use == 0)
		return err_set(
		    err, ERR_HOST,
		    "%s is not removed from disk, because the database cannot be written: 'qbisect db gc' "
		    "goes on once it can",
		    name);
	if (use < 0)
		return -1;
	if (db_begin(store.db, err) == 0 && campaigns_forget(store.db, name, err) == 0 &&
	    db_commit(store.db, err) == 0)
		return 0;
	db_rollback(store.db);
	return err_wrap(err, "%s is not removed", name);
}

/* The rows go behind the folder's name and before its content: a folder that is still called by its name would be taken
 * in again. */
static int remove_gone(const char *results, const char *name, struct err *err)
{
	AUTO_FREE char *gone = xasprintf("%s/" GC_GONE "%s", results, name);

	return forget_rows(results, name, err) < 0 ? -1 : fs_remove_tree(gone, err);
}

int gc_campaign(const char *results, const struct campaign *campaign, struct err *err)
{
	AUTO_FREE char *gone = xasprintf("%s/" GC_GONE "%s", results, campaign->name);

	if (rename(campaign->folder, gone) < 0)
		return err_errno(err, ERR_HOST, "cannot remove %s", campaign->folder);
	if (forget_rows(results, campaign->name, err) == 0)
		return fs_remove_tree(gone, err);
	(void)!rename(gone, campaign->folder); /* else the next one goes on with it */
	return -1;
}

/* What a call that was killed left. */
static int finish_others(const char *results, struct err *err)
{
	AUTO(strv) names = STRV_INIT;

	if (fs_list(results, &names, err) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++)
		if (str_starts(names.v[i], GC_GONE) &&
		    remove_gone(results, names.v[i] + strlen(GC_GONE), err) < 0)
			return -1;
	return 0;
}

static int consider(const char *results, const struct heads *found, const struct campaign *campaign, bool dry,
		    struct gc *gc, struct err *err)
{
	AUTO_CLOSE int lock = -1;

	if (!*campaign->ended || campaign->bisecting) {
		strv_addf(&gc->protected, "%s: it has not ended: 'qbisect resume %s' goes on", campaign->name,
			  campaign->name);
		return 0;
	}
	if (is_awaited(found, campaign)) {
		strv_addf(&gc->protected, "%s: a run that has not ended is compared with it", campaign->name);
		return 0;
	}
	lock = try_lock(campaign);
	if (lock < 0) {
		strv_addf(&gc->protected, "%s: another process works on it", campaign->name);
		return 0;
	}
	strv_add(&gc->removed, campaign->name);
	if (dry)
		return 0;
	progress_live("removing %s", campaign->name);
	return gc_campaign(results, campaign, err);
}

/* When much of the file is empty. That it could not be is no fault: the space is used again. */
static void shrink(const char *results)
{
	AUTO(store) store = STORE_INIT;
	AUTO(err) ignored = ERR_INIT;
	int64_t pages = 0, empty = 0;

	if (store_take(results, STORE_WRITES, &store, &ignored) <= 0)
		return;
	for (int i = 0; i < 2; i++) {
		AUTO(query)
		q = i ? QUERY(store.db, "PRAGMA freelist_count") : QUERY(store.db, "PRAGMA page_count");

		if (query_step(&q, &ignored) > 0)
			*(i ? &empty : &pages) = query_take_int(&q);
	}
	if (empty > pages / EMPTY_OF)
		db_run(store.db, "VACUUM", &ignored);
}

int gc_store(const char *results, const struct gc_options *options, struct gc *gc, struct err *err)
{
	AUTO_FREE char *since = clock_utc_ago((int64_t)options->days * DAY);
	AUTO(heads) found = HEADS_INIT;

	if (!fs_is_dir(results))
		return 0;
	if ((!options->dry && finish_others(results, err) < 0) ||
	    heads_load(results, &found, &gc->protected, err) < 0)
		return -1;
	for (size_t i = 0; i < found.n; i++) {
		bool new = options->keep &&found.n - i <= options->keep;
		bool young = options->days && strcmp(found.v[i].started, since) >= 0;

		if (!new && !young && consider(results, &found, &found.v[i], options->dry, gc, err) < 0)
			return -1;
	}
	gc->kept = (unsigned)(found.n - gc->removed.n);
	if (!options->dry && gc->removed.n)
		shrink(results);
	return 0;
}

void gc_release(struct gc *gc)
{
	strv_release(&gc->removed);
	strv_release(&gc->protected);
}
