#include "campaign/search_round.h"

#include "campaign/search_trials.h"

static const char *const phases[] = { "ends", "search", "audit" };

/* A step of the engine, and what came of it. */
struct want {
	struct engine_step step;
	struct decision decision;
	unsigned left; /* trials that are still to be had */
	bool gone;     /* nothing more is to be asked of the candidate */
};

struct round {
	struct want *wants;
	size_t n, cap;
	unsigned trials; /* of all wants */
};

static void round_release(struct round *round)
{
	for (size_t i = 0; i < round->n; i++) {
		engine_step_release(&round->wants[i].step);
		decision_release(&round->wants[i].decision);
	}
	free(round->wants);
}
AUTO_DEFINE(round, struct round, round_release);

/* --- what is wanted ----------------------------------------------------------------------------------- */

/* The boots that are allowed have been made or are planned, whatever they say. */
static bool is_spent(const struct search *search, unsigned planned)
{
	unsigned most = search->spec.campaign->trials;

	return most && search->all_trials + planned >= most;
}

static void describe(struct search *search, unsigned number, const struct engine_step *step,
		     struct decision *decision)
{
	decision->number = number;
	decision->phase = xstrdup(phases[step->phase]);
	decision->candidate = xstrdup(search->graph.ids[step->candidate]);
	decision->trials = step->trials;
	decision->why = xstrdup(step->why.s);
	decision->bits = step->bits;
}

static void add_want(struct search *search, struct round *round, struct engine_step *step)
{
	struct want *want;

	GROW(round->wants, round->n, round->cap);
	want = &round->wants[round->n++];
	*want = (struct want){ *step, DECISION_INIT, step->trials, false };
	*step = (struct engine_step)ENGINE_STEP_INIT;
	describe(search, search->decisions + (unsigned)round->n, &want->step, &want->decision);
	round->trials += want->left;
}

/* Sets search->state to why there is nothing more. What the engine is asked for counts as under way: no more is asked
 * for than will be had. */
static void gather(struct search *search, struct round *round)
{
	while (round->trials < search->pool.slots && !(round->n && is_spent(search, round->trials))) {
		AUTO(engine_step) step = ENGINE_STEP_INIT;

		search->state = engine_next(&search->engine, &step);
		if (search->state == ENGINE_RUN && is_spent(search, round->trials))
			search->state = ENGINE_SPENT;
		if (search->state != ENGINE_RUN)
			return;
		add_want(search, round, &step);
	}
}

/* --- its trials --------------------------------------------------------------------------------------- */

/* As many as can be had at once: of some the record is there, the others are to be run. */
struct batch {
	struct want **wants; /* of each trial */
	const struct record **stored;
	struct search_trial *fresh;
	size_t n, n_fresh;
};

static void batch_release(struct batch *batch)
{
	for (size_t i = 0; i < batch->n_fresh; i++)
		search_trial_release(&batch->fresh[i]);
	free(batch->wants);
	free(batch->stored);
	free(batch->fresh);
}
AUTO_DEFINE(batch, struct batch, batch_release);

static void batch_open(const struct search *search, struct batch *batch)
{
	size_t slots = search->pool.slots;

	*batch =
	    (struct batch){ xcalloc(slots, sizeof(struct want *)), xcalloc(slots, sizeof(struct record *)),
			    xcalloc(slots, sizeof(*batch->fresh)), 0, 0 };
}

static char *label_of(struct search *search, const struct want *want, size_t behind)
{
	double mass;
	uint32_t best = engine_best(&search->engine, &mass);
	int width = search->spec.source->commits ? 12 : 60; /* a commit as git abbreviates it */

	return xasprintf("%s, boot %u, likeliest %.*s %.3f: %.*s", want->decision.phase,
			 search->all_trials + (unsigned)behind + 1, width, search->graph.ids[best], mass,
			 width, want->decision.candidate);
}

static bool is_wanted(const struct round *round, uint32_t candidate)
{
	for (size_t i = 0; i < round->n; i++)
		if (round->wants[i].step.candidate == candidate)
			return true;
	return false;
}

/* False: there is none, and no new ones are run, or the records go another way: the next is of somebody else. */
static bool add_trial(struct search *search, const struct round *round, struct want *want,
		      struct batch *batch)
{
	uint32_t next = trials_left(search);
	const struct record *stored;

	if (next != GRAPH_NONE && !is_wanted(round, next)) {
		if (!search->differs)
			search->differs = want->decision.number;
		return false;
	}
	stored = trials_stored(search, want->step.candidate);
	if (!stored && !search->spec.setup)
		return false;
	if (!stored) {
		struct search_trial *fresh = &batch->fresh[batch->n_fresh++];

		*fresh = (struct search_trial)SEARCH_TRIAL_INIT;
		fresh->candidate = want->step.candidate;
		fresh->label = label_of(search, want, batch->n);
	}
	batch->wants[batch->n] = want;
	batch->stored[batch->n++] = stored;
	want->left--;
	return true;
}

/* 1: all that is wanted, or that there are slots for. 0: not all of it can be had. */
static int fill(struct search *search, struct round *round, struct batch *batch)
{
	for (size_t i = 0; i < round->n; i++) {
		struct want *want = &round->wants[i];

		while (want->left && !want->gone && batch->n < search->pool.slots &&
		       !is_spent(search, (unsigned)batch->n))
			if (!add_trial(search, round, want, batch))
				return 0;
	}
	return 1;
}

static int take(struct search *search, const struct batch *batch, struct err *err)
{
	size_t fresh = 0;

	for (size_t i = 0; i < batch->n; i++) {
		struct want *want = batch->wants[i];
		const struct record *record =
		    batch->stored[i] ? batch->stored[i] : &batch->fresh[fresh++].record;
		int gone = trials_take(search, want->step.candidate, record, &want->decision, err);

		if (gone < 0)
			return -1;
		want->gone |= gone > 0;
	}
	return 0;
}

/* 1: there may be more. 0: that was all. -1: an error. */
static int have_trials(struct search *search, struct round *round, bool *missing, struct err *err)
{
	AUTO(batch) batch;

	batch_open(search, &batch);
	*missing = !fill(search, round, &batch);
	if (trials_run(search, batch.fresh, batch.n_fresh, err) < 0 || take(search, &batch, err) < 0)
		return -1;
	return batch.n && !*missing;
}

/* --- what came of it ---------------------------------------------------------------------------------- */

/* Everything that is left, at once: the engine would ask for something else today than it did then. */
static int take_rest(struct search *search, struct err *err)
{
	uint32_t i;

	while ((i = trials_left(search)) != GRAPH_NONE) {
		AUTO(decision) ignored = DECISION_INIT;
		int gone = trials_take(search, i, trials_stored(search, i), &ignored, err);

		if (gone < 0)
			return -1;
		engine_add(&search->engine, i, ignored.failures, ignored.failures + ignored.passes);
		if (gone)
			engine_skip(&search->engine, i, ignored.skip);
	}
	return 0;
}

/* Compares with the decision that was kept, or keeps it. */
static int keep(struct search *search, const struct decision *decision, struct err *err)
{
	unsigned i = search->decisions++;

	if (i < search->kept.n) {
		if (!search->differs && !decision_equal(&search->kept.v[i], decision))
			search->differs = i + 1;
		return 0;
	}
	return search->spec.setup ? decision_append(search->spec.campaign->folder, decision, err) : 0;
}

/* Tells the engine. What is missing is no decision. */
static int conclude(struct search *search, struct round *round, double bits, bool missing, struct err *err)
{
	for (size_t i = 0; i < round->n; i++) {
		struct want *want = &round->wants[i];
		struct decision *decision = &want->decision;

		engine_add(&search->engine, want->step.candidate, decision->failures,
			   decision->failures + decision->passes);
		if (want->gone)
			engine_skip(&search->engine, want->step.candidate, decision->skip);
		if (missing)
			continue;
		decision->told = bits - engine_bits(&search->engine);
		bits = engine_bits(&search->engine);
		decision->likeliest =
		    xstrdup(search->graph.ids[engine_best(&search->engine, &decision->mass)]);
		if (keep(search, decision, err) < 0)
			return -1;
	}
	return 0;
}

int round_run(struct search *search, struct err *err)
{
	AUTO(round) round = { NULL, 0, 0, 0 };
	bool missing = false;
	double bits;
	int more = 1;

	gather(search, &round);
	if (!round.n)
		return 0;
	search->state = ENGINE_RUN;
	bits = engine_bits(&search->engine);
	while (more > 0)
		more = have_trials(search, &round, &missing, err);
	if (more < 0 || (missing && take_rest(search, err) < 0) ||
	    conclude(search, &round, bits, missing, err) < 0)
		return -1;
	return !missing || search->spec.setup;
}
