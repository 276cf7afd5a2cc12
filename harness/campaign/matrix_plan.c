#include "campaign/matrix_plan.h"

#include <fnmatch.h>
#include <math.h>

/* --- making ----------------------------------------------------------------------------------------------- */

/* What is least known goes first: not tried before, then what failed, then what passed. */
static int rank_of(const struct cell *before)
{
	static const int ranks[CELL_STATES] = {
		[CELL_NONE] = 0, [CELL_FLAKY] = 1, [CELL_BAD] = 1, [CELL_SKIP] = 2, [CELL_GOOD] = 3,
	};

	return before ? ranks[cell_state(before)] : 0;
}

static double cost_of(const struct cell *before)
{
	unsigned boots = before ? before->trials + before->skips : 0;

	return boots ? before->seconds / boots : 0;
}

/* Every setting of the file, the environment's own last. */
static void join_settings(const struct matrix_config *config, const struct matrix_environment *environment,
			  struct strv *set)
{
	for (size_t i = 0; i < config->set.n; i++)
		strv_add(set, config->set.v[i]);
	for (size_t i = 0; i < environment->set.n; i++)
		strv_add(set, environment->set.v[i]);
}

static int add_cell(struct matrix_plan *plan, const struct setup *setup, const struct matrix_kernel *kernel,
		    const struct matrix_environment *environment, const char *scenario,
		    const struct cells *before, struct err *err)
{
	const struct plan_program none = { NULL, NULL };
	const struct cell *old = cells_find(before, kernel->name, environment->name, scenario);
	AUTO(strv) set = STRV_INIT;
	AUTO(err) refusal = ERR_INIT;
	struct matrix_cell *cell;

	GROW(plan->v, plan->n, plan->cap);
	cell = &plan->v[plan->n++];
	*cell = (struct matrix_cell){ .kernel = kernel,
				      .environment = environment->name,
				      .scenario = xstrdup(scenario),
				      .rank = rank_of(old),
				      .cost = cost_of(old) };
	join_settings(plan->config, environment, &set);
	if (question_make(setup, cell->scenario, &set, &none, 1, &cell->question, err) < 0)
		return -1;
	cell->question.candidate_name = kernel->name;
	cell->question.environment_name = environment->name;
	if (kernel->missing)
		cell->refusal = xstrdup(kernel->missing);
	else if (question_check(&cell->question, &kernel->candidate, &refusal) < 0)
		cell->refusal = xstrdup(refusal.text);
	cells_at(&plan->cells, kernel->name, environment->name, scenario);
	cell->cell = plan->cells.n - 1;
	return 0;
}

static int add_scenario(struct matrix_plan *plan, const struct setup *setup,
			const struct matrix_kernel *kernels, const char *scenario, const struct cells *before,
			struct err *err)
{
	const struct matrix_config *config = plan->config;

	for (size_t c = 0; c < config->n_candidates; c++) {
		for (size_t e = 0; e < config->n_environments; e++) {
			const struct matrix_environment *environment = &config->environments[e];

			if (matrix_excluded(config, kernels[c].name, environment->name, scenario))
				plan->excluded++;
			else if (add_cell(plan, setup, &kernels[c], environment, scenario, before, err) < 0)
				return -1;
		}
	}
	return 0;
}

/* A pattern that matches no scenario would let cells run that were meant to be left out. */
static int check_patterns(const struct matrix_config *config, const struct strv *scenarios, struct err *err)
{
	for (size_t i = 0; i < config->n_exclusions; i++) {
		const struct strv *patterns = &config->exclusions[i].scenarios;

		for (size_t j = 0; j < patterns->n; j++) {
			size_t found = 0;

			for (size_t s = 0; s < scenarios->n; s++)
				found += fnmatch(patterns->v[j], scenarios->v[s], 0) == 0;
			if (!found)
				return err_set(
				    err, ERR_USAGE,
				    "exclude: '%s' matches no scenario of this matrix: mend or remove it",
				    patterns->v[j]);
		}
	}
	return 0;
}

int matrix_plan_scenarios(const struct setup *setup, const struct matrix_config *config, struct strv *labels,
			  struct err *err)
{
	AUTO(scenario_choice) choice = SCENARIO_CHOICE_INIT;

	for (size_t i = 0; i < config->scenarios.n; i++)
		if (scenario_select(&setup->scenarios, config->scenarios.v[i], &choice, err) < 0)
			return err_wrap(err, "scenarios");
	for (size_t i = 0; i < choice.n; i++) {
		AUTO(buf) label = BUF_INIT;

		scenario_label(&setup->scenarios, choice.v[i], &label);
		strv_add(labels, label.s);
	}
	return check_patterns(config, labels, err);
}

/* The least that a trial of the cell takes: what it took before, or what its own settings say. */
static double least_seconds(const struct matrix_cell *cell)
{
	return cell->cost > 0 ? cell->cost : cell->question.env.iterations ? 0 : cell->question.env.seconds;
}

static int check_budget(const struct matrix_plan *plan, struct err *err)
{
	double least = INFINITY, budget = plan->config->budget * 60.0;

	if (!plan->config->budget)
		return 0;
	for (size_t i = 0; i < plan->n; i++)
		if (!plan->v[i].refusal)
			least = fmin(least, least_seconds(&plan->v[i]));
	if (least <= budget || least == INFINITY)
		return 0;
	return err_set(
	    err, ERR_USAGE,
	    "budget: %u min are too few for one trial: the shortest takes %.0f s; allow more, or ask for "
	    "fewer iterations or seconds",
	    plan->config->budget, least);
}

static int by_rank(const void *pa, const void *pb, void *arg)
{
	const size_t *a = pa, *b = pb;
	const struct matrix_cell *cells = arg, *x = &cells[*a], *y = &cells[*b];

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	if (x->cost != y->cost)
		return x->cost < y->cost ? -1 : 1;
	return (*a > *b) - (*a < *b);
}

static void sort_cells(struct matrix_plan *plan)
{
	plan->order = xcalloc(plan->n, sizeof(*plan->order));
	for (size_t i = 0; i < plan->n; i++)
		plan->order[i] = i;
	qsort_r(plan->order, plan->n, sizeof(*plan->order), by_rank, plan->v);
}

int matrix_plan_make(const struct setup *setup, const struct matrix_config *config, const struct strv *labels,
		     const struct matrix_kernel *kernels, const struct cells *before,
		     struct matrix_plan *plan, struct err *err)
{
	plan->config = config;
	for (size_t i = 0; i < labels->n; i++)
		if (add_scenario(plan, setup, kernels, labels->v[i], before, err) < 0)
			return -1;
	if (!plan->n)
		return err_set(err, ERR_USAGE, "exclude: nothing is left of %zu cells", plan->excluded);
	sort_cells(plan);
	return check_budget(plan, err);
}

/* --- choosing --------------------------------------------------------------------------------------------- */

static unsigned tried(const struct matrix_plan *plan, const struct matrix_cell *cell)
{
	const struct cell *shown = &plan->cells.v[cell->cell];

	return shown->trials + shown->skips;
}

static bool wants(const struct matrix_plan *plan, const struct matrix_cell *cell)
{
	const struct cell *shown = &plan->cells.v[cell->cell];

	if (cell->running || cell->broken || cell->put_off || shown->untestable)
		return false;
	if (cell->refusal)
		return !tried(plan, cell);
	return cell->alone || tried(plan, cell) < plan->config->repeats;
}

/* The i-th in order. */
static struct matrix_cell *at(const struct matrix_plan *plan, size_t i)
{
	return &plan->v[plan->order[i]];
}

/* What neither runs nor wants a trial never will: only a trial's record could change that. */
static bool is_done(const struct matrix_plan *plan, const struct matrix_cell *cell)
{
	return !cell->running && !wants(plan, cell);
}

size_t matrix_plan_left(const struct matrix_plan *plan)
{
	size_t n = 0;

	for (size_t i = plan->done; i < plan->n; i++)
		n += !is_done(plan, at(plan, i));
	return n;
}

/* The first in order of those that were tried least, or NULL. Most runs find it right behind those that are under way. */
static struct matrix_cell *least_tried(struct matrix_plan *plan)
{
	struct matrix_cell *first = NULL;

	while (plan->done < plan->n && is_done(plan, at(plan, plan->done)))
		plan->done++;
	for (size_t i = plan->done; i < plan->n && (!first || tried(plan, first)); i++)
		if (wants(plan, at(plan, i)) && (!first || tried(plan, at(plan, i)) < tried(plan, first)))
			first = at(plan, i);
	return first;
}

static bool shares(const struct matrix_cell *first, const struct matrix_cell *other)
{
	return other->kernel == first->kernel && !other->alone && !other->refusal &&
	       environment_shares_boot(&first->question.env, &other->question.env);
}

size_t matrix_plan_next(struct matrix_plan *plan, struct matrix_cell **out)
{
	struct matrix_cell *first = least_tried(plan);
	size_t n = 0;

	if (!first)
		return 0;
	out[n++] = first;
	if (first->alone || first->refusal)
		return n;
	for (size_t i = 0; i < plan->n && n < plan->config->together; i++)
		if (&plan->v[i] != first && shares(first, &plan->v[i]) && wants(plan, &plan->v[i]) &&
		    tried(plan, &plan->v[i]) == tried(plan, first))
			out[n++] = &plan->v[i];
	return n;
}

/* What every boot is before it is any scenario's: the file system is the last of it. */
static bool has_mounted(const struct record *record)
{
	for (size_t i = 0; i < record->facts.n; i++)
		if (str_starts(record->facts.v[i], "fstype="))
			return true;
	return false;
}

/* What came as far neither in a boot of many nor in one of its own does so for nobody. */
static void give_up_boot(struct matrix_plan *plan, const struct matrix_cell *cell,
			 const struct record *record)
{
	const char *what = record->guest_pagesize ? "the boot does not come as far as the test"
						  : "the kernel does not come up";

	for (size_t i = 0; i < plan->n; i++) {
		struct matrix_cell *other = &plan->v[i];

		if (other != cell && other->kernel == cell->kernel && !other->refusal && !other->running &&
		    !tried(plan, other) && environment_shares_boot(&cell->question.env, &other->question.env))
			other->refusal = xasprintf("%s: %s", what, record->title);
	}
}

void matrix_plan_take(struct matrix_plan *plan, struct matrix_cell *cell, const struct record *record)
{
	bool again = cell->alone && !*record->boot; /* a second boot that came to nothing */

	cell->running = false;
	cell->broken = record->verdict == VERDICT_BROKEN && !*record->boot;
	cell->alone = *record->boot && record->verdict != VERDICT_GOOD;
	cells_add(&plan->cells, record);
	if (again && record->verdict == VERDICT_SKIP && !has_mounted(record))
		give_up_boot(plan, cell, record);
}

void matrix_plan_put_back(struct matrix_cell *cell, bool later)
{
	cell->running = false;
	cell->put_off = later;
}

size_t matrix_plan_again(struct matrix_plan *plan)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->n; i++) {
		n += plan->v[i].put_off;
		plan->v[i].put_off = false;
	}
	plan->done = 0;
	return n;
}

void matrix_plan_release(struct matrix_plan *plan)
{
	for (size_t i = 0; i < plan->n; i++) {
		free(plan->v[i].scenario);
		free(plan->v[i].refusal);
	}
	free(plan->v);
	free(plan->order);
	cells_release(&plan->cells);
}
