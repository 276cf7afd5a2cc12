#include "kernel/layout.h"

#include <fnmatch.h>

#define PATH_LIMIT 1024

const char *layout_clean(const char *raw, struct buf *clean)
{
	buf_reset(clean);
	if (*raw == '/')
		return "an absolute path";
	if (strlen(raw) > PATH_LIMIT)
		return "a path that is too long";
	while (*raw) {
		size_t n = strcspn(raw, "/");

		for (size_t i = 0; i < n; i++)
			if ((unsigned char)raw[i] < ' ' || raw[i] == 127)
				return "a path with control characters";
		if (n == 2 && raw[0] == '.' && raw[1] == '.')
			return "a path with '..' in it";
		if (n && !(n == 1 && raw[0] == '.')) {
			if (clean->len)
				buf_addc(clean, '/');
			buf_add(clean, raw, n);
		}
		raw += n + (raw[n] == '/');
	}
	return NULL;
}

bool layout_link_stays(const char *member, const char *target)
{
	long depth = 0;

	if (*target == '/')
		return false;
	for (; *member; member++)
		depth += *member == '/';
	while (*target) {
		size_t n = strcspn(target, "/");

		if (n == 2 && target[0] == '.' && target[1] == '.')
			depth--;
		else if (n && !(n == 1 && target[0] == '.'))
			depth++;
		if (depth < 0)
			return false;
		target += n + (target[n] == '/');
	}
	return true;
}

/* Takes "R" or "R/..." into the layout; returns what is behind it, or NULL when R is not a release. */
static const char *take_release(const char *path, struct layout *out)
{
	size_t n = strcspn(path, "/");

	if (n >= sizeof(out->release))
		return NULL;
	memcpy(out->release, path, n);
	out->release[n] = '\0';
	if (!candidate_release_valid(out->release)) {
		out->release[0] = '\0';
		return NULL;
	}
	return path + n;
}

/* Copies of an image that nothing can boot as they are. */
static bool is_derived(const char *name)
{
	static const char *const ends[] = { ".gz", ".xz", ".zst", ".bz2", ".hmac", ".old", ".sig", ".bak" };

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (str_ends(name, ends[i]))
			return true;
	return false;
}

/* NAME or NAME-R. */
static void find_named(const char *name, struct layout *out)
{
	static const struct {
		const char *name;
		enum layout_kind kind;
	} rows[] = {
		{ "vmlinux", LAYOUT_IMAGE }, { "vmlinuz", LAYOUT_IMAGE }, { "bzImage", LAYOUT_IMAGE },
		{ "Image", LAYOUT_IMAGE },   { "config", LAYOUT_CONFIG }, { ".config", LAYOUT_CONFIG },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows) && !is_derived(name); i++) {
		const char *rest = name + strlen(rows[i].name);

		if (!str_starts(name, rows[i].name) || strchr(name, '/'))
			continue;
		if (*rest == '\0' || (*rest == '-' && take_release(rest + 1, out)))
			out->kind = rows[i].kind;
	}
}

/* Characters that depmod's line based lists can hold. */
static bool is_plain(const char *path)
{
	for (; *path; path++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+~@=,-/", *path))
			return false;
	return true;
}

static bool is_module(const char *path)
{
	static const char *const ends[] = { ".ko", ".ko.gz", ".ko.xz", ".ko.zst" };

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (str_ends(path, ends[i]))
			return is_plain(path);
	return false;
}

static bool is_module_list(const char *path)
{
	return str_eq(path, "modules.order") || str_eq(path, "modules.builtin") ||
	       str_eq(path, "modules.builtin.modinfo");
}

/* Below lib/modules/. */
static void find_installed(const char *path, struct layout *out)
{
	const char *rest = take_release(path, out);

	if (!rest || *rest != '/')
		return;
	rest++;
	if (is_module(rest) || is_module_list(rest)) {
		out->kind = LAYOUT_MODULES;
		buf_adds(&out->rest, rest);
	} else if (!strchr(rest, '-')) {
		find_named(rest, out);
	}
}

static void find_built(const char *path, struct layout *out)
{
	if (str_eq(path, "vmlinux") || fnmatch("arch/*/boot/bzImage", path, FNM_PATHNAME) == 0 ||
	    fnmatch("arch/*/boot/Image", path, FNM_PATHNAME) == 0) {
		out->kind = LAYOUT_IMAGE;
	} else if (str_eq(path, ".config")) {
		out->kind = LAYOUT_CONFIG;
	} else if (str_eq(path, "modules.builtin") || str_eq(path, "modules.builtin.modinfo")) {
		out->kind = LAYOUT_MODULES;
		buf_adds(&out->rest, path);
	} else if (str_ends(path, ".ko") && is_module(path)) {
		out->kind = LAYOUT_MODULES;
		buf_addf(&out->rest, "kernel/%s", path);
	}
}

void layout_find(const char *path, bool build, struct layout *out)
{
	out->kind = LAYOUT_OTHER;
	out->release[0] = '\0';
	buf_reset(&out->rest);
	if (build)
		find_built(path, out);
	else if (str_starts(path, "lib/modules/"))
		find_installed(path + strlen("lib/modules/"), out);
	else if (str_starts(path, "usr/lib/modules/"))
		find_installed(path + strlen("usr/lib/modules/"), out);
	else
		find_named(str_starts(path, "boot/") ? path + strlen("boot/") : path, out);
	if (out->kind == LAYOUT_OTHER)
		out->release[0] = '\0';
}

bool layout_descend(const char *path, bool build)
{
	static const char *const parents[] = { "boot", "lib",	  "lib/modules",
					       "usr",  "usr/lib", "usr/lib/modules" };
	const char *name = strrchr(path, '/');

	if (build)
		return *(name ? name + 1 : path) != '.';
	for (size_t i = 0; i < ARRAY_SIZE(parents); i++)
		if (str_eq(path, parents[i]))
			return true;
	return str_starts(path, "lib/modules/") || str_starts(path, "usr/lib/modules/");
}

void layout_release(struct layout *layout)
{
	buf_release(&layout->rest);
}
