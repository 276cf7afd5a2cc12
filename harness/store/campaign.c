#include "store/campaign.h"

#include <sys/stat.h>

#include "base/clock.h"
#include "base/fs.h"
#include "config/campaign.h"
#include "config/json.h"

#define CAMPAIGN_FILE  "campaign.json"
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
	{ "measure", offsetof(struct campaign, measure) },
	{ "until_bad", offsetof(struct campaign, until_bad) },
	{ "first_parent", offsetof(struct campaign, first_parent) },
}, shares[] = {
	{ "confidence", offsetof(struct campaign, confidence) },
	{ "probability", offsetof(struct campaign, probability) },
};

static const char *const sides[] = { "failing_side", "other_side" };

static void *at(const struct campaign *campaign, size_t offset)
{
	return (char *)campaign + offset;
}

void campaign_set(char **field, const char *value)
{
	free(*field);
	*field = xstrdup(value ? value : "");
}

/* "run-20261122T194500Z", or with a matrix's name in front; with a number behind when that is taken. */
static int make_folder(struct campaign *campaign, const char *results, struct err *err)
{
	AUTO_FREE char *now = clock_utc_now();
	bool named = campaign->name != NULL;
	const char *prefix = campaign->matrix && *campaign->matrix ? campaign->matrix : campaign->kind;
	AUTO(buf) stamp = BUF_INIT;

	for (const char *p = now; *p; p++)
		if (*p != '-' && *p != ':')
			buf_addc(&stamp, *p);
	for (int i = 1; i < 1000; i++) {
		if (!named) {
			free(campaign->name);
			campaign->name = i == 1 ? xasprintf("%s-%s", prefix, stamp.s)
						: xasprintf("%s-%s-%d", prefix, stamp.s, i);
		}
		free(campaign->folder);
		campaign->folder = path_join(results, campaign->name);
		if (mkdir(campaign->folder, 0700) == 0)
			return 0;
		if (errno != EEXIST)
			return err_errno(err, ERR_HOST, "cannot make %s", campaign->folder);
		if (named)
			break;
	}
	return err_set(err, ERR_USAGE, "campaign '%s' exists in %s: choose another name or remove it",
		       campaign->name, results);
}

int campaign_create(struct campaign *campaign, const char *results, struct err *err)
{
	AUTO_FREE char *now = clock_utc_now();

	if (fs_mkdirs(results, err) < 0 || make_folder(campaign, results, err) < 0)
		return -1;
	campaign_set(&campaign->started, now);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (!*(char **)at(campaign, texts[i].offset))
			campaign_set(at(campaign, texts[i].offset), "");
	return campaign_save(campaign, err);
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

int campaign_save(const struct campaign *campaign, struct err *err)
{
	AUTO_FREE char *path = path_join(campaign->folder, CAMPAIGN_FILE);
	AUTO(json) root = json_new_object();
	AUTO(buf) text = BUF_INIT;

	put_fields(root, campaign);
	json_write(root, JSON_PRETTY, &text);
	return fs_write_atomic(path, text.s, text.len, err);
}

static int parse_numbers(const struct json_node *root, struct campaign *campaign, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		if (json_get_uint(root, numbers[i].key, JSON_REQUIRED, 0, UINT32_MAX,
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

/* Files of before there was such a thing lack it. */
static bool came_later(size_t offset)
{
	return offset == offsetof(struct campaign, matrix) || offset == offsetof(struct campaign, previous);
}

static int parse(const char *path, const struct buf *text, struct campaign *campaign, struct err *err)
{
	AUTO(json_doc) doc = JSON_DOC_INIT;
	const struct json_node *root;

	if (json_parse(path, text->s, text->len, &doc, err) < 0)
		return -1;
	root = json_root(&doc);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		const char *value = "";

		if (json_get_string(root, texts[i].key,
				    came_later(texts[i].offset) ? JSON_OPTIONAL : JSON_REQUIRED, &value,
				    err) < 0)
			return -1;
		campaign_set(at(campaign, texts[i].offset), value);
	}
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		if (json_get_strv(root, lists[i].key, JSON_REQUIRED, at(campaign, lists[i].offset), err) < 0)
			return -1;
	return parse_numbers(root, campaign, err);
}

/* The campaign that was saved last. */
static char *newest(const char *results, struct err *err)
{
	AUTO(strv) names = STRV_INIT;
	char *best = NULL;
	struct timespec latest = { 0, 0 };

	if (!fs_is_dir(results) || fs_list(results, &names, err) < 0)
		return NULL;
	for (size_t i = 0; i < names.n; i++) {
		AUTO_FREE char *file = xasprintf("%s/%s/" CAMPAIGN_FILE, results, names.v[i]);
		struct stat st;

		if (stat(file, &st) < 0 || st.st_mtim.tv_sec < latest.tv_sec ||
		    (st.st_mtim.tv_sec == latest.tv_sec && st.st_mtim.tv_nsec < latest.tv_nsec))
			continue;
		latest = st.st_mtim;
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
	if (fs_read(path, CAMPAIGN_LIMIT, &text, err) < 0)
		return -1;
	return parse(path, &text, campaign, err);
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
	AUTO_FREE char *path = path_join(campaign->folder, ".lock");

	return fs_lock(path, err);
}

struct trial {
	unsigned number;
	char *folder;
};

struct trials {
	struct trial *v;
	size_t n, cap;
};

static void trials_release(struct trials *trials)
{
	for (size_t i = 0; i < trials->n; i++)
		free(trials->v[i].folder);
	free(trials->v);
}
AUTO_DEFINE(trials, struct trials, trials_release);

static int by_number(const void *pa, const void *pb)
{
	const struct trial *a = pa, *b = pb;

	return (a->number > b->number) - (a->number < b->number);
}

/* "00012-ID", with five digits or more. 0: it is no trial's name. */
static unsigned trial_number(const char *name)
{
	size_t digits = strspn(name, "0123456789");

	return digits >= 5 && digits <= 9 && name[digits] == '-' ? (unsigned)strtoul(name, NULL, 10) : 0;
}

/* The folders of trials, in the order of their numbers. */
static int list_trials(const struct campaign *campaign, struct trials *trials, struct err *err)
{
	AUTO(strv) names = STRV_INIT;

	if (fs_list(campaign->folder, &names, err) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		AUTO_FREE char *folder = path_join(campaign->folder, names.v[i]);

		if (!trial_number(names.v[i]) || !fs_is_dir(folder))
			continue;
		GROW(trials->v, trials->n, trials->cap);
		trials->v[trials->n++] = (struct trial){ trial_number(names.v[i]), steal_pointer(&folder) };
	}
	if (trials->n)
		qsort(trials->v, trials->n, sizeof(*trials->v), by_number);
	return 0;
}

static bool has_record(const struct trial *trial)
{
	AUTO_FREE char *file = path_join(trial->folder, RECORD_FILE);

	return fs_exists(file);
}

int campaign_tidy(const struct campaign *campaign, unsigned *number, struct err *err)
{
	AUTO(trials) trials = { NULL, 0, 0 };

	*number = 0;
	if (list_trials(campaign, &trials, err) < 0)
		return -1;
	for (size_t i = 0; i < trials.n; i++) {
		if (has_record(&trials.v[i]))
			*number = trials.v[i].number;
		else if (fs_remove_tree(trials.v[i].folder, err) < 0)
			return -1;
	}
	return 0;
}

int campaign_records(const struct campaign *campaign, struct record_list *list, struct err *err)
{
	AUTO(trials) trials = { NULL, 0, 0 };
	unsigned last = 0;

	if (list_trials(campaign, &trials, err) < 0)
		return -1;
	for (size_t i = 0; i < trials.n; i++) {
		/* Two of one number are a copy that somebody made: one counts. */
		if (!has_record(&trials.v[i]) || trials.v[i].number == last)
			continue;
		last = trials.v[i].number;
		GROW(list->v, list->n, list->cap);
		list->v[list->n] = (struct record)RECORD_INIT;
		list->v[list->n].number = last;
		if (record_load(trials.v[i].folder, &list->v[list->n++], err) < 0)
			return -1;
	}
	return 0;
}

char *campaign_boot_folder(const struct campaign *campaign, const struct record *record)
{
	if (*record->boot)
		return path_join(campaign->folder, path_base(record->boot));
	return xasprintf("%s/%05u-%s", campaign->folder, record->number, record->candidate);
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
