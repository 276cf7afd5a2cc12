/* qbisect kernel build: a commit becomes a candidate. */
#include "base/home.h"
#include "base/progress.h"
#include "cmd.h"
#include "kernel/build.h"

static const char *dir, *rev, *arch, *config, *pagesize_word;
static unsigned jobs, timelimit = BUILD_TIMELIMIT;
static bool json;

static const struct opt options[] = {
	OPT_STR("git", "DIR", &dir, "a folder in a git repository of a kernel tree"),
	OPT_STR("rev", "REV", &rev,
		"the commit, as git names it (default: the checkout, as it is committed)"),
	OPT_STR("arch", "ARCH", &arch, "what to build for: ppc64le, x86_64, ..."),
	OPT_STR("pagesize", "SIZE", &pagesize_word,
		"4k, 16k or 64k (default: the usual one of ARCH, 64k on ppc64le)"),
	OPT_STR("config", "FILE", &config,
		"a .config to build with (default: a small one for qbisect's guests)"),
	OPT_UINT("jobs", "N", &jobs, 1, 4096, "how many compilers to run at a time (default: one a core)"),
	OPT_UINT("timelimit", "SECONDS", &timelimit, 1, 1000000, "when to give a build up (default 7200)"),
	OPT_FLAG("json", &json, "print the kernel's record as one JSON object"),
	OPT_END,
};

static int read_pagesize(unsigned *out, struct err *err)
{
	static const struct {
		const char *word;
		unsigned bytes;
	} sizes[] = { { "4k", 4096 }, { "16k", 16384 }, { "64k", 65536 } };

	*out = 0;
	if (!pagesize_word)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		if (str_eq(pagesize_word, sizes[i].word))
			*out = sizes[i].bytes;
	return *out ? 0 : err_set(err, ERR_USAGE, "--pagesize %s: expected 4k, 16k or 64k", pagesize_word);
}

static void announce(const struct build_result *result)
{
	const struct candidate *made = &result->candidate;
	char pagesize[16];

	progress_step("%.12s (%s) is %s: %s, %s pages, release %s", result->commit.id, result->commit.subject,
		      made->id, made->arch, candidate_pagesize_text(made, pagesize), made->release);
	if (result->same_as)
		progress_step("the same image as that of %.12s", result->same_as);
	if (result->known)
		progress_step("it was known; building it took %.1f s", result->seconds);
	else
		progress_step("built in %.1f s", result->seconds);
}

static int work(void *arg, struct err *err)
{
	AUTO_FREE char *cache = home_cache_dir(cmd_common.home, err);
	AUTO(build_result) result = BUILD_RESULT_INIT;
	AUTO(buf) text = BUF_INIT;

	if (!cache || build_kernel(cache, arg, &result, err) < 0)
		return -1;
	announce(&result);
	if (json)
		candidate_write(&result.candidate, &text);
	else
		buf_addf(&text, "%s\n", result.candidate.id);
	fputs(text.s, stdout);
	return 0;
}

static int run(int argc, char **argv, int dashes, struct err *err)
{
	struct build_spec spec = { .git = dir, .rev = rev, .arch = arch, .config = config };

	(void)dashes;
	if (argc)
		return err_set(err, ERR_USAGE, "kernel build takes no '%s': the commit comes with --rev",
			       argv[0]);
	if (!dir || !arch)
		return err_set(err, ERR_USAGE, "which %s? add --git DIR --rev REV --arch ARCH",
			       dir ? "architecture" : "repository");
	if (read_pagesize(&spec.pagesize, err) < 0)
		return -1;
	spec.jobs = jobs;
	spec.timelimit = timelimit;
	return cmd_supervise(work, &spec);
}

const struct verb cmd_kernel_build = {
	.name = "kernel build",
	.usage = "--git DIR --arch ARCH [--rev REV] [--pagesize SIZE] [--config FILE] [--jobs N] [--json]",
	.summary = "Builds a commit of a kernel tree for the catalog",
	.text =
	    "The checkout in DIR is not touched: qbisect has a work tree of its own in its home, and object\n"
	    "folders that stay warm. The configuration is a small one with all that a guest needs built in\n"
	    "(kernels/ has it); over FILE only that is laid which a guest needs. Only the image is built, no\n"
	    "modules. The same tree, configuration and compiler are not built twice, and commits with the same\n"
	    "image share one kernel. Without --rev the commit is built that is checked out, and nothing in the\n"
	    "checkout may differ from it. The id stands alone on the last line. A commit that does not build\n"
	    "ends with exit code 125 and the first error.\n",
	.options = options,
	.run = run,
};
