#include "campaign/run.h"

#include "base/clock.h"
#include "campaign/booth.h"
#include "campaign/measure.h"
#include "campaign/units.h"

enum verdict tally_verdict(const struct tally *tally)
{
	static const enum verdict order[] = { VERDICT_BAD, VERDICT_BROKEN, VERDICT_SKIP };

	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		if (tally->n[order[i]])
			return order[i];
	return tally->n[VERDICT_GOOD] ? VERDICT_GOOD : VERDICT_BROKEN;
}

/* Counts a trial; true when the candidate needs no more. */
static bool add(struct tally *tally, const struct record *record, const struct campaign *campaign)
{
	unsigned trials = 0;

	tally->n[record->verdict]++;
	for (size_t i = 0; i < VERDICT_N; i++)
		trials += tally->n[i];
	return trials >= campaign->trials || str_eq(record->class, "untestable") ||
	       (campaign->until_bad && record->verdict == VERDICT_BAD);
}

/* What was learnt before the campaign was broken off; a trial that broke then is tried again. */
static int take_stored(const struct campaign *campaign, struct tally *tally, bool *done, struct err *err)
{
	AUTO(record_list) records = RECORD_LIST_INIT;

	if (campaign_records(campaign, &records, err) < 0)
		return -1;
	for (size_t i = 0; i < records.n && !*done; i++)
		if (records.v[i].verdict != VERDICT_BROKEN)
			*done = add(tally, &records.v[i], campaign);
	return 0;
}

static int conclude(struct campaign *campaign, const struct tally *tally, struct err *err)
{
	enum verdict verdict = tally_verdict(tally);
	AUTO_FREE char *now = clock_utc_now();

	str_replace(&campaign->ended, now);
	str_replace(&campaign->answer, verdict_name(verdict));
	free(campaign->sentence);
	campaign->sentence = xasprintf("%s is %s: %u bad, %u good, %u skipped, %u broken of %u trials",
				       campaign->candidates.v[0], verdict_name(verdict),
				       tally->n[VERDICT_BAD], tally->n[VERDICT_GOOD], tally->n[VERDICT_SKIP],
				       tally->n[VERDICT_BROKEN], campaign->trials);
	if (verdict == VERDICT_BROKEN) {
		AUTO_FREE char *counts = campaign->sentence;

		campaign->sentence =
		    xasprintf("%s; 'qbisect doctor' checks the host, 'qbisect resume %s' tries again", counts,
			      campaign->name);
	}
	return campaign_save(campaign, err);
}

int run_run(const struct setup *setup, const struct question *question, const struct candidate *candidate,
	    struct campaign *campaign, struct err *err)
{
	AUTO_CLOSE int lock = campaign_lock(campaign, err);
	struct tally tally = { { 0 } };
	AUTO(booth) booth = BOOTH_INIT;
	AUTO(err) later = ERR_INIT; /* that there is no rate matters more */
	unsigned number;
	bool done = false;
	int measured;

	if (lock < 0 || units_tidy(campaign, &number, err) < 0 ||
	    take_stored(campaign, &tally, &done, err) < 0)
		return -1;
	if (!done && booth_open(setup, question, candidate, &booth, err) < 0)
		return -1;
	while (!done) {
		AUTO(record) record = RECORD_INIT;

		if (booth_trial(&booth, campaign, &number, candidate->id, &record, err) < 0)
			return -1;
		done = add(&tally, &record, campaign);
	}
	/* One that ended is not gone on with: what it was for comes first. */
	measured = campaign->measure ? measure_keep(setup, question, candidate->arch, campaign, err) : 0;
	if (measured < 0 && err->kind != ERR_USAGE)
		return -1;
	return conclude(campaign, &tally, measured < 0 ? &later : err) < 0 ? -1 : measured;
}
