#include "campaign/runtime.h"

#include "campaign/booth.h"
#include "campaign/slurm.h"

static int run_local(struct runtime *runtime, const struct order *order, struct err *err)
{
	(void)runtime;
	return booth_try(order, err);
}

static void close_local(struct runtime *runtime)
{
	free(runtime);
}

static int open_local(const char *home, const char *uri, struct runtime **runtime, struct err *err)
{
	static const struct runtime_ops ops = { run_local, NULL, close_local };

	(void)home, (void)uri, (void)err;
	*runtime = xcalloc(1, sizeof(**runtime));
	(*runtime)->ops = &ops;
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

void runtime_go_on(struct runtime *runtime)
{
	__atomic_store_n(&runtime->stopping, false, __ATOMIC_RELAXED);
}
