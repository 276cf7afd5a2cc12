#include "campaign/bisect.h"

#include "base/clock.h"
#include "base/progress.h"
#include "campaign/search.h"
#include "kernel/catalog.h"

#define COMPARE_LEAST 2

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
			       "a bisection needs two candidates at least, found %zu: --kernels OLD,...,NEW",
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

/* So that a failure of the rate that was found would be seen with the confidence asked for. */
static unsigned compare_trials(const struct campaign *campaign)
{
	const struct campaign_rate *failing = &campaign->rates[0];
	unsigned n = COMPARE_LEAST;

	if (failing->failures && failing->failures < failing->trials)
		n = ends_trials_to_see((double)failing->failures / failing->trials, campaign->confidence);
	if (n > campaign->end_trials)
		n = campaign->end_trials;
	return n > COMPARE_LEAST ? n : COMPARE_LEAST;
}

/* Counts a trial of the candidate; true when it needs no more. */
static bool compared(const struct record *record, unsigned *trials, unsigned wanted)
{
	*trials += record->verdict != VERDICT_BROKEN;
	return record->verdict == VERDICT_BAD || str_eq(record->class, "untestable") || *trials >= wanted;
}

static int compare(const struct bisect_spec *spec, const struct candidate *candidate,
		   const struct campaign *campaign, unsigned *number, struct err *err)
{
	AUTO_FREE char *label = xasprintf("compare: %s", candidate->id);
	unsigned trials = 0, wanted = compare_trials(campaign);
	AUTO(record_list) records = RECORD_LIST_INIT;
	AUTO(booth) booth = BOOTH_INIT;
	bool done = false;

	if (campaign_records(campaign, &records, err) < 0)
		return -1;
	for (size_t i = 0; i < records.n && !done; i++)
		done =
		    str_eq(records.v[i].candidate, candidate->id) && compared(&records.v[i], &trials, wanted);
	if (!done && booth_open(spec->setup, &spec->question, candidate, &booth, err) < 0)
		return -1;
	while (!done) {
		AUTO(record) record = RECORD_INIT;

		if (booth_trial(&booth, campaign, number, label, &record, err) < 0)
			return -1;
		if (record.verdict == VERDICT_BROKEN)
			return err_set(err, ERR_HOST,
				       "%s: every trial broke: %s; 'qbisect resume %s' goes on",
				       candidate->id, record.title, campaign->name);
		done = compared(&record, &trials, wanted);
	}
	return 0;
}

struct list_source {
	struct source base; /* first */
	const struct candidate_list *list;
};

static const struct candidate *list_get(struct source *base, const char *name, double *seconds,
					struct err *err)
{
	const struct candidate_list *list = ((struct list_source *)base)->list;

	*seconds = 0;
	for (size_t i = 0; i < list->n; i++)
		if (str_eq(list->v[i].id, name))
			return &list->v[i];
	err_set(err, ERR_USAGE, "%s is not in the list", name);
	return NULL;
}

static int search(const struct bisect_spec *spec, struct campaign *campaign, struct err *err)
{
	struct list_source source = { { .get = list_get, .arch = spec->candidates->v[0].arch },
				      spec->candidates };
	const struct search_spec parts = { spec->setup, &spec->question, &source.base, campaign };
	AUTO(search) search = SEARCH_INIT;

	if (search_open(&parts, &search, err) < 0)
		return -1;
	progress_step("%s: %zu candidates; the ends first, then whatever tells most", campaign->name,
		      spec->candidates->n);
	if (search_run(&search, err) < 0)
		return -1;
	search_conclude(&search);
	progress_step("%s", campaign->sentence);
	return campaign_save(campaign, err);
}

int bisect_run(const struct bisect_spec *spec, struct campaign *campaign, struct err *err)
{
	AUTO_CLOSE int lock = campaign_lock(campaign, err);
	AUTO_FREE char *now = NULL;
	unsigned number;

	/* The answer is kept even when what is only for comparison fails. */
	if (lock < 0 || search(spec, campaign, err) < 0 || campaign_tidy(campaign, &number, err) < 0)
		return -1;
	for (size_t i = 0; i < spec->compare->n; i++)
		if (compare(spec, &spec->compare->v[i], campaign, &number, err) < 0)
			return -1;
	now = clock_utc_now();
	campaign_set(&campaign->ended, now);
	return campaign_save(campaign, err);
}
