/* What the cells of a matrix say together. */
#include "base/clock.h"
#include "campaign/matrix.h"

static const struct cell *shown(const struct matrix_plan *plan, const struct matrix_cell *cell)
{
	return &plan->cells.v[cell->cell];
}

struct summary {
	unsigned states[CELL_STATES], changes[CELL_CHANGES], broken;
};

static const struct cell *find_before(const struct cells *before, const struct cell *now)
{
	return cells_find(before, now->candidate, now->environment, now->scenario);
}

static struct summary summarize(const struct matrix_plan *plan, const struct cells *before)
{
	struct summary s = { { 0 }, { 0 }, 0 };

	for (size_t i = 0; i < plan->n; i++) {
		const struct cell *now = shown(plan, &plan->v[i]);

		s.states[cell_state(now)]++;
		s.changes[cell_change(find_before(before, now), now)]++;
		s.broken += plan->v[i].broken;
	}
	return s;
}

static void describe(const struct cell *cell, struct buf *out)
{
	buf_addf(out, "%s%s%s %s", cell->candidate, *cell->environment ? " " : "", cell->environment,
		 cell->scenario);
}

/* A cell that passed before and was not tried now is told with all that were not tried. */
static bool is_told_elsewhere(const struct cell *was, const struct cell *now)
{
	return cell_state(now) == CELL_NONE && was && cell_state(was) == CELL_GOOD;
}

/* A line for each cell that became `change`. */
static void explain(const struct matrix_plan *plan, const struct cells *before, enum cell_change change,
		    struct strv *out)
{
	for (size_t i = 0; i < plan->n; i++) {
		const struct cell *now = shown(plan, &plan->v[i]), *was = find_before(before, now);
		AUTO(buf) line = BUF_INIT;

		if (cell_change(was, now) != change || is_told_elsewhere(was, now))
			continue;
		buf_addf(&line, "%s: ", cell_change_name(change));
		describe(now, &line);
		buf_addf(&line, ", %u of %u trials failed", now->failures, now->trials);
		if (was && !cell_asked_alike(was, now))
			buf_addf(&line, " (before, set otherwise, %u of %u:%s)", was->failures, was->trials,
				 *was->settings ? was->settings : " by the defaults");
		else if (was && was->trials)
			buf_addf(&line, " (before: %u of %u)", was->failures, was->trials);
		if (now->why)
			buf_addf(&line, ": %s", now->why);
		strv_add(out, line.s);
	}
}

static char *sentence(const struct matrix_plan *plan, const struct summary *s, const char *previous)
{
	AUTO(buf) text = BUF_INIT;

	buf_addf(&text, "%zu cells:", plan->n);
	for (int state = CELL_STATES - 1; state >= 0; state--)
		if (s->states[state])
			buf_addf(&text, " %u %s,", s->states[state], cell_state_name((enum cell_state)state));
	text.s[--text.len] = '\0';
	if (s->broken)
		buf_addf(&text, " (%u broken: the host's fault)", s->broken);
	if (!*previous)
		buf_adds(&text, "; no run before to compare with");
	else
		buf_addf(&text, "; since %s %u new failures, %u fixed, %u still failing", previous,
			 s->changes[CELL_NEW_FAILURE], s->changes[CELL_FIXED],
			 s->changes[CELL_STILL_FAILING]);
	return xstrdup(text.s);
}

static bool same_column(const struct matrix_cell *a, const struct matrix_cell *b)
{
	return a->kernel == b->kernel && str_eq(a->environment, b->environment);
}

static bool is_untried(const struct matrix_plan *plan, size_t i)
{
	return cell_state(shown(plan, &plan->v[i])) == CELL_NONE;
}

/* A line for each kernel and environment that has cells which were never tried. */
static void explain_untried(const struct matrix_plan *plan, struct strv *out)
{
	AUTO_FREE bool *told = xcalloc(plan->n, sizeof(*told));

	for (size_t i = 0; i < plan->n; i++) {
		const struct matrix_cell *cell = &plan->v[i];
		AUTO(buf) line = BUF_INIT;

		if (told[i] || !is_untried(plan, i))
			continue;
		buf_addf(&line, "%s: %s%s%s", cell_state_name(CELL_NONE), cell->kernel->name,
			 *cell->environment ? " " : "", cell->environment);
		for (size_t j = i; j < plan->n; j++) {
			if (!is_untried(plan, j) || !same_column(cell, &plan->v[j]))
				continue;
			told[j] = true;
			buf_addf(&line, "%s %s", j == i ? ":" : ",", plan->v[j].scenario);
		}
		strv_add(out, line.s);
	}
}

void matrix_conclude(const struct matrix_plan *plan, const struct cells *before, struct campaign *campaign)
{
	static const enum cell_change order[] = { CELL_NEW_FAILURE, CELL_FIXED, CELL_LOST, CELL_NOW_AND_THEN,
						  CELL_STILL_FAILING };
	struct summary s = summarize(plan, before);
	AUTO_FREE char *now = clock_utc_now();
	AUTO(buf) common = BUF_INIT;

	str_replace(&campaign->ended, now);
	str_replace(&campaign->answer, s.changes[CELL_NEW_FAILURE]		     ? "regressed"
				       : s.states[CELL_NONE] || s.changes[CELL_LOST] ? "incomplete"
										     : "passed");
	free(campaign->sentence);
	campaign->sentence = sentence(plan, &s, campaign->previous);
	strv_release(&campaign->explanation);
	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		explain(plan, before, order[i], &campaign->explanation);
	explain_untried(plan, &campaign->explanation);
	cells_common(&plan->cells, &common);
	str_replace(&campaign->comparison, common.s);
}
