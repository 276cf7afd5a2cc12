/* Kernel images: what they say, and which are refused. */
#include "tests/unit/kernel_fixture.h"

#include "kernel/probe.h"

static struct probe probe_ok(const struct buf *image)
{
	struct probe probe;
	AUTO(err) err = ERR_INIT;

	if (probe_image("i", image->s, image->len, &probe, &err) < 0)
		fail_msg("%s", err.text);
	return probe;
}

static void probe_fails(const struct buf *image, const char *expected)
{
	struct probe probe;
	AUTO(err) err = ERR_INIT;

	assert_int_equal(probe_image("i", image->s, image->len, &probe, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	if (!strstr(err.text, expected))
		fail_msg("'%s' lacks '%s'", err.text, expected);
}

static void elf_of_each_machine(void **state)
{
	static const struct {
		unsigned machine;
		const char *arch;
		unsigned pagesize;
	} rows[] = { { EM_PPC64, "ppc64le", 0 },
		     { EM_X86_64, "x86_64", 4096 },
		     { EM_AARCH64, "aarch64", 0 } };
	AUTO(buf) image = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct probe probe;

		fixture_elf(&image, rows[i].machine, "6.12.107+deb13-x");
		probe = probe_ok(&image);
		assert_string_equal(probe.arch, rows[i].arch);
		assert_string_equal(probe.name, "vmlinux");
		assert_string_equal(probe.release, "6.12.107+deb13-x");
		assert_int_equal(probe.pagesize, rows[i].pagesize);
		assert_int_equal(probe.config_n, 0);
	}
}

static void elf_that_cannot_boot(void **state)
{
	AUTO(buf) image = BUF_INIT;
	Elf64_Half rel = ET_REL;

	(void)state;
	fixture_elf(&image, EM_PPC64, "6.1");
	image.s[EI_DATA] = ELFDATA2MSB;
	probe_fails(&image, "big-endian ELF file: expected a 64-bit little-endian kernel");
	fixture_elf(&image, EM_PPC64, "6.1");
	image.s[EI_CLASS] = ELFCLASS32;
	probe_fails(&image, "32-bit");
	fixture_elf(&image, EM_S390, "6.1");
	probe_fails(&image, "machine 22: expected a 64-bit little-endian kernel for ppc64le, x86_64");
	fixture_elf(&image, EM_PPC64, "6.1");
	memcpy(image.s + offsetof(Elf64_Ehdr, e_type), &rel, sizeof(rel));
	probe_fails(&image, "an ELF object");
	fixture_elf(&image, EM_X86_64, NULL);
	probe_fails(&image, "without the words 'Linux version'");
}

static void truncated_elf(void **state)
{
	AUTO(buf) image = BUF_INIT;
	size_t whole;

	(void)state;
	fixture_elf(&image, EM_PPC64, "6.1");
	whole = image.len;
	for (image.len = 4; image.len < whole; image.len++)
		probe_fails(&image, "truncated");
}

/* Numbers in a header that would make a careless reader leave the file. */
static void elf_with_wild_offsets(void **state)
{
	AUTO(buf) image = BUF_INIT;
	uint64_t wild = UINT64_MAX - 8;

	(void)state;
	fixture_elf(&image, EM_PPC64, "6.1");
	memcpy(image.s + offsetof(Elf64_Ehdr, e_phoff), &wild, sizeof(wild));
	probe_fails(&image, "truncated");
	fixture_elf(&image, EM_PPC64, "6.1");
	memcpy(image.s + sizeof(Elf64_Ehdr) + offsetof(Elf64_Phdr, p_filesz), &wild, sizeof(wild));
	probe_fails(&image, "truncated");
	fixture_elf(&image, EM_PPC64, "6.1");
	memcpy(image.s + sizeof(Elf64_Ehdr) + offsetof(Elf64_Phdr, p_offset), &wild, sizeof(wild));
	probe_fails(&image, "truncated");
}

static void banners(void **state)
{
	AUTO(buf) image = BUF_INIT;

	(void)state;
	/* words that look alike come before the banner, and one is cut off at the end */
	fixture_elf(&image, EM_PPC64, NULL);
	buf_adds(&image, "Linux version of something; Linux version -bad (x); Linux version 6.12-rc1+ (a@b)");
	buf_adds(&image, "Linux version 9");
	assert_string_equal(probe_ok(&image).release, "6.12-rc1+");
	fixture_elf(&image, EM_PPC64, NULL);
	buf_adds(&image,
		 "Linux version 1234567890123456789012345678901234567890123456789012345678901234567 (x)");
	probe_fails(&image, "without the words");
	fixture_elf(&image, EM_PPC64, NULL);
	buf_adds(&image, "Linux version ../../etc (x)");
	probe_fails(&image, "without the words");
}

static void builtin_config(void **state)
{
	AUTO(buf) image = BUF_INIT;
	struct probe probe;

	(void)state;
	fixture_elf(&image, EM_PPC64, "6.1");
	buf_add(&image, "IKCFG_ST IKCFG_ST\x1f\x8bpackedIKCFG_ED", 34);
	probe = probe_ok(&image);
	assert_int_equal(probe.config_n, 8);
	assert_memory_equal(image.s + probe.config_at, "\x1f\x8bpacked", 8);
	fixture_elf(&image, EM_PPC64, "6.1");
	buf_add(&image, "IKCFG_ST\x1f\x8bpacked", 16);
	assert_int_equal(probe_ok(&image).config_n, 0);
}

static void bzimage(void **state)
{
	AUTO(buf) image = BUF_INIT;
	struct probe probe;

	(void)state;
	fixture_bzimage(&image, "6.12.107+deb13-amd64");
	probe = probe_ok(&image);
	assert_string_equal(probe.arch, "x86_64");
	assert_string_equal(probe.name, "bzImage");
	assert_string_equal(probe.release, "6.12.107+deb13-amd64");
	assert_int_equal(probe.pagesize, 4096);
	image.s[0x236] = 0;
	probe_fails(&image, "32-bit bzImage");
	fixture_bzimage(&image, "6.1");
	image.len--;
	probe_fails(&image, "truncated bzImage");
	image.len = 0x210;
	probe_fails(&image, "truncated bzImage");
	fixture_bzimage(&image, "6.1");
	fixture_bzimage(&image, "a/b");
	assert_string_equal(probe_ok(&image).release, "");
	fixture_bzimage(&image, "6.1");
	image.s[0x20f] = (char)0xff; /* the release would be outside the setup code */
	assert_string_equal(probe_ok(&image).release, "");
}

static void arm64_image(void **state)
{
	static const unsigned pagesizes[] = { 0, 4096, 16384, 65536 };
	AUTO(buf) image = BUF_INIT;

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct probe probe;

		fixture_arm64(&image, "6.12.1-arm64", 8 | i << 1);
		probe = probe_ok(&image);
		assert_string_equal(probe.arch, "aarch64");
		assert_string_equal(probe.name, "Image");
		assert_string_equal(probe.release, "6.12.1-arm64");
		assert_int_equal(probe.pagesize, pagesizes[i]);
	}
	fixture_arm64(&image, "6.12.1-arm64", 1);
	probe_fails(&image, "big-endian arm64");
}

static void what_is_no_image(void **state)
{
	AUTO(buf) image = BUF_INIT;

	(void)state;
	probe_fails(&image, "neither");
	buf_adds(&image, "#!/bin/sh\n");
	probe_fails(&image, "neither");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(elf_of_each_machine),
		cmocka_unit_test(elf_that_cannot_boot),
		cmocka_unit_test(truncated_elf),
		cmocka_unit_test(elf_with_wild_offsets),
		cmocka_unit_test(banners),
		cmocka_unit_test(builtin_config),
		cmocka_unit_test(bzimage),
		cmocka_unit_test(arm64_image),
		cmocka_unit_test(what_is_no_image),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
