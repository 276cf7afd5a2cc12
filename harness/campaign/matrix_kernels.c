/* Where the kernels of a matrix come from, and what the run before has shown of them. */
#include "base/fs.h"
#include "base/progress.h"
#include "campaign/matrix.h"
#include "kernel/debian.h"
#include "kernel/obtain.h"
#include "store/heads.h"

/* What stands in records for a kernel that is not there. */
static int stand_in(const struct origin *origin, struct candidate *out, struct err *err)
{
	AUTO(debian_package) package = { NULL, NULL };

	if (!debian_suite_valid(origin->suite))
		return err_set(err, ERR_USAGE, "'%s': expected a suite as sources.list names it",
			       origin->suite);
	if (debian_package_parse(origin->package, &package, err) < 0)
		return -1;
	out->id = xstrdup(package.name);
	out->arch = xstrdup(debian_our_arch(package.arch));
	out->release = xstrdup("");
	return 0;
}

static int fetch(const struct setup *setup, const struct matrix_candidate *wanted,
		 struct matrix_kernel *kernel, struct err *err)
{
	AUTO(candidate) found = CANDIDATE_INIT;
	AUTO(err) fault = ERR_INIT;

	progress_step("fetching %s of %s for %s", wanted->origin.package, wanted->origin.suite, wanted->name);
	if (obtain_kernel(setup->catalog, &wanted->origin, &found, &fault) == 0) {
		candidate_release(&kernel->candidate);
		candidate_move(&kernel->candidate, &found);
		return 0;
	}
	if (fault.kind != ERR_HOST && fault.kind != ERR_USAGE)
		return err_set(err, fault.kind, "%s: %s", wanted->name, fault.text);
	progress_step("%s: %s; its cells are skipped", wanted->name, fault.text);
	kernel->missing = xstrdup(fault.text);
	return 0;
}

/* What is no name of a suite or package is told before any is fetched. */
static int name_all(const struct matrix_config *config, struct matrix_kernel *kernels, struct err *err)
{
	for (size_t i = 0; i < config->n_candidates; i++) {
		const struct matrix_candidate *wanted = &config->candidates[i];

		kernels[i].name = wanted->name;
		if (!wanted->origin.id && stand_in(&wanted->origin, &kernels[i].candidate, err) < 0)
			return err_wrap(err, "candidates: %s", wanted->name);
	}
	return 0;
}

static int find(const struct setup *setup, const struct matrix_candidate *wanted, const char *known,
		struct matrix_kernel *kernel, struct err *err)
{
	if (*known) {
		candidate_release(&kernel->candidate);
		return catalog_find(setup->catalog, known, &kernel->candidate, err);
	}
	if (!wanted->origin.id)
		return fetch(setup, wanted, kernel, err);
	if (obtain_kernel(setup->catalog, &wanted->origin, &kernel->candidate, err) < 0)
		return err_wrap(err, "candidates: %s", wanted->name);
	return 0;
}

/* A night with no kernel at all is none: more likely the file or the network is wrong. */
static int check_any(const struct matrix_kernel *kernels, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if (!kernels[i].missing)
			return 0;
	return err_set(err, ERR_HOST, "none of the candidates could be fetched; %s: %s", kernels[0].name,
		       kernels[0].missing);
}

struct matrix_kernel *matrix_kernels(const struct setup *setup, const struct matrix_config *config,
				     const struct strv *ids, struct err *err)
{
	struct matrix_kernel *kernels = xcalloc(config->n_candidates, sizeof(*kernels));
	bool named = name_all(config, kernels, err) == 0;
	size_t i = 0;

	while (named && i < config->n_candidates) {
		const char *known = ids && i < ids->n ? ids->v[i] : "";

		if (find(setup, &config->candidates[i], known, &kernels[i], err) < 0)
			break;
		i++;
	}
	if (i == config->n_candidates && check_any(kernels, i, err) == 0)
		return kernels;
	matrix_kernels_free(kernels, config->n_candidates);
	return NULL;
}

void matrix_kernels_free(struct matrix_kernel *kernels, size_t n)
{
	for (size_t i = 0; kernels && i < n; i++) {
		candidate_release(&kernels[i].candidate);
		free(kernels[i].missing);
	}
	free(kernels);
}

static bool is_run_of(const struct campaign *campaign, const char *matrix)
{
	return str_eq(campaign->kind, "matrix") && str_eq(campaign->matrix, matrix) && *campaign->ended;
}

/* Times are UTC in one format, so that their texts sort as they do; within a second, what was saved later. */
static bool is_newer(const char *results, const struct campaign *a, const struct campaign *b)
{
	int order = b->name ? strcmp(a->started, b->started) : 1;

	return order ? order > 0 : campaign_saved(results, a->name) > campaign_saved(results, b->name);
}

/* Whether another run was compared with it: then that one came later, whatever the clock said. */
static bool is_superseded(const struct heads *all, const struct campaign *campaign)
{
	for (size_t i = 0; i < all->n; i++)
		if (is_run_of(&all->v[i], campaign->matrix) && str_eq(all->v[i].previous, campaign->name))
			return true;
	return false;
}

char *matrix_newest(const struct setup *setup, const char *matrix)
{
	static const struct campaign none = CAMPAIGN_INIT;
	AUTO(strv) damaged = STRV_INIT; /* another's damage must not stop this run */
	AUTO(err) ignored = ERR_INIT;
	AUTO(heads) all = HEADS_INIT;
	const struct campaign *best = &none;

	heads_load(setup->results, &all, &damaged, &ignored);
	for (size_t i = 0; i < all.n; i++)
		if (is_run_of(&all.v[i], matrix) && !is_superseded(&all, &all.v[i]) &&
		    is_newer(setup->results, &all.v[i], best))
			best = &all.v[i];
	return best->name ? xstrdup(best->name) : NULL;
}
