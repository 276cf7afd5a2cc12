#include "campaign/runtime.h"

#include <pthread.h>

#include "base/supervisor.h"
#include "campaign/slurm.h"
#include "store/campaign.h"

struct local {
	struct runtime base; /* first */
	pthread_mutex_t alone;
};

static int run_alone(struct local *local, const struct order *order, struct err *err)
{
	int status;

	pthread_mutex_lock(&local->alone); /* not for longer than those before take, which have deadlines */
	if (runtime_is_stopping(&local->base) || supervise_interrupted())
		status = err_set(err, ERR_INTERRUPTED, "interrupted before it began");
	else
		status = order->kind->here(order, err);
	pthread_mutex_unlock(&local->alone);
	return status;
}

static int run_local(struct runtime *runtime, const struct order *order, struct err *err)
{
	return order->kind->alone ? run_alone((struct local *)runtime, order, err)
				  : order->kind->here(order, err);
}

static void close_local(struct runtime *runtime)
{
	pthread_mutex_destroy(&((struct local *)runtime)->alone);
	free(runtime);
}

static int open_local(const char *home, const char *uri, struct runtime **runtime, struct err *err)
{
	static const struct runtime_ops ops = { run_local, NULL, close_local };
	struct local *local = xcalloc(1, sizeof(*local));

	(void)home, (void)uri, (void)err;
	local->base.ops = &ops;
	pthread_mutex_init(&local->alone, NULL);
	*runtime = &local->base;
	return 0;
}

static const struct {
	const char *name;
	int (*open)(const char *home, const char *uri, struct runtime **runtime, struct err *err);
} runtimes[] = { { "local", open_local }, { "slurm", slurm_open } };

/* The place of a name in the table, or one behind. */
static size_t find(const char *name)
{
	size_t i = 0;

	while (i < ARRAY_SIZE(runtimes) && !str_eq(runtimes[i].name, name))
		i++;
	return i;
}

int runtime_check(const char *name, struct err *err)
{
	if (find(name) < ARRAY_SIZE(runtimes))
		return 0;
	return err_set(err, ERR_USAGE, "runtime %s: expected local or slurm", name);
}

int runtime_open(const char *name, const char *home, const char *uri, struct runtime **runtime,
		 struct err *err)
{
	const char *wanted = name && *name ? name : "local";

	if (runtime_check(wanted, err) < 0)
		return -1;
	return runtimes[find(wanted)].open(home, uri, runtime, err);
}

void runtime_stop(struct runtime *runtime)
{
	__atomic_store_n(&runtime->stopping, true, __ATOMIC_RELAXED);
}

bool runtime_is_stopping(const struct runtime *runtime)
{
	return __atomic_load_n(&runtime->stopping, __ATOMIC_RELAXED);
}

void runtime_go_on(struct runtime *runtime)
{
	__atomic_store_n(&runtime->stopping, false, __ATOMIC_RELAXED);
}

int runtime_give_up(const struct order *order, const char *what, const char *why, struct err *err)
{
	return err_set(
	    err, ERR_HOST,
	    "%s: %d tries at it were lost, the last one: %s; when that is mended, 'qbisect resume %s' "
	    "goes on",
	    what, RUNTIME_TRIES, why, order->campaign->name);
}
