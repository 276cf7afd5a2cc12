#include "kernel/probe.h"

#include <elf.h>
#include <endian.h>

#include "config/arch.h"

#define EXPECTED "expected a 64-bit little-endian kernel"

/* The bytes of the image; all offsets are checked against `len` before they are used. */
struct image {
	const char *name;
	const unsigned char *data;
	size_t len;
};

static bool has(const struct image *image, size_t at, const void *bytes, size_t n)
{
	return at + n <= image->len && memcmp(image->data + at, bytes, n) == 0;
}

static unsigned u16_at(const struct image *image, size_t at)
{
	return (unsigned)image->data[at] | (unsigned)image->data[at + 1] << 8;
}

static uint32_t u32_at(const struct image *image, size_t at)
{
	return u16_at(image, at) | (uint32_t)u16_at(image, at + 2) << 16;
}

/* Copies the release at the start of `s`, which a space or a NUL must end. */
static bool take_release(const unsigned char *s, size_t len, char release[65])
{
	size_t n = 0;

	while (n < len && n < 64 && s[n] && s[n] != ' ')
		n++;
	if (n == len || (s[n] && s[n] != ' '))
		return false;
	memcpy(release, s, n);
	release[n] = '\0';
	if (candidate_release_valid(release))
		return true;
	release[0] = '\0';
	return false;
}

/* The kernel's banner, "Linux version 6.12.1-x (user@host) ..."; the same words may stand elsewhere. */
static void find_banner(const struct image *image, struct probe *out)
{
	static const char words[] = "Linux version ";
	const unsigned char *at = image->data, *end = image->data + image->len;

	while ((at = memmem(at, (size_t)(end - at), words, strlen(words)))) {
		at += strlen(words);
		if (take_release(at, (size_t)(end - at), out->release) &&
		    has(image, (size_t)(at - image->data) + strlen(out->release), " (", 2))
			return;
		out->release[0] = '\0';
	}
}

/* kernel/configs.c puts the compressed config between two marks. */
static void find_config(const struct image *image, struct probe *out)
{
	static const char start[] = "IKCFG_ST\x1f\x8b", end[] = "IKCFG_ED";
	const unsigned char *from = memmem(image->data, image->len, start, strlen(start)), *to;

	if (!from)
		return;
	from += strlen("IKCFG_ST");
	to = memmem(from, image->len - (size_t)(from - image->data), end, strlen(end));
	if (!to)
		return;
	out->config_at = (size_t)(from - image->data);
	out->config_n = (size_t)(to - from);
}

/* Every segment that the boot loader would load is in the file. */
static bool segments_whole(const struct image *image, const Elf64_Ehdr *header)
{
	uint64_t at = le64toh(header->e_phoff);
	unsigned n = le16toh(header->e_phnum);
	Elf64_Phdr segment;

	if (le16toh(header->e_phentsize) != sizeof(segment) || !n)
		return false;
	for (; n > 0; n--, at += sizeof(segment)) {
		uint64_t offset, size;

		if (at > image->len || image->len - at < sizeof(segment))
			return false;
		memcpy(&segment, image->data + at, sizeof(segment));
		offset = le64toh(segment.p_offset);
		size = le64toh(segment.p_filesz);
		if (le32toh(segment.p_type) == PT_LOAD && (offset > image->len || image->len - offset < size))
			return false;
	}
	return true;
}

static int take_machine(const struct image *image, unsigned machine, struct probe *out, struct err *err)
{
	AUTO(buf) known = BUF_INIT;

	for (const struct arch *row = arch_rows; row->name; row++) {
		if (row->elf_machine != machine)
			continue;
		out->arch = row->name;
		out->pagesize = row->one_pagesize ? row->pagesize : 0;
		return 0;
	}
	arch_list(&known);
	return err_set(err, ERR_USAGE, "%s: an ELF file for machine %u: " EXPECTED " for %s", image->name,
		       machine, known.s);
}

static int probe_elf(const struct image *image, struct probe *out, struct err *err)
{
	Elf64_Ehdr header;
	unsigned type;

	if (image->len < sizeof(header))
		return err_set(err, ERR_USAGE, "%s: a truncated ELF file", image->name);
	memcpy(&header, image->data, sizeof(header));
	if (header.e_ident[EI_CLASS] != ELFCLASS64)
		return err_set(err, ERR_USAGE, "%s: a 32-bit ELF file: " EXPECTED, image->name);
	if (header.e_ident[EI_DATA] != ELFDATA2LSB)
		return err_set(err, ERR_USAGE, "%s: a big-endian ELF file: " EXPECTED, image->name);
	out->name = "vmlinux";
	if (take_machine(image, le16toh(header.e_machine), out, err) < 0)
		return -1;
	type = le16toh(header.e_type);
	if (type != ET_EXEC && type != ET_DYN)
		return err_set(err, ERR_USAGE, "%s: an ELF object, not a kernel: " EXPECTED, image->name);
	if (!segments_whole(image, &header))
		return err_set(err, ERR_USAGE, "%s: a truncated ELF file: a segment is missing", image->name);
	find_banner(image, out);
	find_config(image, out);
	if (!out->release[0])
		return err_set(
		    err, ERR_USAGE,
		    "%s: an ELF file without the words 'Linux version': not a kernel, or a compressed "
		    "one; " EXPECTED,
		    image->name);
	return 0;
}

/* Offsets and bits of the x86 boot protocol. */
#define BZ_SETUP_SECTS	  0x1f1
#define BZ_SYSSIZE	  0x1f4
#define BZ_MAGIC	  0x202
#define BZ_VERSION	  0x206
#define BZ_KERNEL_VERSION 0x20e
#define BZ_XLOADFLAGS	  0x236
#define BZ_HEADER_END	  0x268

static int probe_bzimage(const struct image *image, struct probe *out, struct err *err)
{
	size_t setup, version, whole;

	if (image->len < BZ_HEADER_END)
		return err_set(err, ERR_USAGE, "%s: a truncated bzImage", image->name);
	out->name = "bzImage";
	if (take_machine(image, EM_X86_64, out, err) < 0)
		return -1;
	if (u16_at(image, BZ_VERSION) < 0x20c || !(u16_at(image, BZ_XLOADFLAGS) & 1))
		return err_set(err, ERR_USAGE, "%s: a 32-bit bzImage: " EXPECTED, image->name);
	setup = image->data[BZ_SETUP_SECTS] ? image->data[BZ_SETUP_SECTS] : 4;
	setup *= 512;
	whole = setup + 512 + (size_t)u32_at(image, BZ_SYSSIZE) * 16;
	if (image->len < whole)
		return err_set(err, ERR_USAGE, "%s: a truncated bzImage: %zu of %zu bytes", image->name,
			       image->len, whole);
	version = u16_at(image, BZ_KERNEL_VERSION);
	if (version && version < setup && version + 512 < image->len)
		take_release(image->data + version + 512, image->len - version - 512, out->release);
	return 0;
}

/* Offsets and bits of the arm64 boot protocol. */
#define ARM64_FLAGS	 24
#define ARM64_MAGIC	 56
#define ARM64_HEADER_END 64

static int probe_arm64(const struct image *image, struct probe *out, struct err *err)
{
	static const unsigned pagesizes[] = { 0, 4096, 16384, 65536 };
	unsigned flags = image->data[ARM64_FLAGS];

	out->name = "Image";
	if (take_machine(image, EM_AARCH64, out, err) < 0)
		return -1;
	if (flags & 1)
		return err_set(err, ERR_USAGE, "%s: a big-endian arm64 Image: " EXPECTED, image->name);
	out->pagesize = pagesizes[flags >> 1 & 3];
	find_banner(image, out);
	find_config(image, out);
	return 0;
}

int probe_image(const char *name, const void *data, size_t len, struct probe *out, struct err *err)
{
	struct image image = { name, data, len };

	*out = (struct probe){ 0 };
	if (has(&image, 0, ELFMAG, SELFMAG))
		return probe_elf(&image, out, err);
	if (has(&image, BZ_MAGIC, "HdrS", 4) && has(&image, 0x1fe, "\x55\xaa", 2))
		return probe_bzimage(&image, out, err);
	if (len >= ARM64_HEADER_END && has(&image, ARM64_MAGIC, "ARM\x64", 4))
		return probe_arm64(&image, out, err);
	return err_set(err, ERR_USAGE,
		       "%s: neither an ELF vmlinux nor a bzImage nor an arm64 Image: " EXPECTED, name);
}
