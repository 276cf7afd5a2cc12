/*
 * A search: the decision engine (bisect/engine.h) joined to trials.
 *
 * It goes in rounds: what the engine wants next, until there is a boot for each of the campaign's slots; these
 * boots run side by side, and what they show is taken in the order in which it was wanted, whichever ended first.
 *
 * The evidence are the campaign's records, those of a candidate in the order of their numbers. Those that are there
 * are taken first, and only then new trials are run; so a search is begun, continued after a kill, and repeated
 * without a guest by the same code, and reaches the same posterior to the last bit. What it decides is kept in
 * decision.h's file, or compared with what stands there already.
 */
#ifndef QB_SEARCH_H
#define QB_SEARCH_H

#include <stdatomic.h>

#include "bisect/engine.h"
#include "campaign/booth.h"
#include "campaign/pool.h"
#include "campaign/source.h"
#include "store/decision.h"

struct search_spec {
	const struct setup *setup; /* connected; NULL: no new trials, the search ends with the records */
	const struct question *question; /* may be NULL with that */
	struct source *source;		 /* the same */
	struct campaign *campaign;	 /* its answer is filled in; the caller saves it */
};

struct search {
	struct engine engine;
	enum engine_state state; /* ENGINE_RUN when the records were used up before there was an answer */
	unsigned decisions;	 /* so far */
	unsigned differs; /* the first decision that is not the one that was kept, or 0: all are the same */

	/* private */
	struct search_spec spec;
	struct graph graph;
	struct model *model;
	struct pool pool;
	struct booth **booths; /* for each slot, of each candidate; made when it is needed */
	struct record_list records;
	uint32_t *evidence;	   /* of each record its candidate; GRAPH_NONE: it is none, or was taken */
	struct decision_list kept; /* that was decided before */
	unsigned number;	   /* of the last trial */
	unsigned *skips, *judged;  /* of each candidate */
	char **kernels;		   /* of each candidate that has been made: the kernel's id */
	double build_seconds;	   /* of so many builds */
	unsigned builds;
	double *seconds, all_seconds;
	unsigned all_trials;
	atomic_uint unready; /* trials of the round whose kernels are being made, and who looks ahead */
	uint32_t next;	     /* whose kernel is made then; GRAPH_NONE: no more is */
	unsigned pagesize;   /* of the list, as the first guest read it; 0: none did yet */
};
#define SEARCH_INIT                                                                                          \
	{                                                                                                    \
		.differs = 0                                                                                 \
	}

/* Reads what is there. With a setup the campaign's lock must be held. ERR_USAGE, ERR_HOST. */
int search_open(const struct search_spec *spec, struct search *search, struct err *err);

/* Goes on until there is an answer. -1: ERR_USAGE, ERR_HOST (an end stays broken, too), ERR_INTERRUPTED. */
int search_run(struct search *search, struct err *err);

/* Puts the engine's answer into the campaign, as far as it has come. */
void search_conclude(struct search *search);

void search_release(struct search *search);
AUTO_DEFINE(search, struct search, search_release);

#endif
