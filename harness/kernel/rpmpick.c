#include "kernel/rpmpick.h"

#include <fnmatch.h>

#include "base/opts.h"
#include "config/arch.h"
#include "kernel/debian.h"
#include "kernel/version.h"

#define PACKAGES_MAX 20000
#define NEAR_MAX     1000
#define SHOWN_MAX    12

#define NAME_CHARS    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-"
#define VERSION_CHARS NAME_CHARS "~^:*?[]!"

static int parse_versions(const char *versions, struct rpmpick *out, struct err *err)
{
	AUTO_FREE char *copy = xstrdup(versions);
	char *rest = copy, *item;

	while ((item = strsep(&rest, ","))) {
		if (!*item || str_eq(item, "..") || strspn(item, VERSION_CHARS) != strlen(item))
			return err_set(err, ERR_USAGE,
				       "'%s': expected versions: 6.7.1, 6.7..6.9 or '6.7.*', several with "
				       "commas and no blanks between them",
				       versions);
		strv_add(&out->versions, item);
	}
	return 0;
}

int rpmpick_parse(const char *package, const char *versions, struct rpmpick *out, struct err *err)
{
	size_t n = strcspn(package, ":");
	AUTO(buf) known = BUF_INIT;

	arch_list(&known);
	out->name = xasprintf("%.*s", (int)n, package);
	if (!n || *package == '-' || strspn(out->name, NAME_CHARS) != n)
		return err_set(err, ERR_USAGE, "'%s': expected a package: NAME or NAME:ARCH", package);
	out->arch = package[n] ? debian_our_arch(package + n + 1) : NULL;
	if (package[n] && !out->arch)
		return err_set(err, ERR_USAGE, "'%s': expected the architecture %s", package, known.s);
	return versions ? parse_versions(versions, out, err) : 0;
}

/* --- gathering ----------------------------------------------------------------------------------- */

/* "kernel-default-base" for "kernel-default". */
static bool is_part(const char *name, const char *of)
{
	static const char *const parts[] = { "base",	 "core",	 "extra",	 "modules",
					     "optional", "modules-core", "modules-extra" };
	size_t n = strlen(of);

	if (!str_starts(name, of) || name[n] != '-')
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (str_eq(name + n + 1, parts[i]))
			return true;
	return false;
}

static void note_near(struct rpmpick *pick, const char *name)
{
	if (strncmp(name, pick->name, 4) == 0 && pick->near.n < NEAR_MAX)
		strv_add_once(&pick->near, name);
}

int rpmpick_take(void *arg, struct rpmmd_package *package, struct err *err)
{
	struct rpmpick *pick = arg;

	if (!debian_our_arch(package->arch))
		return 0; /* a source package, or for another machine */
	note_near(pick, package->name);
	if (!str_eq(package->name, pick->name) && !is_part(package->name, pick->name))
		return 0;
	if (pick->n >= PACKAGES_MAX)
		return err_set(err, ERR_HOST, "the repository has more than %d packages %s", PACKAGES_MAX,
			       pick->name);
	GROW(pick->packages, pick->n, pick->cap);
	pick->packages[pick->n++] = *package;
	*package = (struct rpmmd_package){ 0 };
	return 0;
}

/* --- choosing ------------------------------------------------------------------------------------ */

static int no_package(const struct rpmpick *pick, struct err *err)
{
	AUTO(buf) hint = BUF_INIT;
	AUTO(buf) known = BUF_INIT;
	const char *dot = strrchr(pick->name, '.');

	if (dot && debian_our_arch(dot + 1))
		buf_addf(&hint, ": write %.*s:%s", (int)(dot - pick->name), pick->name, dot + 1);
	else if (pick->near.n)
		opts_suggest(pick->name, (const char *const *)pick->near.v, &hint);
	arch_list(&known);
	return err_set(err, ERR_USAGE, "the repository has no package %s for %s%s", pick->name,
		       pick->arch ? pick->arch : known.s, hint.s);
}

/* The architecture when none was asked for. */
static int settle_arch(struct rpmpick *pick, struct err *err)
{
	const char *other = NULL;

	for (size_t i = 0; i < pick->n && !other; i++) {
		if (!str_eq(pick->packages[i].name, pick->name))
			continue;
		if (!pick->arch)
			pick->arch = debian_our_arch(pick->packages[i].arch);
		else if (!str_eq(pick->packages[i].arch, pick->arch))
			other = pick->packages[i].arch;
	}
	if (!other)
		return 0;
	return err_set(err, ERR_USAGE, "%s is there for several architectures: write %s:%s or %s:%s",
		       pick->name, pick->name, pick->arch, pick->name, other);
}

static int by_version(const void *a, const void *b)
{
	const struct rpmpick_kernel *x = a, *y = b;
	int order = version_rpm(x->parts[0]->version, y->parts[0]->version);

	return order ? order : strcmp(x->parts[0]->file.hash, y->parts[0]->file.hash);
}

/* All packages of the name and architecture, as kernels without parts, oldest first. */
static void list_all(struct rpmpick *pick)
{
	size_t kept = 0;

	for (size_t i = 0; i < pick->n; i++) {
		const struct rpmmd_package *package = &pick->packages[i];

		if (!str_eq(package->name, pick->name) || !str_eq(package->arch, pick->arch))
			continue;
		GROW(pick->kernels, pick->n_kernels, pick->cap_kernels);
		pick->kernels[pick->n_kernels++] = (struct rpmpick_kernel){ { package }, 1 };
	}
	if (pick->n_kernels)
		qsort(pick->kernels, pick->n_kernels, sizeof(*pick->kernels), by_version);
	for (size_t i = 0; i < pick->n_kernels; i++)
		if (!kept || by_version(&pick->kernels[kept - 1], &pick->kernels[i]) != 0)
			pick->kernels[kept++] = pick->kernels[i];
	pick->n_kernels = kept;
}

static bool in_range(const char *version, const char *item, const char *dots)
{
	AUTO_FREE char *from = xasprintf("%.*s", (int)(dots - item), item);
	const char *to = dots + 2;

	return (!*from || version_rpm(version, from) >= 0) && (!*to || version_rpm(version, to) <= 0);
}

static bool matches_pattern(const char *version, const char *pattern)
{
	AUTO_FREE char *alone = xasprintf("%.*s", (int)(strrchr(version, '-') - version), version);

	return fnmatch(pattern, version, 0) == 0 || fnmatch(pattern, alone, 0) == 0;
}

static bool means(const char *item, const char *version)
{
	const char *dots = strstr(item, "..");

	if (dots)
		return in_range(version, item, dots);
	return strpbrk(item, "*?[") ? matches_pattern(version, item) : version_rpm(version, item) == 0;
}

static int no_version(const struct rpmpick *pick, const char *item, struct err *err)
{
	AUTO(buf) shown = BUF_INIT;
	size_t from = pick->n_kernels > SHOWN_MAX ? pick->n_kernels - SHOWN_MAX : 0;

	if (from)
		buf_addf(&shown, "%s, ... ", pick->kernels[0].parts[0]->version);
	for (size_t i = from; i < pick->n_kernels; i++)
		buf_addf(&shown, "%s%s", i > from ? ", " : "", pick->kernels[i].parts[0]->version);
	return err_set(err, ERR_USAGE, "no %s for %s is '%s': the repository has %s", pick->name, pick->arch,
		       item, shown.s);
}

/* Leaves those that the items mean, which must each mean something. */
static int filter(struct rpmpick *pick, struct err *err)
{
	AUTO_FREE bool *wanted = xcalloc(pick->n_kernels, sizeof(*wanted));
	size_t kept = 0;

	wanted[pick->n_kernels - 1] = !pick->versions.n;
	for (size_t i = 0; i < pick->versions.n; i++) {
		bool found = false;

		for (size_t j = 0; j < pick->n_kernels; j++)
			if (means(pick->versions.v[i], pick->kernels[j].parts[0]->version))
				found = wanted[j] = true;
		if (!found)
			return no_version(pick, pick->versions.v[i], err);
	}
	for (size_t j = 0; j < pick->n_kernels; j++)
		if (wanted[j])
			pick->kernels[kept++] = pick->kernels[j];
	pick->n_kernels = kept;
	return 0;
}

/* Whether both were made by one build. */
static bool belong_together(const struct rpmmd_package *a, const struct rpmmd_package *b)
{
	return str_eq(a->version, b->version) && str_eq(a->arch, b->arch) && a->source && b->source &&
	       str_eq(a->source, b->source);
}

static bool has_part(const struct rpmpick_kernel *kernel, const char *name)
{
	for (size_t i = 0; i < kernel->n; i++)
		if (str_eq(kernel->parts[i]->name, name))
			return true;
	return false;
}

static void add_parts(const struct rpmpick *pick, struct rpmpick_kernel *kernel)
{
	for (size_t i = 0; i < pick->n && kernel->n < RPMPICK_PARTS_MAX; i++) {
		const struct rpmmd_package *package = &pick->packages[i];

		if (belong_together(package, kernel->parts[0]) && !has_part(kernel, package->name))
			kernel->parts[kernel->n++] = package;
	}
}

int rpmpick_choose(struct rpmpick *pick, struct err *err)
{
	if (!pick->arch && settle_arch(pick, err) < 0)
		return -1;
	if (pick->arch)
		list_all(pick);
	if (!pick->n_kernels)
		return no_package(pick, err);
	if (filter(pick, err) < 0)
		return -1;
	for (size_t i = 0; i < pick->n_kernels; i++)
		add_parts(pick, &pick->kernels[i]);
	return 0;
}

void rpmpick_release(struct rpmpick *pick)
{
	free(pick->name);
	strv_release(&pick->versions);
	for (size_t i = 0; i < pick->n; i++)
		rpmmd_package_release(&pick->packages[i]);
	free(pick->packages);
	strv_release(&pick->near);
	free(pick->kernels);
	*pick = (struct rpmpick)RPMPICK_INIT;
}
