/* What the tests of kernel/ and image/ are fed: small images, packages with any member, a folder to work
 * in. */
#ifndef QB_KERNEL_FIXTURE_H
#define QB_KERNEL_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <archive.h>
#include <archive_entry.h>
#include <elf.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "base/progress.h"

#define FIXTURE_CONFIG_PPC                                                                                   \
	"# Linux\nCONFIG_PPC64=y\nCONFIG_CPU_LITTLE_ENDIAN=y\nCONFIG_PPC_64K_PAGES=y\nCONFIG_AIO=y\n"
#define FIXTURE_CONFIG_X86 "CONFIG_X86_64=y\nCONFIG_AIO=y\n"

/* The folder of this run; removed by fixture_tear_down(). */
static char *fixture_dir;

static inline int fixture_set_up(void **state)
{
	AUTO(err) err = ERR_INIT;

	(void)state;
	progress_quiet();
	fixture_dir = fs_temp_dir("/tmp/qbisect-test-", &err);
	return fixture_dir ? 0 : -1;
}

static inline int fixture_tear_down(void **state)
{
	AUTO(err) err = ERR_INIT;
	int failed = fs_remove_tree(fixture_dir, &err);

	(void)state;
	free(fixture_dir);
	return failed;
}

/* A path in the folder; the caller's to free(). */
static inline char *fixture_path(const char *name)
{
	return path_join(fixture_dir, name);
}

static inline void fixture_write(const char *path, const void *data, size_t len)
{
	AUTO_FREE char *parent = xstrdup(path);
	AUTO(err) err = ERR_INIT;

	*strrchr(parent, '/') = '\0';
	assert_int_equal(fs_mkdirs(parent, &err), 0);
	assert_int_equal(fs_write_atomic(path, data, len, &err), 0);
}

/* An ELF executable of one segment that holds the kernel's banner. `release` NULL: no banner. */
static inline void fixture_elf(struct buf *out, unsigned machine, const char *release)
{
	Elf64_Ehdr header = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
			      .e_type = ET_EXEC,
			      .e_machine = (Elf64_Half)machine,
			      .e_version = EV_CURRENT,
			      .e_phoff = sizeof(header),
			      .e_ehsize = sizeof(header),
			      .e_phentsize = sizeof(Elf64_Phdr),
			      .e_phnum = 1 };
	Elf64_Phdr segment = { .p_type = PT_LOAD, .p_offset = 0 };
	AUTO(buf) text = BUF_INIT;

	buf_adds(&text, "Linux version %s (%s)"); /* a format string, as kernels have it too */
	buf_addc(&text, '\0');
	if (release)
		buf_addf(&text, "Linux version %s (builder@host) #1 SMP", release);
	segment.p_filesz = sizeof(header) + sizeof(segment) + text.len;
	buf_reset(out);
	buf_add(out, &header, sizeof(header));
	buf_add(out, &segment, sizeof(segment));
	buf_add(out, text.s, text.len);
}

static inline void fixture_bzimage(struct buf *out, const char *release)
{
	static const unsigned char magic[] = { 0x55, 0xaa, 0xeb, 0x66, 0x48, 0x64, 0x72, 0x53, 0x0f, 0x02 };
	unsigned char head[1024 + 32] = { 0 };

	head[0x1f1] = 1; /* setup sectors behind the first */
	head[0x1f4] = 2; /* the rest, in units of 16 bytes */
	memcpy(head + 0x1fe, magic, sizeof(magic));
	head[0x20e] = 0x80; /* the release is 0x280 bytes into the file */
	head[0x236] = 1;    /* 64 bit */
	snprintf((char *)head + 0x280, 128, "%s (builder@host) #1", release);
	buf_reset(out);
	buf_add(out, head, sizeof(head));
}

static inline void fixture_arm64(struct buf *out, const char *release, unsigned flags)
{
	static const unsigned char magic[] = { 'A', 'R', 'M', 0x64 };
	unsigned char head[64] = { 0 };

	head[24] = (unsigned char)flags;
	memcpy(head + 56, magic, sizeof(magic));
	buf_reset(out);
	buf_add(out, head, sizeof(head));
	buf_addf(out, "Linux version %s (builder@host) #1", release);
}

struct fixture_member {
	const char *path;
	const void *data;
	size_t len;
	mode_t type;	  /* 0: S_IFREG */
	const char *link; /* target of a symbolic link, or of a hard link when the type is S_IFREG */
	int64_t size;	  /* what the header claims, when that is more than `len` */
};

static inline la_ssize_t fixture_append(struct archive *a, void *out, const void *data, size_t len)
{
	(void)a;
	buf_add(out, data, len);
	return (la_ssize_t)len;
}

static inline void fixture_entry(struct archive *a, const struct fixture_member *member)
{
	struct archive_entry *entry = archive_entry_new();

	archive_entry_set_pathname(entry, member->path);
	archive_entry_set_filetype(entry, member->type ? member->type : S_IFREG);
	archive_entry_set_perm(entry, 0644);
	archive_entry_set_size(entry, member->size ? member->size : (la_int64_t)member->len);
	if (member->link && member->type == S_IFLNK)
		archive_entry_set_symlink(entry, member->link);
	else if (member->link)
		archive_entry_set_hardlink(entry, member->link);
	archive_write_header(a, entry);
	if (member->len)
		archive_write_data(a, member->data, member->len);
	archive_entry_free(entry);
}

/* An archive of the members in libarchive's format and packed by its filter (ARCHIVE_FILTER_XZ and so on). */
static inline void fixture_archive(struct buf *out, int format, int filter,
				   const struct fixture_member *members, size_t n)
{
	struct archive *a = archive_write_new();

	buf_reset(out);
	archive_write_set_format(a, format);
	archive_write_add_filter(a, filter);
	archive_write_set_bytes_in_last_block(a, 1);
	assert_int_equal(archive_write_open(a, out, NULL, fixture_append, NULL), ARCHIVE_OK);
	for (size_t i = 0; i < n; i++)
		fixture_entry(a, &members[i]);
	archive_write_close(a);
	archive_write_free(a);
}

static inline void fixture_tar(struct buf *out, int filter, const struct fixture_member *members, size_t n)
{
	fixture_archive(out, ARCHIVE_FORMAT_TAR_GNUTAR, filter, members, n);
}

/* One file, packed without a container: a .ko.xz, a config in an image. */
static inline void fixture_pack(struct buf *out, int filter, const void *data, size_t len)
{
	struct archive *a = archive_write_new();
	struct fixture_member member = { .path = "x", .data = data, .len = len };

	buf_reset(out);
	archive_write_set_format_raw(a);
	archive_write_add_filter(a, filter);
	archive_write_set_bytes_in_last_block(a, 1);
	assert_int_equal(archive_write_open(a, out, NULL, fixture_append, NULL), ARCHIVE_OK);
	fixture_entry(a, &member);
	archive_write_close(a);
	archive_write_free(a);
}

static inline void fixture_ar_member(struct buf *out, const char *name, const struct buf *data)
{
	buf_addf(out, "%-16s%-12d%-6d%-6d%-8s%-10zu`\n", name, 0, 0, 0, "100644", data->len);
	buf_add(out, data->s, data->len);
	if (data->len % 2)
		buf_addc(out, '\n');
}

/* A Debian package as bytes. */
static inline void fixture_deb_bytes(struct buf *out, const struct fixture_member *members, size_t n)
{
	AUTO(buf) version = BUF_INIT, control = BUF_INIT, data = BUF_INIT;

	buf_adds(&version, "2.0\n");
	fixture_tar(&control, ARCHIVE_FILTER_XZ, NULL, 0);
	fixture_tar(&data, ARCHIVE_FILTER_XZ, members, n);
	buf_reset(out);
	buf_adds(out, "!<arch>\n");
	fixture_ar_member(out, "debian-binary", &version);
	fixture_ar_member(out, "control.tar.xz", &control);
	fixture_ar_member(out, "data.tar.xz", &data);
}

/* A Debian package as a file in the folder; its path is the caller's to free(). */
static inline char *fixture_deb(const char *name, const struct fixture_member *members, size_t n)
{
	AUTO(buf) deb = BUF_INIT;
	char *path = fixture_path(name);

	fixture_deb_bytes(&deb, members, n);
	fixture_write(path, deb.s, deb.len);
	return path;
}

/* The front of an rpm: its lead, and two headers without entries. The payload follows. */
static inline void fixture_rpm_front(struct buf *out)
{
	static const char lead[96] = { '\xed', '\xab', '\xee', '\xdb', 3 };
	static const char header[16] = { '\x8e', '\xad', '\xe8', 1 };

	buf_reset(out);
	buf_add(out, lead, sizeof(lead));
	buf_add(out, header, sizeof(header));
	buf_add(out, header, sizeof(header));
}

/* An rpm package as bytes. */
static inline void fixture_rpm_bytes(struct buf *out, int filter, const struct fixture_member *members,
				     size_t n)
{
	AUTO(buf) payload = BUF_INIT;

	fixture_archive(&payload, ARCHIVE_FORMAT_CPIO_SVR4_NOCRC, filter, members, n);
	fixture_rpm_front(out);
	buf_add(out, payload.s, payload.len);
}

#endif
