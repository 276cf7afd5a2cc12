#include "store/store.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/progress.h"

#define LOCK_FILE    ".qbisect.db.lock"
#define LOCK_MS	     10000
#define LOCK_TICK_MS 50

/* One for each results folder that this process has used: one, but in tests. */
struct store_shared {
	struct store_shared *next;
	char *results;
	pthread_mutex_t mutex;
	struct db *db;
	int lock;      /* shared, while the database is open */
	bool optional; /* readers, too, go on without */
	bool off;      /* it was found to be of no use, and that has been said */
	pid_t owner;
};

static struct store_shared *all;
static pthread_mutex_t all_mutex = PTHREAD_MUTEX_INITIALIZER;

void store_say(const char *fmt, ...)
{
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	static struct strv said = STRV_INIT;
	AUTO(buf) text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	pthread_mutex_lock(&mutex);
	if (strv_add_once(&said, text.s)) {
		progress_clear();
		fprintf(stderr, "qbisect: %s\n", text.s);
	}
	pthread_mutex_unlock(&mutex);
}

static void close_shared(struct store_shared *shared)
{
	db_close(shared->db);
	shared->db = NULL;
	if (shared->lock >= 0)
		close(steal_fd(&shared->lock));
}

/* So that the log of what was written is put into the file, and goes. */
static void close_all(void)
{
	for (struct store_shared *shared = all; shared; shared = shared->next)
		if (shared->owner == getpid() && pthread_mutex_trylock(&shared->mutex) == 0)
			close_shared(shared);
}

/* A parent's connection is not to be touched: it is left where it is. */
static struct store_shared *shared_of(const char *results)
{
	struct store_shared *shared;

	pthread_mutex_lock(&all_mutex);
	if (!all)
		atexit(close_all);
	for (shared = all; shared; shared = shared->next)
		if (str_eq(shared->results, results) && shared->owner == getpid())
			break;
	if (!shared) {
		shared = xcalloc(1, sizeof(*shared));
		*shared = (struct store_shared){ all, xstrdup(results), PTHREAD_MUTEX_INITIALIZER, .lock = -1,
						 .owner = getpid() };
		all = shared;
	}
	pthread_mutex_unlock(&all_mutex);
	return shared;
}

/* `how`: LOCK_SH or LOCK_EX. */
static int lock_file(const char *results, int how, struct err *err)
{
	AUTO_FREE char *path = path_join(results, LOCK_FILE);
	AUTO_CLOSE int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int64_t deadline = clock_ms() + LOCK_MS;
	int failed = fd < 0 ? -1 : flock(fd, how | LOCK_NB);

	while (fd >= 0 && failed && errno == EWOULDBLOCK && clock_left(deadline)) {
		clock_sleep(LOCK_TICK_MS);
		failed = flock(fd, how | LOCK_NB);
	}
	if (failed && fd >= 0 && errno == EWOULDBLOCK)
		return err_set(err, ERR_HOST,
			       "another qbisect process %s %s/" STORE_FILE ": try again when it has ended",
			       how == LOCK_EX ? "works with" : "makes anew", results);
	return failed ? err_errno(err, ERR_HOST, "cannot lock %s", path) : steal_fd(&fd);
}

static int open_shared(struct store_shared *shared, enum db_fault *fault, struct err *err)
{
	AUTO_FREE char *path = path_join(shared->results, STORE_FILE);

	*fault = DB_AWAY;
	shared->lock = lock_file(shared->results, LOCK_SH, err);
	if (shared->lock < 0)
		return -1;
	shared->db = db_open(path, fault, err);
	if (shared->db)
		return 0;
	close(steal_fd(&shared->lock));
	return -1;
}

/* What an error of the database comes to: 0, and it is off from now on; or -1. */
static int pass_over(struct store_shared *shared, enum store_use use, enum db_fault fault, struct err *err)
{
	bool refused = fault == DB_DAMAGED || fault == DB_NEWER;

	close_shared(shared);
	if (refused && use == STORE_READS && !shared->optional)
		return -1;
	shared->off = true;
	/* Whose folder is not ours to write to reads it all the same. */
	if (refused || access(shared->results, W_OK) == 0)
		store_say("%s; meanwhile the trials' folders alone are used", err->text);
	err_release(err);
	return 0;
}

int store_take(const char *results, enum store_use use, struct store *store, struct err *err)
{
	struct store_shared *shared;
	enum db_fault fault = DB_FINE;
	int status;

	if (!fs_is_dir(results))
		return 0;
	shared = shared_of(results);
	pthread_mutex_lock(&shared->mutex);
	status = shared->off ? 0 : 1;
	if (status && !shared->db && open_shared(shared, &fault, err) < 0)
		status = pass_over(shared, use, fault, err);
	if (status <= 0) {
		pthread_mutex_unlock(&shared->mutex);
		return status;
	}
	*store = (struct store){ shared, shared->db, use };
	return 1;
}

int store_take_campaign(const char *folder, enum store_use use, struct store *store, struct err *err)
{
	AUTO_FREE char *file = path_join(folder, "campaign.json");
	const char *slash = strrchr(folder, '/');
	AUTO_FREE char *results = slash ? xasprintf("%.*s", (int)(slash - folder), folder) : xstrdup(".");

	return fs_exists(file) ? store_take(results, use, store, err) : 0;
}

int store_try(const char *results, struct err *err)
{
	AUTO(store) store = STORE_INIT;

	return store_take(results, STORE_READS, &store, err) < 0 ? -1 : 0;
}

int store_failed(struct store *store, struct err *err)
{
	enum db_fault fault = db_fault(store->db);
	int status = -1;

	db_rollback(store->db);
	if (fault != DB_FINE) {
		status = pass_over(store->shared, store->use, fault, err);
	} else if (store->use ==
		   STORE_WRITES) { /* what it was made from is in a folder, and is taken in later */
		store_say("not in the database yet: %s", err->text);
		err_release(err);
		status = 0;
	}
	store_give(store);
	return status;
}

void store_give(struct store *store)
{
	if (store->shared)
		pthread_mutex_unlock(&store->shared->mutex);
	*store = (struct store)STORE_INIT;
}

void store_optional(const char *results)
{
	struct store_shared *shared = shared_of(results);

	pthread_mutex_lock(&shared->mutex);
	shared->optional = true;
	pthread_mutex_unlock(&shared->mutex);
}

int store_lock(const char *results, struct err *err)
{
	struct store_shared *shared = shared_of(results);

	pthread_mutex_lock(&shared->mutex);
	close_shared(shared);
	shared->off = false;
	pthread_mutex_unlock(&shared->mutex);
	return lock_file(results, LOCK_EX, err);
}
