/* Which host a boot takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "campaign/hosts.h"

static const struct arch ppc = { .name = "ppc64le" }, x86 = { .name = "x86_64" };

/* Hosts that run x86_64, and the second ppc64le, too. */
static struct backend_away aways[2];
static struct backend backends[2] = { { NULL, &aways[0] }, { NULL, &aways[1] } };

static int look(struct backend_away *away, const struct arch *arch, const char *wanted, const char *cache_dir,
		struct backend_machine *out, struct err *err)
{
	(void)wanted, (void)cache_dir, (void)out;
	if (str_eq(arch->name, "x86_64") || away == &aways[1])
		return 0;
	return err_set(err, ERR_HOST, "no QEMU");
}

static int measure(struct backend_away *away, struct backend_size *size, struct err *err)
{
	(void)size;
	return away == &aways[0] ? 0 : err_set(err, ERR_HOST, "lost");
}

static const struct backend_away_ops ops = { .look = look, .measure = measure };

static struct hosts two(struct host host[2])
{
	struct hosts hosts = HOSTS_INIT;

	aways[0].ops = aways[1].ops = &ops;
	host[0] = (struct host){ .backend = &backends[0], .slots = 1, .memory = 4096 };
	host[1] = (struct host){ .backend = &backends[1], .slots = 3, .memory = 4096 };
	hosts.v = host;
	hosts.n = 2;
	return hosts;
}

static void takes(struct hosts *hosts, const struct arch *arch, unsigned memory, const struct host *wanted)
{
	AUTO(err) err = ERR_INIT;

	assert_ptr_equal(hosts_take(hosts, arch, memory, "/made", &err), wanted);
	assert_int_equal(err.kind, ERR_NONE);
}

static void test_most_room(void **state)
{
	struct host host[2];
	struct hosts hosts = two(host);

	(void)state;
	takes(&hosts, &x86, 1024, &host[0]);
	takes(&hosts, &x86, 1024, &host[1]);
	takes(&hosts, &x86, 1024, &host[1]);
	takes(&hosts, &x86, 1024, &host[1]);
	hosts_give_back(&hosts, &host[1], 1024);
	takes(&hosts, &x86, 1024, &host[1]);
	hosts_give_back(&hosts, &host[0], 1024);
	takes(&hosts, &x86, 1024, &host[0]);
}

/* One that is free takes a guest of any size, as a pool does. */
static void test_memory(void **state)
{
	struct host host[2];
	struct hosts hosts = two(host);

	(void)state;
	takes(&hosts, &x86, 8192, &host[0]);
	takes(&hosts, &x86, 3072, &host[1]);
	hosts_give_back(&hosts, &host[0], 8192);
	takes(&hosts, &x86, 2048, &host[0]);
	takes(&hosts, &x86, 1024, &host[1]);
}

/* Those that are as free as one another take turns. */
static void test_turns(void **state)
{
	struct host host[2];
	struct hosts hosts = two(host);

	(void)state;
	for (int i = 0; i < 4; i++) {
		takes(&hosts, &x86, 1024, &host[i % 2]);
		hosts_give_back(&hosts, &host[i % 2], 1024);
	}
}

static void test_architecture(void **state)
{
	struct host host[2];
	struct hosts hosts = two(host);
	AUTO(err) err = ERR_INIT;

	(void)state;
	takes(&hosts, &ppc, 1024, &host[1]);
	takes(&hosts, &ppc, 1024, &host[1]);
	host[1].backend = &backends[0];
	assert_null(hosts_take(&hosts, &ppc, 1024, "/made", &err));
	assert_string_equal(err.text, "no QEMU");
}

static void *give_back(void *arg)
{
	struct hosts *hosts = arg;

	hosts_give_back(hosts, &hosts->v[1], 1024);
	return NULL;
}

static void test_waits(void **state)
{
	struct host host[2];
	struct hosts hosts = two(host);
	pthread_t other;

	(void)state;
	for (int i = 0; i < 3; i++)
		takes(&hosts, &ppc, 1024, &host[1]);
	assert_int_equal(pthread_create(&other, NULL, give_back, &hosts), 0);
	takes(&hosts, &ppc, 1024, &host[1]);
	pthread_join(other, NULL);
}

static void test_answer(void **state)
{
	struct host host[2];
	struct hosts hosts = two(host);

	(void)state;
	assert_true(hosts_answer(NULL));
	assert_false(hosts_answer(&hosts));
	hosts.n = 1;
	assert_true(hosts_answer(&hosts));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_most_room), cmocka_unit_test(test_memory),
		cmocka_unit_test(test_turns),	  cmocka_unit_test(test_architecture),
		cmocka_unit_test(test_waits),	  cmocka_unit_test(test_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
