/* Kernel images, their configs, and modules. */
#include "tests/unit/kernel_fixture.h"

#include "hostile.h"

struct field {
	const char *name;
	size_t at, n;
	uint64_t value;
};

static void put_fields(const char *kind, const struct buf *seed, const struct field *fields, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		AUTO_FREE char *name = xasprintf("%s-%s", kind, fields[i].name);
		AUTO(buf) bytes = BUF_INIT;

		buf_add(&bytes, seed->s, seed->len);
		memcpy(bytes.s + fields[i].at, &fields[i].value, fields[i].n);
		hostile_put("image_probe", name, bytes.s, bytes.len);
	}
}

static void put_elf(void)
{
	static const struct field fields[] = {
		{ "32-bit", EI_CLASS, 1, ELFCLASS32 },
		{ "big-endian", EI_DATA, 1, ELFDATA2MSB },
		{ "no-machine", offsetof(Elf64_Ehdr, e_machine), 2, 0xffff },
		{ "an-object", offsetof(Elf64_Ehdr, e_type), 2, ET_REL },
		{ "headers-nowhere", offsetof(Elf64_Ehdr, e_phoff), 8, UINT64_MAX },
		{ "headers-at-the-end", offsetof(Elf64_Ehdr, e_phoff), 8, UINT64_MAX - 55 },
		{ "many-headers", offsetof(Elf64_Ehdr, e_phnum), 2, 0xffff },
		{ "no-headers", offsetof(Elf64_Ehdr, e_phnum), 2, 0 },
		{ "small-headers", offsetof(Elf64_Ehdr, e_phentsize), 2, 1 },
		{ "headers-over-each-other", offsetof(Elf64_Ehdr, e_phoff), 8, 1 },
		{ "a-segment-nowhere", sizeof(Elf64_Ehdr) + offsetof(Elf64_Phdr, p_offset), 8, UINT64_MAX },
		{ "a-segment-around", sizeof(Elf64_Ehdr) + offsetof(Elf64_Phdr, p_offset), 8,
		  UINT64_MAX - 8 },
		{ "a-huge-segment", sizeof(Elf64_Ehdr) + offsetof(Elf64_Phdr, p_filesz), 8, UINT64_MAX },
		{ "a-huge-memory", sizeof(Elf64_Ehdr) + offsetof(Elf64_Phdr, p_memsz), 8, UINT64_MAX },
	};
	AUTO(buf) elf = BUF_INIT;

	fixture_elf(&elf, EM_PPC64, "6.12.1");
	hostile_put("image_probe", "elf-valid", elf.s, elf.len);
	hostile_bytes("image_probe", "elf", &elf);
	put_fields("elf", &elf, fields, ARRAY_SIZE(fields));
	fixture_elf(&elf, EM_PPC64, NULL);
	hostile_put("image_probe", "elf-without-banner", elf.s, elf.len);
	fixture_elf(&elf, EM_PPC64, "../../evil");
	hostile_put("image_probe", "elf-release-is-a-path", elf.s, elf.len);
	fixture_elf(&elf, EM_PPC64, "\033[2J");
	hostile_put("image_probe", "elf-release-is-an-escape", elf.s, elf.len);
}

static void put_bzimage(void)
{
	static const struct field fields[] = {
		{ "many-sectors", 0x1f1, 1, 0xff },	 { "a-huge-size", 0x1f4, 4, UINT32_MAX },
		{ "an-old-protocol", 0x206, 2, 0x0100 }, { "32-bit", 0x236, 2, 0 },
		{ "version-nowhere", 0x20e, 2, 0xffff }, { "version-in-the-header", 0x20e, 2, 1 },
	};
	AUTO(buf) image = BUF_INIT;

	fixture_bzimage(&image, "6.12.1");
	hostile_put("image_probe", "bzimage-valid", image.s, image.len);
	hostile_bytes("image_probe", "bzimage", &image);
	put_fields("bzimage", &image, fields, ARRAY_SIZE(fields));
	fixture_arm64(&image, "6.12.1", 2);
	hostile_put("image_probe", "arm64-valid", image.s, image.len);
	hostile_bytes("image_probe", "arm64", &image);
	fixture_arm64(&image, "6.12.1", 1);
	hostile_put("image_probe", "arm64-big-endian", image.s, image.len);
}

/* An image that carries a .config: what it is packed as, and what it unpacks to. */
static void put_carried_config(const char *name, const void *packed, size_t len)
{
	AUTO(buf) image = BUF_INIT;

	fixture_elf(&image, EM_PPC64, "6.12.1");
	buf_adds(&image, "IKCFG_ST");
	buf_add(&image, packed, len);
	buf_adds(&image, "IKCFG_ED");
	hostile_put("image_probe", name, image.s, image.len);
}

static void put_carried_configs(void)
{
	AUTO_FREE char *large = xcalloc(1, 64 << 20);
	AUTO(buf) packed = BUF_INIT;

	fixture_pack(&packed, ARCHIVE_FILTER_GZIP, FIXTURE_CONFIG_X86, strlen(FIXTURE_CONFIG_X86));
	put_carried_config("config-of-another-arch", packed.s, packed.len);
	put_carried_config("config-cut", packed.s, packed.len / 2);
	put_carried_config("config-damaged", "\x1f\x8b\x08\xff\xff\xff", 6);
	fixture_pack(&packed, ARCHIVE_FILTER_GZIP, large, 64 << 20);
	put_carried_config("config-bomb", packed.s, packed.len);
}

/* A relocatable ELF of one section, as far as kmod looks; the rest is wrong in one way each. */
static void put_module(const char *name, uint64_t sections_at, unsigned n, unsigned names, uint64_t offset,
		       uint64_t size)
{
	Elf64_Ehdr header = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
			      .e_type = ET_REL,
			      .e_machine = EM_PPC64,
			      .e_version = EV_CURRENT,
			      .e_shoff = sections_at,
			      .e_ehsize = sizeof(header),
			      .e_shentsize = sizeof(Elf64_Shdr),
			      .e_shnum = (Elf64_Half)n,
			      .e_shstrndx = (Elf64_Half)names };
	Elf64_Shdr section[3] = {
		{ .sh_type = SHT_NULL },
		{ .sh_name = 1, .sh_type = SHT_STRTAB, .sh_offset = 256, .sh_size = 32 },
		{ .sh_name = 11, .sh_type = SHT_PROGBITS, .sh_offset = offset, .sh_size = size }
	};
	static const char strings[32] = "\0.shstrtab\0.modinfo";
	AUTO(buf) bytes = BUF_INIT;

	buf_add(&bytes, &header, sizeof(header));
	buf_add(&bytes, section, sizeof(section));
	buf_add(&bytes, strings, sizeof(strings));
	buf_adds(&bytes, "license=GPL");
	buf_addc(&bytes, '\0');
	buf_adds(&bytes, "depends=m,m,../../evil,btrfs");
	hostile_put("module", name, bytes.s, bytes.len);
}

/* What is known of built-in modules: strings that end in a NUL. */
static void put_modinfo(void)
{
	static const char seed[] =
	    "btrfs.license=GPL\0btrfs.file=fs/btrfs/btrfs\0btrfs.alias=fs-btrfs\0m.file=../../evil";
	static const char *const bad[] = {
		"=", ".", "btrfs", "btrfs.file", ".file=x", "btrfs.=x", "btrfs.file=/etc/passwd"
	};
	AUTO(buf) bytes = BUF_INIT;

	buf_add(&bytes, seed, sizeof(seed));
	hostile_put("modinfo", "valid", bytes.s, bytes.len);
	hostile_bytes("modinfo", "strings", &bytes);
	hostile_put("modinfo", "no-end", bytes.s, bytes.len - 1);
	hostile_put("modinfo", "empty", "", 0);
	hostile_put("modinfo", "nuls", "\0\0\0\0", 4);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		hostile_put("modinfo", "a-string", bad[i], strlen(bad[i]) + 1);
}

static void put_modules(void)
{
	const uint64_t at = sizeof(Elf64_Ehdr), info = at + 3 * sizeof(Elf64_Shdr) + 32;

	put_module("valid", at, 3, 1, info, 12); /* its licence alone */
	put_module("depends-on-itself", at, 3, 1, info, 40);
	put_module("modinfo-without-an-end", at, 3, 1, info, 39);
	put_module("modinfo-nowhere", at, 3, 1, UINT64_MAX - 8, 40);
	put_module("modinfo-huge", at, 3, 1, info, UINT64_MAX);
	put_module("modinfo-empty", at, 3, 1, info, 0);
	put_module("sections-nowhere", UINT64_MAX, 3, 1, info, 40);
	put_module("sections-around", UINT64_MAX - 63, 3, 1, info, 40);
	put_module("many-sections", at, 0xffff, 1, info, 40);
	put_module("no-sections", at, 0, 0, info, 40);
	put_module("names-in-no-section", at, 3, 0xfff0, info, 40);
	hostile_put("module", "empty", "", 0);
	hostile_put("module", "text", "not a module\n", 13);
	hostile_texts("builtin", "kernel/fs/btrfs/btrfs.ko\nkernel/drivers/virtio/virtio_pci.ko\n");
	hostile_texts("dep", "kernel/m.ko: kernel/n.ko /etc/passwd ../../evil.ko\nkernel/n.ko:\n");
	put_modinfo();
}

void hostile_images(void)
{
	put_elf();
	put_bzimage();
	put_carried_configs();
	hostile_texts("kconfig", FIXTURE_CONFIG_PPC "CONFIG_BTRFS_FS=y\n");
	hostile_put("kconfig", "another-arch", FIXTURE_CONFIG_X86, strlen(FIXTURE_CONFIG_X86));
	put_modules();
}
