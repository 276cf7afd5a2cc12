#include "campaign/search_trials.h"

#include "base/supervisor.h"

/* A candidate is given up when so many trials said nothing, and more than said something. */
#define SKIPS_ENOUGH 2

/* Classes of records without a boot. */
#define CLASS_BUILD "build"
#define CLASS_SAME  "same-image"

void trials_index(struct search *search)
{
	const struct record_list *records = &search->records;

	search->evidence = xcalloc(records->n, sizeof(*search->evidence));
	for (size_t at = 0; at < records->n; at++)
		search->evidence[at] = records->v[at].verdict == VERDICT_BROKEN
					   ? GRAPH_NONE
					   : graph_find(&search->graph, record_name(&records->v[at]));
}

const struct record *trials_stored(struct search *search, uint32_t i)
{
	for (size_t at = 0; at < search->records.n; at++) {
		if (search->evidence[at] != i)
			continue;
		search->evidence[at] = GRAPH_NONE;
		return &search->records.v[at];
	}
	return NULL;
}

uint32_t trials_left(const struct search *search)
{
	uint32_t i = GRAPH_NONE;

	for (size_t at = 0; at < search->records.n && i == GRAPH_NONE; at++)
		i = search->evidence[at];
	return i;
}

/* --- new ones ----------------------------------------------------------------------------------------- */

static bool is_same(const struct search *search, uint32_t a, uint32_t b)
{
	return search->kernels[a] && search->kernels[b] && str_eq(search->kernels[a], search->kernels[b]);
}

/* A parent or child of i that has been found to be the same kernel, or GRAPH_NONE. */
static uint32_t same_image(const struct search *search, uint32_t i, const char *kernel)
{
	const struct graph *graph = &search->graph;

	for (uint32_t c = 0; c < graph->suspects; c++) {
		for (uint32_t e = graph->parent_at[c]; e < graph->parent_at[c + 1]; e++) {
			uint32_t other = c == i ? graph->parents[e] : c;

			if ((c == i || graph->parents[e] == i) && search->kernels[other] &&
			    str_eq(search->kernels[other], kernel))
				return other;
		}
	}
	return GRAPH_NONE;
}

/* 1: the booth is open. 0: there is a record that says why no trial makes sense. */
static int open_booth(struct search *search, struct search_trial *trial, struct booth *booth, struct err *err)
{
	const struct search_spec *spec = &search->spec;
	uint32_t i = trial->candidate;
	const char *name = search->graph.ids[i];
	AUTO_FREE char *brief = xasprintf("%.12s", name);
	const struct candidate none = { .id = brief,
					.arch = (char *)spec->source->arch,
					.release = (char *)"" };
	AUTO(err) refusal = ERR_INIT;
	AUTO_FREE char *reason = NULL;
	double seconds = 0;
	const struct candidate *kernel = spec->source->get(spec->source, name, &seconds, &refusal);
	uint32_t same = kernel && spec->source->commits && !search->kernels[i]
			    ? same_image(search, i, kernel->id)
			    : GRAPH_NONE;

	if (!kernel && refusal.kind != ERR_CANDIDATE)
		return err_set(err, refusal.kind, "%s", refusal.text);
	if (booth_open(spec->setup, spec->question, kernel ? kernel : &none, booth, err) < 0)
		return -1;
	booth->commit = spec->source->commits ? name : NULL;
	booth->build_ms = (unsigned)(1000 * seconds);
	if (kernel && same == GRAPH_NONE)
		return 1;
	if (kernel)
		reason = xasprintf("the image is that of %s", search->graph.ids[same]);
	return booth_refuse(booth, spec->campaign, &search->number, trial->label,
			    kernel ? CLASS_SAME : CLASS_BUILD, kernel ? reason : refusal.text, &trial->record,
			    err);
}

/* What is likely asked for next is made ready while the others boot: when all of them have their kernels, or it would be in
 * the way of these. */
static void count_ready(struct search *search)
{
	struct source *source = search->spec.source;

	if (atomic_fetch_sub(&search->unready, 1) == 1 && source->expect && search->next != GRAPH_NONE)
		source->expect(source, search->graph.ids[search->next]);
}

static void drop_booth(struct booth **booth)
{
	booth_release(*booth);
	free(*booth);
	*booth = NULL;
}

/* 1: the trial has its booth. 0: it has its record already. A booth is one boot's at a time, so that each slot has its own. */
static int get_ready(struct search_trial *trial)
{
	int open = 1;

	if (!*trial->booth) {
		*trial->booth = xcalloc(1, sizeof(**trial->booth));
		open = open_booth(trial->search, trial, *trial->booth, &trial->err);
	}
	if (open < 0 || (open == 0 && str_eq(trial->record.class, CLASS_BUILD)))
		drop_booth(trial->booth); /* there is no kernel in it */
	return open;
}

static void work(void *arg)
{
	struct search_trial *trial = arg;
	struct search *search = trial->search;
	const struct campaign *campaign = search->spec.campaign;
	int open = get_ready(trial);

	trial->status = open < 0 ? -1 : 0;
	if (open < 0)
		return;
	count_ready(search);
	if (open > 0)
		trial->status = booth_trial(*trial->booth, campaign, &search->number, trial->label,
					    &trial->record, &trial->err);
	if (trial->status == 0 && trial->record.verdict == VERDICT_BROKEN)
		trial->status = booth_broken(campaign, &trial->record, &trial->err);
}

/* The first fault is the round's; those behind it are most likely that it was broken off. */
static int wait_for_one(struct search *search, int status, struct err *err)
{
	const struct search_trial *trial = pool_wait(&search->pool);

	if (status == 0 && trial->status < 0)
		return err_set(err, trial->err.kind, "%s", trial->err.text);
	return status;
}

static int begin(struct search *search, size_t slot, struct search_trial *trial, struct err *err)
{
	unsigned memory = search->spec.question->env.memory;

	trial->search = search;
	trial->booth = &search->booths[slot * search->graph.n + trial->candidate];
	while (!pool_fits(&search->pool, memory))
		if (wait_for_one(search, 0, err) < 0)
			return -1;
	return pool_start(&search->pool, memory, work, trial, err);
}

static void look_ahead(struct search *search)
{
	search->next = search->spec.source->expect ? engine_peek(&search->engine) : GRAPH_NONE;
	if (search->next != GRAPH_NONE && search->kernels[search->next])
		search->next = GRAPH_NONE;
	count_ready(search);
}

/* Numbers are taken when a boot begins, and again when it is repeated: in another order than those who wanted them. */
static void sort_records(struct search_trial *trials, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t j = i + 1; j < n; j++) {
			struct record later = trials[j].record;

			if (trials[j].candidate != trials[i].candidate ||
			    later.number > trials[i].record.number)
				continue;
			trials[j].record = trials[i].record;
			trials[i].record = later;
		}
	}
}

int trials_run(struct search *search, struct search_trial *trials, size_t n, struct err *err)
{
	int status = 0;

	search->unready = (unsigned)n + 1;
	for (size_t i = 0; i < n && status == 0 && !supervise_interrupted(); i++)
		status = begin(search, i, &trials[i], err);
	if (status == 0 && n)
		look_ahead(search);
	while (search->pool.running) {
		if (status < 0)
			runtime_stop(search->spec.setup->runtime);
		status = wait_for_one(search, status, err);
	}
	if (status < 0)
		runtime_go_on(search->spec.setup->runtime);
	if (status == 0 && n && supervise_interrupted())
		return err_set(err, ERR_INTERRUPTED, "interrupted");
	sort_records(trials, n);
	return status;
}

void search_trial_release(struct search_trial *trial)
{
	free(trial->label);
	record_release(&trial->record);
	err_release(&trial->err);
}

/* --- what they say ------------------------------------------------------------------------------------ */

static int check_pagesize(struct search *search, const struct record *record, struct err *err)
{
	if (!record->guest_pagesize || record->guest_pagesize == search->pagesize)
		return 0;
	if (search->pagesize && record->verdict != VERDICT_SKIP)
		return err_set(
		    err, ERR_USAGE,
		    "%s runs with pages of %u bytes, the candidates before it with %u: leave it out, one search has one page size",
		    record->candidate, record->guest_pagesize, search->pagesize);
	if (!search->pagesize)
		search->pagesize = record->guest_pagesize;
	return 0;
}

/* What a trial of a candidate costs from now on is what it has cost; others cost the mean, and a build if
 * that is how they come. */
static void set_costs(struct search *search)
{
	double build = search->builds ? search->build_seconds / search->builds : 0;
	double mean = search->all_trials ? search->all_seconds / search->all_trials : 1;

	for (uint32_t c = 0; c < search->graph.n; c++) {
		unsigned n = search->skips[c] + search->judged[c];
		double seconds = n ? search->seconds[c] / n : mean;

		engine_cost(&search->engine, c, search->kernels[c] ? 0 : build, seconds > 0 ? seconds : 1);
	}
}

static void count_costs(struct search *search, uint32_t i, const struct record *record)
{
	double seconds = record_seconds(record);

	if (record->build_ms) {
		search->build_seconds += record->build_ms / 1000.0;
		search->builds++;
	}
	if (str_eq(record->class, CLASS_BUILD) || str_eq(record->class, CLASS_SAME))
		return;
	search->all_seconds += seconds;
	search->all_trials++;
	search->seconds[i] += seconds;
	if (record->verdict == VERDICT_SKIP)
		search->skips[i]++;
	else
		search->judged[i]++;
}

/* Of two neighbours with one image the younger cannot be the culprit. */
static void exclude_same(struct search *search, uint32_t i)
{
	const struct graph *graph = &search->graph;

	for (uint32_t c = 0; c < graph->suspects; c++)
		for (uint32_t e = graph->parent_at[c]; e < graph->parent_at[c + 1]; e++)
			if ((c == i || graph->parents[e] == i) && is_same(search, c, graph->parents[e]))
				engine_exclude(&search->engine, c);
}

static void note_kernel(struct search *search, uint32_t i, const struct record *record)
{
	if (search->kernels[i] || str_eq(record->class, CLASS_BUILD))
		return;
	search->kernels[i] = xstrdup(record->candidate);
	exclude_same(search, i);
}

static bool given_up(const struct search *search, uint32_t i, const struct record *record)
{
	return str_eq(record->class, CLASS_BUILD) || str_eq(record->class, "untestable") ||
	       (search->skips[i] >= SKIPS_ENOUGH && search->skips[i] > search->judged[i]);
}

int trials_take(struct search *search, uint32_t i, const struct record *record, struct decision *decision,
		struct err *err)
{
	if (check_pagesize(search, record, err) < 0)
		return -1;
	decision->failures += record->verdict == VERDICT_BAD;
	decision->passes += record->verdict == VERDICT_GOOD;
	decision->seconds += record_seconds(record) + record->build_ms / 1000.0;
	count_costs(search, i, record);
	note_kernel(search, i, record);
	set_costs(search);
	if (record->verdict != VERDICT_SKIP)
		return 0;
	free(decision->skip);
	decision->skip = xasprintf("%s: %s", record->class, record->title);
	return given_up(search, i, record);
}
