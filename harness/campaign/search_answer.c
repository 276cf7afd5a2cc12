/* The engine's answer as the campaign keeps it. */
#include "campaign/search.h"

static void set_answer(struct campaign *campaign, const char *answer, char *sentence)
{
	str_replace(&campaign->answer, answer);
	free(campaign->sentence);
	campaign->sentence = sentence;
}

static void set_rate(struct campaign_rate *out, unsigned failures, unsigned passes, const struct rate *rate)
{
	*out = (struct campaign_rate){ failures, failures + passes, rate->low, rate->high };
}

static void set_numbers(const struct search *search, const struct engine_answer *answer,
			struct campaign *campaign)
{
	const struct model_counts *counts = &answer->counts;

	set_rate(&campaign->rates[0], counts->bad_failures, counts->bad_passes, &answer->bad);
	set_rate(&campaign->rates[1], counts->good_failures, counts->good_passes, &answer->good);
	campaign->probability = answer->confidence;
	strv_release(&campaign->likely);
	for (size_t i = 0; i < answer->n_likely; i++)
		strv_add(&campaign->likely, search->graph.ids[answer->likely[i]]);
}

static void set_explanation(struct search *search, const struct engine_answer *answer,
			    struct campaign *campaign)
{
	AUTO(buf) text = BUF_INIT;
	char *rest, *line;

	strv_release(&campaign->explanation);
	engine_explain(&search->engine, answer, &text);
	rest = text.s;
	while ((line = strsep(&rest, "\n")))
		if (*line)
			strv_add(&campaign->explanation, line);
	strv_addf(&campaign->explanation, "Time in trials: %.0f s.", search->all_seconds);
}

static bool in_range(const struct engine_answer *answer, uint32_t i)
{
	for (size_t r = 0; r < answer->n_range; r++)
		if (answer->range[r] == i)
			return true;
	return false;
}

/* The last ones without the change, then those that may have brought it. */
static void set_range(const struct search *search, const struct engine_answer *answer,
		      struct campaign *campaign)
{
	const struct graph *graph = &search->graph;

	strv_release(&campaign->range);
	for (size_t i = 0; i < answer->n_range; i++) {
		uint32_t c = answer->range[i];

		for (uint32_t e = graph->parent_at[c]; e < graph->parent_at[c + 1]; e++)
			if (!in_range(answer, graph->parents[e]))
				strv_add_once(&campaign->range, graph->ids[graph->parents[e]]);
	}
	for (size_t i = 0; i < answer->n_range; i++)
		strv_add_once(&campaign->range, graph->ids[answer->range[i]]);
}

static char *say_found(const struct campaign *campaign, bool fix)
{
	return xasprintf("the failure %s between %s (%s) and %s (%s), with probability %.3f",
			 fix ? "went away" : "came", campaign->range.v[0], fix ? "bad" : "good",
			 campaign->range.v[campaign->range.n - 1], fix ? "good" : "bad",
			 campaign->probability);
}

static char *say_range(const struct campaign *campaign, const struct engine_answer *answer, bool fix)
{
	return xasprintf(
	    "undecided: the failure %s after %s and not later than %s; the %zu that may have brought "
	    "it cannot be told apart",
	    fix ? "went away" : "came", campaign->range.v[0], campaign->range.v[campaign->range.n - 1],
	    answer->n_range);
}

/* The two ends as the list has them, and how they did. */
static char *say_ends(const struct search *search, const char *what, const char *advice)
{
	const struct posterior *p = &search->engine.posterior;
	const struct graph *graph = &search->graph;
	uint32_t old = graph_old_end(graph), new = graph_new_end(graph);

	return xasprintf("the ends %s: %s failed %u of %u trials, %s %u of %u%s", what, graph->ids[old],
			 p->failures[old], p->trials[old], graph->ids[new], p->failures[new], p->trials[new],
			 advice);
}

static char *say_no_end(const struct search *search)
{
	const struct graph *graph = &search->graph;
	bool newer = search->engine.reasons[graph_new_end(graph)] != NULL;

	return xasprintf("undecided: the %s end, %s, cannot be judged (%s): choose another end",
			 newer ? "last" : "first",
			 graph->ids[newer ? graph_new_end(graph) : graph_old_end(graph)],
			 search->engine.reasons[newer ? graph_new_end(graph) : graph_old_end(graph)]);
}

void search_conclude(struct search *search)
{
	struct campaign *campaign = search->spec.campaign;
	bool fix = search->engine.config.fix;
	AUTO(engine_answer) answer = ENGINE_ANSWER_INIT;

	engine_answer(&search->engine, &answer);
	set_numbers(search, &answer, campaign);
	set_explanation(search, &answer, campaign);
	set_range(search, &answer, campaign);
	switch (search->state) {
	case ENGINE_FOUND:
		set_answer(campaign, "found", say_found(campaign, fix));
		break;
	case ENGINE_RANGE:
		set_answer(campaign, "undecided", say_range(campaign, &answer, fix));
		break;
	case ENGINE_SAME:
		set_answer(
		    campaign, "same",
		    say_ends(search, "do not differ",
			     "; more trials of the ends (--end-trials) or another environment may tell"));
		break;
	case ENGINE_SWAPPED:
		set_answer(campaign, "swapped",
			   say_ends(search, "are the other way round",
				    fix ? ": leave --find fix out" : ": add --find fix"));
		break;
	case ENGINE_NO_END:
		set_answer(campaign, "undecided", say_no_end(search));
		break;
	default:
		set_answer(campaign, "undecided",
			   xasprintf("undecided after %u trials: the likeliest is %s, with probability %.3f",
				     search->engine.posterior.all_trials, search->graph.ids[answer.culprit],
				     answer.confidence));
	}
}
