/* A campaign's trials: their folders, and their rows in the database. */
#include "store/campaign.h"

#include "base/fs.h"
#include "store/campaigns.h"
#include "store/folders.h"
#include "store/ingest.h"
#include "store/store.h"
#include "store/trials.h"

static bool has_record(const struct campaign *campaign, const struct trial_folder *trial)
{
	AUTO_FREE char *file = xasprintf("%s/%s/" RECORD_FILE, campaign->folder, trial->name);

	return fs_exists(file);
}

/* Of a trial whose folder somebody removed the number is not given again. */
static int last_row(const struct campaign *campaign, unsigned *number, struct err *err)
{
	AUTO(store) store = STORE_INIT;
	struct campaign_row row = CAMPAIGN_ROW_INIT;
	int use = store_take_campaign(campaign->folder, STORE_WRITES, &store, err);

	*number = 0;
	if (use > 0 && (campaigns_find(store.db, path_base(campaign->folder), &row, err) < 0 ||
			trials_last(store.db, row.id, number, err) < 0))
		use = store_failed(&store, err);
	campaign_row_release(&row);
	return use < 0 ? -1 : 0;
}

int campaign_tidy(const struct campaign *campaign, unsigned *number, struct err *err)
{
	AUTO(trial_folders) trials = TRIAL_FOLDERS_INIT;

	if (folders_list(campaign->folder, &trials, err) < 0 || last_row(campaign, number, err) < 0)
		return -1;
	for (size_t i = 0; i < trials.n; i++) {
		AUTO_FREE char *folder = path_join(campaign->folder, trials.v[i].name);

		if (!has_record(campaign, &trials.v[i]) && fs_is_dir(folder)) {
			if (fs_remove_tree(folder, err) < 0)
				return -1;
		} else if (trials.v[i].number > *number) {
			*number = trials.v[i].number;
		}
	}
	return 0;
}

int campaign_keep(const struct campaign *campaign, const char *folder, const struct record *record,
		  struct err *err)
{
	AUTO(store) store = STORE_INIT;

	if (fs_mkdirs(folder, err) < 0 || record_save(record, folder, err) < 0)
		return -1;
	if (store_take_campaign(campaign->folder, STORE_WRITES, &store, err) > 0 &&
	    ingest_trial(store.db, campaign->folder, folder, err) < 0)
		return store_failed(&store, err);
	return 0;
}

static int read_folders(const struct campaign *campaign, struct record_list *list, struct err *err)
{
	AUTO(trial_folders) trials = TRIAL_FOLDERS_INIT;
	unsigned last = 0;

	if (folders_list(campaign->folder, &trials, err) < 0)
		return -1;
	for (size_t i = 0; i < trials.n; i++) {
		AUTO_FREE char *folder = path_join(campaign->folder, trials.v[i].name);

		/* Two of one number are a copy that somebody made: one counts. */
		if (!has_record(campaign, &trials.v[i]) || trials.v[i].number == last)
			continue;
		last = trials.v[i].number;
		GROW(list->v, list->n, list->cap);
		list->v[list->n] = (struct record)RECORD_INIT;
		list->v[list->n].number = last;
		if (record_load(folder, &list->v[list->n++], err) < 0)
			return -1;
	}
	return 0;
}

/* What is not as it was recorded. */
static void say_seen(const char *name, const struct ingest_seen *seen)
{
	for (size_t i = 0; i < seen->damaged.n; i++)
		store_say("%s: a trial does not count, because its record is damaged: %s", name,
			  seen->damaged.v[i]);
	if (seen->edited)
		store_say("%s: its " CAMPAIGN_FILE
			  " was changed since it ended, and its answer may not be the one that "
			  "was found: 'qbisect db check %s' tells more",
			  name, name);
	if (seen->late)
		store_say("%s: %u trials stand in its folder that it did not have when it ended: "
			  "'qbisect replay %s' tells whether its answer follows from them too",
			  name, seen->late, name);
	if (seen->changed + seen->missing)
		store_say(
		    "%s: %u of its trials' records were changed and %u are gone (%s), what was recorded of them "
		    "is used: 'qbisect db check %s' tells more",
		    name, seen->changed, seen->missing, seen->example, name);
}

static int read_rows(struct db *db, const char *folder, struct record_list *list, struct err *err)
{
	AUTO(ingest_seen) seen = INGEST_SEEN_INIT;
	size_t before = list->n;
	int64_t id;

	if (ingest_campaign(db, folder, &id, &seen, err) < 0)
		return -1;
	if (trials_get(db, id, list, err) < 0) {
		while (list->n > before)
			record_release(&list->v[--list->n]);
		return -1;
	}
	say_seen(path_base(folder), &seen);
	return 0;
}

int campaign_records(const struct campaign *campaign, struct record_list *list, struct err *err)
{
	AUTO(store) store = STORE_INIT;
	int use = store_take_campaign(campaign->folder, STORE_READS, &store, err);

	if (use > 0 && read_rows(store.db, campaign->folder, list, err) < 0)
		use = store_failed(&store, err);
	return use ? (use < 0 ? -1 : 0) : read_folders(campaign, list, err);
}

int campaign_size(const struct campaign *campaign, size_t *trials, struct err *err)
{
	AUTO(trial_folders) folders = TRIAL_FOLDERS_INIT;

	if (folders_list(campaign->folder, &folders, err) < 0)
		return -1;
	*trials = folders.n;
	return 0;
}

char *campaign_trial_folder(const struct campaign *campaign, unsigned number, const char *candidate)
{
	return xasprintf("%s/%05u-%s", campaign->folder, number, candidate);
}

char *campaign_boot_folder(const struct campaign *campaign, const struct record *record)
{
	if (*record->boot)
		return path_join(campaign->folder, path_base(record->boot));
	return campaign_trial_folder(campaign, record->number, record->candidate);
}
