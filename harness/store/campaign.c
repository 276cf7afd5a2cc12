#include "store/campaign.h"

#include <sys/stat.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/leftover.h"
#include "config/campaign.h"
#include "config/json.h"
#include "store/ingest.h"
#include "store/store.h"

#define CAMPAIGN_LIMIT (16u << 20)

static const struct {
	const char *key;
	size_t offset;
} texts[] = {
	{ "name", offsetof(struct campaign, name) },	     { "kind", offsetof(struct campaign, kind) },
	{ "scenario", offsetof(struct campaign, scenario) }, { "find", offsetof(struct campaign, find) },
	{ "started", offsetof(struct campaign, started) },   { "ended", offsetof(struct campaign, ended) },
	{ "answer", offsetof(struct campaign, answer) },     { "sentence", offsetof(struct campaign, sentence) },
	{ "connect", offsetof(struct campaign, connect) },
	{ "runtime", offsetof(struct campaign, runtime) },
	{ "matrix", offsetof(struct campaign, matrix) },
	{ "previous", offsetof(struct campaign, previous) },
	{ "git", offsetof(struct campaign, git) },
	{ "older", offsetof(struct campaign, older) },
	{ "newer", offsetof(struct campaign, newer) },
	{ "arch", offsetof(struct campaign, arch) },
	{ "config", offsetof(struct campaign, config) },
	{ "comparison", offsetof(struct campaign, comparison) },
}, lists[] = {
	{ "candidates", offsetof(struct campaign, candidates) },
	{ "compare", offsetof(struct campaign, compare) },
	{ "environment", offsetof(struct campaign, environment) },
	{ "program", offsetof(struct campaign, program) },
	{ "given", offsetof(struct campaign, given) },
	{ "paths", offsetof(struct campaign, paths) },
	{ "likely_paths", offsetof(struct campaign, likely_paths) },
	{ "culprit", offsetof(struct campaign, culprit) },
	{ "range", offsetof(struct campaign, range) },
	{ "likely", offsetof(struct campaign, likely) },
	{ "explanation", offsetof(struct campaign, explanation) },
}, numbers[] = {
	{ "trials", offsetof(struct campaign, trials) },
	{ "end_trials", offsetof(struct campaign, end_trials) },
	{ "slots", offsetof(struct campaign, slots) },
	{ "measure", offsetof(struct campaign, measure) },
	{ "until_bad", offsetof(struct campaign, until_bad) },
	{ "first_parent", offsetof(struct campaign, first_parent) },
	{ "bisecting", offsetof(struct campaign, bisecting) },
}, shares[] = {
	{ "confidence", offsetof(struct campaign, confidence) },
	{ "probability", offsetof(struct campaign, probability) },
};

static const char *const sides[] = { "failing_side", "other_side" };

static void *at(const struct campaign *campaign, size_t offset)
{
	return (char *)campaign + offset;
}

static void put_fields(struct json_object *root, const struct campaign *campaign)
{
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		const char *text = *(char **)at(campaign, texts[i].offset);

		json_put_string(root, texts[i].key, text ? text : "");
	}
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		json_put_strv(root, lists[i].key, at(campaign, lists[i].offset));
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		json_put_int(root, numbers[i].key, *(unsigned *)at(campaign, numbers[i].offset));
	for (size_t i = 0; i < ARRAY_SIZE(shares); i++)
		json_put_real(root, shares[i].key, *(double *)at(campaign, shares[i].offset));
	for (size_t i = 0; i < ARRAY_SIZE(sides); i++)
		rate_put(json_put_object(root, sides[i]), &campaign->rates[i]);
	if (campaign->passing_environment.n)
		json_put_strv(root, "passing_environment", &campaign->passing_environment);
	if (campaign->factors.n)
		factor_list_put(json_put_array(root, "factors"), &campaign->factors);
}

static int write_question(const struct campaign *campaign, const char *folder, struct err *err)
{
	AUTO_FREE char *path = path_join(folder, CAMPAIGN_FILE);
	AUTO(json) root = json_new_object();
	AUTO(buf) text = BUF_INIT;

	put_fields(root, campaign);
	json_write(root, JSON_PRETTY, &text);
	return fs_write_atomic(path, text.s, text.len, err);
}

/* `fresh`: rows of another campaign that had this name before are not of this one. */
static int put_rows(const struct campaign *campaign, bool fresh, struct err *err)
{
	AUTO(store) store = STORE_INIT;

	if (store_take_campaign(campaign->folder, STORE_WRITES, &store, err) > 0 &&
	    ingest_question(store.db, campaign->folder, fresh, err) < 0)
		return store_failed(&store, err);
	return 0;
}

int campaign_save(const struct campaign *campaign, struct err *err)
{
	return write_question(campaign, campaign->folder, err) < 0 ? -1 : put_rows(campaign, false, err);
}

/* --- a new one ------------------------------------------------------------------------------------------ */

/* "run-20261122T194500Z", or with a matrix's name in front; the i-th try has a number behind. */
static char *name_of(const struct campaign *campaign, int i)
{
	const char *prefix = campaign->matrix && *campaign->matrix ? campaign->matrix : campaign->kind;
	AUTO_FREE char *now = clock_utc_now();
	AUTO(buf) name = BUF_INIT;

	buf_addf(&name, "%s-", prefix);
	for (const char *p = now; *p; p++)
		if (*p != '-' && *p != ':')
			buf_addc(&name, *p);
	if (i > 1)
		buf_addf(&name, "-%d", i);
	return buf_steal(&name);
}

/* One campaign begins at a time. */
static int lock_all(const char *results, struct err *err)
{
	AUTO_FREE char *path = path_join(results, ".lock");

	return fs_mkdirs(results, err) < 0 ? -1 : fs_lock(path, err);
}

/* Finds a name that is free, with the lock of all. */
static int choose_folder(struct campaign *campaign, const char *results, struct err *err)
{
	bool named = campaign->name != NULL;

	for (int i = 1; i < 1000; i++) {
		if (!named) {
			free(campaign->name);
			campaign->name = name_of(campaign, i);
		}
		free(campaign->folder);
		campaign->folder = path_join(results, campaign->name);
		if (!fs_exists(campaign->folder))
			return 0;
		if (named)
			break;
	}
	return err_set(err, ERR_USAGE, "campaign '%s' exists in %s: choose another name or remove it",
		       campaign->name, results);
}

/* Whole under another name, then it gets its own. */
static int make_folder(const struct campaign *campaign, const char *made, const struct campaign_file *files,
		       size_t n, struct err *err)
{
	LEFTOVER(made);

	if (fs_remove_tree(made, err) < 0 || fs_mkdirs(made, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		AUTO_FREE char *path = path_join(made, files[i].name);

		if (fs_write_atomic(path, files[i].text->s, files[i].text->len, err) < 0)
			return -1;
	}
	if (write_question(campaign, made, err) < 0)
		return -1;
	return fs_move(made, campaign->folder, err);
}

static void set_defaults(struct campaign *campaign)
{
	AUTO_FREE char *now = clock_utc_now();

	str_replace(&campaign->started, now);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (!*(char **)at(campaign, texts[i].offset))
			str_replace(at(campaign, texts[i].offset), "");
}

int campaign_create_with(struct campaign *campaign, const char *results, const struct campaign_file *files,
			 size_t n, struct err *err)
{
	AUTO_FREE char *made = path_join(results, ".new");
	AUTO(err) ignored = ERR_INIT; /* the next one removes it */
	AUTO_CLOSE int lock = lock_all(results, err);

	if (lock < 0 || choose_folder(campaign, results, err) < 0)
		return -1;
	set_defaults(campaign);
	if (make_folder(campaign, made, files, n, err) < 0) {
		fs_remove_tree(made, &ignored);
		return -1;
	}
	return put_rows(campaign, true, err);
}

int campaign_create(struct campaign *campaign, const char *results, struct err *err)
{
	return campaign_create_with(campaign, results, NULL, 0, err);
}

char *campaign_config_path(const struct campaign *campaign)
{
	if (!*campaign->config)
		return NULL;
	return *campaign->config == '/' ? xstrdup(campaign->config)
					: path_join(campaign->folder, campaign->config);
}

/* --- reading -------------------------------------------------------------------------------------------- */

/* Files of before there was such a thing lack it. */
static enum json_need need_of(size_t offset)
{
	static const size_t later[] = { offsetof(struct campaign, matrix),
					offsetof(struct campaign, previous),
					offsetof(struct campaign, bisecting),
					offsetof(struct campaign, slots),
					offsetof(struct campaign, runtime) };

	for (size_t i = 0; i < ARRAY_SIZE(later); i++)
		if (offset == later[i])
			return JSON_OPTIONAL;
	return JSON_REQUIRED;
}

static int parse_numbers(const struct json_node *root, struct campaign *campaign, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		if (json_get_uint(root, numbers[i].key, need_of(numbers[i].offset), 0,
				  numbers[i].offset == offsetof(struct campaign, slots) ? CAMPAIGN_SLOTS_MAX
											: UINT32_MAX,
				  at(campaign, numbers[i].offset), err) < 0)
			return -1;
	for (size_t i = 0; i < ARRAY_SIZE(shares); i++)
		if (json_get_real(root, shares[i].key, JSON_REQUIRED, 0, 1, at(campaign, shares[i].offset),
				  err) < 0)
			return -1;
	for (size_t i = 0; i < ARRAY_SIZE(sides); i++)
		if (rate_get(root, sides[i], &campaign->rates[i], err) < 0)
			return -1;
	/* Those of other kinds, and of before there were factors, do not have these. */
	return json_get_strv(root, "passing_environment", JSON_OPTIONAL, &campaign->passing_environment,
			     err) < 0
		   ? -1
		   : factor_list_get(root, "factors", &campaign->factors, err);
}

int campaign_parse(const char *name, const char *text, size_t len, struct campaign *campaign, struct err *err)
{
	AUTO(json_doc) doc = JSON_DOC_INIT;
	const struct json_node *root;

	if (json_parse(name, text, len, &doc, err) < 0)
		return -1;
	root = json_root(&doc);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		const char *value = "";

		if (json_get_string(root, texts[i].key, need_of(texts[i].offset), &value, err) < 0)
			return -1;
		str_replace(at(campaign, texts[i].offset), value);
	}
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		if (json_get_strv(root, lists[i].key, JSON_REQUIRED, at(campaign, lists[i].offset), err) < 0)
			return -1;
	return parse_numbers(root, campaign, err);
}

int campaign_read(const char *path, struct buf *text, struct campaign *campaign, struct err *err)
{
	AUTO_FREE char *folder = xasprintf("%.*s", (int)(path_base(path) - path - 1), path);

	if (fs_read(path, CAMPAIGN_LIMIT, text, err) < 0 ||
	    campaign_parse(path, text->s, text->len, campaign, err) < 0)
		return -1;
	/* A folder that was copied or renamed is a campaign of that name, whatever stands in its file. */
	str_replace(&campaign->name, path_base(folder));
	return 0;
}

int64_t campaign_saved(const char *results, const char *name)
{
	AUTO_FREE char *file = xasprintf("%s/%s/" CAMPAIGN_FILE, results, name);
	struct stat st;

	return stat(file, &st) < 0 ? -1 : (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
}

/* The campaign that was saved last. */
static char *newest(const char *results, struct err *err)
{
	AUTO(strv) names = STRV_INIT;
	char *best = NULL;
	int64_t latest = 0;

	if (!fs_is_dir(results) || fs_list(results, &names, err) < 0)
		return NULL;
	for (size_t i = 0; i < names.n; i++) {
		int64_t saved = campaign_saved(results, names.v[i]);

		if (saved < latest)
			continue;
		latest = saved;
		free(best);
		best = xstrdup(names.v[i]);
	}
	return best;
}

int campaign_load(const char *results, const char *name, struct campaign *campaign, struct err *err)
{
	AUTO_FREE char *chosen = name ? xstrdup(name) : newest(results, err);
	AUTO_FREE char *path = NULL;
	AUTO(buf) text = BUF_INIT;

	if (!chosen)
		return err_set(err, ERR_USAGE, "there is no campaign in %s yet: 'qbisect run' makes one",
			       results);
	if (!campaign_name_valid(chosen))
		return err_set(err, ERR_USAGE, "'%s' is no campaign's name: %s lists them", chosen, results);
	campaign->folder = path_join(results, chosen);
	path = path_join(campaign->folder, CAMPAIGN_FILE);
	if (!fs_exists(path))
		return err_set(err, ERR_USAGE, "there is no campaign '%s' in %s", chosen, results);
	return campaign_read(path, &text, campaign, err);
}

int campaign_list(const char *results, struct strv *names, struct err *err)
{
	AUTO(strv) all = STRV_INIT;

	if (!fs_is_dir(results))
		return 0;
	if (fs_list(results, &all, err) < 0)
		return -1;
	for (size_t i = 0; i < all.n; i++) {
		AUTO_FREE char *file = xasprintf("%s/%s/" CAMPAIGN_FILE, results, all.v[i]);

		if (campaign_name_valid(all.v[i]) && fs_exists(file))
			strv_add(names, all.v[i]);
	}
	return 0;
}

int campaign_lock(const struct campaign *campaign, struct err *err)
{
	return fs_lock_folder(campaign->folder, err);
}

void campaign_put(const struct campaign *campaign, const struct record_list *records,
		  struct json_object *object)
{
	struct json_object *array;

	put_fields(object, campaign);
	array = json_put_array(object, "records");
	for (size_t i = 0; i < records->n; i++)
		record_put(&records->v[i], json_put_object(array, NULL));
}

void campaign_release(struct campaign *campaign)
{
	free(campaign->folder);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		free(*(char **)at(campaign, texts[i].offset));
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		strv_release(at(campaign, lists[i].offset));
	strv_release(&campaign->passing_environment);
	factor_list_release(&campaign->factors);
	*campaign = (struct campaign)CAMPAIGN_INIT;
}
