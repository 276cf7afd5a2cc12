#include "image/initramfs.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/fs.h"
#include "base/hash.h"
#include "kernel/unpack.h"

/* Part of every archive's name: to be changed when the same input shall give another archive. */
#define LAYOUT_VERSION "1"

/* An archive while it grows. */
struct cpio {
	struct buf out;
	unsigned inode;
};

static void cpio_release(struct cpio *cpio)
{
	buf_release(&cpio->out);
}
AUTO_DEFINE(cpio, struct cpio, cpio_release);

static void pad(struct buf *out)
{
	while (out->len % 4)
		buf_addc(out, '\0');
}

/* Owner, group, time and the archive's own device are always 0. */
static void add(struct cpio *cpio, const char *name, unsigned mode, dev_t device, const void *data,
		size_t len)
{
	buf_addf(&cpio->out, "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", cpio->inode++,
		 mode, 0, 0, S_ISDIR(mode) ? 2 : 1, 0, (unsigned)len, 0, 0, major(device), minor(device),
		 (unsigned)strlen(name) + 1, 0);
	buf_add(&cpio->out, name, strlen(name) + 1);
	pad(&cpio->out);
	buf_add(&cpio->out, data, len);
	pad(&cpio->out);
}

/* What a packed module is called without ".ko" and what is behind it. */
static size_t module_stem(const char *base)
{
	const char *end = strstr(base, ".ko");

	return end ? (size_t)(end - base) : strlen(base);
}

char *initramfs_module_path(const char *host_path)
{
	const char *base = path_base(host_path);

	return xasprintf("/modules/%.*s.ko", (int)module_stem(base), base);
}

static int check_size(const struct cpio *cpio, const char *path, size_t limit, struct err *err)
{
	if (cpio->out.len <= limit)
		return 0;
	return err_set(err, ERR_HOST, "%s brings it over the %zu MiB that it may have: leave files out", path,
		       limit >> 20);
}

static int add_file(struct cpio *cpio, const char *name, unsigned mode, const char *path, size_t limit,
		    struct err *err)
{
	AUTO(buf) data = BUF_INIT;

	if (fs_read(path, limit, &data, err) < 0)
		return -1;
	add(cpio, name, mode, 0, data.s, data.len);
	return check_size(cpio, path, limit, err);
}

static int add_module(struct cpio *cpio, const char *path, size_t limit, struct err *err)
{
	AUTO_FREE char *name = initramfs_module_path(path);
	AUTO(buf) packed = BUF_INIT, data = BUF_INIT;

	if (fs_read(path, limit, &packed, err) < 0 ||
	    unpack_bytes(path, packed.s, packed.len, limit, &data, err) < 0)
		return -1;
	add(cpio, name + 1, S_IFREG | 0644, 0, data.s, data.len);
	return check_size(cpio, path, limit, err);
}

static int add_lists(struct cpio *cpio, const struct initramfs *spec, struct err *err)
{
	for (size_t i = 0; spec->inject && i < spec->inject->n; i++) {
		AUTO_FREE char *name = xasprintf("inject/%s", path_base(spec->inject->v[i]));

		if (add_file(cpio, name, S_IFREG | 0755, spec->inject->v[i], spec->limit, err) < 0)
			return -1;
	}
	for (size_t i = 0; spec->modules && i < spec->modules->n; i++)
		if (add_module(cpio, spec->modules->v[i], spec->limit, err) < 0)
			return -1;
	return 0;
}

static int build(struct cpio *cpio, const struct initramfs *spec, struct err *err)
{
	static const char *const folders[] = { "dev", "inject", "mnt", "modules", "proc", "sys", "tmp" };

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		add(cpio, folders[i], S_IFDIR | 0755, 0, "", 0);
	add(cpio, "dev/console", S_IFCHR | 0600, makedev(5, 1), "", 0);
	if (add_file(cpio, "init", S_IFREG | 0755, spec->init, spec->limit, err) < 0 ||
	    add_lists(cpio, spec, err) < 0)
		return -1;
	add(cpio, "plan", S_IFREG | 0644, 0, spec->plan, strlen(spec->plan));
	cpio->inode = 0;
	add(cpio, "TRAILER!!!", 0, 0, "", 0);
	return 0;
}

static int describe_file(const char *path, struct buf *out, struct err *err)
{
	AUTO_FREE char *hash = hash_file(path, err);

	if (!hash)
		return -1;
	buf_addf(out, "%s %s\n", hash, path_base(path));
	return 0;
}

static int describe_list(const char *what, const struct strv *paths, struct buf *out, struct err *err)
{
	buf_addf(out, "%s %zu\n", what, paths ? paths->n : 0);
	for (size_t i = 0; paths && i < paths->n; i++)
		if (describe_file(paths->v[i], out, err) < 0)
			return -1;
	return 0;
}

/* The name of the archive: all that goes into it, hashed. NULL on error. */
static char *archive_name(const struct initramfs *spec, struct err *err)
{
	AUTO(buf) text = BUF_INIT;
	AUTO_FREE char *hash = NULL;

	buf_adds(&text, "initramfs " LAYOUT_VERSION "\n");
	if (describe_file(spec->init, &text, err) < 0 ||
	    describe_list("modules", spec->modules, &text, err) < 0 ||
	    describe_list("inject", spec->inject, &text, err) < 0)
		return NULL;
	buf_adds(&text, spec->plan);
	hash = hash_bytes(text.s, text.len);
	return xasprintf("initramfs-%.32s.cpio", hash);
}

static int check_inject(const struct strv *inject, struct err *err)
{
	for (size_t i = 0; inject && i < inject->n; i++)
		for (size_t j = 0; j < i; j++)
			if (str_eq(path_base(inject->v[i]), path_base(inject->v[j])))
				return err_set(err, ERR_USAGE,
					       "%s and %s would both be /inject/%s: rename one", inject->v[j],
					       inject->v[i], path_base(inject->v[i]));
	return 0;
}

static int make_archive(const struct initramfs *spec, const char *cache_dir, const char *path,
			struct err *err)
{
	AUTO_CLOSE int lock = fs_lock_folder(cache_dir, err);
	AUTO(cpio) cpio = { BUF_INIT, 1 };

	if (lock < 0)
		return -1;
	if (fs_exists(path)) /* another one has made it meanwhile */
		return 0;
	return build(&cpio, spec, err) < 0 ? -1 : fs_write_atomic(path, cpio.out.s, cpio.out.len, err);
}

int initramfs_make(const struct initramfs *spec, const char *cache_dir, char **path, struct err *err)
{
	AUTO_FREE char *name = NULL, *target = NULL;

	if (check_inject(spec->inject, err) < 0)
		return -1;
	name = archive_name(spec, err);
	if (!name)
		return -1;
	target = path_join(cache_dir, name);
	if (!fs_exists(target) && make_archive(spec, cache_dir, target, err) < 0)
		return err_wrap(err, "making the guest's initramfs");
	*path = steal_pointer(&target);
	return 0;
}
