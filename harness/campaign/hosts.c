#include "campaign/hosts.h"

#include <unistd.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/progress.h"
#include "base/supervisor.h"
#include "campaign/pool.h"
#include "guest/accelerator.h"

#define REST_MS 60000

static int open_host(struct host *host, const char *cache_dir, struct err *err)
{
	struct backend_size size;

	if (backend_open(*host->uri ? host->uri : NULL, cache_dir, &host->backend, err) < 0)
		return -1;
	if (!host->backend->away) {
		long cores = sysconf(_SC_NPROCESSORS_ONLN);

		host->slots = cores > 0 ? (unsigned)cores : 1;
		return 0;
	}
	if (host->backend->away->ops->measure(host->backend->away, &size, err) < 0) {
		backend_close(&host->backend);
		return -1;
	}
	host->slots = size.cores;
	host->memory = size.memory / 4 * 3;
	return 0;
}

static void rest(struct host *host)
{
	host->failed = true;
	host->rests_to = clock_ms() + REST_MS;
}

static void add_host(struct hosts *hosts, const char *uri, size_t length)
{
	hosts->v = xreallocarray(hosts->v, hosts->n + 1, sizeof(*hosts->v));
	hosts->v[hosts->n++] = (struct host){ .uri = xasprintf("%.*s", (int)length, uri) };
}

/* Of several: one that does not answer is no hindrance. */
static int open_several(struct hosts *hosts, struct err *err)
{
	AUTO(err) fault = ERR_INIT;
	size_t open = 0;

	for (size_t i = 0; i < hosts->n; i++) {
		struct host *host = &hosts->v[i];

		if (open_host(host, hosts->cache_dir, &fault) == 0) {
			open++;
			if (!host->backend->away)
				host->memory = pool_memory();
			continue;
		}
		if (fault.kind != ERR_HOST)
			break;
		progress_step("%s; it is tried again later", fault.text);
		rest(host);
	}
	return open && (fault.kind == ERR_NONE || fault.kind == ERR_HOST)
		   ? 0
		   : err_set(err, fault.kind, "%s", fault.text);
}

int hosts_open(struct hosts *hosts, const char *uris, const char *cache_dir, struct err *err)
{
	const char *at = uris ? uris : "";

	hosts->cache_dir = cache_dir ? xstrdup(cache_dir) : NULL;
	do {
		size_t length = strcspn(at, "\n");

		add_host(hosts, at, length);
		at += length;
	} while (*at++);
	return hosts->n == 1 ? open_host(hosts->v, cache_dir, err) : open_several(hosts, err);
}

unsigned hosts_slots(const struct hosts *hosts)
{
	unsigned slots = 0;

	for (size_t i = 0; i < hosts->n; i++)
		slots += hosts->v[i].slots;
	return slots;
}

/* --- what it can run -------------------------------------------------------------------------------------- */

static int look_here(const struct host_need *need, struct err *err)
{
	AUTO_FREE char *program = child_program(need->arch->emulator);
	const char *accelerator;

	if (!program)
		return err_set(err, ERR_HOST, "%s is not installed: run 'apt-get install %s'",
			       need->arch->emulator, need->arch->package);
	return accelerator_choose(need->arch, need->accelerator, need->made, &accelerator, NULL, err);
}

/* Whether such guests can run there; *answers: it has said so. */
static int look(struct host *host, const char *cache_dir, const struct host_need *need, bool *answers,
		struct err *err)
{
	AUTO(backend_machine) machine = { .accelerator = NULL };
	AUTO(err) ignored = ERR_INIT;
	struct backend_size size;
	struct backend_away *away;
	int status;

	*answers = false;
	if (!host->backend && open_host(host, cache_dir, err) < 0)
		return -1;
	*answers = true;
	away = host->backend->away;
	if (!away)
		return look_here(need, err);
	status = away->ops->look(away, need->arch, need->accelerator, need->made, &machine, err);
	*answers = status == 0 || away->ops->measure(away, &size, &ignored) == 0;
	return status;
}

/* --- choosing --------------------------------------------------------------------------------------------- */

/* With the lock held. */
static bool has_room(const struct host *host, unsigned memory)
{
	if (!host->running)
		return true;
	return !host->failed && host->running < host->slots &&
	       (!host->memory || host->taken + memory <= host->memory);
}

/* With the lock held: whether guests are better off on `a`. */
static bool is_better(const struct host *a, const struct host *b)
{
	uint64_t left = (uint64_t)a->running * b->slots, right = (uint64_t)b->running * a->slots;

	return left != right ? left < right : a->boots < b->boots;
}

/* With the lock held. NULL: none has room now; *any: one is worth waiting for. */
static struct host *choose(struct hosts *hosts, const bool *refused, unsigned memory, bool *any)
{
	struct host *best = NULL;

	*any = false;
	for (size_t i = 0; i < hosts->n; i++) {
		struct host *host = &hosts->v[i];

		if (refused[i] || (host->failed && clock_left(host->rests_to) > 0))
			continue;
		*any = true;
		if (has_room(host, memory) && (!best || is_better(host, best)))
			best = host;
	}
	return best;
}

static bool is_wanted(const struct host_need *need)
{
	return !supervise_interrupted() && !(need->runtime && runtime_is_stopping(need->runtime)) &&
	       (!need->begin_by || clock_left(need->begin_by) > 0);
}

static void wait_for_room(struct hosts *hosts)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 1;
	pthread_cond_timedwait(&hosts->changed, &hosts->lock, &until);
}

static void take(struct host *host, unsigned memory)
{
	host->running++;
	host->boots++;
	host->taken += memory;
}

/* NULL: there is none to wait for, or ERR_INTERRUPTED. */
static struct host *await(struct hosts *hosts, const struct host_need *need, const bool *refused,
			  struct err *err)
{
	struct host *host = NULL;
	bool any = true, wanted = true;

	pthread_mutex_lock(&hosts->lock);
	while ((wanted = is_wanted(need)) && !(host = choose(hosts, refused, need->memory, &any)) && any)
		wait_for_room(hosts);
	if (host)
		take(host, need->memory);
	pthread_mutex_unlock(&hosts->lock);
	if (!wanted)
		err_set(err, ERR_INTERRUPTED, "interrupted while all hosts were busy");
	return host;
}

static struct host *take_able(struct hosts *hosts, const struct host_need *need, bool *refused,
			      struct err *err)
{
	AUTO(err) fault = ERR_INIT;
	struct host *host;

	while ((host = await(hosts, need, refused, &fault))) {
		bool answers;

		if (look(host, hosts->cache_dir, need, &answers, &fault) == 0)
			return host;
		hosts_tell(hosts, host, answers);
		hosts_give_back(hosts, host, need->memory);
		refused[host - hosts->v] = true;
		if (fault.kind == ERR_INTERRUPTED)
			break;
	}
	if (fault.kind == ERR_NONE)
		err_set(&fault, ERR_HOST, "no host that may run %s guests answers", need->arch->name);
	err_set(err, fault.kind, "%s", fault.text);
	return NULL;
}

struct host *hosts_take(struct hosts *hosts, const struct host_need *need, struct err *err)
{
	AUTO_FREE bool *refused = xcalloc(hosts->n, sizeof(*refused));

	return hosts->n == 1 ? hosts->v : take_able(hosts, need, refused, err);
}

void hosts_tell(struct hosts *hosts, struct host *host, bool works)
{
	pthread_mutex_lock(&hosts->lock);
	if (works)
		host->failed = false;
	else
		rest(host);
	pthread_cond_broadcast(&hosts->changed);
	pthread_mutex_unlock(&hosts->lock);
}

void hosts_give_back(struct hosts *hosts, struct host *host, unsigned memory)
{
	if (hosts->n == 1)
		return;
	pthread_mutex_lock(&hosts->lock);
	host->running--;
	host->taken -= memory;
	pthread_cond_broadcast(&hosts->changed);
	pthread_mutex_unlock(&hosts->lock);
}

void hosts_take_again(struct hosts *hosts, struct host *host, unsigned memory)
{
	pthread_mutex_lock(&hosts->lock);
	take(host, memory);
	pthread_mutex_unlock(&hosts->lock);
}

int hosts_first(const struct hosts *hosts, const struct host_need *need, const char *uri, struct hosts *one,
		struct err *err)
{
	AUTO(err) fault = ERR_INIT;

	for (size_t i = 0; i < hosts->n; i++) {
		bool answers;

		if (uri && !str_eq(hosts->v[i].uri, uri))
			continue;
		if (hosts->n > 1 && look(&hosts->v[i], hosts->cache_dir, need, &answers, &fault) < 0)
			continue;
		one->v = &hosts->v[i];
		one->n = 1;
		return 0;
	}
	if (fault.kind == ERR_NONE) /* `uri` is none of them */
		err_set(&fault, ERR_HOST, "it is none of the hosts here");
	if (!uri)
		return err_set(err, fault.kind, "%s", fault.text);
	return err_set(err, fault.kind, "it was begun on %s, and can go on there alone: %s",
		       *uri ? uri : "this host", fault.text);
}

static bool answers(const struct host *host)
{
	struct backend_away *away = host->backend->away;
	AUTO(err) ignored = ERR_INIT;
	struct backend_size size;

	return !away || away->ops->measure(away, &size, &ignored) == 0;
}

static size_t count_failed(struct hosts *hosts)
{
	size_t n = 0;

	pthread_mutex_lock(&hosts->lock);
	for (size_t i = 0; i < hosts->n; i++)
		n += hosts->v[i].failed;
	pthread_mutex_unlock(&hosts->lock);
	return n;
}

bool hosts_answer(struct hosts *hosts)
{
	if (!hosts || hosts->n == 1)
		return !hosts || answers(hosts->v);
	return count_failed(hosts) == 0;
}

bool hosts_are_lost(struct hosts *hosts)
{
	return hosts && hosts->n > 1 && count_failed(hosts) == hosts->n;
}

void hosts_wake(struct hosts *hosts)
{
	pthread_mutex_lock(&hosts->lock);
	for (size_t i = 0; i < hosts->n; i++)
		hosts->v[i].rests_to = 0;
	pthread_mutex_unlock(&hosts->lock);
}

void hosts_close(struct hosts *hosts)
{
	for (size_t i = 0; i < hosts->n; i++) {
		backend_close(&hosts->v[i].backend);
		free(hosts->v[i].uri);
	}
	free(hosts->v);
	free(hosts->cache_dir);
	hosts->v = NULL;
	hosts->n = 0;
}
