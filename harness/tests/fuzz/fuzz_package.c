/*
 * A package of any bytes, as the first one says: a .deb ('!') or .rpm (0xed) as it stands, behind a 't' the tar of a .deb
 * (whose checksums are mended, so that what they guard is reached), behind a 'c' the cpio of an .rpm, or else something
 * packed, as modules are. It is taken or refused with one error; what it has written stands where it was told to, no more
 * than the limits say, and no link is made.
 */
#include <assert.h>
#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "kernel/intake.h"
#include "kernel/layout.h"
#include "kernel/unpack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TAR_BLOCK 512

static const struct intake_limits limits = { 1 << 16, 1 << 14, 64 };
static char *folder, *package;
static int package_fd;

static void remove_folder(void)
{
	AUTO(err) ignored = ERR_INIT;

	fs_remove_tree(folder, &ignored);
}

/* On a file system in memory, for there is one for each input. */
static void prepare(void)
{
	AUTO(err) err = ERR_INIT;

	if (folder)
		return;
	folder = fs_temp_dir("/dev/shm/qb-fuzz-", &err);
	assert(folder);
	atexit(remove_folder);
	package_fd = memfd_create("package", MFD_CLOEXEC);
	assert(package_fd >= 0);
	package = xasprintf("/proc/self/fd/%d", package_fd);
}

static void put(const void *data, size_t size)
{
	assert(ftruncate(package_fd, 0) == 0 && lseek(package_fd, 0, SEEK_SET) == 0);
	assert(fs_write_all(package_fd, data, size) == 0);
}

/* The sum of a header is that of its bytes with blanks in its own place. */
static void mend_tar(struct buf *tar)
{
	for (size_t at = 0; at + TAR_BLOCK <= tar->len; at += TAR_BLOCK) {
		char *header = tar->s + at;
		unsigned sum = 0;

		if (memcmp(header + 257, "ustar", 5) != 0)
			continue;
		memset(header + 148, ' ', 8);
		for (size_t i = 0; i < TAR_BLOCK; i++)
			sum += (unsigned char)header[i];
		snprintf(header + 148, 8, "%06o", sum & 0777777);
	}
}

static void wrap_deb(const void *data, size_t size, struct buf *out)
{
	AUTO(buf) tar = BUF_INIT;

	buf_add(&tar, data, size);
	mend_tar(&tar);
	buf_adds(out, "!<arch>\n");
	buf_addf(out, "%-16s%-12d%-6d%-6d%-8s%-10zu`\n", "data.tar", 0, 0, 0, "100644", tar.len);
	buf_add(out, tar.s, tar.len);
}

static void wrap_rpm(const void *data, size_t size, struct buf *out)
{
	static const char lead[96] = { '\xed', '\xab', '\xee', '\xdb', 3 };
	static const char header[16] = { '\x8e', '\xad', '\xe8', 1 };

	buf_add(out, lead, sizeof(lead));
	buf_add(out, header, sizeof(header));
	buf_add(out, header, sizeof(header));
	buf_add(out, data, size);
}

/* What is written gets a number for its name; the member's own name must be plain. */
static int want(void *arg, const char *member, struct buf *target, struct err *err)
{
	AUTO(buf) again = BUF_INIT;
	unsigned *n = arg;

	(void)err;
	assert(!layout_clean(member, &again) && str_eq(again.s, member));
	buf_addf(target, "%s/%u", folder, (*n)++ % 8);
	return 0;
}

static void check_and_clear(void)
{
	uint64_t total = 0;
	struct dirent *entry;
	DIR *dir = opendir(folder);

	assert(dir);
	while ((entry = readdir(dir))) {
		struct stat st;

		if (entry->d_name[0] == '.')
			continue;
		assert(fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0);
		assert(S_ISREG(st.st_mode) && (uint64_t)st.st_size <= limits.member);
		total += (uint64_t)st.st_size;
		assert(unlinkat(dirfd(dir), entry->d_name, 0) == 0);
	}
	closedir(dir);
	assert(total <= limits.total);
}

static void take(bool rpm)
{
	unsigned n = 0;
	struct intake intake = { "x", &limits, want, NULL, &n };
	AUTO(err) err = ERR_INIT;
	int status = (rpm ? intake_rpm : intake_deb)(package, &intake, &err);

	assert((status < 0) == (err.text != NULL));
	assert(status == 0 || err.kind == ERR_USAGE || err.kind == ERR_HOST);
	check_and_clear();
}

static void take_packed(const void *data, size_t size)
{
	AUTO(buf) out = BUF_INIT;
	AUTO(err) err = ERR_INIT;
	int status = unpack_bytes("x", data, size, 1 << 16, &out, &err);

	assert(out.len <= 1 << 16 && (status < 0) == (err.text != NULL));
}

/* Names of members may have 4 GiB, which libarchive wants as one piece: to fill that takes longer than all the rest, and it is
 * refused where a process may not have so much. Memory that is free is used again soon, for its buffers are large. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1:max_allocation_size_mb=64:quarantine_size_mb=16";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(buf) text = BUF_INIT;

	prepare();
	if (!size)
		return 0;
	if (data[0] == 't')
		wrap_deb(data + 1, size - 1, &text);
	else if (data[0] == 'c')
		wrap_rpm(data + 1, size - 1, &text);
	else
		buf_add(&text, data, size);
	if (data[0] == 't' || data[0] == '!') {
		put(text.s, text.len);
		take(false);
	} else if (data[0] == 'c' || data[0] == 0xed) {
		put(text.s, text.len);
		take(true);
	} else {
		take_packed(text.s, text.len);
	}
	return 0;
}
