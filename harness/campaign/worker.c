#include "campaign/worker.h"

#include "base/fs.h"
#include "base/leftover.h"
#include "base/progress.h"
#include "campaign/booth.h"
#include "campaign/unit.h"
#include "kernel/catalog.h"

/* A unit and what it takes. Must not move. */
struct bench {
	struct unit unit;
	bool last_try;
	struct candidate candidate;
	struct booth booth;
	const struct question **questions;
};

static void bench_release(struct bench *bench)
{
	booth_release(&bench->booth);
	candidate_release(&bench->candidate);
	unit_release(&bench->unit);
	free(bench->questions);
}
AUTO_DEFINE(bench, struct bench, bench_release);

static int read_unit(const char *path, struct unit *unit, struct err *err)
{
	AUTO(buf) text = BUF_INIT;

	return fs_read(path, UNIT_LIMIT, &text, err) < 0 ? -1 : unit_parse(path, text.s, text.len, unit, err);
}

/* The name of this host as Slurm calls it, which need not be its own. */
static char *host_name(void)
{
	const char *node = getenv("SLURMD_NODENAME");
	char name[256] = "";

	if (!node && gethostname(name, sizeof(name) - 1) == 0)
		node = name;
	return xstrdup(node && unit_host_valid(node) ? node : "");
}

/* Cores that a job may use; 0: all. */
static unsigned job_cores(void)
{
	const char *cores = getenv("SLURM_CPUS_PER_TASK");

	return cores ? (unsigned)strtoul(cores, NULL, 10) : 0;
}

/* What libvirt keeps is this host's own, where the home is shared. */
static int connect_here(struct setup *setup, const struct unit *unit, struct err *err)
{
	if (runtime_open(NULL, NULL, NULL, &setup->runtime, err) < 0)
		return -1;
	return setup_hosts(setup, unit->connect, NULL, err);
}

static int find_candidate(const struct setup *setup, const char *id, struct candidate *candidate,
			  struct err *err)
{
	AUTO(err) missing = ERR_INIT;

	if (catalog_find(setup->catalog, id, candidate, &missing) == 0 && str_eq(candidate->id, id))
		return 0;
	return err_set(err, ERR_HOST,
		       "kernel %s is not in %s here, which all hosts must share (see --home): %s", id,
		       setup->catalog, missing.text ? missing.text : "another one is");
}

static int open_bench(struct setup *setup, struct bench *bench, struct err *err)
{
	struct unit *unit = &bench->unit;

	if (connect_here(setup, unit, err) < 0 ||
	    find_candidate(setup, unit->candidate, &bench->candidate, err) < 0)
		return -1;
	bench->questions = xcalloc(unit->n, sizeof(struct question *));
	for (size_t i = 0; i < unit->n; i++)
		bench->questions[i] = &unit->questions[i];
	return 0;
}

static int open_and_try(const struct setup *setup, struct bench *bench, const struct boot_order *order,
			struct err *err)
{
	const struct unit *unit = &bench->unit;

	if (booth_open(setup, &unit->questions[0], &bench->candidate, &bench->booth, err) < 0)
		return -1;
	bench->booth.commit = *unit->commit ? unit->commit : NULL;
	if (booth_try(order, err) < 0)
		return -1;
	booth_doubt_kvm(&bench->booth, &order->records[0]);
	return 0;
}

/* One try, into the folder `made`. */
static int boot(struct setup *setup, struct bench *bench, const char *made, struct unit_result *result,
		struct err *err)
{
	const struct unit *unit = &bench->unit;
	struct record_list *records = &result->records;
	struct boot_order order = { .base = { .label = unit->candidate, .last_try = bench->last_try },
				    .booth = &bench->booth,
				    .n = unit->n,
				    .folder = made };

	if (open_bench(setup, bench, err) < 0)
		return -1;
	order.questions = bench->questions;
	order.records = records->v = xcalloc(unit->n, sizeof(*records->v));
	records->n = unit->n;
	return open_and_try(setup, bench, &order, err);
}

/* What is built is the catalog's, and so is why it does not build, but for a build that was too slow. */
static int build(const struct setup *setup, const struct unit *unit, struct unit_result *result,
		 struct err *err)
{
	struct build_spec spec = unit->build;
	AUTO(build_result) built = BUILD_RESULT_INIT;
	AUTO(err) fault = ERR_INIT;

	spec.jobs = job_cores();
	spec.place = *result->host ? result->host : "somewhere";
	if (build_kernel(setup->catalog, &spec, &built, &fault) < 0 && fault.kind != ERR_CANDIDATE)
		return err_set(err, fault.kind, "%s", fault.text);
	if (built.kept)
		result->built = xstrdup(built.key);
	else
		result->unbuilt = xstrdup(fault.text);
	return 0;
}

/* What cannot be had here is a result, too. */
static int work(struct setup *setup, struct bench *bench, const char *made, struct unit_result *result,
		struct err *err)
{
	AUTO(err) fault = ERR_INIT;

	if ((bench->unit.build.git ? build(setup, &bench->unit, result, &fault)
				   : boot(setup, bench, made, result, &fault)) == 0)
		return 0;
	if (fault.kind != ERR_USAGE)
		return err_set(err, fault.kind, "%s", fault.text);
	result->error = xstrdup(fault.text);
	return 0;
}

/* A unit that needs nothing more: it has a result, or that was taken in. */
static bool is_done(const char *path, const char *done)
{
	return fs_exists(done) || !fs_exists(path);
}

/* Whole under another name, then under its own: the first that comes so far is the one that counts. The hashes of its files
 * are recorded: a host that loses power must not have left them cut. */
static int leave(const struct unit_result *result, const char *path, const char *made, const char *done,
		 struct err *err)
{
	AUTO_FREE char *file = path_join(made, UNIT_RESULT);
	AUTO(buf) text = BUF_INIT;

	if (is_done(path, done)) /* its campaign may be gone */
		return fs_remove_tree(made, err);
	unit_result_write(result, &text);
	if (fs_mkdirs(made, err) < 0 || fs_write_atomic(file, text.s, text.len, err) < 0 ||
	    fs_sync_folder(made, err) < 0)
		return -1;
	return is_done(path, done) ? fs_remove_tree(made, err) : fs_move(made, done, err);
}

int worker_run(struct setup *setup, const char *path, bool last_try, struct err *err)
{
	AUTO_FREE char *folder = xasprintf("%.*s", (int)(path_base(path) - path - 1), path);
	AUTO_FREE char *done = path_join(folder, UNIT_DONE), *host = host_name();
	AUTO_FREE char *made = xasprintf("%s/.%s.%d", folder, host, (int)getpid());
	AUTO(unit_result) result = { .unit = xstrdup(path_base(folder)), .host = xstrdup(host) };
	AUTO(bench)
	bench = { UNIT_INIT, last_try, .candidate = CANDIDATE_INIT, .booth = BOOTH_INIT };
	AUTO(err) ignored = ERR_INIT;
	LEFTOVER(made);

	if (fs_is_dir(folder) && is_done(path, done)) {
		progress_step("%s is done already", path_base(folder));
		return 0;
	}
	if (read_unit(path, &bench.unit, err) == 0 && work(setup, &bench, made, &result, err) == 0 &&
	    leave(&result, path, made, done, err) == 0)
		return 0;
	fs_remove_tree(made, &ignored);
	return -1;
}
