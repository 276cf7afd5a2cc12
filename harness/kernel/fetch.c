#include "kernel/fetch.h"

#include "base/fs.h"
#include "base/opts.h"
#include "base/progress.h"
#include "kernel/apt.h"
#include "kernel/debian.h"
#include "kernel/import.h"
#include "kernel/rpmpick.h"
#include "kernel/rpmrepo.h"

/* A kernel has four parts at most, behind a meta package or two. */
#define PARTS_MAX 16

#define IMAGE_PREFIX "linux-image-"

/* "no package X": with the name nearest to it. */
static int no_package(const struct apt *apt, const char *package, struct err *err)
{
	AUTO(strv) names = STRV_INIT;
	AUTO(buf) hint = BUF_INIT;

	if (apt_names(apt, IMAGE_PREFIX, &names, err) < 0)
		return -1;
	if (names.n)
		opts_suggest(package, (const char *const *)names.v, &hint);
	return err_set(err, ERR_USAGE, "no package %s for %s in Debian's %s%s", package, apt->arch,
		       apt->suite, hint.s);
}

/* The control stanza; when the lists do not know the package they are fetched anew once. */
static int show(struct apt *apt, const char *package, struct buf *control, struct err *err)
{
	int status = apt_show(apt, package, control, err);

	if (status == 1 && !apt->updated) {
		if (apt_update(apt, err) < 0)
			return -1;
		status = apt_show(apt, package, control, err);
	}
	return status == 1 ? no_package(apt, package, err) : status;
}

/* Appends the package and all that it leads to. */
static int follow(struct apt *apt, const char *package, struct strv *all, struct err *err)
{
	strv_add(all, package);
	for (size_t i = 0; i < all->n; i++) {
		AUTO(buf) control = BUF_INIT;
		AUTO(strv) depends = STRV_INIT;

		if (show(apt, all->v[i], &control, err) < 0)
			return -1;
		debian_depends(control.s, &depends);
		for (size_t j = 0; j < depends.n; j++)
			strv_add_once(all, depends.v[j]);
		if (all->n > PARTS_MAX)
			return err_set(err, ERR_USAGE, "%s leads to more than %d packages: name one kernel",
				       package, PARTS_MAX);
	}
	return 0;
}

/* Downloads what holds a kernel, and leaves meta packages out. */
static int download(const struct apt *apt, const struct strv *packages, const char *folder,
		    struct strv *files, struct err *err)
{
	for (size_t i = 0; i < packages->n; i++) {
		AUTO_FREE char *path = NULL;

		if (!debian_is_versioned(packages->v[i]))
			continue;
		if (apt_download(apt, packages->v[i], folder, &path, err) < 0)
			return -1;
		strv_add(files, path);
	}
	if (!files->n)
		return err_set(err, ERR_USAGE, "%s is not a kernel: expected a package linux-image-...",
			       packages->v[0]);
	return 0;
}

/* Whether the name is IMAGE_PREFIX, a version ("6.12.107+deb13", "6.1.0-50", "7.3-rc1") and the flavour: a longer
 * flavour ("rt-amd64") may end in it. */
static bool is_flavour(const char *name, const char *flavour)
{
	size_t rest = strlen(name) - strlen(flavour);
	const char *p = name + strlen(IMAGE_PREFIX);

	if (strlen(name) <= strlen(IMAGE_PREFIX) + strlen(flavour) || !str_eq(name + rest, flavour))
		return false;
	for (; p < name + rest; p += strcspn(p, "-") + 1)
		if (!(*p >= '0' && *p <= '9') && !str_starts(p, "rc"))
			return false;
	return true;
}

/* The kernel of a flavour ("powerpc64le-64k") that is newest below `image`; NULL: there is none. */
static char *older_image(const struct strv *names, const char *flavour, const char *image)
{
	const char *best = NULL;

	for (size_t i = 0; i < names->n; i++)
		if (is_flavour(names->v[i], flavour) && strverscmp(names->v[i], image) < 0 &&
		    (!best || strverscmp(names->v[i], best) > 0))
			best = names->v[i];
	return best ? xstrdup(best) : NULL;
}

static int get(struct apt *apt, const char *package, const char *folder, struct strv *packages,
	       struct strv *files, struct err *err)
{
	return follow(apt, package, packages, err) < 0 ? -1 : download(apt, packages, folder, files, err);
}

/* The kernel that a meta package leads to, or the newest before it that the mirror has: one in the middle of
 * a sync has lists that name what it does not hold yet, or no more. */
static int get_newest(struct apt *apt, const char *meta, const char *folder, struct strv *files,
		      struct err *err)
{
	AUTO(strv) packages = STRV_INIT, names = STRV_INIT;
	AUTO_FREE char *image = NULL;
	AUTO(err) ignored = ERR_INIT;
	int status = get(apt, meta, folder, &packages, files, err);

	if (status == 0 || err->kind != ERR_HOST || !str_starts(meta, IMAGE_PREFIX) ||
	    debian_is_versioned(meta) || apt_names(apt, IMAGE_PREFIX, &names, &ignored) < 0)
		return status;
	for (size_t i = 0; i < packages.n && !image; i++)
		if (str_starts(packages.v[i], IMAGE_PREFIX) && debian_is_versioned(packages.v[i]))
			image = xstrdup(packages.v[i]);
	while (status < 0 && image) {
		AUTO_FREE char *newer = image;
		AUTO(strv) parts = STRV_INIT;
		AUTO(err) fault = ERR_INIT;

		image = older_image(&names, meta + strlen(IMAGE_PREFIX), newer);
		if (!image)
			break;
		progress_step("%s; taking %s instead of the newer %s", err->text, image, newer);
		strv_release(files);
		status = get(apt, image, folder, &parts, files, &fault);
		if (status < 0 && fault.kind != ERR_HOST)
			return err_set(err, fault.kind, "%s", fault.text);
	}
	if (status == 0)
		err_release(err);
	return status;
}

int fetch_debian(const char *cache, const char *downloads, const char *suite, const char *package,
		 struct candidate *out, struct err *err)
{
	AUTO(debian_package) wanted = { NULL, NULL };
	AUTO_FREE char *folder = path_join(downloads, "packages");
	AUTO(strv) files = STRV_INIT;
	AUTO(apt) apt = APT_INIT;
	struct import_spec spec = { 0 };

	if (!debian_suite_valid(suite))
		return err_set(err, ERR_USAGE, "'%s': expected a Debian suite, such as trixie", suite);
	if (debian_package_parse(package, &wanted, err) < 0 || fs_mkdirs(folder, err) < 0 ||
	    apt_open(downloads, suite, wanted.arch, &apt, err) < 0 ||
	    (apt_is_stale(&apt) && apt_update(&apt, err) < 0) ||
	    get_newest(&apt, wanted.name, folder, &files, err) < 0)
		return -1;
	spec.paths = (const char *const *)files.v;
	spec.n = files.n;
	return import_kernel(cache, &spec, out, err);
}

/* What is going to be fetched, before the first byte of it. */
static void announce(const struct rpmpick *pick)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < pick->n_kernels; i++)
		for (size_t j = 0; j < pick->kernels[i].n; j++)
			bytes += pick->kernels[i].parts[j]->file.size;
	progress_step("%zu kernel%s of %s for %s, %.1f MB: %s to %s", pick->n_kernels,
		      pick->n_kernels == 1 ? "" : "s", pick->name, pick->arch, (double)bytes / 1e6,
		      pick->kernels[0].parts[0]->version,
		      pick->kernels[pick->n_kernels - 1].parts[0]->version);
}

static int fetch_rpm_kernel(const char *cache, const struct rpmrepo *repo,
			    const struct rpmpick_kernel *kernel, struct candidate *out, struct err *err)
{
	struct import_spec spec = { 0 };
	AUTO(strv) files = STRV_INIT;

	for (size_t i = 0; i < kernel->n; i++) {
		AUTO_FREE char *path = NULL;

		if (rpmrepo_get(repo, kernel->parts[i], &path, err) < 0)
			return -1;
		strv_add(&files, path);
	}
	spec.paths = (const char *const *)files.v;
	spec.n = files.n;
	return import_kernel(cache, &spec, out, err);
}

int fetch_rpm(const char *cache, const char *downloads, const char *where, const char *package,
	      const char *versions, struct candidate_list *out, struct err *err)
{
	AUTO(rpmpick) pick = RPMPICK_INIT;
	AUTO(rpmrepo) repo = RPMREPO_INIT;

	if (rpmpick_parse(package, versions, &pick, err) < 0 ||
	    rpmrepo_open(downloads, where, &repo, err) < 0 ||
	    rpmrepo_list(&repo, rpmpick_take, &pick, err) < 0)
		return -1;
	if (rpmpick_choose(&pick, err) < 0)
		return err_wrap(err, "%s", repo.shown);
	announce(&pick);
	for (size_t i = 0; i < pick.n_kernels; i++) {
		struct candidate made = CANDIDATE_INIT;

		if (fetch_rpm_kernel(cache, &repo, &pick.kernels[i], &made, err) < 0)
			return err_wrap(err, "fetching %s %s", pick.name, pick.kernels[i].parts[0]->version);
		GROW(out->v, out->n, out->cap);
		out->v[out->n++] = made;
	}
	return 0;
}
