#include "kernel/fragment.h"

#include "base/datadir.h"
#include "base/fs.h"
#include "base/hash.h"
#include "kernel/kconfig.h"

#define CONFIG_LIMIT  (16 << 20)
#define SHOWN_SYMBOLS 5

static int add_file(const char *path, struct buf *out, struct err *err)
{
	AUTO(buf) text = BUF_INIT;

	if (fs_read(path, CONFIG_LIMIT, &text, err) < 0)
		return -1;
	buf_add(out, text.s, text.len);
	buf_addc(out, '\n');
	return 0;
}

/* Appends kernels/NAME.config. */
static int add_ours(const char *name, struct buf *out, struct err *err)
{
	AUTO_FREE char *relative = xasprintf("kernels/%s.config", name);
	AUTO_FREE char *path = datadir_path(relative, err);

	return path ? add_file(path, out, err) : -1;
}

/* "4k or 64k": the sizes that there are fragments for. */
static int list_sizes(const char *arch, struct buf *out, struct err *err)
{
	AUTO_FREE char *dir = datadir_path("kernels", err), *head = xasprintf("%s-", arch);
	AUTO(strv) names = STRV_INIT;

	if (!dir || fs_list(dir, &names, err) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++)
		if (str_starts(names.v[i], head) && str_ends(names.v[i], ".config"))
			buf_addf(out, "%s%.*s", out->len ? " or " : "",
				 (int)(strlen(names.v[i]) - strlen(head) - strlen(".config")),
				 names.v[i] + strlen(head));
	return 0;
}

static int add_pagesize(const char *arch, unsigned pagesize, struct buf *out, struct err *err)
{
	AUTO_FREE char *name = xasprintf("%s-%uk", arch, pagesize / 1024);
	AUTO(buf) sizes = BUF_INIT;
	AUTO(err) why = ERR_INIT;

	if (add_ours(name, out, &why) == 0)
		return 0;
	if (list_sizes(arch, &sizes, err) < 0)
		return -1;
	return err_set(err, ERR_USAGE, "pages of %uk on %s: expected %s", pagesize / 1024, arch, sizes.s);
}

/* Reads the user's file; what it says of architecture and page size must be what is asked for. */
static int add_own(const char *arch, const char *config, struct fragment *out, struct err *err)
{
	size_t at = out->text.len;
	struct kconfig parsed;
	unsigned pagesize;
	const char *of;

	if (add_file(config, &out->text, err) < 0) {
		err->kind = ERR_USAGE;
		return -1;
	}
	if (kconfig_open(config, out->text.s + at, out->text.len - at, &parsed, err) < 0)
		return -1;
	of = kconfig_arch(&parsed);
	if (of && !str_eq(of, arch))
		return err_set(err, ERR_USAGE, "%s is for %s, not for %s", config, of, arch);
	pagesize = kconfig_pagesize(&parsed);
	if (pagesize && out->pagesize && pagesize != out->pagesize)
		return err_set(err, ERR_USAGE, "%s says pages of %uk, but %uk are asked for", config,
			       pagesize / 1024, out->pagesize / 1024);
	return add_ours("own", &out->text, err);
}

int fragment_load(const char *arch, unsigned pagesize, unsigned usual, const char *config,
		  struct fragment *out, struct err *err)
{
	out->own = config != NULL;
	out->pagesize = pagesize || config ? pagesize : usual;
	if (!config && add_ours("base", &out->required, err) < 0)
		return -1;
	if (config && add_own(arch, config, out, err) < 0)
		return -1;
	if (add_ours("common", &out->required, err) < 0 || add_ours(arch, &out->required, err) < 0)
		return -1;
	if (out->pagesize && add_pagesize(arch, out->pagesize, &out->required, err) < 0)
		return -1;
	buf_add(&out->text, out->required.s, out->required.len);
	out->hash = hash_bytes(out->text.s, out->text.len);
	return 0;
}

/* "CONFIG_A=y, CONFIG_B=y and 3 more" of lines. */
static void show_lines(char *lines, size_t n, struct buf *out)
{
	char *line;

	for (size_t i = 0; i < SHOWN_SYMBOLS && (line = strsep(&lines, "\n")) && *line; i++)
		buf_addf(out, "%s%s", i ? ", " : "", line);
	if (n > SHOWN_SYMBOLS)
		buf_addf(out, " and %zu more", n - SHOWN_SYMBOLS);
}

int fragment_check(const struct fragment *fragment, const char *path, struct err *err)
{
	struct kconfig wanted = { fragment->required.s, fragment->required.len }, config;
	AUTO(buf) text = BUF_INIT, lost = BUF_INIT, shown = BUF_INIT;
	unsigned pagesize;
	size_t n;

	if (fs_read(path, CONFIG_LIMIT, &text, err) < 0 ||
	    kconfig_open(path, text.s, text.len, &config, err) < 0)
		return -1;
	n = kconfig_compare(&config, &wanted, &lost);
	show_lines(lost.s, n, &shown);
	if (n)
		return err_set(
		    err, ERR_CANDIDATE,
		    "the tree's Kconfig does not let these be as they must (a dependency fails, or "
		    "this tree has no such symbol): %s",
		    shown.s);
	pagesize = kconfig_pagesize(&config);
	if (fragment->pagesize && pagesize && pagesize != fragment->pagesize)
		return err_set(err, ERR_CANDIDATE, "the finished configuration has pages of %uk, not %uk",
			       pagesize / 1024, fragment->pagesize / 1024);
	return 0;
}

void fragment_release(struct fragment *fragment)
{
	buf_release(&fragment->text);
	buf_release(&fragment->required);
	free(fragment->hash);
}
