#include "campaign/search.h"

#include "bisect/evidence.h"
#include "campaign/history.h"
#include "campaign/search_trials.h"
#include "campaign/units.h"

static const char *const phases[] = { "ends", "search", "audit" };

int search_open(const struct search_spec *spec, struct search *search, struct err *err)
{
	AUTO_FREE double *prior = NULL;
	size_t n;

	search->spec = *spec;
	if (history_graph(spec->campaign, &search->graph, err) < 0)
		return -1;
	prior = history_prior(spec->campaign, &search->graph, err);
	if (!prior)
		return -1;
	n = search->graph.n;
	search->model = model_new();
	engine_init(&search->engine, &(struct engine_config){ .graph = &search->graph,
							      .model = search->model,
							      .prior = prior,
							      .fix = str_eq(spec->campaign->find, "fix"),
							      .confidence = spec->campaign->confidence,
							      .end_trials = spec->campaign->end_trials });
	search->booths = xcalloc(n, sizeof(struct booth *));
	search->skips = xcalloc(n, sizeof(*search->skips));
	search->judged = xcalloc(n, sizeof(*search->judged));
	search->seconds = xcalloc(n, sizeof(*search->seconds));
	search->kernels = xcalloc(n, sizeof(*search->kernels));
	if (spec->setup && units_tidy(spec->campaign, &search->number, err) < 0)
		return -1;
	if (campaign_records(spec->campaign, &search->records, err) < 0)
		return -1;
	return decisions_load(spec->campaign->folder, spec->setup != NULL, &search->kept, err);
}

/* --- decisions ---------------------------------------------------------------------------------------- */

/* Everything that is left, at once: the engine would ask for something else today than it did then. */
static int take_rest(struct search *search, struct err *err)
{
	const struct record *record;
	uint32_t i;

	for (; (record = trials_stored(search, &i)); search->next++) {
		AUTO(decision) ignored = DECISION_INIT;
		int gone = trials_take(search, i, record, &ignored, err);

		if (gone < 0)
			return -1;
		engine_add(&search->engine, i, ignored.failures, ignored.failures + ignored.passes);
		if (gone)
			engine_skip(&search->engine, i, ignored.skip);
	}
	return 0;
}

static int run_trial(struct search *search, const struct engine_step *step, struct record *record,
		     struct err *err)
{
	double mass;
	uint32_t best = engine_best(&search->engine, &mass);
	int width = search->spec.source->commits ? 12 : 60; /* a commit as git abbreviates it */
	AUTO_FREE char *label =
	    xasprintf("%s, boot %u, likeliest %.*s %.3f: %.*s", phases[step->phase], search->all_trials + 1,
		      width, search->graph.ids[best], mass, width, search->graph.ids[step->candidate]);

	return trials_run(search, step->candidate, label, record, err);
}

/* One trial of a step. 1: *decision has it, and *gone says whether it was the last of its candidate. 0: there
 * is none, and no new ones are run, or the records go another way. */
static int take_trial(struct search *search, const struct engine_step *step, struct decision *decision,
		      bool *gone, struct err *err)
{
	uint32_t i;
	const struct record *stored = trials_stored(search, &i);
	AUTO(record) fresh = RECORD_INIT;
	int last;

	if (stored && i != step->candidate) {
		if (!search->differs)
			search->differs = search->decisions + 1;
		return take_rest(search, err);
	}
	if (!stored && !search->spec.setup)
		return 0;
	if (stored)
		search->next++;
	else if (run_trial(search, step, &fresh, err) < 0)
		return -1;
	last = trials_take(search, step->candidate, stored ? stored : &fresh, decision, err);
	*gone = last > 0;
	return last < 0 ? -1 : 1;
}

static void describe(struct search *search, const struct engine_step *step, struct decision *decision)
{
	decision->number = search->decisions + 1;
	decision->phase = xstrdup(phases[step->phase]);
	decision->candidate = xstrdup(search->graph.ids[step->candidate]);
	decision->trials = step->trials;
	decision->why = xstrdup(step->why.s);
	decision->bits = step->bits;
	decision->told = engine_bits(&search->engine);
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

/* The boots that are allowed have been made, whatever they said. */
static bool is_spent(const struct search *search)
{
	unsigned most = search->spec.campaign->trials;

	return most && search->all_trials >= most;
}

/* 1: go on. 0: there are no more trials. */
static int perform(struct search *search, const struct engine_step *step, struct err *err)
{
	AUTO(decision) decision = DECISION_INIT;
	bool gone = false;
	int there = 1;

	describe(search, step, &decision);
	for (unsigned t = 0; t < step->trials && there > 0 && !gone && !is_spent(search); t++)
		there = take_trial(search, step, &decision, &gone, err);
	if (there < 0)
		return -1;
	engine_add(&search->engine, step->candidate, decision.failures, decision.failures + decision.passes);
	if (!there)
		return search->spec.setup != NULL;
	if (gone)
		engine_skip(&search->engine, step->candidate, decision.skip);
	decision.told -= engine_bits(&search->engine);
	decision.likeliest = xstrdup(search->graph.ids[engine_best(&search->engine, &decision.mass)]);
	return keep(search, &decision, err) < 0 ? -1 : 1;
}

static int take_given(struct search *search, struct err *err)
{
	AUTO(buf) text = BUF_INIT;

	for (size_t i = 0; i < search->spec.campaign->given.n; i++)
		buf_addf(&text, "%s\n", search->spec.campaign->given.v[i]);
	return text.len ? evidence_read("what was given", text.s, &search->engine, err) : 0;
}

int search_run(struct search *search, struct err *err)
{
	AUTO(engine_step) step = ENGINE_STEP_INIT;
	int more = 1;

	if (take_given(search, err) < 0)
		return -1;
	while (more > 0) {
		search->state = engine_next(&search->engine, &step);
		if (search->state == ENGINE_RUN && is_spent(search))
			search->state = ENGINE_SPENT;
		if (search->state != ENGINE_RUN)
			return 0;
		more = perform(search, &step, err);
	}
	return more;
}

void search_release(struct search *search)
{
	for (size_t i = 0; search->booths && i < search->graph.n; i++) {
		if (search->booths[i])
			booth_release(search->booths[i]);
		free(search->booths[i]);
		free(search->kernels[i]);
	}
	free(search->kernels);
	free(search->booths);
	free(search->skips);
	free(search->judged);
	free(search->seconds);
	record_list_release(&search->records);
	decision_list_release(&search->kept);
	engine_release(&search->engine);
	model_free(search->model);
	graph_release(&search->graph);
}
