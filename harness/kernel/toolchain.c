#include "kernel/toolchain.h"

#include "base/child.h"
#include "base/datadir.h"

#define VERSION_MS 30000

/* What a build runs besides compiler and binutils. */
static const struct {
	const char *program, *package;
} tools[] = {
	{ "make", "make" },   { "gcc", "gcc" }, { "flex", "flex" },
	{ "bison", "bison" }, { "bc", "bc" },	{ "perl", "perl" },
};

static int find_tools(struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(tools); i++) {
		AUTO_FREE char *path = child_program(tools[i].program);

		if (!path)
			return err_set(err, ERR_HOST,
				       "%s is not installed, and a kernel build needs it: run 'apt-get "
				       "install %s' or 'make deps'",
				       tools[i].program, tools[i].package);
	}
	return 0;
}

/* Appends the first line of what the program says to --version. */
static int add_version(const struct arch *arch, const char *name, struct buf *out, struct err *err)
{
	static const char *const env[] = { "LC_ALL=C", NULL };
	AUTO_FREE char *program = xasprintf("%s-%s", arch->triplet, name);
	const char *argv[] = { program, "--version", NULL };
	struct child child = { .argv = argv, .env = env, .timeout_ms = VERSION_MS };
	AUTO(buf) text = BUF_INIT;

	if (child_must(&child, arch->compiler, &text, err) < 0)
		return err_wrap(err, "building for %s", arch->name);
	buf_addf(out, "%s%.*s", out->len ? "; " : "", (int)strcspn(text.s, "\n"), text.s);
	return 0;
}

int toolchain_version(const struct arch *arch, struct buf *out, struct err *err)
{
	if (find_tools(err) < 0 || add_version(arch, "gcc", out, err) < 0)
		return -1;
	return add_version(arch, "ld", out, err);
}

char *toolchain_compiler(const struct arch *arch)
{
	AUTO(err) ignored = ERR_INIT; /* an installation without the script builds without ccache */
	AUTO_FREE char *ccache = child_program("ccache"), *script = NULL;

	script = ccache ? datadir_path("kernels/cc", &ignored) : NULL;
	if (!script || strpbrk(script, " \t"))
		return xasprintf("%s-gcc", arch->triplet);
	return xasprintf("sh %s %s-gcc", script, arch->triplet);
}
