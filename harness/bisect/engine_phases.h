/*
 * What the phases of a search (engine.h) have in common, and how engine_next() asks them. Of the engine alone.
 */
#ifndef QB_ENGINE_PHASES_H
#define QB_ENGINE_PHASES_H

#include "bisect/engine.h"

/* Works out the posterior anew when there is evidence that it does not have. */
void engine_refresh(struct engine *engine);

/* Trials of a candidate that were asked for and have not come back. */
unsigned engine_under_way(const struct engine *engine, uint32_t candidate);

/* Fills *step but for its bits and its reason, and notes it as under way: ENGINE_RUN. */
enum engine_state engine_start(struct engine *engine, struct engine_step *step, enum engine_phase phase,
			       uint32_t candidate, unsigned trials);

/* The search ends in this state, once nothing is under way: until then ENGINE_WAIT. */
enum engine_state engine_finish(struct engine *engine, enum engine_state state);

/* The end that should fail, and the one that should not. */
uint32_t engine_failing_end(const struct engine *engine);
uint32_t engine_other_end(const struct engine *engine);

/* Failures and passes of the failing end as the bad side's, of the other as the good side's. */
struct model_counts engine_end_counts(const struct engine *engine);

/* Whether both ends were tried often enough, and differ, or the search has begun, which needs that once. Judges the
 * ends anew. Until then engine_next_end(). */
bool engine_ends_measured(struct engine *engine);
enum engine_state engine_next_end(struct engine *engine, struct engine_step *step);

/* The next step of search or audit; the posterior must be fresh. */
enum engine_state engine_next_search(struct engine *engine, struct engine_step *step);

#endif
