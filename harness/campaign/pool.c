#include "campaign/pool.h"

#include "base/fs.h"

struct pool_piece {
	struct pool_piece *next;
	struct pool *pool;
	pthread_t thread;
	void (*work)(void *arg);
	void *arg;
	unsigned memory;
	bool done;
};

/* From /proc/meminfo; 0 when it cannot be told. */
uint64_t pool_memory(void)
{
	static const char key[] = "MemAvailable:";
	AUTO(buf) text = BUF_INIT;
	AUTO(err) ignored = ERR_INIT;
	const char *at;

	if (fs_read("/proc/meminfo", 1 << 16, &text, &ignored) < 0)
		return 0;
	at = strstr(text.s, key);
	return at ? strtoull(at + sizeof(key) - 1, NULL, 10) / 1024 / 4 * 3 : 0;
}

void pool_open(struct pool *pool, unsigned slots)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	*pool = (struct pool){ .slots = slots	    ? slots
					: cores > 0 ? (unsigned)cores
						    : 1,
			       .memory = pool_memory() };
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->ended, NULL);
}

bool pool_fits(const struct pool *pool, unsigned memory)
{
	return !pool->running || (pool->running < pool->slots && pool->taken + memory <= pool->memory);
}

static void *run_piece(void *arg)
{
	struct pool_piece *piece = arg;
	struct pool *pool = piece->pool;

	piece->work(piece->arg);
	pthread_mutex_lock(&pool->lock);
	piece->done = true;
	pthread_cond_signal(&pool->ended);
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

int pool_start(struct pool *pool, unsigned memory, void (*work)(void *arg), void *arg, struct err *err)
{
	struct pool_piece *piece = xcalloc(1, sizeof(*piece));

	*piece = (struct pool_piece){ pool->pieces, pool, 0, work, arg, memory, false };
	errno = pthread_create(&piece->thread, NULL, run_piece, piece);
	if (errno) {
		free(piece);
		return err_errno(err, ERR_HOST, "cannot start a thread: close other programs");
	}
	pool->pieces = piece;
	pool->running++;
	pool->taken += memory;
	return 0;
}

/* Unlinks a piece that is done; NULL: none is. */
static struct pool_piece *take_done(struct pool *pool)
{
	for (struct pool_piece **at = &pool->pieces; *at; at = &(*at)->next) {
		struct pool_piece *piece = *at;

		if (!piece->done)
			continue;
		*at = piece->next;
		return piece;
	}
	return NULL;
}

void *pool_wait(struct pool *pool)
{
	struct pool_piece *piece;
	void *arg;

	if (!pool->running)
		return NULL;
	pthread_mutex_lock(&pool->lock);
	while (!(piece = take_done(pool)))
		pthread_cond_wait(&pool->ended, &pool->lock);
	pthread_mutex_unlock(&pool->lock);
	pthread_join(piece->thread, NULL);
	pool->running--;
	pool->taken -= piece->memory;
	arg = piece->arg;
	free(piece);
	return arg;
}

void pool_close(struct pool *pool)
{
	pthread_cond_destroy(&pool->ended);
	pthread_mutex_destroy(&pool->lock);
}
