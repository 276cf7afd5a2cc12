#include "campaign/hosts.h"

#include <unistd.h>

#include "base/supervisor.h"

static int open_host(struct host *host, const char *uri, const char *cache_dir, struct err *err)
{
	struct backend_size size;

	if (backend_open(uri, cache_dir, &host->backend, err) < 0)
		return -1;
	if (!host->backend->away) {
		long cores = sysconf(_SC_NPROCESSORS_ONLN);

		host->slots = cores > 0 ? (unsigned)cores : 1;
		return 0;
	}
	if (host->backend->away->ops->measure(host->backend->away, &size, err) < 0)
		return -1;
	host->slots = size.cores;
	host->memory = size.memory / 4 * 3;
	return 0;
}

int hosts_open(struct hosts *hosts, const char *uris, const char *cache_dir, struct err *err)
{
	const char *at = uris ? uris : "";

	do {
		AUTO_FREE char *uri = xasprintf("%.*s", (int)strcspn(at, "\n"), at);

		hosts->v = xreallocarray(hosts->v, hosts->n + 1, sizeof(*hosts->v));
		hosts->v[hosts->n] = (struct host){ .uri = xstrdup(uri) };
		if (open_host(&hosts->v[hosts->n++], *uri ? uri : NULL, cache_dir, err) < 0)
			return -1;
		at += strlen(uri);
	} while (*at++);
	return 0;
}

/* Whether guests of an architecture can run there. What this host lacks its trials tell. */
static bool can_run(struct host *host, const struct arch *arch, const char *made, struct err *err)
{
	struct backend_away *away = host->backend->away;
	AUTO(backend_machine) machine = { .accelerator = NULL };

	return !away || away->ops->look(away, arch, "auto", made, &machine, err) == 0;
}

/* With the lock held. */
static bool has_room(const struct host *host, unsigned memory)
{
	return !host->running ||
	       (host->running < host->slots && (!host->memory || host->taken + memory <= host->memory));
}

/* With the lock held: whether guests are better off on `a`. */
static bool is_better(const struct host *a, const struct host *b)
{
	uint64_t left = (uint64_t)a->running * b->slots, right = (uint64_t)b->running * a->slots;

	return left != right ? left < right : a->boots < b->boots;
}

/* With the lock held. NULL: none has room now. */
static struct host *choose(struct hosts *hosts, const bool *able, unsigned memory)
{
	struct host *best = NULL;

	for (size_t i = 0; i < hosts->n; i++)
		if (able[i] && has_room(&hosts->v[i], memory) && (!best || is_better(&hosts->v[i], best)))
			best = &hosts->v[i];
	return best;
}

static void wait_for_room(struct hosts *hosts)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 1;
	pthread_cond_timedwait(&hosts->changed, &hosts->lock, &until);
}

struct host *hosts_take(struct hosts *hosts, const struct arch *arch, unsigned memory, const char *made,
			struct err *err)
{
	AUTO_FREE bool *able = xcalloc(hosts->n, sizeof(*able));
	struct host *host = NULL;
	bool any = false;

	for (size_t i = 0; i < hosts->n; i++)
		any |= able[i] = hosts->n == 1 || can_run(&hosts->v[i], arch, made, err);
	if (!any)
		return NULL;
	err_release(err);
	pthread_mutex_lock(&hosts->lock);
	while (!(host = hosts->n == 1 ? hosts->v : choose(hosts, able, memory)) && !supervise_interrupted())
		wait_for_room(hosts);
	if (host) {
		host->running++;
		host->boots++;
		host->taken += memory;
	}
	pthread_mutex_unlock(&hosts->lock);
	if (!host)
		err_set(err, ERR_INTERRUPTED, "interrupted while all hosts were busy");
	return host;
}

void hosts_give_back(struct hosts *hosts, struct host *host, unsigned memory)
{
	pthread_mutex_lock(&hosts->lock);
	host->running--;
	host->taken -= memory;
	pthread_cond_broadcast(&hosts->changed);
	pthread_mutex_unlock(&hosts->lock);
}

int hosts_first(const struct hosts *hosts, const struct arch *arch, const char *made, struct hosts *one,
		struct err *err)
{
	for (size_t i = 0; i < hosts->n; i++) {
		if (hosts->n > 1 && !can_run(&hosts->v[i], arch, made, err))
			continue;
		err_release(err);
		one->v = &hosts->v[i];
		one->n = 1;
		return 0;
	}
	return -1;
}

bool hosts_answer(const struct hosts *hosts)
{
	bool all = true;

	for (size_t i = 0; hosts && i < hosts->n; i++) {
		struct backend_away *away = hosts->v[i].backend->away;
		AUTO(err) fault = ERR_INIT;
		struct backend_size size;

		all &= !away || away->ops->measure(away, &size, &fault) == 0;
	}
	return all;
}

void hosts_close(struct hosts *hosts)
{
	for (size_t i = 0; i < hosts->n; i++) {
		backend_close(&hosts->v[i].backend);
		free(hosts->v[i].uri);
	}
	free(hosts->v);
	hosts->v = NULL;
	hosts->n = 0;
}
