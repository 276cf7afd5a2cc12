/* The engine's answer in sentences. */
#include "bisect/engine.h"

#define NAMED 10 /* candidates named one by one in a list */

static void say_rate(struct buf *out, const char *where, unsigned failures, unsigned passes,
		     const struct rate *rate)
{
	buf_addf(out, "%s failed %u of %u trials (95 %% interval %.3f to %.3f).\n", where, failures,
		 failures + passes, rate->low, rate->high);
}

static void say_rates(const struct engine_answer *answer, bool ends, struct buf *out)
{
	const struct model_counts *c = &answer->counts;

	say_rate(out, ends ? "The end that should fail" : "The side with the failure", c->bad_failures,
		 c->bad_passes, &answer->bad);
	say_rate(out, ends ? "The end that should not" : "The other side", c->good_failures, c->good_passes,
		 &answer->good);
}

static void say_likely(const struct engine *engine, const struct engine_answer *answer, struct buf *out)
{
	buf_addf(out, "95 %% of the probability:");
	for (size_t i = 0; i < answer->n_likely && i < NAMED; i++)
		buf_addf(out, " %s (%.3f)", engine->config.graph->ids[answer->likely[i]],
			 engine->plain.mass[answer->likely[i]]);
	if (answer->n_likely > NAMED)
		buf_addf(out, " and %zu more", answer->n_likely - NAMED);
	buf_adds(out, "\n");
}

static void say_trials(const struct engine *engine, struct buf *out)
{
	const struct posterior *p = &engine->posterior;

	buf_addf(out, "Trials: %u; asked for: %u at the ends, %u in the search, %u in the audit.\n",
		 p->all_trials, engine->by_phase[ENGINE_ENDS], engine->by_phase[ENGINE_SEARCH],
		 engine->by_phase[ENGINE_AUDIT]);
}

static void say_witness(const struct engine *engine, const char *what, uint32_t i, struct buf *out)
{
	const struct posterior *p = &engine->posterior;

	if (engine->reasons[i])
		buf_addf(out, "Audit: %s %s cannot be tested: %s\n", what, engine->config.graph->ids[i],
			 engine->reasons[i]);
	else
		buf_addf(out, "Audit: %s %s failed %u of %u trials.\n", what, engine->config.graph->ids[i],
			 p->failures[i], p->trials[i]);
}

static void say_audit(const struct engine *engine, const struct engine_answer *answer, struct buf *out)
{
	const struct graph *graph = engine->config.graph;

	say_witness(engine, "the culprit", answer->culprit, out);
	for (size_t i = 0; i < answer->n_range; i++) {
		uint32_t c = answer->range[i];

		for (uint32_t e = graph->parent_at[c]; e < graph->parent_at[c + 1]; e++) {
			uint32_t parent = graph->parents[e];

			if (!graph_is_suspect(graph, parent) ||
			    engine->groups.of[parent] != engine->groups.of[answer->culprit])
				say_witness(engine, "parent", parent, out);
		}
	}
}

static void say_range(const struct engine *engine, const struct engine_answer *answer, struct buf *out)
{
	buf_addf(out,
		 "Undecided: one of these %zu brought the change, with probability %.3f; they cannot be told "
		 "apart:\n",
		 answer->n_range, answer->confidence);
	for (size_t i = 0; i < answer->n_range; i++) {
		uint32_t c = answer->range[i];

		buf_addf(out, "  %s%s%s\n", engine->config.graph->ids[c],
			 engine->reasons[c] ? " cannot be tested: " : "",
			 engine->reasons[c] ? engine->reasons[c] : "");
	}
}

static void say_same(const struct engine *engine, const struct engine_answer *answer, struct buf *out)
{
	double confidence = engine->config.confidence;

	buf_adds(out, "The ends do not differ, or not enough to see it: there is nothing to search for.\n");
	say_rates(answer, true, out);
	buf_addf(
	    out,
	    "To see a failure at least once with %.0f %% takes %u trials for a rate of 0.1, %u for 0.01, "
	    "%u for 0.001.\n",
	    100 * confidence, ends_trials_to_see(0.1, confidence), ends_trials_to_see(0.01, confidence),
	    ends_trials_to_see(0.001, confidence));
}

static void say_no_end(const struct engine *engine, struct buf *out)
{
	const struct graph *graph = engine->config.graph;

	for (uint32_t i = graph_new_end(graph); i < graph->n; i++)
		if (engine->reasons[i])
			buf_addf(out, "The end %s cannot be tested: %s: choose another end.\n", graph->ids[i],
				 engine->reasons[i]);
}

void engine_explain(struct engine *engine, const struct engine_answer *answer, struct buf *out)
{
	const char *id = engine->config.graph->ids[answer->culprit];

	switch (answer->state) {
	case ENGINE_SAME:
		say_same(engine, answer, out);
		return;
	case ENGINE_SWAPPED:
		buf_adds(out, "The ends are swapped: exchange them, or search for the opposite (--find).\n");
		say_rates(answer, true, out);
		return;
	case ENGINE_NO_END:
		say_no_end(engine, out);
		return;
	case ENGINE_FOUND:
		buf_addf(out, "%s is the first %s candidate, with probability %.3f.\n", id,
			 engine->config.fix ? "fixed" : "bad", answer->confidence);
		break;
	case ENGINE_RANGE:
		say_range(engine, answer, out);
		break;
	default:
		buf_addf(out, "Undecided: the likeliest is %s, with probability %.3f.\n", id,
			 answer->confidence);
	}
	say_rates(answer, false, out);
	say_likely(engine, answer, out);
	if (answer->state == ENGINE_FOUND || answer->state == ENGINE_RANGE)
		say_audit(engine, answer, out);
	say_trials(engine, out);
}
