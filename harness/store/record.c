#include "store/record.h"

#include "base/fs.h"
#include "base/host.h"
#include "config/json.h"
#include "store/record_fields.h"

#define RECORD_LIMIT (1u << 20)

#define FIELD(name, table)                                                                                   \
	{                                                                                                    \
#name, offsetof(struct record, name), table                                                  \
	}
#define FIELDS(array)                                                                                        \
	{                                                                                                    \
		array, ARRAY_SIZE(array)                                                                     \
	}

static const struct record_field texts[] = {
	FIELD(started, IN_TRIALS),	  FIELD(candidate, IN_CANDIDATES),
	FIELD(arch, IN_CANDIDATES),	  FIELD(release, IN_CANDIDATES),
	FIELD(commit, IN_CANDIDATES),	  FIELD(scenario, IN_TRIALS),
	FIELD(candidate_name, IN_TRIALS), FIELD(environment_name, IN_TRIALS),
	FIELD(boot, IN_TRIALS),		  FIELD(accelerator, IN_MACHINES),
	FIELD(firmware, IN_MACHINES),	  FIELD(machine, IN_MACHINES),
	FIELD(disk_tool, IN_MACHINES),	  FIELD(class, IN_TRIALS),
	FIELD(title, IN_TRIALS),	  FIELD(agreement, IN_TRIALS),
	FIELD(evidence, IN_TRIALS),	  FIELD(host, IN_TRIALS),
};
static const struct record_field numbers[] = {
	FIELD(pagesize, IN_CANDIDATES),	  FIELD(build_ms, IN_TRIALS), FIELD(evidence_line, IN_TRIALS),
	FIELD(guest_pagesize, IN_TRIALS), FIELD(passed, IN_TRIALS),   FIELD(failed, IN_TRIALS),
};
static const struct record_field lists[] = {
	FIELD(reasons, IN_TRIALS),
	FIELD(failures, IN_TRIALS),
};
static const struct record_field maps[] = {
	FIELD(environment, IN_ENVIRONMENTS),
	FIELD(facts, IN_TRIALS),
};

const struct record_fields record_texts = FIELDS(texts);
const struct record_fields record_numbers = FIELDS(numbers);
const struct record_fields record_lists = FIELDS(lists);
const struct record_fields record_maps = FIELDS(maps);

static void *at(const struct record *record, size_t offset)
{
	return (char *)record + offset;
}

/* --- from a trial ------------------------------------------------------------------------------------- */

static void take_question(struct record *record, const struct trial_spec *spec, size_t scenario)
{
	AUTO_FREE char *host = spec->host ? xstrdup(spec->host) : host_describe();

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (!*(char **)at(record, texts[i].offset))
			str_replace(at(record, texts[i].offset), "");
	str_replace(&record->candidate, spec->candidate->id);
	str_replace(&record->arch, spec->candidate->arch);
	str_replace(&record->release, spec->candidate->release);
	str_replace(&record->scenario, spec->scenarios[scenario].name);
	str_replace(&record->accelerator, spec->accelerator);
	str_replace(&record->host, host);
	record->pagesize = spec->candidate->pagesize;
	environment_list(spec->scenarios[scenario].env, &record->environment);
}

static void take_report(struct record *record, const struct guest_report *report)
{
	for (int i = 0; i < GUEST_FACT_N; i++)
		if (report->facts & (1u << i))
			strv_addf(&record->facts, "%s=%s", guest_fact_key((enum guest_fact)i),
				  report->fact[i]);
	record->guest_pagesize = (unsigned)report->number[GUEST_FACT_PAGESIZE];
	record->passed = (unsigned)report->passed;
	record->failed = (unsigned)report->failed;
	for (size_t i = 0; i < guest_report_failures_kept(report); i++) {
		AUTO(buf) details = BUF_INIT;

		guest_failure_format(&report->failure[i], &details);
		strv_addf(&record->failures, "%llu: %s", (unsigned long long)report->failure[i].iteration,
			  details.s);
	}
}

/* What a boot takes is not to be counted again for each scenario that it ran. */
static void take_times(struct record *record, size_t i, const struct trial_result *result)
{
	if (i == 0)
		memcpy(record->ms, result->ms, sizeof(record->ms));
	record->ms[TRIAL_TEST] = result->scenario[i].test_ms;
}

void record_trial(struct record *record, const struct trial_spec *spec, size_t i,
		  const struct trial_result *result)
{
	const struct judgement *judgement = &result->scenario[i].judgement;

	take_question(record, spec, i);
	take_report(record, result->scenario[i].report);
	str_replace(&record->firmware, result->firmware);
	str_replace(&record->machine, result->machine);
	str_replace(&record->disk_tool, result->disk_tool);
	record->verdict = judgement->verdict;
	str_replace(&record->class, judgement->class);
	str_replace(&record->title, judgement->title);
	str_replace(&record->agreement, judgement->agreement);
	str_replace(&record->evidence, judgement->evidence);
	record->evidence_line = (unsigned)judgement->evidence_line;
	for (size_t n = 0; n < judgement->reasons.n; n++)
		strv_add(&record->reasons, judgement->reasons.v[n]);
	take_times(record, i, result);
}

void record_refusal(struct record *record, const struct trial_spec *spec, size_t i, enum verdict verdict,
		    const char *class, const char *reason)
{
	take_question(record, spec, i);
	record->verdict = verdict;
	str_replace(&record->class, class);
	str_replace(&record->title, reason);
	strv_add(&record->reasons, reason);
}

const char *record_name(const struct record *record)
{
	return *record->commit ? record->commit : record->candidate;
}

bool records_broken(const struct record *records, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (records[i].verdict != VERDICT_BROKEN)
			return false;
	return true;
}

double record_seconds(const struct record *record)
{
	int64_t ms = 0;

	for (int i = 0; i < TRIAL_PHASE_N; i++)
		ms += record->ms[i];
	return (double)ms / 1000;
}

/* --- to and from JSON --------------------------------------------------------------------------------- */

static void put_map(struct json_object *root, const char *key, const struct strv *pairs)
{
	struct json_object *map = json_put_object(root, key);

	for (size_t i = 0; i < pairs->n; i++) {
		const char *pair = pairs->v[i], *equals = strchr(pair, '=');
		AUTO_FREE char *name = xasprintf("%.*s", (int)(equals - pair), pair);

		json_put_string(map, name, equals + 1);
	}
}

void record_put(const struct record *record, struct json_object *root)
{
	struct json_object *phases;

	json_put_string(root, "verdict", verdict_name(record->verdict));
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		const char *text = *(char **)at(record, texts[i].offset);

		json_put_string(root, texts[i].key, text ? text : "");
	}
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		json_put_int(root, numbers[i].key, *(unsigned *)at(record, numbers[i].offset));
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		json_put_strv(root, lists[i].key, at(record, lists[i].offset));
	for (size_t i = 0; i < ARRAY_SIZE(maps); i++)
		put_map(root, maps[i].key, at(record, maps[i].offset));
	phases = json_put_object(root, "phases_ms");
	for (int i = 0; i < TRIAL_PHASE_N; i++)
		json_put_int(phases, trial_phase_name((enum trial_phase)i), record->ms[i]);
}

static int get_map(const struct json_node *root, const char *key, struct strv *pairs, struct err *err)
{
	const struct json_node *map;

	if (json_get_object(root, key, JSON_REQUIRED, &map, err) < 0)
		return -1;
	for (const struct json_node *node = json_first(map); node; node = json_next(node)) {
		const char *value;

		if (json_as_string(node, &value, err) < 0)
			return -1;
		strv_addf(pairs, "%s=%s", node->key, value);
	}
	return 0;
}

/* Files of before there was such a thing lack it. */
static bool came_later(size_t offset)
{
	return offset == offsetof(struct record, boot) || offset == offsetof(struct record, candidate_name) ||
	       offset == offsetof(struct record, environment_name) || offset == offsetof(struct record, host);
}

static int get_fields(const struct json_node *root, struct record *record, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		const char *text = "";

		if (json_get_string(root, texts[i].key,
				    came_later(texts[i].offset) ? JSON_OPTIONAL : JSON_REQUIRED, &text,
				    err) < 0)
			return -1;
		str_replace(at(record, texts[i].offset), text);
	}
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		if (json_get_uint(root, numbers[i].key, JSON_REQUIRED, 0, UINT32_MAX,
				  at(record, numbers[i].offset), err) < 0)
			return -1;
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		if (json_get_strv(root, lists[i].key, JSON_REQUIRED, at(record, lists[i].offset), err) < 0)
			return -1;
	for (size_t i = 0; i < ARRAY_SIZE(maps); i++)
		if (get_map(root, maps[i].key, at(record, maps[i].offset), err) < 0)
			return -1;
	return 0;
}

static int get_phases(const struct json_node *root, struct record *record, struct err *err)
{
	const struct json_node *phases;

	if (json_get_object(root, "phases_ms", JSON_REQUIRED, &phases, err) < 0)
		return -1;
	for (int i = 0; i < TRIAL_PHASE_N; i++)
		if (json_get_int(phases, trial_phase_name((enum trial_phase)i), JSON_REQUIRED, 0, INT64_MAX,
				 &record->ms[i], err) < 0)
			return -1;
	return 0;
}

int record_get(const struct json_node *object, struct record *record, struct err *err)
{
	const char *names[VERDICT_N + 1] = { NULL };
	unsigned verdict;

	for (int i = 0; i < VERDICT_N; i++)
		names[i] = verdict_name((enum verdict)i);
	if (json_get_enum(object, "verdict", JSON_REQUIRED, names, &verdict, err) < 0 ||
	    get_fields(object, record, err) < 0 || get_phases(object, record, err) < 0)
		return -1;
	record->verdict = (enum verdict)verdict;
	return 0;
}

int record_parse(const char *name, const char *text, size_t len, struct record *record, struct err *err)
{
	AUTO(json_doc) doc = JSON_DOC_INIT;

	if (json_parse(name, text, len, &doc, err) == 0 && record_get(json_root(&doc), record, err) == 0)
		return 0;
	err->kind = ERR_HOST; /* qbisect wrote it: a damaged file is not the user's configuration */
	return -1;
}

int record_save(const struct record *record, const char *folder, struct err *err)
{
	AUTO_FREE char *path = path_join(folder, RECORD_FILE);
	AUTO(json) root = json_new_object();
	AUTO(buf) text = BUF_INIT;

	record_put(record, root);
	json_write(root, JSON_PRETTY, &text);
	return fs_write_atomic(path, text.s, text.len, err);
}

int record_load(const char *folder, struct record *record, struct err *err)
{
	AUTO_FREE char *path = path_join(folder, RECORD_FILE);
	AUTO(buf) text = BUF_INIT;

	if (fs_read(path, RECORD_LIMIT, &text, err) < 0)
		return -1;
	return record_parse(path, text.s, text.len, record, err);
}

void record_release(struct record *record)
{
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		free(*(char **)at(record, texts[i].offset));
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		strv_release(at(record, lists[i].offset));
	for (size_t i = 0; i < ARRAY_SIZE(maps); i++)
		strv_release(at(record, maps[i].offset));
	*record = (struct record)RECORD_INIT;
}

void record_list_release(struct record_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		record_release(&list->v[i]);
	free(list->v);
	*list = (struct record_list)RECORD_LIST_INIT;
}
