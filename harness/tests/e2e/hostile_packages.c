/* Packages: .deb (ar, tar, packed) and .rpm (lead, headers, cpio, packed). The kernel in them is a valid one. */
#include "tests/unit/kernel_fixture.h"

#include "hostile.h"

/* Members behind which stands a valid kernel. */
static const struct {
	const char *name;
	struct fixture_member member;
	uint64_t claimed; /* size; 0: the true one */
} members[] = {
	{ "dots", { .path = "../../../../evil", .data = "x", .len = 1 }, 0 },
	{ "dots-inside", { .path = "boot/../../../../evil", .data = "x", .len = 1 }, 0 },
	{ "absolute", { .path = "/tmp/qb-hostile-evil", .data = "x", .len = 1 }, 0 },
	{ "control-characters", { .path = "boot/\033[2J\nqbisect: fine", .data = "x", .len = 1 }, 0 },
	{ "no-utf8", { .path = "boot/vmlinuz-\xff\xfe", .data = "x", .len = 1 }, 0 },
	{ "device", { .path = "boot/config", .type = S_IFCHR }, 0 },
	{ "fifo", { .path = "boot/vmlinux", .type = S_IFIFO }, 0 },
	{ "link-that-leaves",
	  { .path = "boot/config", .type = S_IFLNK, .link = "../../../../etc/passwd" },
	  0 },
	{ "absolute-link", { .path = "lib/modules/6.12.1/build", .type = S_IFLNK, .link = "/etc" }, 0 },
	{ "hard-link-that-leaves", { .path = "boot/vmlinux-6.12.1", .link = "../../etc/passwd" }, 0 },
	{ "link-to-itself", { .path = "boot", .type = S_IFLNK, .link = "boot" }, 0 },
	{ "a-file-where-a-folder-is", { .path = "boot", .data = "x", .len = 1 }, 0 },
	{ "huge", { .path = "boot/System.map", .data = "x", .len = 1 }, 1ULL << 60 },
	{ "negative", { .path = "boot/System.map", .data = "x", .len = 1 }, UINT64_MAX },
	{ "larger-than-allowed", { .path = "boot/vmlinux-6.12.1", .data = "x", .len = 1 }, 2ULL << 30 },
	{ "another-kernel", { .path = "boot/vmlinuz-6.13.1", .data = "x", .len = 1 }, 0 },
	{ "twice", { .path = "boot/./vmlinux-6.12.1", .data = "x", .len = 1 }, 0 },
	{ "an-image-that-is-none", { .path = "boot/vmlinuz-6.12.1", .data = "MZ", .len = 2 }, 0 },
	{ "a-config-that-is-none", { .path = "boot/config-6.12.1", .data = "\0\1\2", .len = 3 }, 0 },
};

static struct fixture_member kernel_member(const struct buf *image)
{
	return (struct fixture_member){ .path = "boot/vmlinux-6.12.1", .data = image->s, .len = image->len };
}

/* Zeros behind `front`, packed by libarchive's filter: a member's data, or a whole archive. */
static void pack_zeros(struct buf *out, int filter, const struct buf *front, size_t mib)
{
	static const char zeros[1 << 20];
	struct archive *a = archive_write_new();
	struct fixture_member member = { .path = "x", .size = (int64_t)(front->len + (mib << 20)) };

	buf_reset(out);
	archive_write_set_format_raw(a);
	archive_write_add_filter(a, filter);
	archive_write_set_bytes_in_last_block(a, 1);
	archive_write_open(a, out, NULL, fixture_append, NULL);
	fixture_entry(a, &member);
	archive_write_data(a, front->s, front->len);
	for (size_t i = 0; i < mib; i++)
		archive_write_data(a, zeros, sizeof(zeros));
	archive_write_close(a);
	archive_write_free(a);
}

static void add_deb(struct buf *out, const char *name, const struct buf *data)
{
	AUTO(buf) version = BUF_INIT;

	buf_adds(&version, "2.0\n");
	buf_adds(out, "!<arch>\n");
	fixture_ar_member(out, "debian-binary", &version);
	fixture_ar_member(out, name, data);
}

static void put_deb(const char *name, const char *data_name, const struct buf *data)
{
	AUTO(buf) deb = BUF_INIT;

	add_deb(&deb, data_name, data);
	hostile_put("deb", name, deb.s, deb.len);
}

static void put_rpm(const char *name, const struct buf *payload)
{
	AUTO(buf) rpm = BUF_INIT;

	fixture_rpm_front(&rpm);
	buf_add(&rpm, payload->s, payload->len);
	hostile_put("rpm", name, rpm.s, rpm.len);
}

/* A seed of fuzz_package.c, which is told by the first byte what the others are the inside of. */
static void put_seed(char kind, const struct buf *bytes)
{
	AUTO(buf) seed = BUF_INIT;

	buf_addc(&seed, kind);
	buf_add(&seed, bytes->s, bytes->len);
	hostile_put("package", "seed", seed.s, seed.len);
}

/* The size that a header claims; the data behind it stay as they are. */
static void claim_tar(struct buf *tar, uint64_t size)
{
	char *header = tar->s;
	unsigned sum = 0;

	header[124] = (char)0x80; /* not octal, but a number of 11 bytes */
	for (int i = 0; i < 11; i++)
		header[135 - i] = i < 8 ? (char)(size >> 8 * i) : '\0';
	memset(header + 148, ' ', 8);
	for (int i = 0; i < 512; i++)
		sum += (unsigned char)header[i];
	snprintf(header + 148, 8, "%06o", sum);
}

static void claim_cpio(struct buf *cpio, uint64_t size)
{
	char hex[9];

	snprintf(hex, sizeof(hex), "%08X", size > UINT32_MAX ? UINT32_MAX : (unsigned)size);
	memcpy(cpio->s + 54, hex, 8);
}

static void put_members(const struct fixture_member *list, size_t n, uint64_t claimed, const char *name)
{
	AUTO(buf) tar = BUF_INIT, cpio = BUF_INIT, packed = BUF_INIT;

	fixture_tar(&tar, ARCHIVE_FILTER_NONE, list, n);
	fixture_archive(&cpio, ARCHIVE_FORMAT_CPIO_SVR4_NOCRC, ARCHIVE_FILTER_NONE, list, n);
	if (claimed) {
		claim_tar(&tar, claimed);
		claim_cpio(&cpio, claimed);
	}
	put_seed('t', &tar);
	put_seed('c', &cpio);
	fixture_pack(&packed, ARCHIVE_FILTER_GZIP, tar.s, tar.len);
	put_deb(name, "data.tar.gz", &packed);
	fixture_pack(&packed, ARCHIVE_FILTER_ZSTD, cpio.s, cpio.len);
	put_rpm(name, &packed);
}

static void put_each_member(const struct buf *image)
{
	struct fixture_member list[3] = { kernel_member(image) };

	put_members(list, 1, 0, "valid");
	put_members(list, 0, 0, "nothing-in-it");
	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		list[1] = members[i].member;
		list[2] = kernel_member(image);
		put_members(list + 1, 2, members[i].claimed, members[i].name);
	}
}

/*
 * An .xz whose header asks for a dictionary of 1 or 1.5 GiB: magic, flags and their sum; a block header of one LZMA2 filter
 * with its sum; a chunk of one byte, and no more.
 */
static void put_dictionary(const char *name, unsigned char size, const char *sum)
{
	static const char head[] = "\xfd"
				   "7zXZ\0\0\1\x69\x22\xde\x36\2\0\x21\1";
	AUTO(buf) data = BUF_INIT;

	buf_add(&data, head, sizeof(head) - 1);
	buf_addc(&data, (char)size);
	buf_add(&data, "\0\0\0", 3);
	buf_add(&data, sum, 4);
	buf_add(&data, "\1\0\0x", 4);
	put_deb(name, "data.tar.xz", &data);
	put_rpm(name, &data);
}

/* An image of `mib` MiB of zeros, as the first member of an archive without an end. */
static void put_bomb(int filter, const char *data_name, size_t mib)
{
	struct fixture_member member = { .path = "boot/vmlinux-6.12.1", .data = "x", .len = 1 };
	AUTO(buf) tar = BUF_INIT, cpio = BUF_INIT, none = BUF_INIT, packed = BUF_INIT;
	AUTO_FREE char *name = xasprintf("%zu-MiB-of-zeros", mib);

	fixture_tar(&tar, ARCHIVE_FILTER_NONE, &member, 1);
	fixture_archive(&cpio, ARCHIVE_FORMAT_CPIO_SVR4_NOCRC, ARCHIVE_FILTER_NONE, &member, 1);
	claim_tar(&tar, mib << 20);
	claim_cpio(&cpio, mib << 20);
	tar.len = 512;
	cpio.len = 110 + strlen(member.path) + 1;
	pack_zeros(&packed, filter, &tar, mib);
	put_deb(name, data_name, &packed);
	pack_zeros(&packed, filter, &cpio, mib);
	put_rpm(name, &packed);
	pack_zeros(&packed, filter, &none, mib);
	hostile_put("module", data_name, packed.s, packed.len);
}

/* A header that asks for a name of 3.5 GiB, and much of it; libarchive wants it as one piece. */
static void put_long_name(size_t mib)
{
	struct fixture_member member = { .path = "boot/vmlinux-6.12.1", .data = "x", .len = 1 };
	AUTO(buf) cpio = BUF_INIT, packed = BUF_INIT;

	fixture_archive(&cpio, ARCHIVE_FORMAT_CPIO_SVR4_NOCRC, ARCHIVE_FILTER_NONE, &member, 1);
	memcpy(cpio.s + 94, "E0000000", 8);
	pack_zeros(&packed, ARCHIVE_FILTER_ZSTD, &cpio, mib);
	put_rpm("a-name-of-3.5-GiB", &packed);
}

static void put_bombs(void)
{
	put_long_name(1500);
	put_bomb(ARCHIVE_FILTER_ZSTD, "data.tar.zst", 100);
	put_bomb(ARCHIVE_FILTER_XZ, "data.tar.xz", 64);
	put_bomb(ARCHIVE_FILTER_GZIP, "data.tar.gz", 64);
	put_dictionary("a-dictionary-of-1-GiB", 0x24, "\x5e\x1f\xc7\xf9");
	put_dictionary("a-dictionary-of-1.5-GiB", 0x25, "\x3b\x78\x7b\x41");
}

/* Headers of ar, and of rpm, that promise what is not there. */
static void put_wrong_headers(const struct buf *deb, const struct buf *rpm)
{
	static const struct {
		const char *name;
		size_t at;
		const char *bytes;
		size_t n;
	} debs[] = {
		{ "ar-negative-size", 8 + 48, "-1        ", 10 },  { "ar-huge-size", 8 + 48, "9999999999", 10 },
		{ "ar-no-number", 8 + 48, "xxxxxxxxxx", 10 },	   { "ar-no-end-of-header", 8 + 58, "xx", 2 },
		{ "ar-name-table", 8, "//              ", 16 },	   { "ar-name-in-table", 8, "/99999999999    ", 16 },
		{ "ar-bsd-name", 8, "#1/99999999     ", 16 },
	}, rpms[] = {
		{ "rpm-entries", 96 + 8, "\xff\xff\xff\xff", 4 },
		{ "rpm-bytes", 96 + 12, "\x7f\xff\xff\xff", 4 },
		{ "rpm-no-magic", 96, "\0\0\0\0", 4 },
		{ "rpm-no-payload-packer", 96 + 32, "\0\0\0\0", 4 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(debs); i++) {
		AUTO(buf) bytes = BUF_INIT;

		buf_add(&bytes, deb->s, deb->len);
		memcpy(bytes.s + debs[i].at, debs[i].bytes, debs[i].n);
		hostile_put("deb", debs[i].name, bytes.s, bytes.len);
	}
	for (size_t i = 0; i < ARRAY_SIZE(rpms); i++) {
		AUTO(buf) bytes = BUF_INIT;

		buf_add(&bytes, rpm->s, rpm->len);
		memcpy(bytes.s + rpms[i].at, rpms[i].bytes, rpms[i].n);
		hostile_put("rpm", rpms[i].name, bytes.s, bytes.len);
	}
}

void hostile_packages(void)
{
	AUTO(buf) image = BUF_INIT, deb = BUF_INIT, rpm = BUF_INIT;
	struct fixture_member kernel;

	fixture_elf(&image, EM_PPC64, "6.12.1");
	kernel = kernel_member(&image);
	fixture_deb_bytes(&deb, &kernel, 1);
	fixture_rpm_bytes(&rpm, ARCHIVE_FILTER_XZ, &kernel, 1);
	put_each_member(&image);
	hostile_bytes("deb", "deb", &deb);
	hostile_bytes("rpm", "rpm", &rpm);
	put_wrong_headers(&deb, &rpm);
	put_bombs();
}
