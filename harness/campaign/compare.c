#include "campaign/compare.h"

#include "bisect/ends.h"
#include "campaign/booth.h"

#define COMPARE_LEAST 2

/* So that a failure of the rate that was found would be seen with the confidence asked for. */
static unsigned trials_to_tell(const struct campaign *campaign)
{
	const struct campaign_rate *failing = &campaign->rates[0];
	unsigned n = COMPARE_LEAST;

	if (failing->failures && failing->failures < failing->trials)
		n = ends_trials_to_see((double)failing->failures / failing->trials, campaign->confidence);
	return n > COMPARE_LEAST ? n : COMPARE_LEAST;
}

static unsigned trials_to_run(const struct campaign *campaign)
{
	unsigned n = trials_to_tell(campaign);

	return n < campaign->end_trials ? n : campaign->end_trials;
}

/* Counts a trial of the candidate; true when it needs no more. */
static bool compared(const struct record *record, unsigned *trials, unsigned wanted)
{
	*trials += record->verdict != VERDICT_BROKEN;
	return record->verdict == VERDICT_BAD || str_eq(record->class, "untestable") || *trials >= wanted;
}

const char *compare_commit(const struct campaign *campaign)
{
	return campaign->range.v[str_eq(campaign->find, "fix") ? 0 : campaign->range.n - 1];
}

int compare_refuse(const struct setup *setup, const struct question *question, const char *place,
		   const char *arch, const char *reason, const struct campaign *campaign, unsigned *number,
		   struct err *err)
{
	const struct candidate none = { .id = (char *)place, .arch = (char *)arch, .release = (char *)"" };
	AUTO(record_list) records = RECORD_LIST_INIT;
	AUTO(record) record = RECORD_INIT;
	AUTO(booth) booth = BOOTH_INIT;

	if (campaign_records(campaign, &records, err) < 0)
		return -1;
	for (size_t i = 0; i < records.n; i++)
		if (str_eq(records.v[i].candidate, place))
			return 0;
	if (booth_open(setup, question, &none, &booth, err) < 0)
		return -1;
	return booth_refuse(&booth, campaign, number, place, "build", reason, &record, err);
}

int compare_ask(const struct setup *setup, const struct question *question, const struct candidate *candidate,
		const struct campaign *campaign, unsigned *number, struct err *err)
{
	AUTO_FREE char *label = xasprintf("compare: %s", candidate->id);
	unsigned trials = 0, wanted = trials_to_run(campaign);
	AUTO(record_list) records = RECORD_LIST_INIT;
	AUTO(booth) booth = BOOTH_INIT;
	bool done = false;

	if (campaign_records(campaign, &records, err) < 0)
		return -1;
	for (size_t i = 0; i < records.n && !done; i++)
		done =
		    str_eq(records.v[i].candidate, candidate->id) && compared(&records.v[i], &trials, wanted);
	if (!done && booth_open(setup, question, candidate, &booth, err) < 0)
		return -1;
	while (!done) {
		AUTO(record) record = RECORD_INIT;

		if (booth_trial(&booth, campaign, number, label, &record, err) < 0)
			return -1;
		if (record.verdict == VERDICT_BROKEN)
			return booth_broken(campaign, &record, err);
		done = compared(&record, &trials, wanted);
	}
	return 0;
}

/* --- what it says ------------------------------------------------------------------------------------- */

struct seen {
	struct strv arches, pages; /* "ppc64le", "64k" */
};

static void seen_release(struct seen *seen)
{
	strv_release(&seen->arches);
	strv_release(&seen->pages);
}
AUTO_DEFINE(seen, struct seen, seen_release);

static bool share(const struct strv *a, const struct strv *b)
{
	for (size_t i = 0; i < a->n; i++)
		if (strv_has(b, a->v[i]))
			return true;
	return false;
}

static void see(struct seen *seen, const struct record *record)
{
	AUTO_FREE char *page = xasprintf("%uk", record->guest_pagesize / 1024);

	strv_add_once(&seen->arches, record->arch);
	strv_add_once(&seen->pages, page);
}

/* Whether a candidate that was compared has passed so often that it does not have the failure. */
static bool does_not_fail(const struct campaign *campaign, const struct record_list *records,
			  const char *candidate)
{
	unsigned passes = 0;

	for (size_t i = 0; i < records->n; i++) {
		if (!str_eq(records->v[i].candidate, candidate))
			continue;
		if (records->v[i].verdict == VERDICT_BAD)
			return false;
		passes += records->v[i].verdict == VERDICT_GOOD;
	}
	return passes >= trials_to_tell(campaign);
}

static bool of_git(const struct campaign *campaign)
{
	return *campaign->git != '\0';
}

static bool was_compared(const struct campaign *campaign, const struct record *record)
{
	return of_git(campaign) ? !*record->commit : strv_has(&campaign->compare, record->candidate);
}

/* The commit that was compared is the one to compare with. */
static bool is_reference(const struct campaign *campaign, const struct record *record)
{
	return !of_git(campaign) || !*record->commit || str_eq(record->commit, compare_commit(campaign));
}

static void join(const struct strv *list, const char *tail, struct buf *out)
{
	for (size_t i = 0; i < list->n; i++)
		buf_addf(out, "%s%s", i ? ", " : "", list->v[i]);
	buf_adds(out, tail);
}

/* Those that fail: of the search, any; of those compared, the bad. Those that do not: of those compared. */
static char *conclude(const struct seen *failing, const struct seen *passing)
{
	AUTO(buf) text = BUF_INIT;
	bool pages = share(&failing->pages, &passing->pages),
	     arches = share(&failing->arches, &passing->arches);

	if (!failing->pages.n || !passing->pages.n || (pages && arches))
		return xstrdup("");
	buf_adds(&text, !pages && arches ? "it is the page size: "
			: pages		 ? "it is the architecture: "
					 : "it is the page size or the architecture: ");
	join(&failing->pages, " pages fail (", &text);
	join(&failing->arches, "), ", &text);
	join(&passing->pages, " pages do not (", &text);
	join(&passing->arches, ")", &text);
	return xasprintf("%s", text.s);
}

int compare_conclude(struct campaign *campaign, struct err *err)
{
	AUTO(record_list) records = RECORD_LIST_INIT;
	AUTO(seen) failing = { STRV_INIT, STRV_INIT };
	AUTO(seen) passing = { STRV_INIT, STRV_INIT };

	str_replace(&campaign->comparison, "");
	if (of_git(campaign) && !campaign->range.n)
		return 0;
	if (campaign_records(campaign, &records, err) < 0)
		return -1;
	for (size_t i = 0; i < records.n; i++) {
		const struct record *record = &records.v[i];

		if (!record->guest_pagesize || record->verdict == VERDICT_SKIP)
			continue;
		if (record->verdict == VERDICT_BAD && is_reference(campaign, record))
			see(&failing, record);
		else if (was_compared(campaign, record) &&
			 does_not_fail(campaign, &records, record->candidate))
			see(&passing, record);
	}
	free(campaign->comparison);
	campaign->comparison = conclude(&failing, &passing);
	return 0;
}
