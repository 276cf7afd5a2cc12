#include "bisect/engine.h"

#include <math.h>

#include "bisect/choose.h"

void engine_init(struct engine *engine, const struct engine_config *config)
{
	size_t n = config->graph->n;

	*engine = (struct engine){ .config = *config, .current = GRAPH_NONE, .suspect = GRAPH_NONE };
	engine->weights = xcalloc(config->graph->suspects, sizeof(*engine->weights));
	for (size_t c = 0; c < config->graph->suspects; c++)
		engine->weights[c] = config->prior ? config->prior[c] : 1;
	posterior_init(&engine->posterior, config->graph, config->model, engine->weights, config->fix);
	engine->ready = xcalloc(n, sizeof(*engine->ready));
	engine->seconds = xcalloc(n, sizeof(*engine->seconds));
	for (size_t i = 0; i < n; i++)
		engine->seconds[i] = 1;
	engine->reasons = xcalloc(n, sizeof(*engine->reasons));
	engine->untestable = xcalloc(n, sizeof(*engine->untestable));
	groups_find(config->graph, engine->untestable, &engine->groups);
}

void engine_cost(struct engine *engine, uint32_t candidate, double ready, double seconds)
{
	engine->ready[candidate] = ready;
	engine->seconds[candidate] = seconds;
}

/* --- evidence ----------------------------------------------------------------------------------------- */

static void end_pending(struct engine *engine, uint32_t candidate)
{
	for (size_t i = 0; i < engine->n_pending; i++) {
		if (engine->pending[i].candidate != candidate)
			continue;
		memmove(engine->pending + i, engine->pending + i + 1,
			(engine->n_pending - i - 1) * sizeof(*engine->pending));
		engine->n_pending--;
		return;
	}
}

void engine_add(struct engine *engine, uint32_t candidate, unsigned failures, unsigned trials)
{
	end_pending(engine, candidate);
	posterior_add(&engine->posterior, candidate, failures, trials);
	engine->fresh = false;
	engine->ended = ENGINE_RUN;
}

void engine_skip(struct engine *engine, uint32_t candidate, const char *reason)
{
	end_pending(engine, candidate);
	free(engine->reasons[candidate]);
	engine->reasons[candidate] = xstrdup(reason);
	engine->untestable[candidate] = true;
	engine->fresh = false;
	engine->ended = ENGINE_RUN;
	groups_release(&engine->groups);
	groups_find(engine->config.graph, engine->untestable, &engine->groups);
}

void engine_exclude(struct engine *engine, uint32_t suspect)
{
	double rest = 0;

	for (size_t c = 0; c < engine->config.graph->suspects; c++)
		rest += c == suspect ? 0 : engine->weights[c];
	engine->none_left = rest <= 0;
	if (rest > 0)
		engine->weights[suspect] = 0;
	engine->fresh = false;
	engine->ended = ENGINE_RUN;
}

static void refresh(struct engine *engine)
{
	if (engine->fresh)
		return;
	posterior_weigh(&engine->posterior, POSTERIOR_CLEAN, &engine->plain);
	posterior_weigh(&engine->posterior, POSTERIOR_WARY, &engine->wary);
	posterior_weigh(&engine->posterior, POSTERIOR_CHOOSE, &engine->choose);
	engine->fresh = true;
}

/* --- steps -------------------------------------------------------------------------------------------- */

static unsigned under_way(const struct engine *engine, uint32_t candidate)
{
	unsigned trials = 0;

	for (size_t i = 0; i < engine->n_pending; i++)
		if (engine->pending[i].candidate == candidate)
			trials += engine->pending[i].trials;
	return trials;
}

static enum engine_state start(struct engine *engine, struct engine_step *step, enum engine_phase phase,
			       uint32_t candidate, unsigned trials)
{
	double ready = candidate == engine->current ? 0 : engine->ready[candidate];

	step->phase = engine->phase = phase;
	step->candidate = engine->current = candidate;
	step->trials = trials;
	step->seconds = ready + trials * engine->seconds[candidate];
	step->bits = 0;
	buf_reset(&step->why);
	GROW(engine->pending, engine->n_pending, engine->cap_pending);
	engine->pending[engine->n_pending++] = (struct pending){ candidate, trials };
	engine->by_phase[phase] += trials;
	return ENGINE_RUN;
}

static enum engine_state end(struct engine *engine, enum engine_state state)
{
	if (engine->n_pending)
		return ENGINE_WAIT;
	engine->ended = state;
	return state;
}

/* --- ends --------------------------------------------------------------------------------------------- */

static uint32_t failing_end(const struct engine *engine)
{
	const struct graph *graph = engine->config.graph;

	return engine->config.fix ? graph_old_end(graph) : graph_new_end(graph);
}

static uint32_t other_end(const struct engine *engine)
{
	const struct graph *graph = engine->config.graph;

	return engine->config.fix ? graph_new_end(graph) : graph_old_end(graph);
}

static struct model_counts end_counts(const struct engine *engine)
{
	const struct posterior *p = &engine->posterior;
	uint32_t a = failing_end(engine), b = other_end(engine);

	return (struct model_counts){ p->failures[a], p->trials[a] - p->failures[a], p->failures[b],
				      p->trials[b] - p->failures[b] };
}

static bool end_used_up(const struct engine *engine, uint32_t end)
{
	return engine->posterior.trials[end] + under_way(engine, end) >= engine->config.end_trials;
}

/* The end to try next, or GRAPH_NONE when both have been tried enough or nothing more is allowed. */
static uint32_t choose_end(struct engine *engine)
{
	uint32_t failing = failing_end(engine), other = other_end(engine);
	const struct posterior *p = &engine->posterior;
	/* Ends the wrong way round are asked by what tells most, not until the failing end fails. */
	bool swapped = p->failures[other] && !p->failures[failing];
	/* Trials under way count as passes: when that is enough, failures are, too. */
	bool wants_failing =
	    ends_wants_failing(p->failures[failing], p->trials[failing] + under_way(engine, failing),
			       ENDS_TRIALS) &&
	    !swapped && !end_used_up(engine, failing);
	bool wants_other = p->trials[other] + under_way(engine, other) < ENDS_PASSES;
	bool other_first = !p->failures[failing] && p->trials[failing] >= ENDS_DOUBTFUL;

	if (wants_failing && !(wants_other && other_first) &&
	    (!wants_other || under_way(engine, failing) <= under_way(engine, other)))
		return failing;
	if (wants_other)
		return other;
	if (engine->ends.differ >= engine->config.confidence && p->failures[failing])
		return GRAPH_NONE;
	if (end_used_up(engine, other) ||
	    (!end_used_up(engine, failing) && engine->ends.failing_bits > engine->ends.other_bits))
		return end_used_up(engine, failing) ? GRAPH_NONE : failing;
	return other;
}

/* The end that has not been tried ENDS_CALLED_OFF times, as it must be to call a search off; else GRAPH_NONE. */
static uint32_t untried_end(const struct engine *engine)
{
	const uint32_t ends[] = { other_end(engine), failing_end(engine) };

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (engine->posterior.trials[ends[i]] + under_way(engine, ends[i]) < ENDS_CALLED_OFF &&
		    !end_used_up(engine, ends[i]))
			return ends[i];
	return GRAPH_NONE;
}

static enum engine_state next_end(struct engine *engine, struct engine_step *step)
{
	struct model_counts counts = end_counts(engine);
	uint32_t candidate;
	const struct posterior *p = &engine->posterior;
	bool called_off;

	ends_judge(engine->config.model, &counts, &engine->ends);
	called_off = fmax(engine->ends.same, engine->ends.swapped) >= engine->config.confidence;
	candidate = called_off ? untried_end(engine) : choose_end(engine);
	if (called_off && candidate == GRAPH_NONE)
		return end(engine, engine->ends.same > engine->ends.swapped ? ENGINE_SAME : ENGINE_SWAPPED);
	if (candidate == GRAPH_NONE)
		return end(engine, ENGINE_SAME);
	start(engine, step, ENGINE_ENDS, candidate, 1);
	buf_addf(&step->why, "ends: the %s end, %u of %u failed so far; the ends differ with %.3f",
		 candidate == failing_end(engine) ? "failing" : "other", p->failures[candidate],
		 p->trials[candidate], engine->ends.differ);
	return ENGINE_RUN;
}

/* What the search starts from: both ends tried often enough, and different. */
static bool ends_measured(struct engine *engine)
{
	const struct posterior *p = &engine->posterior;
	struct model_counts counts = end_counts(engine);
	uint32_t failing = failing_end(engine);

	if (engine->phase != ENGINE_ENDS)
		return true;
	ends_judge(engine->config.model, &counts, &engine->ends);
	return p->trials[other_end(engine)] >= ENDS_PASSES &&
	       (!ends_wants_failing(p->failures[failing], p->trials[failing], ENDS_TRIALS) ||
		(p->failures[failing] && end_used_up(engine, failing))) &&
	       engine->ends.differ >= engine->config.confidence;
}

/* --- search and audit ------------------------------------------------------------------------- */

static uint32_t best_suspect(const struct engine *engine, const struct weights *weights, double *mass)
{
	const struct groups *groups = &engine->groups;
	AUTO_FREE double *sums = xcalloc(groups->n, sizeof(*sums));
	uint32_t best = 0;

	for (uint32_t c = 0; c < engine->config.graph->suspects; c++)
		sums[groups->of[c]] += weights->mass[c];
	for (uint32_t c = 1; c < engine->config.graph->suspects; c++)
		if (sums[groups->of[c]] > sums[groups->of[best]])
			best = c;
	*mass = sums[groups->of[best]];
	return groups->leader[groups->of[best]] == GRAPH_NONE ? best : groups->leader[groups->of[best]];
}

static double group_mass(const struct engine *engine, const struct weights *weights, uint32_t suspect)
{
	double sum = 0;

	for (uint32_t c = 0; c < engine->config.graph->suspects; c++)
		if (engine->groups.of[c] == engine->groups.of[suspect])
			sum += weights->mass[c];
	return sum;
}

uint32_t engine_best(struct engine *engine, double *mass)
{
	refresh(engine);
	return best_suspect(engine, &engine->plain, mass);
}

/* Whether who thinks the good side may well fail, too, doubts the culprit too much. */
static bool is_doubted(const struct engine *engine)
{
	double allowed = ENGINE_SECOND_LOOK * (1 - engine->config.confidence);

	return engine->suspect != GRAPH_NONE &&
	       1 - group_mass(engine, &engine->wary, engine->suspect) > allowed;
}

static struct question question_of(const struct engine *engine)
{
	const struct weights *weights = is_doubted(engine) ? &engine->wary : &engine->choose;

	return (struct question){
		&engine->posterior, weights,	     engine->untestable, engine->ready,	  engine->seconds,
		engine->current,    engine->pending, engine->n_pending,	 engine->suspect, true
	};
}

uint32_t engine_peek(struct engine *engine)
{
	struct question question;
	struct choice choice;

	refresh(engine);
	question = question_of(engine);
	return choose_next(&question, &choice) ? choice.candidate : GRAPH_NONE;
}

static enum engine_state choose(struct engine *engine, struct engine_step *step, enum engine_phase phase)
{
	const struct question question = question_of(engine);
	struct choice choice;
	double mass;
	uint32_t likeliest;

	if (!choose_next(&question, &choice))
		return ENGINE_WAIT;
	start(engine, step, phase, choice.candidate, choice.trials);
	step->bits = choice.bits;
	likeliest = best_suspect(engine, &engine->plain, &mass);
	buf_addf(&step->why,
		 "%s: %.3f bits in %.3g s; shows %.3f of the probability, fails with %.3f; likeliest %s %.3f",
		 phase == ENGINE_AUDIT ? "audit, a second look" : "search", choice.bits, choice.seconds,
		 choice.shown, choice.fails, engine->config.graph->ids[likeliest], mass);
	return ENGINE_RUN;
}

/* Tries a witness again, unless enough is under way. */
static enum engine_state again(struct engine *engine, struct engine_step *step, uint32_t candidate,
			       unsigned wanted)
{
	const struct posterior *p = &engine->posterior;

	if (under_way(engine, candidate) >= wanted)
		return ENGINE_WAIT;
	start(engine, step, ENGINE_AUDIT, candidate, 1);
	buf_addf(&step->why, "audit: the %s again, %u of %u failed so far",
		 candidate == engine->suspect ? "culprit" : "parent", p->failures[candidate],
		 p->trials[candidate]);
	return ENGINE_RUN;
}

/* How often a candidate on the failing side fails, if `suspect` is the culprit. */
static double failing_rate(const struct engine *engine, uint32_t suspect)
{
	uint32_t class = engine->posterior.class_of[suspect];

	return engine->config.fix ? engine->plain.other_rate[class] : engine->plain.shown_rate[class];
}

/* Failures are wanted of one that should fail, trials of one that should not. */
static unsigned still_wanted(const struct engine *engine, uint32_t candidate, bool should_fail)
{
	const struct posterior *p = &engine->posterior;
	unsigned have = should_fail ? p->failures[candidate] : p->trials[candidate];
	unsigned wanted =
	    ENGINE_AGAIN + (should_fail && failing_rate(engine, engine->suspect) >= ENGINE_CHEAP);

	return engine->untestable[candidate] || have >= wanted ? 0 : wanted - have;
}

/* The first parent of the suspect's group that is still to be tried, or GRAPH_NONE. */
static uint32_t parent_wanted(const struct engine *engine, unsigned *wanted)
{
	const struct graph *graph = engine->config.graph;
	const struct groups *groups = &engine->groups;

	for (uint32_t c = 0; c < graph->suspects; c++) {
		if (groups->of[c] != groups->of[engine->suspect])
			continue;
		for (uint32_t e = graph->parent_at[c]; e < graph->parent_at[c + 1]; e++) {
			uint32_t parent = graph->parents[e];

			if (graph_is_suspect(graph, parent) &&
			    groups->of[parent] == groups->of[engine->suspect])
				continue;
			*wanted = still_wanted(engine, parent, engine->config.fix);
			if (*wanted)
				return parent;
		}
	}
	return GRAPH_NONE;
}

static enum engine_state culprit_again(struct engine *engine, struct engine_step *step)
{
	unsigned wanted = still_wanted(engine, engine->suspect, !engine->config.fix);

	return wanted ? again(engine, step, engine->suspect, wanted) : ENGINE_FOUND;
}

static enum engine_state parents_again(struct engine *engine, struct engine_step *step)
{
	unsigned wanted;
	uint32_t parent = parent_wanted(engine, &wanted);

	return parent == GRAPH_NONE ? ENGINE_FOUND : again(engine, step, parent, wanted);
}

static enum engine_state found(struct engine *engine)
{
	uint32_t group = engine->groups.of[engine->suspect];
	size_t n = 0;

	for (size_t c = 0; c < engine->config.graph->suspects; c++)
		n += engine->groups.of[c] == group;
	return end(engine, n == 1 ? ENGINE_FOUND : ENGINE_RANGE);
}

/* Those that should fail first: a failure is what the answer hangs on. */
static enum engine_state audit(struct engine *engine, struct engine_step *step, bool sure)
{
	bool fix = engine->config.fix;
	enum engine_state state = fix ? parents_again(engine, step) : culprit_again(engine, step);

	if (state != ENGINE_FOUND)
		return state;
	if (!sure || is_doubted(engine)) {
		state = choose(engine, step, ENGINE_AUDIT);
		if (state == ENGINE_RUN || engine->n_pending)
			return state;
		if (!sure)
			return end(engine, ENGINE_RANGE);
	}
	state = fix ? culprit_again(engine, step) : parents_again(engine, step);
	return state == ENGINE_FOUND ? found(engine) : state;
}

/* Whether all trials so far went as they must if failures always come and `suspect` brought them, and no
 * other suspect can say that: then git bisect would be done, and what is left to do is to make sure. */
static bool halved_out(const struct engine *engine, uint32_t suspect)
{
	for (uint32_t c = 0; c < engine->config.graph->suspects; c++) {
		struct model_counts counts = posterior_counts(&engine->posterior, c);
		bool fits = !counts.bad_passes && !counts.good_failures;

		if (engine->weights[c] > 0 && fits != (engine->groups.of[c] == engine->groups.of[suspect]))
			return false;
	}
	return true;
}

/* How likely `suspect` must be the culprit, see the header. */
static double wanted_of(const struct engine *engine, uint32_t suspect)
{
	double confidence = engine->config.confidence,
	       rate = fmax(failing_rate(engine, suspect), MODEL_LEAST);
	double more = ENGINE_FLAKY_MORE * engine->plain.flaky + ENGINE_RARE_MORE * pow(MODEL_LEAST / rate, 3);

	return confidence + fmin(more, ENGINE_MORE_MOST) * (1 - confidence);
}

static enum engine_state next_search(struct engine *engine, struct engine_step *step)
{
	double confidence = engine->config.confidence;
	double same = ends_same(&engine->posterior, engine->plain.evidence), mass;
	uint32_t best = best_suspect(engine, &engine->plain, &mass);
	double wanted = wanted_of(engine, best);
	enum engine_state state;

	if (same >= confidence)
		return end(engine, ENGINE_SAME);
	mass *= 1 - same;
	if (mass >= ENGINE_AUDIT_FROM * wanted || halved_out(engine, best))
		engine->suspect = best;
	else if (best != engine->suspect || mass < ENGINE_DOUBT * wanted)
		engine->suspect = GRAPH_NONE;
	if (engine->suspect != GRAPH_NONE)
		return audit(engine, step, mass >= wanted);
	state = choose(engine, step, ENGINE_SEARCH);
	return state == ENGINE_WAIT ? end(engine, ENGINE_RANGE) : state;
}

enum engine_state engine_next(struct engine *engine, struct engine_step *step)
{
	const struct engine_config *config = &engine->config;
	unsigned used = engine->posterior.all_trials;

	if (engine->ended != ENGINE_RUN)
		return engine->ended;
	if (engine->untestable[failing_end(engine)] || engine->untestable[other_end(engine)])
		return end(engine, ENGINE_NO_END);
	for (size_t i = 0; i < engine->n_pending; i++)
		used += engine->pending[i].trials;
	refresh(engine);
	if (engine->none_left)
		return end(engine, ENGINE_SAME);
	if (config->most && used >= config->most)
		return end(engine, ENGINE_SPENT);
	if (!ends_measured(engine))
		return next_end(engine, step);
	return next_search(engine, step);
}

void engine_step_release(struct engine_step *step)
{
	buf_release(&step->why);
}

void engine_release(struct engine *engine)
{
	for (size_t i = 0; engine->reasons && i < engine->config.graph->n; i++)
		free(engine->reasons[i]);
	free(engine->reasons);
	free(engine->ready);
	free(engine->seconds);
	free(engine->untestable);
	free(engine->weights);
	free(engine->pending);
	weights_release(&engine->plain);
	weights_release(&engine->wary);
	weights_release(&engine->choose);
	groups_release(&engine->groups);
	posterior_release(&engine->posterior);
}
