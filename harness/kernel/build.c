#include "kernel/build.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/hash.h"
#include "base/progress.h"
#include "kernel/catalog.h"
#include "kernel/deps.h"
#include "kernel/fragment.h"
#include "kernel/import.h"
#include "kernel/make.h"
#include "kernel/toolchain.h"
#include "kernel/tree.h"

#define RECORD_LIMIT (1 << 20)
#define LOCK_MS	     INT64_C(86400000) /* of another that builds */
#define SHORT	     8		       /* characters of a hash in a folder's name */
#define BESIDE_S     2700	       /* a checkout, and what else is done beside make */

/* Counts into the key: raise it when the way kernels are built changes their images. */
static const char settings[] = "1";

/* One build while it is asked for. */
struct job {
	const char *cache;
	const struct build_spec *spec;
	struct build_result *out;
	const struct arch *arch;
	struct git git;
	struct fragment fragment;
	struct buf version; /* of the toolchain */
	char *root;	    /* <cache>/.build */
	char *place;	    /* where it is built: the root, or a folder in it */
	char *tree, *objects;
	char *record; /* path */
	char *log;    /* path while it is built */
	int64_t start;
};
#define JOB_INIT(where, what, to)                                                                            \
	{                                                                                                    \
		.cache = (where), .spec = (what), .out = (to), .git = GIT_INIT, .fragment = FRAGMENT_INIT,   \
		.version = BUF_INIT                                                                          \
	}

static void job_release(struct job *job)
{
	git_release(&job->git);
	fragment_release(&job->fragment);
	buf_release(&job->version);
	free(job->root);
	free(job->place);
	free(job->tree);
	free(job->objects);
	free(job->record);
	free(job->log);
}
AUTO_DEFINE(job, struct job, job_release);

/* What the image depends on, as one name. */
static char *make_key(const struct job *job)
{
	AUTO_FREE char *text = xasprintf("%s\n%s\n%s\n%s\n%s\n", settings, job->arch->name,
					 job->out->commit.tree, job->fragment.hash, job->version.s);

	return hash_bytes(text, strlen(text));
}

/* Of the real folder, as git and make name it too. make splits names at blanks and colons. */
static int name_root(struct job *job, struct err *err)
{
	AUTO_FREE char *path = path_join(job->cache, ".build");

	if (fs_mkdirs(path, err) < 0)
		return -1;
	job->root = realpath(path, NULL);
	if (!job->root)
		return err_errno(err, ERR_HOST, "cannot find %s", path);
	if (strpbrk(job->root, " \t:"))
		return err_set(err, ERR_USAGE,
			       "%s: a kernel cannot be built in a folder with a blank or colon in its name: "
			       "choose another with --home",
			       job->root);
	return 0;
}

static void name_answer(struct job *job)
{
	const char *key = job->out->key;

	job->record = xasprintf("%s/records/%s.json", job->root, key);
	job->out->log = xasprintf("%s/records/%s.log", job->root, key);
	job->out->deps = xasprintf("%s/records/%s.deps", job->root, key);
}

/* For a place that nobody else has. */
static void name_tree(struct job *job)
{
	AUTO_FREE char *repository = hash_bytes(job->git.common, strlen(job->git.common));

	job->tree = xasprintf("%s/%.*s/tree", job->place, SHORT, repository);
	job->objects =
	    xasprintf("%s/" TREE_KEPT "%s-%.*s", job->tree, job->arch->name, SHORT, job->fragment.hash);
	job->log = xasprintf("%s/build.log", job->place);
}

/* Two kernels of one search come from one compiler, wherever they are built. */
static int check_key(const struct job *job, struct err *err)
{
	const struct build_spec *spec = job->spec;

	if (!spec->key || str_eq(spec->key, job->out->key))
		return 0;
	return err_set(err, ERR_HOST,
		       "this host would make another kernel of %.12s: it has '%s' where '%s' is expected: "
		       "install the same compiler, or keep builds away from here",
		       job->out->commit.id, job->out->toolchain, spec->toolchain);
}

static int open_job(struct job *job, struct err *err)
{
	const struct build_spec *spec = job->spec;
	int failed;

	job->arch = arch_find(spec->arch, err);
	if (!job->arch || git_open(spec->git, &job->git, err) < 0)
		return -1;
	failed = spec->rev ? git_commit(&job->git, spec->rev, &job->out->commit, err)
			   : git_checkout_commit(&job->git, &job->out->commit, err);
	if (failed || fragment_load(spec->arch, spec->pagesize, job->arch->pagesize, spec->config,
				    &job->fragment, err) < 0)
		return -1;
	if (toolchain_version(job->arch, &job->version, err) < 0 || name_root(job, err) < 0)
		return -1;
	job->out->key = make_key(job);
	job->out->toolchain = xstrdup(job->version.s);
	name_answer(job);
	return check_key(job, err);
}

/* ERR_CANDIDATE: "commit 0123456789ab (subject) does not build: REASON: see LOG". */
static int refuse(const struct job *job, const char *reason, struct err *err)
{
	return err_set(err, ERR_CANDIDATE, "commit %.12s (%s) does not build for %s: %s (all of it is in %s)",
		       job->out->commit.id, job->out->commit.subject, job->arch->name, reason, job->out->log);
}

/* The catalog says which commit gave an image first. */
static void note_same(struct build_result *out)
{
	const char *first = out->candidate.git.commit;

	if (first && !str_eq(first, out->commit.id))
		out->same_as = xstrdup(first);
}

/* Takes over what the record says. 0: the candidate was removed from the catalog meanwhile. */
static int take_record(struct job *job, struct build_record *record, struct err *err)
{
	struct build_result *out = job->out;
	AUTO(err) gone = ERR_INIT;

	out->seconds = record->seconds;
	if (record->reason)
		return refuse(job, record->reason, err);
	if (catalog_find(job->cache, record->candidate, &out->candidate, &gone) < 0 ||
	    !str_eq(out->candidate.id, record->candidate)) {
		candidate_release(&out->candidate);
		return 0;
	}
	note_same(out);
	return 1;
}

static int look_up(struct job *job, struct err *err)
{
	AUTO(build_record) record = BUILD_RECORD_INIT;
	AUTO(buf) text = BUF_INIT;
	int status;

	if (!fs_exists(job->record))
		return 0;
	if (fs_read(job->record, RECORD_LIMIT, &text, err) < 0 ||
	    build_record_parse(job->record, text.s, text.len, &record, err) < 0)
		return -1;
	status = take_record(job, &record, err);
	job->out->known = job->out->kept = status != 0;
	return status;
}

/* Writes the answer, which is what makes it one. */
static int remember(struct job *job, const char *reason, struct err *err)
{
	struct build_result *out = job->out;
	struct build_record record = {
		{ out->commit.id, out->commit.tree, job->fragment.hash, job->version.s },
		out->candidate.id,
		(char *)reason,
		out->seconds,
	};
	AUTO(buf) text = BUF_INIT;

	build_record_write(&record, &text);
	if (fs_write_atomic(job->record, text.s, text.len, err) < 0)
		return -1;
	out->kept = true;
	return 0;
}

/* The image and its configuration go into the catalog. */
static int take_image(struct job *job, const char *image, struct err *err)
{
	AUTO_FREE char *config = path_join(job->objects, ".config");
	const char *paths[] = { image, config };
	const struct candidate_git git = { job->out->commit.id, job->out->commit.tree, job->fragment.hash,
					   job->version.s };
	struct import_spec spec = { .paths = paths, .n = 2, .git = &git, .repository = job->git.dir };

	if (import_kernel(job->cache, &spec, &job->out->candidate, err) < 0)
		return err_wrap(err, "commit %.12s was built, but", job->out->commit.id);
	note_same(job->out);
	return 0;
}

static int finish(struct job *job, const struct make *make, struct err *err)
{
	AUTO_FREE char *image = NULL;

	if (make_image_file(make, &image, err) < 0 || take_image(job, image, err) < 0 ||
	    deps_collect(job->objects, MAKE_SOURCE, job->out->deps, err) < 0)
		return -1;
	job->out->seconds = (double)(clock_ms() - job->start) / 1000;
	return remember(job, NULL, err);
}

/* The lock is held. */
static int build(struct job *job, int lock, struct err *err)
{
	const struct build_spec *spec = job->spec;
	unsigned limit = spec->timelimit ? spec->timelimit : BUILD_TIMELIMIT;
	AUTO_FREE char *what = xasprintf("building %.12s for %s", job->out->commit.id, spec->arch);
	struct make make = { job->arch, job->tree, job->objects, job->log, what, spec->jobs, lock, limit };
	AUTO(buf) reason = BUF_INIT;
	int status;

	progress_live("%s: checking out", what);
	if (tree_checkout(&job->git, job->tree, job->out->commit.id, lock, err) < 0)
		return err_wrap(err, "checking out %.12s", job->out->commit.id);
	status = make_kernel(&make, &job->git, job->out->commit.tree, &job->fragment, job->version.s, &reason,
			     err);
	job->out->seconds = (double)(clock_ms() - job->start) / 1000;
	if (status < 0 && err->kind != ERR_CANDIDATE)
		return -1;
	if (fs_move(job->log, job->out->log, err) < 0)
		return -1;
	if (status < 0)
		return refuse(job, err->text, err);
	if (status == 0)
		return finish(job, &make, err);
	return remember(job, reason.s, err) < 0 ? -1 : refuse(job, reason.s, err);
}

/* The first place of the host that no other build has; what a killed one left running keeps its own. */
static int lock_place(struct job *job, int *lock, struct err *err)
{
	int busy = 1;

	for (unsigned n = 0; busy > 0; n++) {
		AUTO_FREE char *path = NULL;

		free(job->place);
		job->place = xasprintf("%s/at-%s.%u", job->root, job->spec->place, n);
		path = path_join(job->place, "lock");
		if (fs_mkdirs(job->place, err) < 0)
			return -1;
		busy = fs_lock_try(path, lock, err);
	}
	return busy;
}

/* Without a place of its own a build waits for the others here. */
static int lock_tree(struct job *job, int *lock, struct err *err)
{
	AUTO_FREE char *path = path_join(job->root, "lock");

	if (job->spec->place) {
		if (lock_place(job, lock, err) < 0)
			return -1;
	} else {
		job->place = xstrdup(job->root);
		*lock = fs_lock_within(path, LOCK_MS, err);
		if (*lock < 0)
			return -1;
	}
	name_tree(job);
	return 0;
}

static int make_folders(struct job *job, struct err *err)
{
	AUTO_FREE char *records = path_join(job->root, "records"), *parent = xstrdup(job->tree);

	*strrchr(parent, '/') = '\0';
	return fs_mkdirs(parent, err) < 0 ? -1 : fs_mkdirs(records, err);
}

unsigned build_limit(const struct build_spec *spec)
{
	return 2 * (spec->timelimit ? spec->timelimit : BUILD_TIMELIMIT) + BESIDE_S; /* make runs twice */
}

int build_lookup(const char *cache, const struct build_spec *spec, struct build_result *out, struct err *err)
{
	AUTO(job) job = JOB_INIT(cache, spec, out);

	return open_job(&job, err) < 0 ? -1 : look_up(&job, err);
}

int build_kernel(const char *cache, const struct build_spec *spec, struct build_result *out, struct err *err)
{
	AUTO(job) job = JOB_INIT(cache, spec, out);
	AUTO_CLOSE int lock = -1;
	int status;

	if (open_job(&job, err) < 0)
		return -1;
	status = look_up(&job, err);
	if (status != 0)
		return status < 0 ? -1 : 0;
	if (lock_tree(&job, &lock, err) < 0 || make_folders(&job, err) < 0)
		return -1;
	status = look_up(&job, err); /* another may have built it meanwhile */
	if (status != 0)
		return status < 0 ? -1 : 0;
	job.start = clock_ms();
	return build(&job, lock, err);
}

void build_result_release(struct build_result *result)
{
	git_commit_release(&result->commit);
	candidate_release(&result->candidate);
	free(result->same_as);
	free(result->log);
	free(result->deps);
	free(result->key);
	free(result->toolchain);
	*result = (struct build_result)BUILD_RESULT_INIT;
}
