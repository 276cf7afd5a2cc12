/* Trials that were not made alike are told, and whether it matters. */
#include "report/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MOST 64

struct trials {
	struct record v[MOST];
	size_t n;
};

/* N trials of a kernel on a host, of which the first `failures` fail. */
static void add(struct trials *trials, const char *kernel, const char *host, const char *emulator,
		unsigned failures, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		trials->v[trials->n++] = (struct record){
			.candidate = (char *)kernel,
			.arch = (char *)"ppc64le",
			.scenario = (char *)"AD033",
			.machine = (char *)emulator,
			.host = (char *)host,
			.accelerator = (char *)"tcg",
			.disk_tool = (char *)"",
			.verdict = i < failures ? VERDICT_BAD : VERDICT_GOOD,
		};
}

static void says(struct trials *trials, const char *wanted)
{
	const struct record_list list = { trials->v, trials->n, MOST };
	AUTO(strv) said = STRV_INIT;

	report_mixture(&list, true, &said);
	assert_int_equal(said.n, wanted ? 1 : 0);
	if (wanted)
		assert_string_equal(said.v[0], wanted);
	trials->n = 0;
}

static void test_hosts_that_do_not_matter(void **state)
{
	struct trials trials = { .n = 0 };

	(void)state;
	add(&trials, "k1", "one, Linux 6", "QEMU 7", 3, 6);
	add(&trials, "k1", "two, Linux 6", "QEMU 7", 4, 6);
	says(&trials, NULL);
	/* each has another kernel: it may be that */
	add(&trials, "k1", "one, Linux 6", "QEMU 7", 0, 10);
	add(&trials, "k2", "two, Linux 6", "QEMU 7", 10, 10);
	says(&trials, NULL);
	for (unsigned i = 0; i < 20; i++)
		add(&trials, "k1", i % 2 ? "one, Linux 6" : "two, Linux 6", "QEMU 7", i % 4 < 2, 1);
	says(&trials, NULL);
}

static void test_a_host_that_matters(void **state)
{
	struct trials trials = { .n = 0 };
	AUTO(strv) secret = STRV_INIT;

	(void)state;
	for (unsigned kernel = 0; kernel < 3; kernel++) {
		const char *id = (const char *[]){ "k1", "k2", "k3" }[kernel];

		add(&trials, id, "one, Linux 6", "QEMU 7", 0, 3);
		add(&trials, id, "two, Linux 6", "QEMU 7", 2, 3);
	}
	report_mixture(&(struct record_list){ trials.v, trials.n, MOST }, false, &secret);
	assert_int_equal(secret.n, 0);
	says(&trials, "Linux 6 had more than one name, and how often it fails depends on that: "
		      "one, Linux 6 (0 of 9 failed), two, Linux 6 (6 of 9 failed)");
	/* another kernel of the host's: what is told of that is not told again */
	add(&trials, "k1", "one, Linux 6", "QEMU 7", 0, 6);
	add(&trials, "k1", "one, Linux 7", "QEMU 7", 6, 6);
	says(&trials,
	     "ppc64le had more than one host's kernel or qbisect, and how often it fails depends on that: "
	     "Linux 6 (0 of 6 failed), Linux 7 (6 of 6 failed)");
}

static void test_emulators(void **state)
{
	struct trials trials = { .n = 0 };

	(void)state;
	add(&trials, "k1", "one, Linux 6", "QEMU 7", 1, 2);
	add(&trials, "k1", "one, Linux 6", "QEMU 9", 1, 2);
	trials.v[0].verdict = VERDICT_SKIP;
	trials.v[1].verdict = VERDICT_SKIP;
	says(&trials, "ppc64le had more than one emulator, and what differs may be due to that: "
		      "QEMU 7 (no verdict), QEMU 9 (1 of 2 failed)");
	add(&trials, "k1", "one, Linux 6", "QEMU 7", 0, 6);
	add(&trials, "k1", "one, Linux 6", "QEMU 9", 6, 6);
	says(&trials, "ppc64le had more than one emulator, and how often it fails depends on that: "
		      "QEMU 7 (0 of 6 failed), QEMU 9 (6 of 6 failed)");
}

/* Of the last n trials. */
static void made_by(struct trials *trials, size_t n, const char *tool, const struct strv *filesystem)
{
	for (size_t i = trials->n - n; i < trials->n; i++) {
		trials->v[i].disk_tool = (char *)tool;
		trials->v[i].environment = *filesystem;
	}
}

static void test_makers_of_file_systems(void **state)
{
	struct trials trials = { .n = 0 };
	AUTO(strv) btrfs = STRV_INIT, ext4 = STRV_INIT;

	(void)state;
	strv_add(&btrfs, "smp=4");
	strv_add(&btrfs, "filesystem=btrfs");
	strv_add(&ext4, "filesystem=ext4");
	add(&trials, "k1", "one, Linux 6", "QEMU 7", 1, 2);
	made_by(&trials, 2, "mkfs.btrfs, part of btrfs-progs v6.2", &btrfs);
	add(&trials, "k1", "one, Linux 6", "QEMU 7", 0, 1);
	made_by(&trials, 1, "mke2fs 1.47.0", &ext4);
	says(&trials, NULL);
	add(&trials, "k1", "one, Linux 6", "QEMU 7", 1, 2);
	made_by(&trials, 2, "mkfs.btrfs, part of btrfs-progs v6.2", &btrfs);
	add(&trials, "k1", "one, Linux 6", "QEMU 7", 0, 1);
	made_by(&trials, 1, "mkfs.btrfs, part of btrfs-progs v6.14", &btrfs);
	says(&trials, "btrfs had more than one maker of file systems, and what differs may be due to that: "
		      "mkfs.btrfs, part of btrfs-progs v6.2 (1 of 2 failed), "
		      "mkfs.btrfs, part of btrfs-progs v6.14 (0 of 1 failed)");
	add(&trials, "k1", "one, Linux 6", "QEMU 7", 0, 6);
	made_by(&trials, 6, "v6.2", &btrfs);
	add(&trials, "k1", "one, Linux 6", "QEMU 7", 6, 6);
	made_by(&trials, 6, "v6.14", &btrfs);
	says(&trials,
	     "btrfs had more than one maker of file systems, and how often it fails depends on that: "
	     "v6.2 (0 of 6 failed), v6.14 (6 of 6 failed)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hosts_that_do_not_matter),
		cmocka_unit_test(test_a_host_that_matters),
		cmocka_unit_test(test_emulators),
		cmocka_unit_test(test_makers_of_file_systems),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
