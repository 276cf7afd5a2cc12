#include "image/disk.h"

#include <fcntl.h>

#include "base/child.h"
#include "base/fs.h"
#include "base/hash.h"
#include "base/leftover.h"

#define MKFS_TIMEOUT_MS 300000
#define MKFS_GRACE_MS	1000 /* to end in, when we are interrupted */
#define DISK_UUID	"71626973-6563-4000-8000-000000000001"
#define DISK_SEED	("hash_seed=" DISK_UUID)
#define DISK_XFS_UUID	("uuid=" DISK_UUID)
#define DISK_LABEL	"qbisect"

/* A file system that can be made. */
struct maker {
	const char *filesystem, *program, *package, *version_option;
	const char *sector_option, *sector_prefix; /* "-b", "size=" */
	unsigned sector_min, sector_max;	   /* bytes */
	unsigned size_min;			   /* MiB */
	char magic[9];				   /* by which what it made is known, */
	off_t magic_at;				   /* and where it stands */
	const char *words[14];			   /* that every image gets */
};

static const struct maker makers[] = {
	{
	    .filesystem = "btrfs",
	    .program = "mkfs.btrfs",
	    .package = "btrfs-progs",
	    .version_option = "--version",
	    .sector_option = "-s",
	    .sector_prefix = "",
	    .sector_min = 4096,
	    .sector_max = 65536,
	    .size_min = 64,
	    .magic = "_BHRfS_M",
	    .magic_at = 0x10040,
	    .words = { "-q", "-f", "-d", "single", "-m", "single", "-L", DISK_LABEL, "-U", DISK_UUID },
	},
	{
	    .filesystem = "ext4",
	    .program = "mkfs.ext4",
	    .package = "e2fsprogs",
	    .version_option = "-V",
	    .sector_option = "-b",
	    .sector_prefix = "",
	    .sector_min = 1024,
	    .sector_max = 65536,
	    .size_min = 16,
	    .magic = "\x53\xef",
	    .magic_at = 0x438,
	    .words = { "-q", "-F", "-L", DISK_LABEL, "-U", DISK_UUID, "-E", DISK_SEED },
	},
	{
	    .filesystem = "xfs",
	    .program = "mkfs.xfs",
	    .package = "xfsprogs",
	    .version_option = "-V",
	    .sector_option = "-b",
	    .sector_prefix = "size=",
	    .sector_min = 512,
	    .sector_max = 65536,
	    .size_min = 300,
	    .magic = "XFSB",
	    .magic_at = 0,
	    .words = { "-q", "-f", "-L", DISK_LABEL, "-m", DISK_XFS_UUID },
	},
};

/* Times that the tools would write into the image; those that know these variables take them from here. Words as we know
 * them. */
static const char *const environment[] = { "SOURCE_DATE_EPOCH=1700000000", "E2FSPROGS_FAKE_TIME=1700000000",
					   "LC_ALL=C", NULL };

static int check_maker(const struct maker *maker, const struct disk_spec *spec, struct err *err)
{
	unsigned size = spec->sectorsize;

	if (spec->size_mib < maker->size_min)
		return err_set(err, ERR_USAGE, "disksize %u MiB: expected at least %u for %s", spec->size_mib,
			       maker->size_min, spec->filesystem);
	if (size < maker->sector_min || size > maker->sector_max || (size & (size - 1)))
		return err_set(err, ERR_USAGE, "sectorsize %u: expected a power of two from %u to %u for %s",
			       size, maker->sector_min, maker->sector_max, spec->filesystem);
	return 0;
}

static const struct maker *find_maker(const struct disk_spec *spec, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(makers); i++)
		if (str_eq(spec->filesystem, makers[i].filesystem))
			return check_maker(&makers[i], spec, err) < 0 ? NULL : &makers[i];
	err_set(err, ERR_USAGE, "filesystem '%s': expected btrfs, ext4 or xfs", spec->filesystem);
	return NULL;
}

static void command_words(const struct maker *maker, const struct disk_spec *spec, struct strv *words)
{
	strv_add(words, maker->program);
	for (size_t i = 0; maker->words[i]; i++)
		strv_add(words, maker->words[i]);
	strv_add(words, maker->sector_option);
	strv_addf(words, "%s%u", maker->sector_prefix, spec->sectorsize);
	for (size_t i = 0; spec->options && i < spec->options->n; i++)
		strv_add(words, spec->options->v[i]);
}

/* The first line the tool says about itself, on stdout or stderr. NULL on error. */
static char *tool_version(const struct maker *maker, struct err *err)
{
	const char *argv[] = { maker->program, maker->version_option, NULL };
	struct child child = { .argv = argv, .timeout_ms = MKFS_TIMEOUT_MS };
	AUTO(child_result) res = CHILD_RESULT_INIT;
	const char *text;

	if (child_run(&child, &res, err) < 0 || child_check(&child, &res, maker->package, err) < 0)
		return NULL;
	text = res.out.len ? res.out.s : res.err.s;
	return xasprintf("%.*s", (int)strcspn(text, "\n"), text);
}

/* Where the image is kept: its name holds all that makes it what it is. */
static char *image_path(const char *cache_dir, const struct disk_spec *spec, const struct strv *words,
			const char *version)
{
	AUTO_FREE char *hash = NULL;
	AUTO(buf) text = BUF_INIT;

	buf_addf(&text, "disk 1\n%s\n%u\n", version, spec->size_mib);
	for (size_t i = 0; i < words->n; i++)
		buf_addf(&text, "%s\n", words->v[i]);
	hash = hash_bytes(text.s, text.len);
	return xasprintf("%s/disk-%s-%u-%.16s.img", cache_dir, spec->filesystem, spec->sectorsize, hash);
}

static int make_empty(const char *path, unsigned size_mib, struct err *err)
{
	AUTO_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || ftruncate(fd, (off_t)size_mib << 20) < 0)
		return err_errno(err, ERR_HOST, "cannot make the disk %s", path);
	return 0;
}

/* Killed, not started, or told by the system that it cannot: no word on what was asked for. */
static bool is_hosts_fault(const struct child_result *res)
{
	static const int errors[] = { ENOSPC, EDQUOT, EIO, ENOMEM, EROFS, EMFILE };

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		if (strstr(res->err.s, strerror(errors[i])) || strstr(res->out.s, strerror(errors[i])))
			return true;
	return res->status >= 126 || res->timed_out;
}

static int run_mkfs(const struct maker *maker, const struct strv *words, struct err *err)
{
	struct child child = { .argv = (const char *const *)words->v,
			       .env = environment,
			       .timeout_ms = MKFS_TIMEOUT_MS,
			       .grace_ms = MKFS_GRACE_MS };
	AUTO(child_result) res = CHILD_RESULT_INIT;

	if (child_run(&child, &res, err) < 0)
		return -1;
	if (child_check(&child, &res, maker->package, err) == 0)
		return 0;
	if (!is_hosts_fault(&res))
		err->kind = ERR_USAGE;
	return -1;
}

/* A mkfs that does nothing and says nothing: what the guest could not mount would be the kernel's fault. */
static int check_made(const struct maker *maker, const char *path, struct err *err)
{
	char found[sizeof(maker->magic)] = "";
	size_t n = strlen(maker->magic);
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || pread(fd, found, n, maker->magic_at) < 0)
		return err_errno(err, ERR_HOST, "cannot read %s", path);
	if (memcmp(found, maker->magic, n) == 0)
		return 0;
	return err_set(
	    err, ERR_HOST,
	    "%s ended well, and made no %s: is it the one of the package %s? Look at it with 'qbisect doctor'",
	    maker->program, maker->filesystem, maker->package);
}

/* Makes the image under another name first. The lock keeps a second process or thread from doing the same. */
static int make_image(const char *cache_dir, const char *path, const struct maker *maker,
		      const struct disk_spec *spec, struct strv *words, struct err *err)
{
	AUTO_FREE char *part = xasprintf("%s.part", path);
	AUTO_CLOSE int lock = fs_lock_folder(cache_dir, err);
	LEFTOVER(part);

	if (lock < 0)
		return -1;
	if (fs_exists(path))
		return 0;
	strv_add(words, part);
	if (make_empty(part, spec->size_mib, err) == 0 && run_mkfs(maker, words, err) == 0 &&
	    check_made(maker, part, err) == 0 && fs_move(part, path, err) == 0)
		return 0;
	unlink(part);
	return -1;
}

int disk_make(const struct disk_spec *spec, const char *cache_dir, char **path, char **tool, struct err *err)
{
	const struct maker *maker = find_maker(spec, err);
	AUTO_FREE char *version = maker ? tool_version(maker, err) : NULL;
	AUTO_FREE char *image = NULL;
	AUTO(strv) words = STRV_INIT;

	if (!version)
		return -1;
	command_words(maker, spec, &words);
	image = image_path(cache_dir, spec, &words, version);
	if (!fs_exists(image) && make_image(cache_dir, image, maker, spec, &words, err) < 0)
		return -1;
	*path = steal_pointer(&image);
	if (tool)
		*tool = steal_pointer(&version);
	return 0;
}
