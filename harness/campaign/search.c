#include "campaign/search.h"

#include "bisect/evidence.h"
#include "campaign/history.h"
#include "campaign/search_round.h"
#include "campaign/search_trials.h"
#include "campaign/units.h"

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
	search->model = model_new(MODEL_FLAKY);
	engine_init(&search->engine, &(struct engine_config){ .graph = &search->graph,
							      .model = search->model,
							      .prior = prior,
							      .fix = str_eq(spec->campaign->find, "fix"),
							      .confidence = spec->campaign->confidence,
							      .end_trials = spec->campaign->end_trials });
	pool_open(&search->pool, spec->campaign->slots ? spec->campaign->slots : 1);
	if (spec->setup && spec->setup->runtime->memory)
		search->pool.memory = spec->setup->runtime->memory; /* it is not taken here */
	search->booths = xcalloc(search->pool.slots * n, sizeof(struct booth *));
	search->skips = xcalloc(n, sizeof(*search->skips));
	search->judged = xcalloc(n, sizeof(*search->judged));
	search->seconds = xcalloc(n, sizeof(*search->seconds));
	search->kernels = xcalloc(n, sizeof(*search->kernels));
	if (spec->setup && units_tidy(spec->campaign, &search->number, err) < 0)
		return -1;
	if (campaign_records(spec->campaign, &search->records, err) < 0)
		return -1;
	trials_index(search);
	return decisions_load(spec->campaign->folder, spec->setup != NULL, &search->kept, err);
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
	int more = take_given(search, err) < 0 ? -1 : 1;

	while (more > 0)
		more = round_run(search, err);
	return more;
}

void search_release(struct search *search)
{
	for (size_t i = 0; search->booths && i < search->pool.slots * search->graph.n; i++) {
		if (search->booths[i])
			booth_release(search->booths[i]);
		free(search->booths[i]);
	}
	for (size_t i = 0; search->kernels && i < search->graph.n; i++)
		free(search->kernels[i]);
	if (search->booths)
		pool_close(&search->pool);
	free(search->kernels);
	free(search->booths);
	free(search->evidence);
	free(search->skips);
	free(search->judged);
	free(search->seconds);
	record_list_release(&search->records);
	decision_list_release(&search->kept);
	engine_release(&search->engine);
	model_free(search->model);
	graph_release(&search->graph);
}
