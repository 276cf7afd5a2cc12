#include "campaign/search.h"

#include "bisect/evidence.h"
#include "kernel/catalog.h"

/* A candidate is given up when so many trials said nothing, and more than said something. */
#define SKIPS_ENOUGH 2

static const char *const phases[] = { "ends", "search", "audit" };

int search_open(const struct search_spec *spec, struct search *search, struct err *err)
{
	const struct strv *ids = &spec->campaign->candidates;
	size_t n = ids->n;

	search->spec = *spec;
	if (graph_from_list((const char *const *)ids->v, n, &search->graph, err) < 0)
		return -1;
	search->model = model_new();
	engine_init(&search->engine, &(struct engine_config){ .graph = &search->graph,
							      .model = search->model,
							      .fix = str_eq(spec->campaign->find, "fix"),
							      .confidence = spec->campaign->confidence,
							      .end_trials = spec->campaign->end_trials,
							      .most = spec->campaign->trials });
	search->booths = xcalloc(n, sizeof(*search->booths));
	search->skips = xcalloc(n, sizeof(*search->skips));
	search->judged = xcalloc(n, sizeof(*search->judged));
	search->seconds = xcalloc(n, sizeof(*search->seconds));
	if (spec->setup && campaign_tidy(spec->campaign, &search->number, err) < 0)
		return -1;
	if (campaign_records(spec->campaign, &search->records, err) < 0)
		return -1;
	return decisions_load(spec->campaign->folder, spec->setup != NULL, &search->kept, err);
}

/* --- trials -----------------------------------------------------------------------------------------------
 */

/* The next record that is evidence of the search, or NULL. */
static const struct record *stored_next(struct search *search)
{
	for (; search->next < search->records.n; search->next++) {
		const struct record *record = &search->records.v[search->next];

		if (record->verdict != VERDICT_BROKEN &&
		    graph_find(&search->graph, record->candidate) != GRAPH_NONE)
			return record;
	}
	return NULL;
}

/* Numbers of the graph, in which the old end stands last, and of the list. */
static const struct candidate *candidate_of(const struct search *search, uint32_t i)
{
	return &search->spec.candidates->v[graph_is_suspect(&search->graph, i) ? i + 1 : 0];
}

static int open_booth(struct search *search, uint32_t i, struct err *err)
{
	struct booth *booth = xcalloc(1, sizeof(*booth));

	search->booths[i] = booth;
	return booth_open(search->spec.setup, search->spec.question, candidate_of(search, i), booth, err);
}

static int run_trial(struct search *search, const struct engine_step *step, struct record *record,
		     struct err *err)
{
	double mass;
	uint32_t best = engine_best(&search->engine, &mass);
	AUTO_FREE char *label =
	    xasprintf("%s, boot %u, likeliest %s %.3f: %s", phases[step->phase], search->all_trials + 1,
		      search->graph.ids[best], mass, search->graph.ids[step->candidate]);

	if (!search->booths[step->candidate] && open_booth(search, step->candidate, err) < 0)
		return -1;
	if (booth_trial(search->booths[step->candidate], search->spec.campaign, &search->number, label,
			record, err) < 0)
		return -1;
	if (record->verdict == VERDICT_BROKEN)
		return err_set(
		    err, ERR_HOST,
		    "%s: every trial broke: %s; 'qbisect doctor' checks the host, 'qbisect resume %s' goes on",
		    record->candidate, record->title, search->spec.campaign->name);
	return 0;
}

static int check_pagesize(struct search *search, const struct record *record, struct err *err)
{
	if (!record->guest_pagesize || record->guest_pagesize == search->pagesize)
		return 0;
	if (search->pagesize && record->verdict != VERDICT_SKIP)
		return err_set(
		    err, ERR_USAGE,
		    "%s runs with pages of %u bytes, the candidates before it with %u: one list, one page size",
		    record->candidate, record->guest_pagesize, search->pagesize);
	if (!search->pagesize)
		search->pagesize = record->guest_pagesize;
	return 0;
}

/* What a trial of this candidate costs from now on is what it has cost; others cost the mean. */
static void count_seconds(struct search *search, uint32_t i, double seconds)
{
	search->all_seconds += seconds;
	search->all_trials++;
	search->seconds[i] += seconds;
	for (uint32_t c = 0; c < search->graph.n; c++) {
		unsigned n = search->skips[c] + search->judged[c];
		double mean = n ? search->seconds[c] / n : search->all_seconds / search->all_trials;

		engine_cost(&search->engine, c, 0, mean > 0 ? mean : 1);
	}
}

static bool given_up(const struct search *search, uint32_t i, const struct record *record)
{
	return str_eq(record->class, "untestable") ||
	       (search->skips[i] >= SKIPS_ENOUGH && search->skips[i] > search->judged[i]);
}

/* What a record says; *failures and *passes grow. True when nothing more is to be asked of the candidate. */
static bool take_record(struct search *search, uint32_t i, const struct record *record,
			struct decision *decision)
{
	double seconds = record_seconds(record);

	if (record->verdict == VERDICT_SKIP)
		search->skips[i]++;
	else
		search->judged[i]++;
	decision->failures += record->verdict == VERDICT_BAD;
	decision->passes += record->verdict == VERDICT_GOOD;
	decision->seconds += seconds;
	count_seconds(search, i, seconds);
	if (record->verdict != VERDICT_SKIP)
		return false;
	free(decision->skip);
	decision->skip = xasprintf("%s: %s", record->class, record->title);
	return given_up(search, i, record);
}

/* --- decisions --------------------------------------------------------------------------------------------
 */

/* Everything that is left, at once: the engine would ask for something else today than it did then. */
static void take_rest(struct search *search)
{
	const struct record *record;

	for (; (record = stored_next(search)); search->next++) {
		uint32_t i = graph_find(&search->graph, record->candidate);
		AUTO(decision) ignored = DECISION_INIT;
		bool gone = take_record(search, i, record, &ignored);

		engine_add(&search->engine, i, ignored.failures, ignored.failures + ignored.passes);
		if (gone)
			engine_skip(&search->engine, i, ignored.skip);
	}
}

/* 1: the trials of the step are there. 0: they are not, and no new ones are run, or the records go another
 * way. */
static int take_trials(struct search *search, const struct engine_step *step, struct decision *decision,
		       bool *gone, struct err *err)
{
	for (unsigned t = 0; t < step->trials && !*gone; t++) {
		const struct record *stored = stored_next(search);
		AUTO(record) fresh = RECORD_INIT;

		if (stored && !str_eq(stored->candidate, search->graph.ids[step->candidate])) {
			if (!search->differs)
				search->differs = search->decisions + 1;
			take_rest(search);
			return 0;
		}
		if (!stored && !search->spec.setup)
			return 0;
		if (stored)
			search->next++;
		else if (run_trial(search, step, &fresh, err) < 0)
			return -1;
		if (check_pagesize(search, stored ? stored : &fresh, err) < 0)
			return -1;
		*gone = take_record(search, step->candidate, stored ? stored : &fresh, decision);
	}
	return 1;
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

/* 1: go on. 0: there are no more trials. */
static int perform(struct search *search, const struct engine_step *step, struct err *err)
{
	AUTO(decision) decision = DECISION_INIT;
	bool gone = false;
	int there;

	describe(search, step, &decision);
	there = take_trials(search, step, &decision, &gone, err);
	if (there < 0)
		return -1;
	engine_add(&search->engine, step->candidate, decision.failures, decision.failures + decision.passes);
	if (!there)
		return search->spec.setup != NULL || stored_next(search);
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
	}
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
