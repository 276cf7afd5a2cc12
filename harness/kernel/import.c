#include "kernel/import.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "kernel/catalog.h"
#include "kernel/intake.h"
#include "kernel/layout.h"
#include "kernel/pieces.h"

/* One import while it runs. */
struct job {
	const struct import_spec *spec;
	struct pieces *pieces;
	const char *source; /* the path at hand */
	bool build;	    /* it is a build tree */
};

static int want_piece(void *arg, const char *member, struct buf *target, struct err *err)
{
	struct job *job = arg;
	AUTO(layout) layout = LAYOUT_INIT;
	AUTO_FREE char *from = xasprintf("%s: %s", path_base(job->source), member);
	int status;

	layout_find(member, job->build, &layout);
	if (layout.kind == LAYOUT_OTHER)
		return 0;
	status = pieces_release(job->pieces, layout.release, from, err);
	if (status != 0)
		return status < 0 ? -1 : 0;
	if (layout.kind == LAYOUT_IMAGE)
		pieces_image(job->pieces, from, target);
	else if (layout.kind == LAYOUT_CONFIG)
		pieces_config(job->pieces, from, target);
	else
		pieces_module(job->pieces, layout.rest.s, target);
	return 0;
}

static bool enter_folder(void *arg, const char *member)
{
	const struct job *job = arg;

	return layout_descend(member, job->build);
}

/* A build tree says its release in a file of its own; none of its paths does. */
static int look_for_build(struct job *job, struct err *err)
{
	AUTO_FREE char *path = path_join(job->source, "include/config/kernel.release");
	AUTO(buf) text = BUF_INIT;

	job->build = fs_exists(path);
	if (!job->build)
		return 0;
	if (fs_read(path, 256, &text, err) < 0)
		return -1;
	text.s[strcspn(text.s, "\n")] = '\0';
	if (!candidate_release_valid(text.s))
		return err_set(err, ERR_USAGE, "%s: expected a kernel release", path);
	if (pieces_release(job->pieces, text.s, path, err) > 0)
		return err_set(err, ERR_USAGE, "%s is a build of %s, not of %s", job->source, text.s,
			       job->spec->release);
	return job->pieces->release ? 0 : -1;
}

static int take_folder(struct job *job, const struct intake *intake, struct err *err)
{
	AUTO_FREE char *real = realpath(job->source, NULL);

	if (!real)
		return err_errno(err, ERR_USAGE, "cannot read %s", job->source);
	return look_for_build(job, err) < 0 ? -1 : intake_dir(real, intake, err);
}

/* A .config is text: comments and assignments. */
static bool looks_like_config(const char *head, size_t n)
{
	return n && (head[0] == '#' || (n >= 7 && memcmp(head, "CONFIG_", 7) == 0));
}

static int take_file(struct job *job, const char *head, size_t n, struct err *err)
{
	AUTO(buf) target = BUF_INIT;
	AUTO_FREE char *folder = NULL;

	if (!looks_like_config(head, n))
		pieces_image(job->pieces, job->source, &target);
	else if (!job->pieces->config_from)
		pieces_config(job->pieces, job->source, &target);
	else
		return err_set(err, ERR_USAGE, "%s and %s are two configs: name one",
			       job->pieces->config_from, job->source);
	folder = xstrdup(target.s);
	*strrchr(folder, '/') = '\0';
	return fs_mkdirs(folder, err) < 0 ? -1 : fs_copy_sparse(job->source, target.s, err);
}

/* Reads the first bytes of a path. Returns how many, or -1. A FIFO must not make us wait. */
static ssize_t read_head(const char *path, char *head, size_t size, bool *folder, struct err *err)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	ssize_t n = 0;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(err, ERR_USAGE, "cannot read %s", path);
	*folder = S_ISDIR(st.st_mode);
	if (!*folder && !S_ISREG(st.st_mode))
		return err_set(err, ERR_USAGE, "%s: expected a .deb or .rpm, a folder or a kernel image",
			       path);
	if ((uint64_t)st.st_size > intake_limits.member)
		return err_set(err, ERR_USAGE, "%s: larger than the %llu bytes that a file may have", path,
			       (unsigned long long)intake_limits.member);
	if (!*folder && (n = read(fd, head, size)) < 0)
		return err_errno(err, ERR_USAGE, "cannot read %s", path);
	return n;
}

static int take_path(struct job *job, const char **origin, struct err *err)
{
	struct intake intake = {
		path_base(job->source), &intake_limits, want_piece, enter_folder, job,
	};
	bool folder = false;
	char head[16] = { 0 };
	ssize_t n = read_head(job->source, head, sizeof(head), &folder, err);

	job->build = false;
	if (n < 0)
		return -1;
	if (folder) {
		*origin = "dir";
		return take_folder(job, &intake, err);
	}
	if (n >= 8 && memcmp(head, "!<arch>\n", 8) == 0) {
		*origin = "deb";
		return intake_deb(job->source, &intake, err);
	}
	if (n >= 4 && memcmp(head, "\xed\xab\xee\xdb", 4) == 0) {
		*origin = "rpm";
		return intake_rpm(job->source, &intake, err);
	}
	*origin = "file";
	return take_file(job, head, (size_t)n, err);
}

/* What the record says about where it comes from: packages by name, everything else by its path. */
static void add_source(struct candidate *candidate, const char *path, const char *origin)
{
	AUTO_FREE char *real = realpath(path, NULL);
	bool package = str_eq(origin, "deb") || str_eq(origin, "rpm");

	strv_add(&candidate->sources, package ? path_base(path) : real ? real : path);
	free(candidate->origin);
	candidate->origin = xstrdup(origin);
}

/*
 * A built image comes from its commit, not from the folder that it was built in. It is the same kernel as
 * another when the image is: a symbol more in its configuration does not matter.
 */
static void set_git(struct candidate *candidate, const struct import_spec *spec)
{
	const struct candidate_git *from = spec->git;

	free(candidate->content_hash);
	candidate->content_hash = xstrdup(candidate->image_hash);
	strv_release(&candidate->sources);
	strv_add(&candidate->sources, spec->repository);
	free(candidate->origin);
	candidate->origin = xstrdup("git");
	candidate->git = (struct candidate_git){ xstrdup(from->commit), xstrdup(from->tree),
						 xstrdup(from->config), xstrdup(from->toolchain) };
}

/* "6.12.117-ppc64le-64k-0123456789ab": the commits of one release have one name for it. */
static char *built_id(const struct candidate *candidate)
{
	char pagesize[16];

	return xasprintf("%s-%s-%s-%.12s", candidate->release, candidate->arch,
			 candidate_pagesize_text(candidate, pagesize), candidate->content_hash);
}

static bool is_tree(const char *folder)
{
	static const char *const marks[] = { "boot", "lib/modules", "usr/lib/modules", "include/config" };

	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		AUTO_FREE char *path = path_join(folder, marks[i]);

		if (fs_exists(path))
			return true;
	}
	return false;
}

/* Appends the packages that lie in a folder. False: there are none, or it is a tree, or no folder. */
static bool add_packages(const char *folder, struct strv *paths)
{
	AUTO(strv) names = STRV_INIT;
	AUTO(err) no_folder = ERR_INIT;
	size_t before = paths->n;

	if (is_tree(folder) || fs_list(folder, &names, &no_folder) < 0)
		return false;
	for (size_t i = 0; i < names.n; i++)
		if (str_ends(names.v[i], ".rpm") || str_ends(names.v[i], ".deb"))
			strv_addf(paths, "%s/%s", folder, names.v[i]);
	return paths->n > before;
}

static int collect(struct job *job, struct candidate *out, struct err *err)
{
	AUTO(strv) paths = STRV_INIT;
	const char *origin = NULL;

	for (size_t i = 0; i < job->spec->n; i++)
		if (!add_packages(job->spec->paths[i], &paths))
			strv_add(&paths, job->spec->paths[i]);
	for (size_t i = 0; i < paths.n; i++) {
		job->source = paths.v[i];
		if (take_path(job, &origin, err) < 0)
			return -1;
		add_source(out, job->source, origin);
	}
	if (pieces_finish(job->pieces, out, err) < 0)
		return err_wrap(err, "%s%s", path_base(job->spec->paths[0]), job->spec->n > 1 ? ", ..." : "");
	if (job->spec->git)
		set_git(out, job->spec);
	return 0;
}

static int check_spec(const struct import_spec *spec, struct err *err)
{
	if (spec->id && !candidate_id_valid(spec->id))
		return err_set(
		    err, ERR_USAGE,
		    "--id %s: expected letters, digits and . _ + ~ - (at most %d, no leading dot or dash)",
		    spec->id, CANDIDATE_ID_MAX);
	if (spec->release && !candidate_release_valid(spec->release))
		return err_set(err, ERR_USAGE,
			       "--release %s: expected a kernel release as 'uname -r' prints it",
			       spec->release);
	return 0;
}

int import_kernel(const char *cache, const struct import_spec *spec, struct candidate *out, struct err *err)
{
	AUTO(catalog_stage) stage = CATALOG_STAGE_INIT;
	AUTO(candidate) made = CANDIDATE_INIT;
	AUTO(pieces) pieces = { .wanted = spec->release };
	struct job job = { .spec = spec, .pieces = &pieces };
	AUTO_FREE char *id = NULL;
	int status;

	if (check_spec(spec, err) < 0 || catalog_stage(cache, &stage, err) < 0)
		return -1;
	pieces.dir = stage.dir;
	if (collect(&job, &made, err) < 0)
		return -1;
	id = spec->id ? xstrdup(spec->id) : spec->git ? built_id(&made) : NULL;
	status = catalog_known(&stage, spec->id, &made, err);
	if (status < 0 || (status == 0 && (pieces_index(&pieces, &made, err) < 0 ||
					   catalog_commit(&stage, id, &made, err) < 0)))
		return -1;
	candidate_move(out, &made);
	return 0;
}
