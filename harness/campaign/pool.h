/*
 * Guests side by side: threads that each do one blocking piece of work, as many at a time as fit the host.
 *
 *	pool_open(&pool, slots);
 *	while (there is work or one is running) {
 *		while (there is work that pool_fits()) pool_start(&pool, &need, work, arg);
 *		arg = pool_wait(&pool);			whose work() has returned
 *	}
 *	pool_close(&pool);
 *
 * Only the thread that opened a pool may call it. What two pieces of work share is theirs to guard.
 */
#ifndef QB_POOL_H
#define QB_POOL_H

#include <pthread.h>

#include "base/buf.h"
#include "base/err.h"

struct pool {
	unsigned slots;	 /* pieces at a time */
	uint64_t memory; /* MiB that guests may have together */
	/* private */
	pthread_mutex_t lock;
	pthread_cond_t ended;
	struct pool_piece *pieces; /* that run, or have ended and were not waited for */
	unsigned running;
	uint64_t taken; /* MiB */
};

/*
 * `slots` 0: one for each core of the host. A guest boots on one core, whatever it has, so that fewer leave
 * cores idle. Memory: pool_memory().
 */
void pool_open(struct pool *pool, unsigned slots);

/* MiB that guests on this host may have together: three quarters of what is available now. */
uint64_t pool_memory(void);

/* Whether a guest with so much memory (MiB) may run beside those that do; always when none does. */
bool pool_fits(const struct pool *pool, unsigned memory);

/* Runs work(arg) in a thread. ERR_HOST: there can be no more threads. */
int pool_start(struct pool *pool, unsigned memory, void (*work)(void *arg), void *arg, struct err *err);

/* Waits until a piece has ended and returns its `arg`; NULL when there is none. */
void *pool_wait(struct pool *pool);

/* All pieces must have been waited for. */
void pool_close(struct pool *pool);

#endif
