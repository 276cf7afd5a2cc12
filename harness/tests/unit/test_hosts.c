/* Which host a boot takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/progress.h"
#include "campaign/hosts.h"

static const struct arch ppc = { .name = "ppc64le" }, x86 = { .name = "x86_64" };

/* Hosts that run x86_64, and the second ppc64le, too. */
static struct backend_away aways[2];
static struct backend backends[2] = { { NULL, &aways[0] }, { NULL, &aways[1] } };
static bool dead[2];
static const char *asked_for;
static unsigned looks;

static int look(struct backend_away *away, const struct arch *arch, const char *wanted, const char *cache_dir,
		struct backend_machine *out, struct err *err)
{
	(void)cache_dir, (void)out;
	asked_for = wanted;
	looks++;
	if (dead[away - aways])
		return err_set(err, ERR_HOST, "lost");
	if (str_eq(arch->name, "x86_64") || away == &aways[1])
		return 0;
	return err_set(err, ERR_HOST, "no QEMU");
}

static int measure(struct backend_away *away, struct backend_size *size, struct err *err)
{
	(void)size;
	return dead[away - aways] ? err_set(err, ERR_HOST, "lost") : 0;
}

static const struct backend_away_ops ops = { .look = look, .measure = measure };

static struct hosts two(struct host host[2])
{
	struct hosts hosts = HOSTS_INIT;

	dead[0] = dead[1] = false;
	aways[0].ops = aways[1].ops = &ops;
	host[0] = (struct host){ .backend = &backends[0], .slots = 1, .memory = 4096 };
	host[1] = (struct host){ .backend = &backends[1], .slots = 3, .memory = 4096 };
	hosts.v = host;
	hosts.n = 2;
	return hosts;
}

static struct host_need need_of(const struct arch *arch, unsigned memory)
{
	return (struct host_need){ .arch = arch, .accelerator = "auto", .memory = memory, .made = "/made" };
}

static void takes(struct hosts *hosts, const struct arch *arch, unsigned memory, const struct host *wanted)
{
	struct host_need need = need_of(arch, memory);
	AUTO(err) err = ERR_INIT;

	assert_ptr_equal(hosts_take(hosts, &need, &err), wanted);
	assert_int_equal(err.kind, ERR_NONE);
}

static void takes_none(struct hosts *hosts, const struct host_need *need, enum err_kind kind,
		       const char *text)
{
	AUTO(err) err = ERR_INIT;

	assert_null(hosts_take(hosts, need, &err));
	assert_int_equal(err.kind, kind);
	assert_string_equal(err.text, text);
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
	struct host_need need = need_of(&ppc, 1024);

	(void)state;
	takes(&hosts, &ppc, 1024, &host[1]);
	takes(&hosts, &ppc, 1024, &host[1]);
	host[1].backend = &backends[0];
	takes_none(&hosts, &need, ERR_HOST, "no QEMU");
	assert_true(hosts_answer(&hosts));
}

/* One host is asked, not all of them, and for what is wanted. */
static void test_asks(void **state)
{
	struct host host[2];
	struct hosts hosts = two(host);
	struct host_need need = need_of(&x86, 1024);
	AUTO(err) err = ERR_INIT;

	(void)state;
	need.accelerator = "kvm";
	looks = 0;
	assert_non_null(hosts_take(&hosts, &need, &err));
	assert_int_equal(looks, 1);
	assert_string_equal(asked_for, "kvm");
}

/* A dead one is asked once, and gets nothing for a while; nor does the other wait for it. */
static void test_dead(void **state)
{
	struct host host[2];
	struct hosts hosts = two(host);
	struct host_need need = need_of(&ppc, 1024);

	(void)state;
	dead[0] = true;
	looks = 0;
	for (int i = 0; i < 3; i++)
		takes(&hosts, &x86, 1024, &host[1]);
	assert_int_equal(looks, 4);
	assert_false(hosts_answer(&hosts));
	assert_false(hosts_are_lost(&hosts));
	for (int i = 0; i < 3; i++)
		hosts_give_back(&hosts, &host[1], 1024);
	dead[1] = true;
	takes_none(&hosts, &need, ERR_HOST, "lost");
	takes_none(&hosts, &need, ERR_HOST, "no host that may run ppc64le guests answers");
	assert_true(hosts_are_lost(&hosts));
	dead[0] = dead[1] = false;
	hosts_wake(&hosts);
	takes(&hosts, &ppc, 1024, &host[1]);
}

/* One that breaks what it gets is always free. Behind its rest one boot shows how it is. */
static void test_breaks(void **state)
{
	struct host host[2];
	struct hosts hosts = two(host);

	(void)state;
	takes(&hosts, &x86, 1024, &host[0]);
	hosts_tell(&hosts, &host[0], false);
	hosts_give_back(&hosts, &host[0], 1024);
	takes(&hosts, &x86, 1024, &host[1]);
	hosts_wake(&hosts);
	host[0].slots = 4;
	takes(&hosts, &x86, 1024, &host[0]);
	takes(&hosts, &x86, 1024, &host[1]);
	hosts_tell(&hosts, &host[0], true);
	takes(&hosts, &x86, 1024, &host[0]);
}

/* Each of two has broken on the only place of its host, has given it back and finds no other. */
static void test_take_again(void **state)
{
	struct host host[2];
	struct hosts hosts = two(host);
	struct host_need need = need_of(&x86, 1024);

	(void)state;
	host[1].slots = 1;
	for (int i = 0; i < 2; i++)
		takes(&hosts, &x86, 1024, &host[i]);
	for (int i = 0; i < 2; i++) {
		hosts_tell(&hosts, &host[i], false);
		hosts_give_back(&hosts, &host[i], 1024);
	}
	takes_none(&hosts, &need, ERR_HOST, "no host that may run x86_64 guests answers");
	for (int i = 0; i < 2; i++)
		hosts_take_again(&hosts, &host[i], 1024);
	hosts_wake(&hosts);
	need.begin_by = clock_ms() + 1;
	takes_none(&hosts, &need, ERR_INTERRUPTED, "interrupted while all hosts were busy");
}

/* It is not waited for in vain. */
static void test_not_wanted(void **state)
{
	struct host host[2];
	struct hosts hosts = two(host);
	struct host_need need = need_of(&ppc, 1024);
	struct runtime runtime = { .ops = NULL };

	(void)state;
	for (int i = 0; i < 3; i++)
		takes(&hosts, &ppc, 1024, &host[1]);
	need.begin_by = 1;
	takes_none(&hosts, &need, ERR_INTERRUPTED, "interrupted while all hosts were busy");
	need.begin_by = 0;
	need.runtime = &runtime;
	runtime_stop(&runtime);
	takes_none(&hosts, &need, ERR_INTERRUPTED, "interrupted while all hosts were busy");
}

/* This host is one like the others. */
static void test_here(void **state)
{
	static const struct arch none = { .name = "none", .emulator = "qemu-none", .package = "none" };
	struct backend here = { NULL, NULL };
	struct host host[2];
	struct hosts hosts = two(host);
	struct host_need need = need_of(&none, 1024);

	(void)state;
	host[0].backend = &here;
	host[1].backend = &backends[0];
	takes_none(&hosts, &need, ERR_HOST, "no QEMU");
}

static void test_opens(void **state)
{
	struct hosts hosts = HOSTS_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	assert_int_equal(hosts_open(&hosts, "fake:/\nfake:/tmp", NULL, &err), 0);
	assert_int_equal(hosts.n, 2);
	assert_true(hosts.v[0].memory > 0);
	assert_int_equal(hosts_slots(&hosts), 2 * hosts.v[0].slots);
	hosts_close(&hosts);
	hosts = (struct hosts)HOSTS_INIT;
	assert_int_equal(hosts_open(&hosts, "qemu+none://there/a\nfake:/", NULL, &err), 0);
	assert_null(hosts.v[0].backend);
	assert_false(hosts_answer(&hosts));
	hosts_close(&hosts);
	hosts = (struct hosts)HOSTS_INIT;
	assert_int_equal(hosts_open(&hosts, "qemu+none://there/a\nqemu+none://there/b", NULL, &err), -1);
	assert_int_equal(err.kind, ERR_HOST);
	hosts_close(&hosts);
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

/* Who compares rates stays on one host, and goes on where it has begun. */
static void test_first(void **state)
{
	struct host host[2];
	struct hosts hosts = two(host), one = HOSTS_INIT;
	struct host_need need = need_of(&x86, 1024);
	AUTO(err) err = ERR_INIT;

	(void)state;
	host[0].uri = (char *)"a";
	host[1].uri = (char *)"b";
	assert_int_equal(hosts_first(&hosts, &need, NULL, &one, &err), 0);
	assert_ptr_equal(one.v, &host[0]);
	assert_int_equal(hosts_first(&hosts, &need, "b", &one, &err), 0);
	assert_ptr_equal(one.v, &host[1]);
	dead[1] = true;
	assert_int_equal(hosts_first(&hosts, &need, "b", &one, &err), -1);
	assert_int_equal(err.kind, ERR_HOST);
	assert_string_equal(err.text, "it was begun on b, and can go on there alone: lost");
	err_release(&err);
	assert_int_equal(hosts_first(&hosts, &need, "c", &one, &err), -1);
	assert_int_equal(err.kind, ERR_HOST);
}

static void test_answer(void **state)
{
	struct host host[2];
	struct hosts hosts = two(host);

	(void)state;
	assert_true(hosts_answer(NULL));
	hosts.n = 1;
	assert_true(hosts_answer(&hosts));
	dead[0] = true;
	assert_false(hosts_answer(&hosts));
	assert_false(hosts_are_lost(&hosts));
	assert_false(hosts_are_lost(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_most_room),  cmocka_unit_test(test_memory),
		cmocka_unit_test(test_turns),	   cmocka_unit_test(test_architecture),
		cmocka_unit_test(test_waits),	   cmocka_unit_test(test_asks),
		cmocka_unit_test(test_dead),	   cmocka_unit_test(test_breaks),
		cmocka_unit_test(test_not_wanted), cmocka_unit_test(test_here),
		cmocka_unit_test(test_opens),	   cmocka_unit_test(test_answer),
		cmocka_unit_test(test_take_again), cmocka_unit_test(test_first),
	};

	progress_quiet();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
