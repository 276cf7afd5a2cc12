/*
 * A factor study: the design (bisect/factors.h) joined to trials.
 *
 * As in a search (search.h) the evidence are the campaign's records in the order of their numbers: those that
 * are there are taken first, only then new trials are run, so that a study is begun, continued after a kill,
 * and repeated without a guest by the same code.
 */
#ifndef QB_CAMPAIGN_FACTORS_H
#define QB_CAMPAIGN_FACTORS_H

#include "bisect/factors.h"
#include "campaign/question.h"
#include "config/differences.h"
#include "kernel/catalog.h"
#include "store/decision.h"

struct study_spec {
	const struct setup *setup;	 /* connected; NULL: no new trials, the study ends with the records */
	const struct question *question; /* its environment is that of the end that fails */
	const struct environment *passing;    /* of the end that passes */
	const struct candidate_list *kernels; /* of the end that fails, of the one that passes, mixtures */
};

struct study {
	struct factors factors;
	struct differences differences;
	enum factors_state state; /* FACTORS_RUN when the records were used up before there was an answer */
	unsigned trials;	  /* so far */
	double seconds;		  /* that they took */
	unsigned decisions;	  /* so far */
	unsigned differs; /* the first decision that is not the one that was kept, or 0: all are the same */

	/* private */
	const struct study_spec *spec;
	struct campaign *campaign;
	struct model *model;
	const char *names[DIFFERENCES_MOST];
	struct stand *stands; /* settings that were tried */
	struct record_list records;
	size_t next;		   /* record to take */
	struct decision_list kept; /* that was decided before */
	unsigned number;	   /* of the last trial */
};

/*
 * Finds what differs, and checks what can be known before anything boots: both ends must be settings that can
 * be. Fills study->differences alone. ERR_USAGE.
 */
int factors_check(const struct study_spec *spec, struct study *study, struct err *err);

/* Puts the question into a fresh campaign. */
void factors_keep(const struct study_spec *spec, struct campaign *campaign);

/*
 * Asks until there is an answer, and fills the campaign's; with a setup it saves it, too. `study` has been
 * checked. A campaign that was begun before goes on from its records. -1: ERR_USAGE, ERR_HOST,
 * ERR_INTERRUPTED; what has been learnt until then is kept.
 */
int factors_run(const struct study_spec *spec, struct campaign *campaign, struct study *study,
		struct err *err);

/* Puts the answer into the campaign, as far as it has come. */
void factors_conclude(struct study *study);

void study_release(struct study *study);
#define STUDY_INIT                                                                                           \
	{                                                                                                    \
		.spec = NULL                                                                                 \
	}
AUTO_DEFINE(study, struct study, study_release);

#endif
