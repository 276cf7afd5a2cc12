#include "campaign/regress.h"

#include "base/progress.h"
#include "campaign/bisect.h"

#define CONFIDENCE 0.95
#define END_TRIALS 60

/* A new failure, and what passed before. */
struct regression {
	const struct matrix_cell *cell;
	const struct cell *before, *now;
	size_t kernel; /* the place of its name in the file */
};

/* Whether it is a new failure that can be bisected (`alike`), or one for which something else was set, too. */
static bool is_sought(const struct cell *before, const struct cell *now, bool alike)
{
	return before && cell_state(before) == CELL_GOOD && cell_change(before, now) == CELL_NEW_FAILURE &&
	       cell_asked_alike(before, now) == alike && !(alike && str_eq(before->id, now->id));
}

/* The new failure of the kernel that fails most; false: there is none. */
static bool find_worst(const struct matrix_job *job, size_t k, bool alike, struct regression *worst)
{
	const struct matrix_kernel *kernel = &job->kernels[k];

	worst->cell = NULL;
	for (size_t i = 0; i < job->plan.n; i++) {
		const struct matrix_cell *cell = &job->plan.v[i];
		const struct cell *now = &job->plan.cells.v[cell->cell];
		const struct cell *before =
		    cells_find(&job->before, now->candidate, now->environment, now->scenario);

		if (cell->kernel != kernel || !is_sought(before, now, alike))
			continue;
		if (!worst->cell || now->failures * worst->now->trials > worst->now->failures * now->trials)
			*worst = (struct regression){ cell, before, now, k };
	}
	return worst->cell != NULL;
}

static size_t place_of(const struct candidate_list *list, const char *id)
{
	size_t i = 0;

	while (i < list->n && !str_eq(list->v[i].id, id))
		i++;
	return i;
}

/* Whether the two are of one line: a search has one architecture and one page size. */
static bool is_like(const struct candidate *a, const struct candidate *b)
{
	return str_eq(a->arch, b->arch) && a->pagesize == b->pagesize;
}

/* The ids of the catalog from the kernel that passed to the one that fails. ERR_USAGE: the first is gone, or is
 * the newer one. */
static int list_between(const struct setup *setup, const struct regression *r, struct strv *ids,
			struct err *err)
{
	AUTO(candidate_list) all = CANDIDATE_LIST_INIT;
	size_t from, to;

	if (catalog_list(setup->catalog, &all, err) < 0)
		return -1;
	catalog_sort(&all);
	from = place_of(&all, r->before->id);
	to = place_of(&all, r->now->id);
	if (from == all.n || to == all.n)
		return err_set(err, ERR_USAGE, "%s is not in the catalog any more",
			       from == all.n ? r->before->id : r->now->id);
	if (from > to)
		return err_set(err, ERR_USAGE, "%s, which passed, is newer than %s", r->before->id,
			       r->now->id);
	for (size_t i = from; i <= to; i++)
		if (i == from || i == to || is_like(&all.v[i], &all.v[to]))
			strv_add(ids, all.v[i].id);
	return 0;
}

/* *one becomes the setup with the host on which rates are compared; `hosts` is room for it. `uri`: which it has begun on;
 * NULL: it has not. */
static int stay_on_one(const struct setup *setup, const struct matrix_cell *cell, const char *uri,
		       struct setup *one, struct hosts *hosts, struct err *err)
{
	const struct environment *env = &cell->question.env;
	struct host_need need = { NULL, env->accelerator, env->memory, setup->made, 0, NULL };

	*one = *setup;
	if (!setup->hosts)
		return 0;
	one->hosts = hosts;
	need.arch = arch_find(cell->kernel->candidate.arch, err);
	if (!need.arch)
		return -1;
	return hosts_first(setup->hosts, &need, uri, hosts, err);
}

static int create(const struct setup *setup, const struct bisect_spec *spec, const struct campaign *matrix,
		  struct campaign *campaign, struct err *err)
{
	str_replace(&campaign->kind, "bisect");
	str_replace(&campaign->find, "regression");
	str_replace(&campaign->connect, setup->hosts ? setup->hosts->v->uri : matrix->connect);
	str_replace(&campaign->runtime, matrix->runtime);
	question_keep(&spec->question, campaign);
	campaign->trials = 0;
	campaign->end_trials = END_TRIALS;
	campaign->confidence = CONFIDENCE;
	return campaign_create(campaign, setup->results, err);
}

/* A matrix that was broken off finds the bisections that it has begun by their names. */
static int bisect(struct setup *setup, const struct regression *r, const struct campaign *matrix,
		  struct campaign *campaign, struct err *err)
{
	AUTO(candidate_list) candidates = CANDIDATE_LIST_INIT, none = CANDIDATE_LIST_INIT;
	struct setup one;
	struct hosts hosts = HOSTS_INIT;
	struct bisect_spec spec = { &one, &candidates, &none, r->cell->question };
	AUTO_FREE char *name = xasprintf("%.80s-bisect-%zu", matrix->name, r->kernel + 1);
	bool begun = campaign_saved(setup->results, name) >= 0;

	spec.question.candidate_name = spec.question.environment_name = NULL;
	if (!begun)
		campaign->name = xstrdup(name);
	if ((begun ? campaign_load(setup->results, name, campaign, err)
		   : list_between(setup, r, &campaign->candidates, err)) < 0)
		return -1;
	if (begun && *campaign->ended)
		return 0;
	if (stay_on_one(setup, r->cell, begun ? campaign->connect : NULL, &one, &hosts, err) < 0 ||
	    catalog_find_all(setup->catalog, &campaign->candidates, &candidates, err) < 0 ||
	    bisect_check(&candidates, err) < 0 || (!begun && create(&one, &spec, matrix, campaign, err) < 0))
		return -1;
	return bisect_run(&spec, campaign, err);
}

static void describe(const struct cell *cell, struct buf *out)
{
	buf_addf(out, "%s%s%s %s: ", cell->candidate, *cell->environment ? " " : "", cell->environment,
		 cell->scenario);
}

static int explain(struct setup *setup, const struct regression *r, struct campaign *matrix, struct err *err)
{
	AUTO(campaign) campaign = CAMPAIGN_INIT;
	AUTO(err) fault = ERR_INIT;
	AUTO(buf) line = BUF_INIT;
	int status;

	progress_step("bisecting %s: it passed with %s and fails with %s", r->cell->scenario, r->before->id,
		      r->now->id);
	status = bisect(setup, r, matrix, &campaign, &fault);
	if (status < 0 && fault.kind == ERR_INTERRUPTED)
		return err_set(err, fault.kind, "bisecting %s: %s", r->now->candidate, fault.text);
	if (status < 0 && fault.kind == ERR_HOST) /* another time it may be done */
		return err_set(err, fault.kind, "bisecting %s: %s; 'qbisect resume %s' tries it again",
			       r->now->candidate, fault.text, matrix->name);
	buf_adds(&line, "bisected ");
	describe(r->now, &line);
	if (status == 0)
		buf_addf(&line, "%s ('qbisect log %s')", campaign.sentence, campaign.name);
	else
		buf_addf(&line, "it cannot be done: %s", fault.text);
	progress_step("%s", line.s);
	strv_add(&matrix->explanation, line.s);
	return 0;
}

/* Adds the keys of the settings (struct cell) that are not the same in the others. */
static void add_changed(const char *settings, const char *others, struct strv *keys)
{
	AUTO_FREE char *all = xasprintf("%s ", others);

	for (const char *p = strchr(settings, ' '); p; p = strchr(p + 1, ' ')) {
		AUTO_FREE char *pair = xasprintf(" %.*s ", (int)strcspn(p + 1, " "), p + 1);
		AUTO_FREE char *key = xasprintf("%.*s", (int)strcspn(p + 1, "="), p + 1);

		if (!strstr(all, pair))
			strv_add_once(keys, key);
	}
}

/* Where settings changed with it, or instead of it, a search over kernels would blame one of them. */
static void explain_settings(const struct matrix_job *job, size_t k, struct campaign *matrix)
{
	struct regression worst;
	AUTO(strv) keys = STRV_INIT;
	AUTO(buf) line = BUF_INIT;

	if (!find_worst(job, k, false, &worst))
		return;
	add_changed(worst.before->settings, worst.now->settings, &keys);
	add_changed(worst.now->settings, worst.before->settings, &keys);
	buf_adds(&line, "not bisected: ");
	describe(worst.now, &line);
	for (size_t i = 0; i < keys.n; i++)
		buf_addf(&line, "%s%s", i ? ", " : "", keys.v[i]);
	buf_addf(&line, " %s set otherwise when it passed: ask 'qbisect factors' what decides",
		 keys.n > 1 ? "were" : "was");
	progress_step("%s", line.s);
	strv_add(&matrix->explanation, line.s);
}

int regress_bisect(struct setup *setup, const struct matrix_job *job, struct campaign *campaign,
		   struct err *err)
{
	for (size_t i = 0; i < job->config.n_candidates; i++) {
		AUTO(err) fault = ERR_INIT;
		struct regression worst;

		explain_settings(job, i, campaign);
		if (!find_worst(job, i, true, &worst) || explain(setup, &worst, campaign, &fault) == 0)
			continue;
		if (err->kind == ERR_NONE)
			err_set(err, fault.kind, "%s", fault.text);
		if (fault.kind == ERR_INTERRUPTED)
			break;
	}
	if (err->kind != ERR_NONE)
		return -1;
	campaign->bisecting = 0;
	return campaign_save(campaign, err);
}
