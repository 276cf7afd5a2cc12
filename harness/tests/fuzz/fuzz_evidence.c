/*
 * Any text is either refused with an error that names a line, or is evidence, and then: what is written of it
 * reads back as the same, in both forms (but for the last trial of a candidate that was skipped as well), and
 * the posterior still sums to one.
 */
#include <assert.h>
#include <math.h>

#include "bisect/evidence.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void begin(struct engine *engine, const struct graph *graph, const struct model *model, bool fix)
{
	const struct engine_config config = {
		graph, model, NULL, fix, ENGINE_CONFIDENCE, ENGINE_END_TRIALS, 0
	};

	engine_init(engine, &config);
}

static void check_sum(struct engine *engine)
{
	double mass, sum = 0;

	engine_best(engine, &mass);
	for (size_t c = 0; c < engine->config.graph->suspects; c++)
		sum += engine->plain.mass[c];
	assert(fabs(sum - 1) < 1e-9);
}

static void check_round_trip(struct engine *engine, bool git)
{
	AUTO(engine) again = ENGINE_INIT;
	AUTO(buf) first = BUF_INIT, second = BUF_INIT;
	AUTO(err) err = ERR_INIT;

	begin(&again, engine->config.graph, engine->config.model, engine->config.fix);
	evidence_write(engine, &first);
	if (git) {
		evidence_write_git(engine, &second);
		assert(evidence_read_git("again", second.s, &again, &err) == 0);
		buf_reset(&second);
	} else {
		assert(evidence_read("again", first.s, &again, &err) == 0);
	}
	evidence_write(&again, &second);
	assert(str_eq(first.s, second.s));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const ids[] = { "a", "b", "c", "d", "e" };
	static struct model *model;
	AUTO(buf) text = BUF_INIT;
	AUTO(graph) graph = GRAPH_INIT;
	AUTO(engine) engine = ENGINE_INIT;
	AUTO(err) err = ERR_INIT;
	bool git = size & 1;

	if (!model)
		model = model_new(MODEL_FLAKY);
	buf_add(&text, data, size);
	assert(graph_from_list(ids, 5, &graph, &err) == 0);
	begin(&engine, &graph, model, size & 2);
	if ((git ? evidence_read_git : evidence_read)("fuzz", text.s, &engine, &err) < 0) {
		assert(err.kind == ERR_USAGE && str_starts(err.text, "fuzz:"));
		return 0;
	}
	check_sum(&engine);
	check_round_trip(&engine, size & 4);
	return 0;
}
