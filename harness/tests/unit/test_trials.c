/* Trials side by side: when one ends them all, the others come back from where they only wait. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/clock.h"
#include "campaign/search_trials.h"

#define PATIENCE_MS 20000

static unsigned asked; /* how many boots the runtime was asked for */
static bool stopped;   /* one of them was told not to wait any more */

/* The first boot fails at once, another one waits for its turn. */
static int run(struct runtime *runtime, const struct order *order, struct err *err)
{
	int64_t deadline = clock_ms() + PATIENCE_MS;

	(void)order;
	if (__atomic_fetch_add(&asked, 1, __ATOMIC_RELAXED) == 0)
		return err_set(err, ERR_HOST, "the cluster is gone");
	while (clock_left(deadline) && !__atomic_load_n(&runtime->stopping, __ATOMIC_RELAXED))
		clock_sleep(5);
	stopped = clock_left(deadline) > 0;
	return err_set(err, ERR_INTERRUPTED, "interrupted");
}

static void one_failure_ends_the_waiting(void **state)
{
	static const struct runtime_ops ops = { run, NULL, NULL };
	struct runtime runtime = { .ops = &ops, .away = true };
	struct setup setup = { .runtime = &runtime };
	struct campaign campaign = { .folder = "/nonexistent", .name = "night" };
	struct question question = { .scenario = "AD033" };
	struct candidate candidates[2] = { { .id = "k1" }, { .id = "k2" } };
	struct booth booths[2], *of[4] = { &booths[0], NULL, NULL, &booths[1] };
	struct source source = { .expect = NULL };
	struct search search = { .spec = { &setup, &question, &source, &campaign },
				 .graph = { .n = 2 },
				 .booths = of };
	struct search_trial trials[2] = { SEARCH_TRIAL_INIT, SEARCH_TRIAL_INIT };
	AUTO(err) err = ERR_INIT;

	(void)state;
	environment_init(&question.env);
	for (uint32_t i = 0; i < 2; i++) {
		booths[i] = (struct booth)BOOTH_INIT;
		booth_name(&setup, &question, &candidates[i], &booths[i]);
		trials[i].candidate = i;
		trials[i].label = xstrdup(candidates[i].id);
	}
	pool_open(&search.pool, 2);
	search.pool.memory = UINT64_MAX;
	assert_int_equal(trials_run(&search, trials, 2, &err), -1);
	pool_close(&search.pool);
	assert_int_equal(asked, 2);
	assert_true(stopped);
	assert_int_equal(err.kind, ERR_HOST); /* the first fault, not what it came to for the others */
	assert_false(runtime.stopping);	      /* another search may follow */
	for (int i = 0; i < 2; i++)
		search_trial_release(&trials[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_failure_ends_the_waiting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
