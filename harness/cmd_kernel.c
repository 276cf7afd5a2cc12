/* qbisect kernel import, fetch, list, show, remove: the catalog of candidates. */
#include "base/fs.h"
#include "base/home.h"
#include "base/progress.h"
#include "cmd.h"
#include "kernel/catalog.h"
#include "kernel/debian.h"
#include "kernel/fetch.h"
#include "kernel/import.h"

static const char *id, *release;
static bool json;

static void print(const struct buf *text)
{
	fwrite(text->s, 1, text->len, stdout);
}

static void print_record(const struct candidate *candidate)
{
	AUTO(buf) text = BUF_INIT;

	candidate_write(candidate, &text);
	print(&text);
}

static int need_words(int argc, int min, int max, const char *expected, struct err *err)
{
	if (argc >= min && (max < 0 || argc <= max))
		return 0;
	return err_set(err, ERR_USAGE, "expected %s, found %d word%s", expected, argc, argc == 1 ? "" : "s");
}

static void announce(const struct candidate *made)
{
	char pagesize[16];

	progress_step("%s: %s, %s pages, release %s", made->id, made->arch,
		      candidate_pagesize_text(made, pagesize), made->release);
	if (!made->has_modules)
		progress_step("it came without modules: all that a guest needs must be built in");
}

static int run_import(int argc, char **argv, int dashes, struct err *err)
{
	struct import_spec spec = {
		.paths = (const char *const *)argv, .n = (size_t)argc, .id = id, .release = release
	};
	AUTO_FREE char *cache = home_cache_dir(cmd_common.home, err);
	AUTO(candidate) made = CANDIDATE_INIT;

	(void)dashes;
	if (!cache || need_words(argc, 1, -1, "one or several PATHs", err) < 0)
		return -1;
	progress_live("importing %s", argv[0]);
	if (import_kernel(cache, &spec, &made, err) < 0)
		return -1;
	announce(&made);
	if (json)
		print_record(&made);
	else
		printf("%s\n", made.id);
	return 0;
}

/* All words are looked at before anything is fetched. */
static int check_fetch(int argc, char **argv, struct err *err)
{
	if (need_words(argc, 3, -1, "debian SUITE PACKAGE...", err) < 0)
		return -1;
	if (!str_eq(argv[0], "debian"))
		return err_set(err, ERR_USAGE,
			       "'%s': only debian can be fetched from; import others' packages with "
			       "'qbisect kernel import'",
			       argv[0]);
	for (int i = 2; i < argc; i++) {
		AUTO(debian_package) package = { NULL, NULL };

		if (debian_package_parse(argv[i], &package, err) < 0)
			return -1;
	}
	return 0;
}

static int run_fetch(int argc, char **argv, int dashes, struct err *err)
{
	AUTO_FREE char *cache = home_cache_dir(cmd_common.home, err);
	AUTO_FREE char *downloads = cache ? home_downloads_dir(err) : NULL;
	AUTO(strv) ids = STRV_INIT;

	(void)dashes;
	if (!downloads || check_fetch(argc, argv, err) < 0)
		return -1;
	for (int i = 2; i < argc; i++) {
		AUTO(candidate) made = CANDIDATE_INIT;

		if (fetch_debian(cache, downloads, argv[1], argv[i], &made, err) < 0)
			return err_wrap(err, "fetching %s", argv[i]);
		announce(&made);
		strv_add(&ids, made.id);
	}
	for (size_t i = 0; i < ids.n; i++)
		printf("%s\n", ids.v[i]);
	return 0;
}

static void print_table(const struct candidate_list *all)
{
	int width = 2;

	for (size_t i = 0; i < all->n; i++)
		if ((int)strlen(all->v[i].id) > width)
			width = (int)strlen(all->v[i].id);
	if (all->n)
		printf("%-*s  %-8s  %-5s  %-6s  RELEASE\n", width, "ID", "ARCH", "PAGES", "ORIGIN");
	for (size_t i = 0; i < all->n; i++) {
		const struct candidate *c = &all->v[i];
		char pagesize[16];

		printf("%-*s  %-8s  %-5s  %-6s  %s\n", width, c->id, c->arch,
		       candidate_pagesize_text(c, pagesize), c->origin, c->release);
	}
}

static int run_list(int argc, char **argv, int dashes, struct err *err)
{
	AUTO_FREE char *cache = home_cache_dir(cmd_common.home, err);
	AUTO(candidate_list) all = CANDIDATE_LIST_INIT;
	AUTO(buf) text = BUF_INIT;

	(void)argv;
	(void)dashes;
	if (!cache || need_words(argc, 0, 0, "nothing", err) < 0 || catalog_list(cache, &all, err) < 0)
		return -1;
	if (!all.n)
		progress_step("no kernels yet: 'qbisect kernel fetch' and 'qbisect kernel import' add them");
	if (json) {
		candidate_write_list(all.v, all.n, &text);
		print(&text);
	} else {
		print_table(&all);
	}
	return 0;
}

static void print_details(const char *cache, const struct candidate *c)
{
	AUTO_FREE char *dir = catalog_dir(cache, c);
	char pagesize[16];

	printf("id        %s\narch      %s\nrelease   %s\npages     %s\norigin    %s\n", c->id, c->arch,
	       c->release, candidate_pagesize_text(c, pagesize), c->origin);
	for (size_t i = 0; i < c->sources.n; i++)
		printf("source    %s\n", c->sources.v[i]);
	if (c->git.commit)
		printf("commit    %s\ntoolchain %s\n", c->git.commit, c->git.toolchain);
	printf("image     %s/%s\nsha256    %s\nconfig    %s\nmodules   %s\n", dir, c->image, c->image_hash,
	       c->has_config ? "yes" : "unknown", c->has_modules ? "yes" : "none");
}

static int run_show(int argc, char **argv, int dashes, struct err *err)
{
	AUTO_FREE char *cache = home_cache_dir(cmd_common.home, err);
	AUTO(candidate) found = CANDIDATE_INIT;

	(void)dashes;
	if (!cache || need_words(argc, 1, 1, "one ID", err) < 0 ||
	    catalog_find(cache, argv[0], &found, err) < 0)
		return -1;
	if (json)
		print_record(&found);
	else
		print_details(cache, &found);
	return 0;
}

static int run_remove(int argc, char **argv, int dashes, struct err *err)
{
	AUTO_FREE char *cache = home_cache_dir(cmd_common.home, err);
	AUTO(candidate) removed = CANDIDATE_INIT;

	(void)dashes;
	if (!cache || need_words(argc, 1, 1, "one ID", err) < 0 ||
	    catalog_remove(cache, argv[0], &removed, err) < 0)
		return -1;
	printf("%s\n", removed.id);
	return 0;
}

static const struct opt json_options[] = {
	OPT_FLAG("json", &json, "print one JSON object"),
	OPT_END,
};

static const struct opt import_options[] = {
	OPT_STR("id", "ID", &id, "what to call it (default: its release)"),
	OPT_STR("release", "RELEASE", &release, "which kernel of a folder that holds several"),
	OPT_FLAG("json", &json, "print the kernel's record as one JSON object"),
	OPT_END,
};

static const struct opt no_options[] = { OPT_END };

const struct verb cmd_kernel_import = {
	.name = "kernel import",
	.usage = "[--id ID] [--release RELEASE] [--json] PATH...",
	.summary = "Adds a kernel to the catalog",
	.text =
	    "A PATH is a .deb (of one kernel in several packages, name all), a folder (an installed tree with\n"
	    "boot/ and lib/modules/, or a build tree), or a bare vmlinux, bzImage or arm64 Image, with its .config\n"
	    "as another PATH where there is one. The id stands alone on the last line. A kernel that is in the\n"
	    "catalog already keeps its id.\n",
	.options = import_options,
	.run = run_import,
};

const struct verb cmd_kernel_fetch = {
	.name = "kernel fetch",
	.usage = "debian SUITE PACKAGE[:ARCH]...",
	.summary = "Fetches kernels from Debian's archive into the catalog",
	.text =
	    "SUITE is trixie, bookworm-backports, sid and so on. PACKAGE is a kernel, or a meta package that\n"
	    "leads to one: linux-image-powerpc64le-64k. ARCH is ppc64el, amd64 or arm64; the name of the\n"
	    "kernel mostly says it. apt does the work, with its signatures, from the mirror that the system's\n"
	    "own sources name, and in a state of its own. Packages are kept in ~/.cache/qbisect. The ids stand\n"
	    "alone on the last lines, one for each PACKAGE.\n",
	.options = no_options,
	.run = run_fetch,
};

const struct verb cmd_kernel_list = {
	.name = "kernel list",
	.usage = "[--json]",
	.summary = "Lists the kernels of the catalog",
	.options = json_options,
	.run = run_list,
};

const struct verb cmd_kernel_show = {
	.name = "kernel show",
	.usage = "[--json] ID",
	.summary = "Shows one kernel of the catalog",
	.text = "ID may be the beginning of an id, when no other begins so.\n",
	.options = json_options,
	.run = run_show,
};

const struct verb cmd_kernel_remove = {
	.name = "kernel remove",
	.usage = "ID",
	.summary = "Removes a kernel from the catalog",
	.text = "ID may be the beginning of an id, when no other begins so.\n",
	.options = no_options,
	.run = run_remove,
};
