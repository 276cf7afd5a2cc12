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

static int import_one(void *arg, struct err *err)
{
	const struct import_spec *spec = arg;
	AUTO_FREE char *cache = home_cache_dir(cmd_common.home, err);
	AUTO(candidate) made = CANDIDATE_INIT;

	if (!cache)
		return -1;
	progress_live("importing %s", spec->paths[0]);
	if (import_kernel(cache, spec, &made, err) < 0)
		return -1;
	announce(&made);
	if (json)
		print_record(&made);
	else
		printf("%s\n", made.id);
	return 0;
}

static int run_import(int argc, char **argv, int dashes, struct err *err)
{
	struct import_spec spec = {
		.paths = (const char *const *)argv, .n = (size_t)argc, .id = id, .release = release
	};

	(void)dashes;
	if (need_words(argc, 1, -1, "one or several PATHs", err) < 0)
		return -1;
	return cmd_supervise(import_one, &spec);
}

static int fetch_from_debian(const char *cache, const char *downloads, int argc, char **argv,
			     struct candidate_list *made, struct err *err)
{
	if (need_words(argc, 3, -1, "debian SUITE PACKAGE...", err) < 0)
		return -1;
	for (int i = 2; i < argc; i++) { /* all words are looked at before anything is fetched */
		AUTO(debian_package) package = { NULL, NULL };

		if (debian_package_parse(argv[i], &package, err) < 0)
			return -1;
	}
	for (int i = 2; i < argc; i++) {
		struct candidate one = CANDIDATE_INIT;

		if (fetch_debian(cache, downloads, argv[1], argv[i], &one, err) < 0)
			return err_wrap(err, "fetching %s", argv[i]);
		GROW(made->v, made->n, made->cap);
		made->v[made->n++] = one;
		announce(&one);
	}
	return 0;
}

static int fetch_from_rpm_md(const char *cache, const char *downloads, int argc, char **argv,
			     struct candidate_list *made, struct err *err)
{
	if (need_words(argc, 3, 4, "rpm-md URL|DIR NAME[:ARCH] [VERSIONS]", err) < 0 ||
	    fetch_rpm(cache, downloads, argv[1], argv[2], argc > 3 ? argv[3] : NULL, made, err) < 0)
		return -1;
	for (size_t i = 0; i < made->n; i++)
		announce(&made->v[i]);
	return 0;
}

/* The words of the command line. */
struct fetch_words {
	int n;
	char **v;
};

static int fetch_all(void *arg, struct err *err)
{
	const struct fetch_words *words = arg;
	AUTO_FREE char *cache = home_cache_dir(cmd_common.home, err);
	AUTO_FREE char *downloads = cache ? home_downloads_dir(err) : NULL;
	AUTO(candidate_list) made = CANDIDATE_LIST_INIT;
	AUTO(buf) text = BUF_INIT;
	int status;

	if (!downloads)
		return -1;
	if (str_eq(words->v[0], "debian"))
		status = fetch_from_debian(cache, downloads, words->n, words->v, &made, err);
	else
		status = fetch_from_rpm_md(cache, downloads, words->n, words->v, &made, err);
	if (status < 0)
		return -1;
	if (json)
		candidate_write_list(made.v, made.n, &text);
	for (size_t i = 0; !json && i < made.n; i++)
		buf_addf(&text, "%s\n", made.v[i].id);
	print(&text);
	return 0;
}

static int run_fetch(int argc, char **argv, int dashes, struct err *err)
{
	struct fetch_words words = { argc, argv };

	(void)dashes;
	if (need_words(argc, 3, -1, "debian or rpm-md, and what to fetch", err) < 0)
		return -1;
	if (!str_eq(argv[0], "debian") && !str_eq(argv[0], "rpm-md"))
		return err_set(err, ERR_USAGE,
			       "'%s': expected debian or rpm-md; import others' packages with 'qbisect "
			       "kernel import'",
			       argv[0]);
	return cmd_supervise(fetch_all, &words);
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
	catalog_sort(&all);
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

static int remove_one(void *arg, struct err *err)
{
	AUTO_FREE char *cache = home_cache_dir(cmd_common.home, err);
	AUTO(candidate) removed = CANDIDATE_INIT;

	if (!cache || catalog_remove(cache, arg, &removed, err) < 0)
		return -1;
	printf("%s\n", removed.id);
	return 0;
}

/* Under a supervisor, which takes away what is half removed when we are killed. */
static int run_remove(int argc, char **argv, int dashes, struct err *err)
{
	(void)dashes;
	if (need_words(argc, 1, 1, "one ID", err) < 0)
		return -1;
	return cmd_supervise(remove_one, argv[0]);
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
	    "A PATH is a .deb or .rpm (of one kernel in several packages, name all), a folder (of its packages, an\n"
	    "installed tree with boot/ and lib/modules/, or a build tree), or a bare vmlinux, bzImage or arm64\n"
	    "Image, with its .config as another PATH where there is one. The id stands alone on the last line. A kernel that is\n"
	    "in the catalog already keeps its id.\n",
	.options = import_options,
	.run = run_import,
};

const struct verb cmd_kernel_fetch = {
	.name = "kernel fetch",
	.usage = "[--json] debian SUITE PACKAGE[:ARCH]... | rpm-md URL|DIR NAME[:ARCH] [VERSIONS]",
	.summary = "Fetches kernels of a distribution into the catalog",
	.text =
	    "debian: SUITE is trixie, bookworm-backports, sid and so on. PACKAGE is a kernel, or a meta package\n"
	    "that leads to one: linux-image-powerpc64le-64k. ARCH is Debian's word (ppc64el) or ours; the name of the\n"
	    "kernel mostly says it. apt does the work, with its signatures, from the mirror that the system's\n"
	    "own sources name, and in a state of its own.\n"
	    "\n"
	    "rpm-md: a repository (the folder that holds repodata/) by its http, https or file URL or as a DIR;\n"
	    "NAME is kernel-default or the like, and ARCH is needed when there are several. NAME-base,\n"
	    "NAME-extra, NAME-modules and so on of the same build come with it. VERSIONS are the newest, or\n"
	    "\n"
	    "    6.7.1 or 6.7.1-1.1    that version (without a release: all its releases)\n"
	    "    6.7..6.9              from one to the other, both included; either may be left out\n"
	    "    '6.7.*'               a pattern; '*' is all\n"
	    "\n"
	    "or several of these with commas between them, in rpm's order of versions: 6.9 is before 6.9.1.\n"
	    "Checksums are verified from repomd.xml down, but its signature is not: fetch it by https.\n"
	    "\n"
	    "Packages are kept in ~/.cache/qbisect. The ids stand alone on the last lines, one for each kernel,\n"
	    "those of an rpm-md repository oldest first.\n",
	.options = json_options,
	.run = run_fetch,
};

const struct verb cmd_kernel_list = {
	.name = "kernel list",
	.usage = "[--json]",
	.summary = "Lists the kernels of the catalog",
	.text =
	    "Oldest release first: by rpm's rules of versions when there is one from an rpm, else by dpkg's.\n",
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
