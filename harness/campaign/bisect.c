#include "campaign/bisect.h"

#include <math.h>

#include "base/clock.h"
#include "base/progress.h"
#include "bisect/linear.h"
#include "kernel/catalog.h"

struct search {
	const struct setup *setup;
	const struct bisect_spec *spec;
	struct campaign *campaign;
	enum linear_side *sides; /* of each candidate; owned */
	unsigned number;	 /* of the last trial */
	unsigned pagesize;	 /* of the list, as the first guest read it; 0: none did yet */
	unsigned asked;		 /* candidates */
};

static void search_release(struct search *search)
{
	free(search->sides);
}
AUTO_DEFINE(search, struct search, search_release);

static int check_twice(const struct candidate_list *list, size_t i, struct err *err)
{
	for (size_t j = 0; j < i; j++)
		if (str_eq(list->v[i].content_hash, list->v[j].content_hash))
			return err_set(err, ERR_USAGE,
				       "candidate %s is there twice: each may stand once in the list",
				       list->v[i].id);
	return 0;
}

/* The first candidate whose page size is known, or the first one. */
static const struct candidate *first_known(const struct candidate_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->v[i].pagesize)
			return &list->v[i];
	return &list->v[0];
}

int bisect_check(const struct candidate_list *list, struct err *err)
{
	const struct candidate *known;
	char first[16], other[16];

	if (list->n < 2)
		return err_set(err, ERR_USAGE,
			       "a bisection needs two candidates at least, found %zu: --kernels OLD,NEW",
			       list->n);
	known = first_known(list);
	for (size_t i = 0; i < list->n; i++) {
		const struct candidate *a = known, *b = &list->v[i];

		if (check_twice(list, i, err) < 0)
			return -1;
		if (!str_eq(a->arch, b->arch))
			return err_set(err, ERR_USAGE,
				       "%s is %s and %s is %s: one list, one architecture (see --compare)",
				       a->id, a->arch, b->id, b->arch);
		if (a->pagesize && b->pagesize && a->pagesize != b->pagesize)
			return err_set(
			    err, ERR_USAGE,
			    "%s has %s pages and %s has %s: one list, one page size (see --compare)", a->id,
			    candidate_pagesize_text(a, first), b->id, candidate_pagesize_text(b, other));
	}
	return 0;
}

static const char *id_of(const struct search *search, size_t i)
{
	return search->spec->candidates->v[i].id;
}

/* Asks one candidate; `what` says in which role, for progress. */
static int ask(struct search *search, const struct candidate *candidate, const char *what,
	       enum verdict *verdict, unsigned *pagesize, struct err *err)
{
	AUTO_FREE char *label = xasprintf("%s %s", what, candidate->id);
	struct tally tally = { .pagesize = 0 };

	if (question_ask(search->setup, &search->spec->question, candidate, search->campaign, &search->number,
			 label, true, &tally, err) < 0)
		return -1;
	*pagesize = tally.pagesize;
	*verdict = tally_verdict(&tally);
	if (*verdict == VERDICT_BROKEN)
		return err_set(
		    err, ERR_HOST,
		    "%s: every trial broke: see the trials in %s; 'qbisect doctor' checks the host",
		    candidate->id, search->campaign->folder);
	return 0;
}

static enum linear_side side_of(const struct search *search, enum verdict verdict)
{
	enum verdict old = search->spec->find_fix ? VERDICT_BAD : VERDICT_GOOD;

	if (verdict == VERDICT_SKIP)
		return LINEAR_SKIP;
	return verdict == old ? LINEAR_OLD : LINEAR_NEW;
}

static int ask_candidate(struct search *search, size_t i, struct err *err)
{
	size_t n = search->spec->candidates->n, old_end, new_end;
	AUTO_FREE char *what = NULL;
	enum verdict verdict;
	unsigned pagesize;

	linear_range(search->sides, n, &old_end, &new_end);
	if (i == 0 || i == n - 1)
		what = xasprintf("%s end", i ? "last" : "first");
	else
		what = xasprintf("search, %zu left,", new_end - old_end);
	if (ask(search, &search->spec->candidates->v[i], what, &verdict, &pagesize, err) < 0)
		return -1;
	search->asked++;
	search->sides[i] = side_of(search, verdict);
	if (pagesize && search->pagesize && pagesize != search->pagesize)
		return err_set(
		    err, ERR_USAGE,
		    "%s runs with pages of %u bytes, the candidates before it with %u: one list, one page size",
		    id_of(search, i), pagesize, search->pagesize);
	if (pagesize)
		search->pagesize = pagesize;
	return 0;
}

/* Why the question cannot be answered, or NULL. */
static char *ends_fault(const struct search *search, enum bisect_answer *answer)
{
	size_t last = search->spec->candidates->n - 1;
	const char *old = search->spec->find_fix ? "bad" : "good",
		   *new = search->spec->find_fix ? "good" : "bad";
	enum linear_side first_side = search->sides[0], last_side = search->sides[last];

	*answer = BISECT_SAME_ENDS;
	if (first_side == LINEAR_SKIP || last_side == LINEAR_SKIP)
		*answer = BISECT_UNDECIDED;
	if (*answer == BISECT_UNDECIDED)
		return xasprintf("the %s end, %s, cannot be judged: choose another end",
				 first_side == LINEAR_SKIP ? "first" : "last",
				 id_of(search, first_side == LINEAR_SKIP ? 0 : last));
	if (first_side == LINEAR_OLD && last_side == LINEAR_NEW)
		return NULL;
	if (first_side == LINEAR_NEW && last_side == LINEAR_OLD)
		return xasprintf("the ends are the other way round: %s is %s and %s is %s; %s",
				 id_of(search, 0), new, id_of(search, last), old,
				 search->spec->find_fix ? "leave --find fix out" : "add --find fix");
	return xasprintf("the ends do not differ: both are %s; more trials or another environment may tell",
			 first_side == LINEAR_OLD ? old : new);
}

static void set_answer(struct search *search, const char *answer, char *sentence)
{
	campaign_set(&search->campaign->answer, answer);
	free(search->campaign->sentence);
	search->campaign->sentence = sentence;
}

/* Names the boundary, or the range that is left. */
static enum bisect_answer conclude(struct search *search)
{
	const char *what = search->spec->find_fix ? "went away" : "came";
	size_t old_end, new_end;

	linear_range(search->sides, search->spec->candidates->n, &old_end, &new_end);
	for (size_t i = old_end; i <= new_end; i++)
		strv_add(&search->campaign->range, id_of(search, i));
	if (new_end == old_end + 1) {
		set_answer(search, "found",
			   xasprintf("the failure %s between %s (%s) and %s (%s)", what,
				     id_of(search, old_end), search->spec->find_fix ? "bad" : "good",
				     id_of(search, new_end), search->spec->find_fix ? "good" : "bad"));
		return BISECT_FOUND;
	}
	set_answer(
	    search, "undecided",
	    xasprintf(
		"undecided: the failure %s after %s and not later than %s; the %zu between cannot be judged",
		what, id_of(search, old_end), id_of(search, new_end), new_end - old_end - 1));
	return BISECT_UNDECIDED;
}

/* Both ends, the search if it makes sense. */
static int search_list(struct search *search, enum bisect_answer *answer, struct err *err)
{
	size_t n = search->spec->candidates->n, i;
	char *fault = NULL;

	while ((i = linear_next(search->sides, n)) < n && !fault) {
		if (ask_candidate(search, i, err) < 0)
			return -1;
		if (search->asked == 2)
			fault = ends_fault(search, answer);
	}
	if (fault) {
		set_answer(search, *answer == BISECT_UNDECIDED ? "undecided" : "same", fault);
		return 0;
	}
	*answer = conclude(search);
	return 0;
}

static int ask_compared(struct search *search, struct err *err)
{
	const struct candidate_list *compare = search->spec->compare;

	for (size_t i = 0; i < compare->n; i++) {
		enum verdict verdict;
		unsigned pagesize;

		if (ask(search, &compare->v[i], "compare", &verdict, &pagesize, err) < 0)
			return -1;
	}
	return 0;
}

int bisect_run(const struct setup *setup, const struct bisect_spec *spec, struct campaign *campaign,
	       enum bisect_answer *answer, struct err *err)
{
	AUTO(search) search = { .setup = setup, .spec = spec, .campaign = campaign };
	AUTO_FREE char *now = NULL;

	search.sides = xcalloc(spec->candidates->n, sizeof(*search.sides));
	progress_step("%zu candidates: both ends, then at most %.0f steps; %u trials each",
		      spec->candidates->n, ceil(log2((double)(spec->candidates->n - 1))),
		      spec->question.trials);
	/* The answer is kept even when what is only for comparison fails. */
	if (search_list(&search, answer, err) < 0 || campaign_save(campaign, err) < 0 ||
	    ask_compared(&search, err) < 0)
		return -1;
	now = clock_utc_now();
	campaign_set(&campaign->ended, now);
	return campaign_save(campaign, err);
}
