#include "kernel/pieces.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/child.h"
#include "base/fs.h"
#include "base/hash.h"
#include "kernel/kconfig.h"
#include "kernel/modules.h"
#include "kernel/probe.h"
#include "kernel/unpack.h"
#include "kernel/verify.h"

#define CONFIG_LIMIT	  (16 << 20)
#define DEPMOD_TIMEOUT_MS 300000
#define DEPMOD_GRACE_MS	  1000 /* as modprobe */

int pieces_release(struct pieces *pieces, const char *release, const char *from, struct err *err)
{
	if (!*release)
		return 0;
	if (pieces->wanted && !str_eq(release, pieces->wanted))
		return 1;
	if (!pieces->release) {
		pieces->release = xstrdup(release);
		pieces->release_from = xstrdup(from);
	}
	if (str_eq(release, pieces->release))
		return 0;
	return err_set(
	    err, ERR_USAGE,
	    "these are several kernels: %s is of %s, %s of %s: import one at a time (of a folder, choose "
	    "with --release)",
	    pieces->release_from, pieces->release, from, release);
}

static char *image_path(const struct pieces *pieces, size_t i)
{
	return xasprintf("%s/images/%zu", pieces->dir, i);
}

void pieces_image(struct pieces *pieces, const char *from, struct buf *target)
{
	AUTO_FREE char *path = image_path(pieces, pieces->images.n);

	strv_add(&pieces->images, from);
	buf_adds(target, path);
}

void pieces_config(struct pieces *pieces, const char *from, struct buf *target)
{
	if (pieces->config_from)
		return;
	pieces->config_from = xstrdup(from);
	buf_addf(target, "%s/config", pieces->dir);
}

/* The release may not be known yet: the folder gets its name at the end. */
void pieces_module(struct pieces *pieces, const char *rest, struct buf *target)
{
	buf_addf(target, "%s/modules/%s", pieces->dir, rest);
}

/* A file as memory. */
struct map {
	void *data;
	size_t len;
};

static void map_release(struct map *map)
{
	if (map->data)
		munmap(map->data, map->len);
}
AUTO_DEFINE(map, struct map, map_release);

static int map_open(const char *path, struct map *map, struct err *err)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *data;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(err, ERR_HOST, "cannot read %s", path);
	if (!st.st_size)
		return 0;
	data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED)
		return err_errno(err, ERR_HOST, "cannot read %s", path);
	*map = (struct map){ data, (size_t)st.st_size };
	return 0;
}

/* The .config that the image carries, when no piece brought one. */
static int take_builtin_config(struct pieces *pieces, const char *from, const struct map *map,
			       const struct probe *probe, struct err *err)
{
	AUTO(buf) path = BUF_INIT, text = BUF_INIT;

	if (!probe->config_n || pieces->config_from)
		return 0;
	if (unpack_bytes(from, (const char *)map->data + probe->config_at, probe->config_n, CONFIG_LIMIT,
			 &text, err) < 0)
		return err_wrap(err, "the .config in the image");
	pieces_config(pieces, from, &path);
	return fs_write_atomic(path.s, text.s, text.len, err);
}

/* Looks at the n-th image; the first of those that say so becomes the release. */
static int probe_piece(struct pieces *pieces, size_t i, struct probe *probe, struct err *err)
{
	AUTO_FREE char *path = image_path(pieces, i);
	const char *from = pieces->images.v[i];
	AUTO(map) map = { NULL, 0 };
	int status;

	if (map_open(path, &map, err) < 0 || probe_image(from, map.data, map.len, probe, err) < 0)
		return -1;
	status = pieces_release(pieces, probe->release, from, err);
	if (status > 0)
		return err_set(err, ERR_USAGE, "%s: is a kernel of release %s, not %s", from, probe->release,
			       pieces->wanted);
	return status < 0 ? -1 : take_builtin_config(pieces, from, &map, probe, err);
}

/* Which of two images of one kernel to boot: a bzImage or Image before the vmlinux it was made of. */
static bool is_better(const struct probe *a, const struct probe *b)
{
	return str_eq(b->name, "vmlinux") && !str_eq(a->name, "vmlinux");
}

/* Probes all images and moves the one to boot out of images/, which goes. */
static int choose_image(struct pieces *pieces, struct probe *best, struct err *err)
{
	AUTO_FREE char *folder = path_join(pieces->dir, "images");
	AUTO_FREE char *from = NULL, *to = NULL;
	struct probe probe;
	size_t chosen = 0;

	for (size_t i = 0; i < pieces->images.n; i++) {
		if (probe_piece(pieces, i, &probe, err) < 0)
			return -1;
		if (i && !str_eq(probe.arch, best->arch))
			return err_set(err, ERR_USAGE, "%s is for %s, %s for %s: import one at a time",
				       pieces->images.v[chosen], best->arch, pieces->images.v[i], probe.arch);
		if (i && !is_better(&probe, best))
			continue;
		*best = probe;
		chosen = i;
	}
	from = image_path(pieces, chosen);
	to = path_join(pieces->dir, best->name);
	if (rename(from, to) < 0)
		return err_errno(err, ERR_HOST, "cannot rename %s to %s", from, to);
	return fs_remove_tree(folder, err);
}

/* Page size and architecture as the config has them must be the image's. */
static int compare_config(const struct pieces *pieces, const struct probe *probe, struct candidate *out,
			  struct err *err)
{
	AUTO_FREE char *path = path_join(pieces->dir, "config");
	struct kconfig config;
	AUTO(buf) text = BUF_INIT;
	unsigned pagesize;
	const char *arch;

	out->pagesize = probe->pagesize;
	if (!pieces->config_from)
		return 0;
	if (fs_read(path, CONFIG_LIMIT, &text, err) < 0 ||
	    kconfig_open(pieces->config_from, text.s, text.len, &config, err) < 0)
		return -1;
	out->has_config = true;
	arch = kconfig_arch(&config);
	if (!arch || !str_eq(arch, probe->arch))
		return err_set(err, ERR_USAGE, "%s is the config of a kernel for %s, the image is for %s",
			       pieces->config_from, arch ? arch : "another architecture", probe->arch);
	pagesize = kconfig_pagesize(&config);
	if (pagesize && out->pagesize && pagesize != out->pagesize)
		return err_set(err, ERR_USAGE, "%s says pages of %u bytes, the image %u", pieces->config_from,
			       pagesize, out->pagesize);
	if (pagesize)
		out->pagesize = pagesize;
	return 0;
}

/* Appends "HASH  PATH" for every file below `dir`, sorted. */
static int add_manifest(const char *dir, const char *prefix, struct buf *out, struct err *err)
{
	AUTO(strv) names = STRV_INIT;

	if (fs_list(dir, &names, err) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		AUTO_FREE char *path = path_join(dir, names.v[i]), *hash = NULL;
		AUTO_FREE char *shown = xasprintf("%s%s", prefix, names.v[i]);
		AUTO_FREE char *deeper = xasprintf("%s/", shown);

		if (fs_is_dir(path)) {
			if (add_manifest(path, deeper, out, err) < 0)
				return -1;
			continue;
		}
		hash = hash_file(path, err);
		if (!hash)
			return -1;
		buf_addf(out, "%s  %s\n", hash, shown);
	}
	return 0;
}

/* modules/ becomes lib/modules/R/. */
static int place_modules(struct pieces *pieces, struct candidate *out, struct err *err)
{
	AUTO_FREE char *from = path_join(pieces->dir, "modules"), *to = NULL;
	AUTO_FREE char *parent = path_join(pieces->dir, "lib/modules");

	out->has_modules = fs_is_dir(from);
	if (!out->has_modules)
		return 0;
	to = path_join(parent, pieces->release);
	if (fs_mkdirs(parent, err) < 0)
		return -1;
	return rename(from, to) < 0 ? err_errno(err, ERR_HOST, "cannot rename %s to %s", from, to) : 0;
}

static int take_hashes(const struct pieces *pieces, struct candidate *out, struct err *err)
{
	AUTO_FREE char *image = path_join(pieces->dir, out->image);
	AUTO_FREE char *path = path_join(pieces->dir, VERIFY_MANIFEST);
	AUTO(buf) manifest = BUF_INIT;

	out->image_hash = hash_file(image, err);
	if (!out->image_hash || add_manifest(pieces->dir, "", &manifest, err) < 0)
		return -1;
	out->content_hash = hash_bytes(manifest.s, manifest.len);
	return fs_write_atomic(path, manifest.s, manifest.len, err);
}

int pieces_finish(struct pieces *pieces, struct candidate *out, struct err *err)
{
	struct probe probe = { 0 };

	if (!pieces->images.n)
		return err_set(
		    err, ERR_USAGE,
		    "no kernel image (vmlinux, vmlinuz, bzImage or Image)%s%s: of a kernel in several "
		    "packages, name all (Debian: linux-binary or linux-image, and linux-modules; SUSE: "
		    "kernel-default and its -base or -extra)",
		    pieces->wanted ? " of release " : "", pieces->wanted ? pieces->wanted : "");
	if (choose_image(pieces, &probe, err) < 0)
		return -1;
	if (!pieces->release)
		return err_set(err, ERR_USAGE, "%s: does not say which kernel release it is",
			       pieces->images.v[0]);
	if (compare_config(pieces, &probe, out, err) < 0 || place_modules(pieces, out, err) < 0)
		return -1;
	out->arch = xstrdup(probe.arch);
	out->release = xstrdup(pieces->release);
	out->image = xstrdup(probe.name);
	return take_hashes(pieces, out, err);
}

int pieces_index(const struct pieces *pieces, const struct candidate *candidate, struct err *err)
{
	const char *argv[] = { "depmod", "-b", pieces->dir, pieces->release, NULL };
	struct child depmod = { .argv = argv,
				.timeout_ms = DEPMOD_TIMEOUT_MS,
				.grace_ms = DEPMOD_GRACE_MS,
				.memory = KMOD_MEMORY };

	return candidate->has_modules ? child_must(&depmod, "kmod", NULL, err) : 0;
}

void pieces_free(struct pieces *pieces)
{
	free(pieces->release);
	free(pieces->release_from);
	strv_release(&pieces->images);
	free(pieces->config_from);
}
