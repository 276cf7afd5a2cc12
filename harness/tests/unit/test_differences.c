/* A factor study's file, and what differs between its ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/fs.h"
#include "config/differences.h"
#include "config/factors.h"

static struct err err;

static int setup(void **state)
{
	(void)state;
	err = (struct err)ERR_INIT;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	err_release(&err);
	return 0;
}

static void fails(int status, const char *part)
{
	assert_int_equal(status, -1);
	assert_int_equal(err.kind, ERR_USAGE);
	if (!strstr(err.text, part))
		fail_msg("no \"%s\" in: %s", part, err.text);
	err_release(&err);
}

/* --- the file ----------------------------------------------------------------------------------------- */

static void test_file(void **state)
{
	static const char text[] =
	    "{\"name\": \"n\", \"scenario\": \"AD033\", \"confidence\": 0.9, \"trials\": 100, \"end-trials\": 20,\n"
	    " \"fails\": {\"kernel\": \"k1\", \"environment\": {\"smp\": 4, \"nocow\": true}},\n"
	    " \"passes\": {\"kernel\": {\"suite\": \"s\", \"package\": \"p\"}},\n"
	    " \"kernels\": [\"k3\", {\"id\": \"k4\"}], \"environment\": {\"disksize\": 512}}";
	AUTO(factors_file) file = FACTORS_FILE_INIT;

	(void)state;
	assert_int_equal(factors_file_parse("f.json", text, strlen(text), &file, &err), 0);
	assert_string_equal(file.ends[0].kernel.id, "k1");
	assert_null(file.ends[1].kernel.id);
	assert_string_equal(file.ends[1].kernel.suite, "s");
	assert_string_equal(file.ends[1].kernel.package, "p");
	assert_string_equal(file.ends[0].set.v[1], "nocow=true");
	assert_int_equal(file.ends[1].set.n, 0);
	assert_string_equal(file.set.v[0], "disksize=512");
	assert_int_equal(file.n_kernels, 2);
	assert_string_equal(file.kernels[0].id, "k3");
	assert_string_equal(file.kernels[1].id, "k4");
	assert_true(file.trials == 100 && file.end_trials == 20 && file.confidence < 0.91);
}

#define S "\"scenario\": \"AD033\", "

static void test_file_errors(void **state)
{
	static const char *const bad[][2] = {
		{ "{}", "f.json:1:1: $: the key \"scenario\" is missing" },
		{ "{\"scenario\": \"AD033\"}", "f.json:1:1: $: the key \"fails\" is missing" },
		{ "{" S "\"fails\": {\"kernel\": \"a\"}}", "the key \"passes\" is missing" },
		{ "{" S "\"fails\": {}, \"passes\": {\"kernel\": \"b\"}}",
		  "$.fails: the key \"kernel\" is missing" },
		{ "{" S "\"fails\": {\"kernel\": \"a\", \"smp\": 4}}", "smp" },
		{ "{" S "\"fails\": \"a\"}", "f.json:1:32: $.fails: expected an object" },
		{ "{" S "\n\"fails\": {\"kernel\": \"a\", \"environment\": {\"smp\": 0}}}",
		  "f.json:2:49: $.fails.environment.smp: smp: expected a whole number from 1 to 64" },
		{ "{" S "\"fails\": {\"kernel\": \"a\", \"environment\": {\"pagesize\": \"4k\"}}}",
		  "the page size comes with the kernel" },
		{ "{" S
		  "\"fails\": {\"kernel\": \"a\"}, \"passes\": {\"kernel\": \"b\"}, \"environment\": {\"pagesize\": 0}}",
		  "$.environment.pagesize" },
		{ "{" S "\"fails\": {}}", "f.json:1:32: $.fails: the key \"kernel\" is missing here" },
		{ "{" S "\"fails\": {\"kernel\": 6}}", "$.fails.kernel: expected" },
		{ "{" S "\"fails\": {\"kernel\": {\"suite\": \"sid\"}}}",
		  "$.fails.kernel: expected either \"id\" or both of \"suite\" and \"package\"" },
		{ "{" S "\"fails\": {\"kernel\": {\"name\": \"a\"}}}", "$.fails.kernel.name" },
		{ "{\"candidates\": []}", "candidates" },
		{ "{\"name\": \"../x\"}", "$.name" },
		{ "{" S "\"fails\": {\"kernel\": \"a\"}, \"passes\": {\"kernel\": \"b\"}, \"confidence\": 1}",
		  "$.confidence" },
		{ "{" S
		  "\"fails\": {\"kernel\": \"a\"}, \"passes\": {\"kernel\": \"b\"}, \"kernels\": \"c\"}",
		  "$.kernels" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		AUTO(factors_file) file = FACTORS_FILE_INIT;

		fails(factors_file_parse("f.json", bad[i][0], strlen(bad[i][0]), &file, &err), bad[i][1]);
	}
}

static void test_files_that_come_along(void **state)
{
	static const char *const names[] = { "bsc1224434", "bsc1224434-kernel" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		AUTO_FREE char *path = xasprintf("%s/configs/campaigns/%s.json", TREE, names[i]);
		AUTO(factors_file) file = FACTORS_FILE_INIT;
		AUTO(buf) text = BUF_INIT;

		assert_int_equal(fs_read(path, 1 << 20, &text, &err), 0);
		assert_int_equal(factors_file_parse(path, text.s, text.len, &file, &err), 0);
		assert_string_equal(file.name, names[i]);
	}
}

/* --- differences -------------------------------------------------------------------------------------- */

static struct candidate kernel(const char *release, unsigned pagesize, const char *arch)
{
	return (struct candidate){
		.id = (char *)release, .release = (char *)release, .arch = (char *)arch, .pagesize = pagesize
	};
}

static void set(struct environment *env, const char *pairs)
{
	AUTO_FREE char *copy = xstrdup(pairs);
	char *rest = copy, *pair;

	environment_init(env);
	while ((pair = strsep(&rest, " ")))
		if (*pair)
			assert_int_equal(environment_set_pair(env, pair, &err), 0);
}

static void test_version(void **state)
{
	static const char *const rows[][3] = {
		{ "6.12.107+deb13-powerpc64le-64k", "ppc64le", "6.12.107+deb13" },
		{ "6.1.0-50-powerpc64le", "ppc64le", "6.1.0-50" },
		{ "6.4.0-150600.21-default", "x86_64", "6.4.0-150600.21" },
		{ "7.3.0-rc1-amd64", "x86_64", "7.3.0-rc1" },
		{ "6.9.7-200.fc40.x86_64", "x86_64", "6.9.7-200.fc40" },
		{ "6.9.7", "x86_64", "6.9.7" },
		{ "-x", "x86_64", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct candidate one = kernel(rows[i][0], 4096, rows[i][1]);
		AUTO(buf) version = BUF_INIT;

		differences_version(&one, &version);
		assert_string_equal(version.s, rows[i][2]);
	}
}

/* "name fails passes; ..." */
static void check(const struct differences *d, const char *wanted)
{
	AUTO(buf) found = BUF_INIT;

	for (unsigned i = 0; i < d->n; i++)
		buf_addf(&found, "%s%s %s %s", i ? "; " : "", d->v[i].name, d->v[i].value[0],
			 d->v[i].value[1]);
	assert_string_equal(found.s, wanted);
}

static void test_kernels_alone_are_one_difference(void **state)
{
	const struct candidate kernels[] = { kernel("6.12.1-big", 65536, "ppc64le"),
					     kernel("6.1.1-small", 4096, "ppc64le") };
	struct environment env[2];
	AUTO(differences) d = DIFFERENCES_INIT;
	const struct candidate *found;
	struct environment made;

	(void)state;
	set(&env[0], "");
	set(&env[1], "smp=2");
	assert_int_equal(differences_find(kernels, 2, env, &d, &err), 0);
	check(&d, "kernel+pagesize 6.12.1 64k 6.1.1 4k; smp 4 2");
	assert_int_equal(differences_kernel(&d), 0);
	assert_int_equal(differences_setting(&d, 1, &found, &made, &err), 0);
	assert_true(found == &kernels[1] && made.smp == 4);
	assert_int_equal(differences_setting(&d, 2, &found, &made, &err), 0);
	assert_true(found == &kernels[0] && made.smp == 2);
}

static void test_mixtures(void **state)
{
	const struct candidate kernels[] = {
		kernel("6.12.1-big", 65536, "ppc64le"),
		kernel("6.1.1-small", 4096, "x86_64"),
		kernel("6.12.1-small", 4096, "ppc64le"),
		kernel("6.12.2-small", 4096, "ppc64le"),
	};
	struct environment env[2];
	AUTO(differences) apart = DIFFERENCES_INIT;
	AUTO(differences) wrong = DIFFERENCES_INIT;
	AUTO(differences) twice = DIFFERENCES_INIT;
	struct candidate same[3];
	const struct candidate *found;
	struct environment made;

	(void)state;
	set(&env[0], "");
	set(&env[1], "");
	assert_int_equal(differences_find(kernels, 3, env, &apart, &err), 0);
	check(&apart, "kernel+arch 6.12.1 ppc64le 6.1.1 x86_64; pagesize 64k 4k");
	assert_int_equal(differences_setting(&apart, 2, &found, &made, &err), 0);
	assert_true(found == &kernels[2]);
	fails(differences_setting(&apart, 1, &found, &made, &err),
	      "no kernel was given with kernel+arch 6.1.1 x86_64, pagesize 64k: add one to \"kernels\"");
	fails(differences_find(kernels, 4, env, &wrong, &err), "6.12.2-small (kernel 6.12.2) is no mixture");
	memcpy(same, kernels, sizeof(same));
	same[2] = kernel("6.12.1-again", 65536, "ppc64le");
	fails(differences_find(same, 3, env, &twice, &err), "6.12.1-again has version, page size and");
}

static void test_what_counts(void **state)
{
	struct candidate kernels[] = { kernel("a", 4096, "x86_64"), kernel("a", 4096, "x86_64") };
	struct environment env[2];
	AUTO(differences) none = DIFFERENCES_INIT;
	AUTO(differences) by_id = DIFFERENCES_INIT;
	AUTO(differences) many = DIFFERENCES_INIT;

	(void)state;
	set(&env[0], "");
	set(&env[1], "");
	fails(differences_find(kernels, 2, env, &none, &err), "the two ends do not differ");
	kernels[1].id = "b";
	kernels[1].pagesize = 0;
	assert_int_equal(differences_find(kernels, 2, env, &by_id, &err), 0);
	check(&by_id, "kernel a b");
	set(&env[1],
	    "smp=1 memory=512 filesystem=ext4 sectorsize=2k nocow=false disksize=400 workload=probe blocksize=1k "
	    "filesize=2M depth=1 flags=SYNC buffers=512 files=2 children=1 appends=1 rounds=1");
	fails(differences_find(kernels, 2, env, &many, &err), "more than 16 things, 'rounds' among them");
}

static void test_settings_and_back(void **state)
{
	const struct candidate kernels[] = { kernel("6.12", 65536, "ppc64le"),
					     kernel("6.12-x", 4096, "ppc64le") };
	struct environment env[2];
	AUTO(differences) d = DIFFERENCES_INIT;

	(void)state;
	set(&env[0], "mountoptions=noatime");
	set(&env[1], "filesystem=ext4 nocow=false smp=2");
	assert_int_equal(differences_find(kernels, 2, env, &d, &err), 0);
	check(&d, "pagesize 64k 4k; smp 4 2; filesystem btrfs ext4; nocow true false; mountoptions noatime ");
	for (uint32_t swapped = 0; swapped < 32; swapped++) {
		const struct candidate *kernel;
		AUTO(strv) pairs = STRV_INIT;
		struct environment made;
		uint32_t again = 99;

		if ((swapped & 12) == 4) {
			fails(differences_setting(&d, swapped, &kernel, &made, &err),
			      "nocow is a matter of btrfs");
			continue;
		}
		assert_int_equal(differences_setting(&d, swapped, &kernel, &made, &err), 0);
		environment_list(&made, &pairs);
		assert_true(differences_recognize(&d, kernel->id, &pairs, &again));
		assert_int_equal(again, swapped);
		assert_false(differences_recognize(&d, "other", &pairs, &again));
		strv_add(&pairs, "depth=9");
		assert_false(differences_recognize(&d, kernel->id, &pairs, &again));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_file, setup, teardown),
		cmocka_unit_test_setup_teardown(test_file_errors, setup, teardown),
		cmocka_unit_test_setup_teardown(test_files_that_come_along, setup, teardown),
		cmocka_unit_test_setup_teardown(test_version, setup, teardown),
		cmocka_unit_test_setup_teardown(test_kernels_alone_are_one_difference, setup, teardown),
		cmocka_unit_test_setup_teardown(test_mixtures, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_counts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_settings_and_back, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
