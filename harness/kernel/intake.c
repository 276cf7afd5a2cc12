#include "kernel/intake.h"

#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "base/hash.h"
#include "base/supervisor.h"
#include "base/utf8.h"
#include "kernel/filters.h"
#include "kernel/layout.h"

#define PADDING_LIMIT 65536 /* bytes */

/* Bytes between two files: their headers, long names, and what a packer gives at a time. */
#define HEADER_LIMIT (8 << 20)

/* The inner reader's source: the data of the member of the outer one. It believes a header that asks for a name of 4 GiB, so
 * it gets no more than the files' sizes and HEADER_LIMIT for each. */
struct feed {
	struct archive *outer;
	uint64_t left; /* bytes until the next header */
};

const struct intake_limits intake_limits = { 4ULL << 30, 1ULL << 30, 200000 };

/* One pass over a package or folder. */
struct pass {
	const struct intake *intake;
	struct archive *archive;
	struct feed *feed; /* NULL: a folder, or an outer archive, which is no larger than its file */
	const char *root;  /* of a folder: what every path begins with; NULL: a package */
	bool rpm;
	struct buf member; /* the one at hand, in plain form */
	uint64_t total;
	unsigned entries;
};

static void pass_release(struct pass *pass)
{
	buf_release(&pass->member);
}
AUTO_DEFINE(pass, struct pass, pass_release);

/* "PACKAGE: MEMBER: what is wrong". A name from a package may hold anything: only printable ASCII is
 * shown. */
static int refuse(const struct pass *pass, const char *member, const char *what, struct err *err)
{
	AUTO(buf) shown = BUF_INIT;

	utf8_add_escaped(&shown, member, strlen(member), 200);
	return err_set(err, ERR_USAGE, "%s: %s%s%s", pass->intake->name, shown.s, shown.len ? ": " : "",
		       what);
}

static int damaged(const struct pass *pass, struct err *err)
{
	const char *reason = archive_error_string(pass->archive);
	AUTO_FREE char *what = xasprintf("cannot be read (%s): it is truncated or damaged, get it anew",
					 reason ? reason : "no reason given");

	return refuse(pass, pass->member.s, what, err);
}

static int check_limits(struct pass *pass, struct archive_entry *entry, struct err *err)
{
	const struct intake_limits *limits = pass->intake->limits;
	int64_t size = archive_entry_size(entry);
	AUTO(buf) what = BUF_INIT;

	pass->entries++;
	if (size < 0 || (uint64_t)size > limits->member)
		buf_addf(&what, "larger than the %llu bytes that one file may have",
			 (unsigned long long)limits->member);
	else if ((pass->total += (uint64_t)size) > limits->total)
		buf_addf(&what, "brings the package over the %llu bytes that it may unpack to",
			 (unsigned long long)limits->total);
	else if (pass->entries > limits->entries)
		buf_addf(&what, "is one more than the %u files that a package may have", limits->entries);
	return what.len ? refuse(pass, pass->member.s, what.s, err) : 0;
}

static int check_interrupted(const struct pass *pass, struct err *err)
{
	if (!supervise_interrupted())
		return 0;
	return err_set(err, ERR_INTERRUPTED, "%s: interrupted: nothing of it is kept", pass->intake->name);
}

/* Writes the member's data as it comes; holes stay holes. */
static int write_blocks(struct pass *pass, int fd, int64_t size, struct err *err)
{
	const void *block;
	size_t n;
	la_int64_t at;
	int status;

	while ((status = archive_read_data_block(pass->archive, &block, &n, &at)) == ARCHIVE_OK) {
		if (at < 0 || at > size || (uint64_t)n > (uint64_t)(size - at))
			return refuse(pass, pass->member.s, "has more data than it says", err);
		if (check_interrupted(pass, err) < 0)
			return -1;
		if (lseek(fd, at, SEEK_SET) < 0 || fs_write_all(fd, block, n) < 0)
			return err_errno(err, ERR_HOST, "cannot unpack %s from %s", pass->member.s,
					 pass->intake->name);
	}
	if (status != ARCHIVE_EOF)
		return damaged(pass, err);
	if (ftruncate(fd, size) < 0)
		return err_errno(err, ERR_HOST, "cannot unpack %s from %s", pass->member.s,
				 pass->intake->name);
	return 0;
}

static int write_new(struct pass *pass, const char *target, int64_t size, struct err *err)
{
	AUTO_CLOSE int fd = open(target, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);

	if (fd < 0)
		return err_errno(err, ERR_HOST, "cannot write %s", target);
	return write_blocks(pass, fd, size, err);
}

/* Packages of one kernel may share a file, as those that rpm lets be installed together do. */
static int compare_again(struct pass *pass, const char *target, int64_t size, struct err *err)
{
	AUTO_FREE char *again = xasprintf("%s.again", target), *first = NULL, *second = NULL;

	if (write_new(pass, again, size, err) < 0)
		return -1;
	second = hash_file(again, err);
	first = second ? hash_file(target, err) : NULL;
	if (!first || fs_remove_tree(again, err) < 0)
		return -1;
	return str_eq(first, second) ? 0 : refuse(pass, pass->member.s, "is there twice, and differs", err);
}

static int write_member(struct pass *pass, const char *target, int64_t size, struct err *err)
{
	AUTO_FREE char *folder = xstrdup(target);

	*strrchr(folder, '/') = '\0';
	if (fs_mkdirs(folder, err) < 0)
		return err_wrap(err, "%s: %s", pass->intake->name, pass->member.s);
	return fs_exists(target) ? compare_again(pass, target, size, err)
				 : write_new(pass, target, size, err);
}

static int take_file(struct pass *pass, struct archive_entry *entry, struct err *err)
{
	AUTO(buf) target = BUF_INIT;

	if (pass->intake->want(pass->intake->arg, pass->member.s, &target, err) < 0)
		return -1;
	if (target.len && pass->rpm && archive_entry_nlink(entry) > 1)
		return refuse(pass, pass->member.s,
			      "a file of several names, whose content an rpm keeps under another of them",
			      err);
	return target.len ? write_member(pass, target.s, archive_entry_size(entry), err) : 0;
}

/*
 * A folder is the user's own tree, where links lead anywhere; those of a package must stay inside. In an rpm
 * an absolute one does: it begins at the root that the package is installed to (SUSE's kernels have such).
 */
static int check_link(struct pass *pass, const char *from, const char *target, struct err *err)
{
	if (pass->root || (target && layout_link_stays(from, target)))
		return 0;
	if (pass->rpm && target && *target == '/' && layout_link_stays("", target + 1))
		return 0;
	return refuse(pass, pass->member.s, "a link that leaves the package", err);
}

static int take_member(struct pass *pass, struct archive_entry *entry, struct err *err)
{
	const char *link = archive_entry_hardlink(entry);

	if (link && check_link(pass, "", str_starts(link, "./") ? link + 2 : link, err) < 0)
		return -1;
	if (link)
		return pass->rpm ? take_file(pass, entry, err) : 0;
	switch (archive_entry_filetype(entry)) {
	case AE_IFREG:
		return take_file(pass, entry, err);
	case AE_IFLNK:
		return check_link(pass, pass->member.s, archive_entry_symlink(entry), err);
	case AE_IFDIR:
		return 0;
	default:
		return refuse(pass, pass->member.s, "a device, FIFO or socket, which no kernel package has",
			      err);
	}
}

static int take_header(struct pass *pass, struct archive_entry *entry, struct err *err)
{
	const char *raw = archive_entry_pathname(entry), *fault;

	if (!raw)
		return refuse(pass, pass->member.s, "is followed by a name that cannot be read", err);
	if (pass->root && str_starts(raw, pass->root))
		raw += strlen(pass->root) + (raw[strlen(pass->root)] == '/');
	fault = layout_clean(raw, &pass->member);
	if (fault)
		return refuse(pass, raw, fault, err);
	if (check_limits(pass, entry, err) < 0)
		return -1;
	if (pass->feed)
		pass->feed->left = HEADER_LIMIT + (uint64_t)archive_entry_size(entry);
	return take_member(pass, entry, err);
}

static int take_all(struct pass *pass, struct err *err)
{
	struct archive_entry *entry;
	int status;

	while ((status = archive_read_next_header(pass->archive, &entry)) != ARCHIVE_EOF) {
		if (status != ARCHIVE_OK && status != ARCHIVE_WARN)
			return damaged(pass, err);
		if (check_interrupted(pass, err) < 0 || take_header(pass, entry, err) < 0)
			return -1;
		if (pass->root && archive_read_disk_can_descend(pass->archive) &&
		    (!pass->member.len || pass->intake->descend(pass->intake->arg, pass->member.s)))
			archive_read_disk_descend(pass->archive);
	}
	return 0;
}

static la_ssize_t read_outer(struct archive *inner, void *arg, const void **block)
{
	struct feed *feed = arg;
	la_int64_t at;
	size_t n = 0;
	int status = archive_read_data_block(feed->outer, block, &n, &at);

	if (status == ARCHIVE_EOF)
		return 0;
	if (status == ARCHIVE_OK && n <= feed->left) {
		feed->left -= n;
		return (la_ssize_t)n;
	}
	if (status == ARCHIVE_OK)
		archive_set_error(inner, EINVAL, "more than %d bytes that belong to no file", HEADER_LIMIT);
	else
		archive_set_error(inner, archive_errno(feed->outer), "%s", archive_error_string(feed->outer));
	return -1;
}

/* Reads the tar in the outer archive's member; libarchive goes to the very end, where the last checksums
 * are. */
static int take_data(struct archive *outer, const char *name, const struct intake *intake, struct err *err)
{
	AUTO(reader) inner = archive_read_new();
	struct feed feed = { outer, HEADER_LIMIT };
	AUTO(pass) pass = { .intake = intake, .archive = inner, .feed = &feed, .member = BUF_INIT };

	buf_adds(&pass.member, name);
	filters_support(inner);
	archive_read_support_format_tar(inner);
	if (archive_read_open(inner, &feed, NULL, read_outer, NULL) != ARCHIVE_OK)
		return damaged(&pass, err);
	return take_all(&pass, err);
}

static bool is_data(const char *name)
{
	static const char *const names[] = { "data.tar",     "data.tar.gz",  "data.tar.xz",
					     "data.tar.zst", "data.tar.bz2", "data.tar.lzma" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (str_eq(name, names[i]))
			return true;
	return false;
}

static int take_deb(struct pass *pass, struct err *err)
{
	struct archive_entry *entry;
	bool found = false;
	int status;

	while ((status = archive_read_next_header(pass->archive, &entry)) == ARCHIVE_OK) {
		const char *name = archive_entry_pathname(entry);

		buf_reset(&pass->member);
		buf_adds(&pass->member, name ? name : "?");
		if (!name || !is_data(name))
			continue;
		if (found)
			return refuse(pass, name, "a second data.tar", err);
		found = true;
		if (take_data(pass->archive, name, pass->intake, err) < 0)
			return -1;
	}
	if (status != ARCHIVE_EOF)
		return damaged(pass, err);
	return found ? 0 : refuse(pass, "", "has no data.tar: not a Debian package, or a truncated one", err);
}

int intake_deb(const char *path, const struct intake *intake, struct err *err)
{
	AUTO(reader) outer = archive_read_new();
	AUTO(pass) pass = { .intake = intake, .archive = outer, .member = BUF_INIT };

	archive_read_support_format_ar(outer);
	if (archive_read_open_filename(outer, path, 1 << 16) != ARCHIVE_OK)
		return damaged(&pass, err);
	return take_deb(&pass, err);
}

/*
 * What comes behind the last member: reading it all is what checks the packer's sums and finds a package that
 * is cut short there. Only padding has a place in it.
 */
static int take_padding(struct pass *pass, struct archive *outer, struct err *err)
{
	const void *block;
	size_t n, total = 0;
	la_int64_t at;
	int status;

	while ((status = archive_read_data_block(outer, &block, &n, &at)) == ARCHIVE_OK)
		if ((total += n) > PADDING_LIMIT)
			return refuse(pass, "", "has more data behind its last file than padding needs", err);
	pass->archive = outer;
	return status == ARCHIVE_EOF ? 0 : damaged(pass, err);
}

int intake_rpm(const char *path, const struct intake *intake, struct err *err)
{
	AUTO(reader) outer = archive_read_new(), inner = archive_read_new();
	struct feed feed = { outer, HEADER_LIMIT };
	AUTO(pass)
	pass = { .intake = intake, .archive = outer, .feed = &feed, .rpm = true, .member = BUF_INIT };
	struct archive_entry *entry;

	archive_read_support_filter_rpm(outer);
	filters_support(outer);
	archive_read_support_format_raw(outer);
	if (archive_read_open_filename(outer, path, 1 << 16) != ARCHIVE_OK ||
	    archive_read_next_header(outer, &entry) != ARCHIVE_OK)
		return damaged(&pass, err);
	pass.archive = inner;
	archive_read_support_format_cpio(inner);
	if (archive_read_open(inner, &feed, NULL, read_outer, NULL) != ARCHIVE_OK)
		return damaged(&pass, err);
	return take_all(&pass, err) < 0 ? -1 : take_padding(&pass, outer, err);
}

int intake_dir(const char *path, const struct intake *intake, struct err *err)
{
	AUTO(reader) disk = archive_read_disk_new();
	AUTO(pass) pass = { .intake = intake, .archive = disk, .root = path, .member = BUF_INIT };

	archive_read_disk_set_symlink_physical(disk);
	archive_read_disk_set_behavior(disk, ARCHIVE_READDISK_NO_XATTR | ARCHIVE_READDISK_NO_ACL |
						 ARCHIVE_READDISK_NO_FFLAGS);
	if (archive_read_disk_open(disk, path) != ARCHIVE_OK)
		return damaged(&pass, err);
	return take_all(&pass, err);
}
