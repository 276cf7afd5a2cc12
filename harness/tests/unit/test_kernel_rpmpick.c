/* Which packages of a repository are meant: words, versions, parts, and hints when nothing is. */
#include "tests/unit/kernel_fixture.h"

#include "kernel/rpmpick.h"

static void add(struct rpmpick *pick, const char *name, const char *arch, const char *version,
		const char *source)
{
	static int count;
	AUTO(rpmmd_package)
	package = { .name = xstrdup(name),
		    .arch = xstrdup(arch),
		    .version = xstrdup(version),
		    .source = source ? xstrdup(source) : NULL };
	AUTO(err) err = ERR_INIT;

	package.file.hash = xasprintf("%d", ++count);
	assert_int_equal(rpmpick_take(pick, &package, &err), 0);
}

/* What there is of the kernels asked for: "VERSION VERSION+PART" in order, or the error. */
static void check(const char *package, const char *versions, const char *expected)
{
	AUTO(rpmpick) pick = RPMPICK_INIT;
	AUTO(buf) found = BUF_INIT;
	AUTO(err) err = ERR_INIT;

	assert_int_equal(rpmpick_parse(package, versions, &pick, &err), 0);
	add(&pick, "kernel-default", "x86_64", "6.8.0-1.10", "k-6.8.0-1.10.nosrc.rpm");
	add(&pick, "kernel-default", "x86_64", "6.8.0-1.9", "k-6.8.0-1.9.nosrc.rpm");
	add(&pick, "kernel-default", "x86_64", "6.8.0~rc1-1.1", "k-rc");
	add(&pick, "kernel-default", "x86_64", "6.10.1-1.1", "k-6.10.1");
	add(&pick, "kernel-default", "x86_64", "1:5.0-1", NULL);
	add(&pick, "kernel-default-extra", "x86_64", "6.10.1-1.1", "k-6.10.1");
	add(&pick, "kernel-default-base", "x86_64", "6.10.1-1.1", "base-6.10.1");
	add(&pick, "kernel-default-devel", "x86_64", "6.10.1-1.1", "k-6.10.1");
	add(&pick, "kernel-default-extra", "ppc64le", "6.10.1-1.1", "k-6.10.1");
	add(&pick, "kernel-default", "src", "9-9", NULL);
	add(&pick, "kernel-64kb", "aarch64", "6.8.0-1.1", NULL);
	add(&pick, "kernel-both", "aarch64", "6.8.0-1.1", NULL);
	add(&pick, "kernel-both", "ppc64le", "6.8.0-1.1", NULL);
	if (rpmpick_choose(&pick, &err) < 0) {
		assert_int_equal(err.kind, ERR_USAGE);
		buf_adds(&found, err.text);
	}
	for (size_t i = 0; err.kind == ERR_NONE && i < pick.n_kernels; i++) {
		buf_addf(&found, "%s%s", i ? " " : "", pick.kernels[i].parts[0]->version);
		for (size_t j = 1; j < pick.kernels[i].n; j++)
			buf_addf(&found, "+%s", pick.kernels[i].parts[j]->name);
	}
	if (!strstr(found.s, expected) || (err.kind == ERR_NONE && !str_eq(found.s, expected)))
		fail_msg("%s %s: expected '%s', found '%s'", package, versions ? versions : "", expected,
			 found.s);
}

static void versions(void **state)
{
	static const char extra[] = "6.10.1-1.1+kernel-default-extra";
	AUTO_FREE char *some = xasprintf("6.8.0-1.9 %s", extra);

	(void)state;
	check("kernel-default", NULL, "1:5.0-1");
	check("kernel-default:amd64", "6.10.1", extra);
	check("kernel-default", "6.8.0-1.9,6.10.1-1.1", some);
	check("kernel-default", "6.10.1,6.8.0-1.9,6.8.0-1.9", some);
	check("kernel-default", "6.8.0", "6.8.0-1.9 6.8.0-1.10");
	check("kernel-default", "6.8.0~rc1..6.8.0-1.9", "6.8.0~rc1-1.1 6.8.0-1.9");
	check("kernel-default", "..6.8.0-1.9", "6.8.0~rc1-1.1 6.8.0-1.9");
	check("kernel-default", "1:1..", "1:5.0-1");
	check("kernel-default", "6.8.*-1.1", "6.8.0~rc1-1.1");
	check("kernel-default", "6.8*", "6.8.0~rc1-1.1 6.8.0-1.9 6.8.0-1.10");
	check("kernel-default", "*",
	      "6.8.0~rc1-1.1 6.8.0-1.9 6.8.0-1.10 6.10.1-1.1+kernel-default-extra 1:5.0-1");
}

static void hints(void **state)
{
	(void)state;
	check(
	    "kernel-both", NULL,
	    "kernel-both is there for several architectures: write kernel-both:aarch64 or kernel-both:ppc64le");
	check("kernel-both:ppc64el", NULL, "6.8.0-1.1");
	check("kernel-defualt", NULL, "no package kernel-defualt for ppc64le, x86_64");
	check("kernel-defualt", NULL, ": did you mean 'kernel-default'?");
	check("kernel-default.x86_64", NULL, "write kernel-default:x86_64");
	check("kernel-default:aarch64", NULL, "no package kernel-default for aarch64");
	check("kernel-default", "6.9",
	      "no kernel-default for x86_64 is '6.9': the repository has 6.8.0~rc1-1.1, 6.8.0-1.9");
	check("kernel-default", "6.8.0,6.11..6.12", "is '6.11..6.12'");
}

static void the_same_package_twice(void **state)
{
	AUTO(rpmpick) pick = RPMPICK_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	assert_int_equal(rpmpick_parse("k", "*", &pick, &err), 0);
	add(&pick, "k", "x86_64", "1-1", NULL);
	add(&pick, "k", "x86_64", "1-1", NULL);
	add(&pick, "k", "x86_64", "1-1", NULL);
	free(pick.packages[2].file.hash);
	pick.packages[2].file.hash = xstrdup(pick.packages[0].file.hash);
	assert_int_equal(rpmpick_choose(&pick, &err), 0);
	assert_int_equal(pick.n_kernels, 2); /* two builds of one version are two kernels */
}

static void many_versions_are_shortened(void **state)
{
	AUTO(rpmpick) pick = RPMPICK_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	assert_int_equal(rpmpick_parse("k", "7", &pick, &err), 0);
	for (int i = 0; i < 100; i++) {
		AUTO_FREE char *version = xasprintf("6.%d-1", i);

		add(&pick, "k", "x86_64", version, NULL);
	}
	assert_int_equal(rpmpick_choose(&pick, &err), -1);
	assert_non_null(strstr(err.text, "has 6.0-1, ... 6.88-1, 6.89-1"));
	assert_true(str_ends(err.text, ", 6.99-1"));
}

static void bad_words(void **state)
{
	static const char *const rows[][2] = {
		{ "", NULL },	{ ":x86_64", NULL }, { "-o", NULL },  { "a b", NULL }, { "k:s390x", NULL },
		{ "k:", NULL }, { "k/../x", NULL },  { "k", "" },     { "k", "6.7," }, { "k", ".." },
		{ "k", "6 7" }, { "k", "6.7, 6.8" }, { "k", "$(x)" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(rpmpick) pick = RPMPICK_INIT;
		AUTO(err) err = ERR_INIT;

		if (rpmpick_parse(rows[i][0], rows[i][1], &pick, &err) == 0)
			fail_msg("'%s' '%s' was taken", rows[i][0], rows[i][1] ? rows[i][1] : "");
		assert_int_equal(err.kind, ERR_USAGE);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions),
		cmocka_unit_test(hints),
		cmocka_unit_test(the_same_package_twice),
		cmocka_unit_test(many_versions_are_shortened),
		cmocka_unit_test(bad_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
