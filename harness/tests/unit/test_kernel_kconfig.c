/* Kernel configs: states, page sizes, architectures, and what is no config. */
#include "tests/unit/kernel_fixture.h"

#include "kernel/kconfig.h"

static struct kconfig open_text(const char *text)
{
	struct kconfig config = { "", 0 };
	AUTO(err) err = ERR_INIT;

	assert_int_equal(kconfig_open("c", text, strlen(text), &config, &err), 0);
	return config;
}

static void states(void **state)
{
	struct kconfig config =
	    open_text("#CONFIG=y\n\nCONFIG_A=y\nCONFIG_B=m\n# CONFIG_C is not set\nCONFIG_D=\"y\"\n"
		      "CONFIG_AA=y\nCONFIG_N=12\nCONFIG_LAST=y");

	(void)state;
	assert_int_equal(kconfig_state(&config, "A"), 'y');
	assert_int_equal(kconfig_state(&config, "B"), 'm');
	assert_int_equal(kconfig_state(&config, "C"), 'n');
	assert_int_equal(kconfig_state(&config, "D"), 'n');
	assert_int_equal(kconfig_state(&config, "N"), 'n');
	assert_int_equal(kconfig_state(&config, "NOT_THERE"), 'n');
	assert_int_equal(kconfig_state(&config, "LAST"), 'y');
	assert_int_equal(kconfig_state(&config, ""), 'n'); /* though "#" is a line without a symbol */
}

static void the_last_line_counts(void **state)
{
	struct kconfig config = open_text("CONFIG_A=y\nCONFIG_A=m\nCONFIG_B=y\n# CONFIG_B is not set\n");

	(void)state;
	assert_int_equal(kconfig_state(&config, "A"), 'm');
	assert_int_equal(kconfig_state(&config, "B"), 'n');
}

static void page_sizes(void **state)
{
	static const struct {
		const char *text;
		unsigned bytes;
	} rows[] = {
		{ "CONFIG_PPC_64K_PAGES=y\n", 65536 },
		{ "CONFIG_PPC_4K_PAGES=y\n# CONFIG_PPC_64K_PAGES is not set\n", 4096 },
		{ "CONFIG_ARM64_16K_PAGES=y\n", 16384 },
		{ "CONFIG_ARM64_64K_PAGES=y\n", 65536 },
		{ "CONFIG_PAGE_SIZE_4KB=y\nCONFIG_HAVE_PAGE_SIZE_64KB=y\n", 4096 },
		{ "CONFIG_PAGE_SIZE_LESS_THAN_64KB=y\nCONFIG_PAGE_SIZE_16KB=y\n", 16384 },
		{ "CONFIG_PAGE_SHIFT=16\n", 65536 },
		{ "CONFIG_PAGE_SHIFT=12\n", 4096 },
		{ "CONFIG_PAGE_SHIFT=99\n", 0 },
		{ "CONFIG_PAGE_SHIFT=1\n", 0 },
		{ "CONFIG_X86_64=y\n", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct kconfig config = open_text(rows[i].text);

		assert_int_equal(kconfig_pagesize(&config), rows[i].bytes);
	}
}

static void architectures(void **state)
{
	struct kconfig ppc = open_text("CONFIG_PPC64=y\nCONFIG_CPU_LITTLE_ENDIAN=y\n");
	struct kconfig big = open_text("CONFIG_PPC64=y\nCONFIG_CPU_BIG_ENDIAN=y\n");
	struct kconfig x86 = open_text("CONFIG_X86_64=y\n"), arm = open_text("CONFIG_ARM64=y\n");
	struct kconfig other = open_text("CONFIG_S390=y\n");

	(void)state;
	assert_string_equal(kconfig_arch(&ppc), "ppc64le");
	assert_string_equal(kconfig_arch(&x86), "x86_64");
	assert_string_equal(kconfig_arch(&arm), "aarch64");
	assert_null(kconfig_arch(&big));
	assert_null(kconfig_arch(&other));
}

static void what_is_no_config(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		const char *expected;
	} rows[] = {
		{ "", 0, "f: no CONFIG_" },
		{ "# comment\n", 10, "f: no CONFIG_" },
		{ "CONFIG_A=y\nhello\n", 17, "f:2: expected CONFIG_" },
		{ "CONFIG_A\n", 9, "f:1: expected CONFIG_" },
		{ "CONFIG_=y\n", 10, "f:1: expected CONFIG_" },
		{ "CONFIG_A=y\n#\0\n", 14, "f:2: a NUL" },
		{ "\x7f"
		  "ELF",
		  4, "f:1:" },
	};
	struct kconfig config;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(err) err = ERR_INIT;

		assert_int_equal(kconfig_open("f", rows[i].text, rows[i].len, &config, &err), -1);
		assert_int_equal(err.kind, ERR_USAGE);
		assert_non_null(strstr(err.text, rows[i].expected));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(states),
		cmocka_unit_test(the_last_line_counts),
		cmocka_unit_test(page_sizes),
		cmocka_unit_test(architectures),
		cmocka_unit_test(what_is_no_config),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
