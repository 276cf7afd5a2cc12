#include "kernel/make.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include "base/child.h"
#include "base/fs.h"
#include "base/progress.h"
#include "base/supervisor.h"
#include "kernel/buildlog.h"
#include "kernel/tree.h"

#define BUSY	     ".qbisect-busy"
#define NOTE	     ".qbisect-tree"
#define WANTED	     ".qbisect-wanted"
#define NEW_CONFIG   ".qbisect-config"
#define STRIPPED     ".qbisect-vmlinux"
#define NOTE_LIMIT   4096
#define CONFIG_LIMIT (16 << 20)
#define LOG_LIMIT    (64 << 20)
#define GRACE_MS     10000
#define STRIP_MS     120000

/* What a user's environment may hold that would change the image, or confuse make. */
static const char *const env[] = {
	"MAKEFLAGS",
	"MFLAGS",
	"MAKELEVEL",
	"MAKEOVERRIDES",
	"ARCH",
	"CROSS_COMPILE",
	"SUBARCH",
	"LLVM",
	"CC",
	"LD",
	"AS",
	"HOSTCC",
	"HOSTCFLAGS",
	"KCFLAGS",
	"KCPPFLAGS",
	"KAFLAGS",
	"CFLAGS",
	"CPPFLAGS",
	"LDFLAGS",
	"KBUILD_OUTPUT",
	"KBUILD_VERBOSE",
	"KBUILD_EXTMOD",
	"KBUILD_DEFCONFIG",
	"KCONFIG_CONFIG",
	"KCONFIG_ALLCONFIG",
	"KCONFIG_OVERWRITECONFIG",
	"KERNELRELEASE",
	"LOCALVERSION",
	"SOURCE_DATE_EPOCH",
	"C_INCLUDE_PATH",
	"CPATH",
	"V",
	"W",
	"C",
	"O",
	"LC_CTYPE",
	"LC_MESSAGES",
	"LANGUAGE",
	"LANG=C", /* make takes LC_ALL away */
	"LC_ALL=C",
	"TZ=UTC",
	NULL,
};

/* The same for every build: what the image says of who built it, when, and for the how-many-eth time. */
static const char *const constant[] = {
	"KBUILD_BUILD_TIMESTAMP=Thu Jan  1 00:00:00 UTC 1970",
	"KBUILD_BUILD_USER=qbisect",
	"KBUILD_BUILD_HOST=qbisect",
	"KBUILD_BUILD_VERSION=1",
	"LOCALVERSION=",
};

/* What the progress line has seen of the log. */
struct view {
	const struct make *make;
	off_t at;
	size_t steps;
};

/* Shows the last step in the log, which grows. */
static void show_progress(void *arg)
{
	struct view *view = arg;
	AUTO_CLOSE int fd = open(view->make->log, O_RDONLY | O_CLOEXEC);
	char chunk[8192], last[80] = "";
	ssize_t n;

	while (fd >= 0 && (n = pread(fd, chunk, sizeof(chunk) - 1, view->at)) > 0) {
		char *end = memrchr(chunk, '\n', (size_t)n), *line;

		if (!end)
			break;
		*end = '\0';
		view->at += end - chunk + 1;
		for (char *rest = chunk; (line = strsep(&rest, "\n")); view->steps++)
			snprintf(last, sizeof(last), "%s", line + strspn(line, " "));
	}
	if (*last)
		progress_live("%s: %zu steps, %s", view->make->what, view->steps, last);
}

/* Reads the log of a make that failed. Returns 1 with *reason, or -1: the machine's fault. */
static int explain(const struct make *make, struct buf *reason, struct err *err)
{
	AUTO(buildlog) log = BUILDLOG_INIT;
	AUTO(buf) text = BUF_INIT;

	if (supervise_called_off()) /* a compiler died of it, and make says that it failed */
		return err_set(err, ERR_INTERRUPTED, "interrupted: make was stopped");
	if (fs_read(make->log, LOG_LIMIT, &text, err) < 0)
		return -1;
	buildlog_read(text.s, text.len, MAKE_SOURCE, &log);
	if (log.host)
		return err_set(err, ERR_HOST, "%s: %s%s%s (all of it is in %s)", make->what, log.line.s,
			       log.advice ? ": " : "", log.advice ? log.advice : "", make->log);
	buf_reset(reason);
	buf_adds(reason, log.line.len ? log.line.s : "make failed and wrote nothing");
	return 1;
}

/* What the end of make means. As make_kernel(). */
static int judge(const struct make *make, const struct child *child, struct child_result *res,
		 struct buf *reason, struct err *err)
{
	if (res->timed_out)
		return err_set(err, ERR_CANDIDATE, "make did not end within %u s", make->timelimit);
	if (res->status > 128)
		return err_set(err, ERR_HOST,
			       "make was killed by signal %d: if memory ran out, build with fewer jobs",
			       res->status - 128);
	if (child_answered(child, res, "make", err) < 0)
		return -1;
	return res->status ? explain(make, reason, err) : 0;
}

/*
 * Runs make with `words` (four at most, NULL-terminated) behind what every build has. As make_kernel(). The
 * note that it is busy goes only when it ended by itself.
 */
static int run_make(const struct make *make, const char *const *words, struct buf *reason, struct err *err)
{
	AUTO_FREE char *output = xasprintf("O=%s", make->objects), *busy = path_join(make->objects, BUSY);
	AUTO_FREE char *arch = xasprintf("ARCH=%s", make->arch->kernel_arch);
	AUTO_FREE char *cross = xasprintf("CROSS_COMPILE=%s-", make->arch->triplet);
	AUTO_FREE char *compiler = toolchain_compiler(make->arch), *cc = xasprintf("CC=%s", compiler);
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	AUTO_FREE char *jobs = xasprintf("-j%u", make->jobs ? make->jobs : cores > 0 ? (unsigned)cores : 1);
	const char *argv[8 + ARRAY_SIZE(constant) + 4 + 1] = { "make", "-C",  make->tree, output,
							       arch,   cross, cc,	  jobs };
	struct view view = { make, 0, 0 };
	struct child child = { .argv = argv,
			       .env = env,
			       .output = make->log,
			       .keep_fd = make->lock,
			       .timeout_ms = make->timelimit * 1000LL,
			       .grace_ms = GRACE_MS,
			       .tick = show_progress,
			       .tick_arg = &view };
	AUTO(child_result) res = CHILD_RESULT_INIT;
	size_t n = 8;
	int ran, status;

	for (size_t i = 0; i < ARRAY_SIZE(constant); i++)
		argv[n++] = constant[i];
	for (size_t i = 0; words[i] && n < ARRAY_SIZE(argv) - 1; i++)
		argv[n++] = words[i];
	if (fs_write_atomic(busy, "", 0, err) < 0)
		return -1;
	ran = child_run(&child, &res, err);
	status = ran < 0 ? -1 : judge(make, &child, &res, reason, err);
	if (status < 0 && (err->kind == ERR_HOST || (ran == 0 && err->kind == ERR_INTERRUPTED)))
		return -1;
	return res.status != 128 + SIGKILL && fs_remove_tree(busy, err) < 0 ? -1 : status;
}

/* Makes sure that the folder is one that make left in order. */
static int prepare_objects(const struct make *make, struct err *err)
{
	AUTO_FREE char *busy = path_join(make->objects, BUSY);

	if (fs_exists(busy)) {
		progress_step("%s was being written when its build was killed: beginning anew",
			      make->objects);
		if (fs_remove_tree(make->objects, err) < 0)
			return -1;
	}
	return fs_mkdirs(make->objects, err);
}

/* Puts the finished configuration into place, unless it is the same: then make has nothing to do for it. */
static int replace_config(const struct make *make, struct err *err)
{
	AUTO_FREE char *from = path_join(make->objects, NEW_CONFIG),
		       *to = path_join(make->objects, ".config");
	AUTO(buf) old = BUF_INIT, new = BUF_INIT;

	if (fs_read(from, CONFIG_LIMIT, &new, err) < 0)
		return -1;
	if (fs_exists(to) && fs_read(to, CONFIG_LIMIT, &old, err) < 0)
		return -1;
	if (str_eq(old.s, new.s))
		return 0;
	return rename(from, to) < 0 ? err_errno(err, ERR_HOST, "cannot rename %s to %s", from, to) : 0;
}

/* Lets the tree's Kconfig complete what is wanted, and checks what comes of it. */
static int configure(const struct make *make, const struct fragment *fragment, struct buf *reason,
		     struct err *err)
{
	AUTO_FREE char *wanted = path_join(make->objects, WANTED),
		       *made = path_join(make->objects, NEW_CONFIG);
	AUTO_FREE char *all = xasprintf("KCONFIG_ALLCONFIG=%s", wanted);
	const char *small[] = { "KCONFIG_CONFIG=" NEW_CONFIG, all, "allnoconfig", NULL };
	const char *own[] = { "KCONFIG_CONFIG=" NEW_CONFIG, "olddefconfig", NULL };
	AUTO(err) lost = ERR_INIT;
	int status;

	if (fs_write_atomic(fragment->own ? made : wanted, fragment->text.s, fragment->text.len, err) < 0)
		return -1;
	status = run_make(make, fragment->own ? own : small, reason, err);
	if (status != 0)
		return status;
	if (fragment_check(fragment, made, &lost) < 0) {
		buf_reset(reason);
		buf_adds(reason, lost.text);
		return 1;
	}
	return replace_config(make, err);
}

/* "TREE TOOLCHAIN": what the folder was configured for. Whether it need not be again. */
static bool is_configured(const struct make *make, const struct git *git, const char *tree_id,
			  const char *version)
{
	AUTO_FREE char *path = path_join(make->objects, NOTE);
	AUTO(err) ignored = ERR_INIT;
	AUTO(buf) note = BUF_INIT;
	bool again = true;
	char *space;

	if (!fs_exists(path) || fs_read(path, NOTE_LIMIT, &note, &ignored) < 0 ||
	    !(space = strchr(note.s, ' ')))
		return false;
	*space = '\0';
	if (!str_eq(space + 1, version))
		return false;
	return tree_reconfigures(git, note.s, tree_id, &again, &ignored) == 0 && !again;
}

/* The note is away while it would not be true. */
static int configure_when_needed(const struct make *make, const struct git *git, const char *tree_id,
				 const struct fragment *fragment, const char *version, struct buf *reason,
				 struct err *err)
{
	AUTO_FREE char *path = path_join(make->objects, NOTE), *note = xasprintf("%s %s", tree_id, version);
	int status = 0;

	if (!is_configured(make, git, tree_id, version)) {
		if (fs_remove_tree(path, err) < 0)
			return -1;
		status = configure(make, fragment, reason, err);
	}
	return status ? status : fs_write_atomic(path, note, strlen(note), err);
}

int make_kernel(const struct make *make, const struct git *git, const char *tree_id,
		const struct fragment *fragment, const char *version, struct buf *reason, struct err *err)
{
	const char *words[] = { path_base(make->arch->image), NULL };
	int status;

	if (prepare_objects(make, err) < 0)
		return -1;
	status = configure_when_needed(make, git, tree_id, fragment, version, reason, err);
	return status ? status : run_make(make, words, reason, err);
}

int make_image_file(const struct make *make, char **path, struct err *err)
{
	AUTO_FREE char *strip = xasprintf("%s-strip", make->arch->triplet);
	AUTO_FREE char *built = path_join(make->objects, make->arch->image);
	AUTO_FREE char *stripped = path_join(make->objects, STRIPPED);
	const char *argv[] = { strip, "-s", "-o", stripped, built, NULL };
	struct child child = { .argv = argv, .keep_fd = make->lock, .timeout_ms = STRIP_MS };
	bool symbols = str_eq(make->arch->image, "vmlinux"); /* which no guest needs */

	if (!fs_exists(built))
		return err_set(err, ERR_HOST, "make said that all went well, but there is no %s", built);
	if (symbols && child_must(&child, make->arch->compiler, NULL, err) < 0)
		return -1;
	*path = symbols ? steal_pointer(&stripped) : steal_pointer(&built);
	return 0;
}
