#include "campaign/units.h"

#include "base/fs.h"
#include "campaign/booth.h"
#include "campaign/unit.h"
#include "store/folders.h"

#define UNITS	     "units"
#define RESULT_LIMIT JSON_MAX_BYTES

/* --- asking ------------------------------------------------------------------------------------------- */

static bool is_there(const char *folder, const char *name)
{
	AUTO_FREE char *path = path_join(folder, name);

	return fs_exists(path);
}

static char *folder_of(const struct campaign *campaign, const char *unit)
{
	return xasprintf("%s/" UNITS "/%s", campaign->folder, unit);
}

/* What stands there is qbisect's own, which makes none. */
static int check_link(const char *path, struct err *err)
{
	if (!fs_is_link(path))
		return 0;
	return err_set(err, ERR_HOST, "%s is a link, which is not followed there: remove it", path);
}

static int make(const char *folder, const struct buf *text, struct err *err)
{
	AUTO_FREE char *file = path_join(folder, UNIT_FILE);

	return fs_mkdirs(folder, err) < 0 ? -1 : fs_write_atomic(file, text->s, text->len, err);
}

char *units_put(const struct order *order, const char *connect, const struct strv *busy, struct err *err)
{
	AUTO_FREE char *all = path_join(order->campaign->folder, UNITS);

	if (check_link(all, err) < 0)
		return NULL;
	for (unsigned attempt = 0;; attempt++) {
		AUTO(buf) text = BUF_INIT;
		AUTO_FREE char *name = NULL, *folder = NULL;

		unit_write(order, connect, attempt, &text);
		name = unit_name(&text);
		folder = folder_of(order->campaign, name);
		if (strv_has(busy, folder))
			continue;
		if (check_link(folder, err) < 0)
			return NULL;
		if (is_there(folder, UNIT_FILE))
			return steal_pointer(&folder);
		if (fs_is_dir(folder)) /* that one has been taken in */
			continue;
		return make(folder, &text, err) < 0 ? NULL : steal_pointer(&folder);
	}
}

bool units_has_result(const char *folder, bool closely)
{
	if (closely)
		fs_look_again(folder);
	return is_there(folder, UNIT_DONE);
}

bool units_awaits(const char *campaign, const char *unit)
{
	AUTO_FREE char *file = xasprintf("%s/" UNITS "/%s/" UNIT_FILE, campaign, unit);

	return unit_name_valid(unit) && fs_exists(file);
}

/* --- taking in ---------------------------------------------------------------------------------------- */

static int load(const char *folder, struct unit_result *result, struct err *err)
{
	AUTO_FREE char *path = path_join(folder, UNIT_RESULT);
	AUTO(buf) text = BUF_INIT;

	if (check_link(folder, err) < 0 || check_link(path, err) < 0)
		return -1;
	if (fs_read(path, RESULT_LIMIT, &text, err) < 0)
		return -1;
	if (unit_result_parse(path, text.s, text.len, result, err) == 0)
		return 0;
	err->kind = ERR_HOST; /* qbisect wrote it */
	return -1;
}

/* The file goes first: a job that comes late finds nothing to do. What cannot be removed behind it (a network file system
 * keeps what another host has open) is only litter. */
int units_empty(const char *folder, struct err *err)
{
	AUTO_FREE char *file = path_join(folder, UNIT_FILE);
	AUTO(strv) names = STRV_INIT;
	AUTO(err) ignored = ERR_INIT;

	if (!fs_is_dir(folder) || fs_is_link(folder))
		return 0;
	if (fs_remove_tree(file, err) < 0)
		return -1;
	fs_list(folder, &names, &ignored);
	for (size_t i = 0; i < names.n; i++) {
		AUTO_FREE char *path = path_join(folder, names.v[i]);

		fs_remove_tree(path, &ignored);
	}
	return 0;
}

/* One host may lack what another has, so two are asked, if there are two. Another try may find the setting, so that the unit
 * is as if it had not been. */
static int refuse(const struct order *order, const char *folder, const struct unit_result *result,
		  struct err *err)
{
	bool first = order->avoid->n == 0 && *result->host;
	AUTO(err) ignored = ERR_INIT;

	units_empty(folder, &ignored);
	if (first)
		strv_add(order->avoid, result->host);
	err_set(err, first ? ERR_HOST : ERR_USAGE, "%s", result->error);
	return first ? 1 : -1;
}

static int lose(const char *from, struct err *err)
{
	AUTO(err) fault = ERR_INIT;

	return fs_remove_tree(from, &fault) < 0 ? err_set(err, ERR_HOST, "%s", fault.text) : 1;
}

int units_collect(const struct order *order, const char *folder, struct err *err)
{
	AUTO_FREE char *from = path_join(folder, UNIT_DONE);
	AUTO(unit_result) result = UNIT_RESULT_INIT;
	int status;

	if (load(from, &result, err) < 0)
		return lose(from, err);
	if (!str_eq(result.unit, path_base(folder))) {
		err_set(err, ERR_HOST, "%s is the result of something else", from);
		return lose(from, err);
	}
	if (result.error)
		return refuse(order, folder, &result, err);
	status = order->kind->take(order, folder, &result, err);
	return status > 0 ? lose(from, err) : status;
}

/* Keeps those of a result's records that were not yet. */
static int keep_rest(const struct campaign *campaign, const char *folder, struct record_list *records,
		     struct err *err)
{
	unsigned number = (unsigned)strtoul(path_base(folder), NULL, 10);

	for (size_t i = 0; i < records->n; i++) {
		struct record *record = &records->v[i];
		AUTO_FREE char *own =
		    campaign_trial_folder(campaign, number + (unsigned)i, record->candidate);

		if (is_there(own, RECORD_FILE))
			continue;
		if (records->n > 1)
			str_replace(&record->boot, path_base(folder));
		if (campaign_keep(campaign, own, record, err) < 0)
			return -1;
	}
	return 0;
}

/* Goes on with the taking in of a folder that has a result, wherever it stopped. */
static int finish(const struct campaign *campaign, const char *folder, struct err *err)
{
	AUTO_FREE char *file = path_join(folder, UNIT_RESULT), *unit = NULL;
	AUTO(unit_result) result = UNIT_RESULT_INIT;
	AUTO(err) ignored = ERR_INIT;

	if (load(folder, &result, err) < 0 || keep_rest(campaign, folder, &result.records, err) < 0)
		return -1;
	unit = folder_of(campaign, result.unit);
	if (units_empty(unit, err) < 0)
		return -1;
	fs_remove_tree(file, &ignored); /* the next resume does it all again, to no effect */
	return 0;
}

int units_kept(const struct campaign *campaign, const char *folder, struct err *err)
{
	return finish(campaign, folder, err);
}

/* What was begun. A result that cannot be read any more is left to campaign_tidy(), as a trial without a record. */
static int finish_all(const struct campaign *campaign, struct err *err)
{
	AUTO(trial_folders) trials = TRIAL_FOLDERS_INIT;

	if (folders_list(campaign->folder, &trials, err) < 0)
		return -1;
	for (size_t i = 0; i < trials.n; i++) {
		AUTO_FREE char *folder = path_join(campaign->folder, trials.v[i].name);
		AUTO(unit_result) result = UNIT_RESULT_INIT;
		AUTO(err) damaged = ERR_INIT;

		if (!is_there(folder, UNIT_RESULT) || load(folder, &result, &damaged) < 0)
			continue;
		if (finish(campaign, folder, err) < 0)
			return -1;
	}
	return 0;
}

static bool answers_boot(const struct unit *unit, const struct unit_result *result)
{
	AUTO_FREE const struct question **questions = xcalloc(unit->n, sizeof(struct question *));

	for (size_t i = 0; i < unit->n; i++)
		questions[i] = &unit->questions[i];
	return boot_order_answers(result, unit->candidate, questions, unit->n);
}

/* Whether the result is what the unit's own file asks for. */
static bool is_own(const struct unit_result *result, const char *folder)
{
	AUTO_FREE char *path = path_join(folder, UNIT_FILE), *name = NULL;
	AUTO(unit) unit = UNIT_INIT;
	AUTO(buf) text = BUF_INIT;
	AUTO(err) damaged = ERR_INIT;

	if (check_link(path, &damaged) < 0 || fs_read(path, UNIT_LIMIT, &text, &damaged) < 0 ||
	    unit_parse(path, text.s, text.len, &unit, &damaged) < 0)
		return false;
	name = unit_name(&text);
	if (!str_eq(name, path_base(folder)) || !str_eq(name, result->unit))
		return false;
	return unit.build.git ? result->built && str_eq(result->built, unit.build.key)
			      : answers_boot(&unit, result);
}

/* A result that nobody has begun to take in. One that cannot be read, is an error, or is not the unit's, is left to whoever
 * asks again; so is why there is no build. */
static int take(const struct campaign *campaign, const char *unit, unsigned *number, struct err *err)
{
	AUTO_FREE char *from = path_join(unit, UNIT_DONE), *to = NULL;
	AUTO(unit_result) result = UNIT_RESULT_INIT;
	AUTO(err) damaged = ERR_INIT;

	if (fs_is_link(unit) || !is_there(unit, UNIT_FILE) || !fs_exists(from) ||
	    load(from, &result, &damaged) < 0 || result.error || !is_own(&result, unit))
		return 0;
	if (result.built)
		return units_empty(unit, err);
	to = campaign_trial_folder(campaign, *number + 1, result.records.v[0].candidate);
	if (fs_move(from, to, err) < 0 || finish(campaign, to, err) < 0)
		return -1;
	*number += (unsigned)result.records.n;
	return 0;
}

int units_tidy(const struct campaign *campaign, unsigned *number, struct err *err)
{
	AUTO_FREE char *folder = path_join(campaign->folder, UNITS);
	AUTO(strv) names = STRV_INIT;

	if (!fs_is_dir(folder))
		return campaign_tidy(campaign, number, err);
	if (finish_all(campaign, err) < 0 || campaign_tidy(campaign, number, err) < 0 ||
	    fs_list(folder, &names, err) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		AUTO_FREE char *unit = path_join(folder, names.v[i]);

		if (take(campaign, unit, number, err) < 0)
			return -1;
	}
	return 0;
}
