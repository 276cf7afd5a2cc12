#include "campaign/measure.h"

#include "base/fs.h"
#include "base/hash.h"
#include "base/progress.h"
#include "config/json.h"

#define LIMIT (64u << 10)

static char *file_of(const struct setup *setup, const struct question *question, const char *arch)
{
	AUTO(strv) pairs = STRV_INIT;
	AUTO(buf) key = BUF_INIT;
	AUTO_FREE char *hash = NULL;

	environment_list(&question->env, &pairs);
	buf_addf(&key, "%s\n%s\n", question->scenario, arch);
	for (size_t i = 0; i < pairs.n; i++)
		buf_addf(&key, "%s\n", pairs.v[i]);
	hash = hash_bytes(key.s, key.len);
	return xasprintf("%s/.rates/%s-%s-%.16s.json", setup->results, question->scenario, arch, hash);
}

static int count(const struct campaign *campaign, unsigned *failures, unsigned *trials, struct err *err)
{
	AUTO(record_list) records = RECORD_LIST_INIT;

	*failures = *trials = 0;
	if (campaign_records(campaign, &records, err) < 0)
		return -1;
	for (size_t i = 0; i < records.n; i++) {
		*failures += records.v[i].verdict == VERDICT_BAD;
		*trials += records.v[i].verdict == VERDICT_BAD || records.v[i].verdict == VERDICT_GOOD;
	}
	if (*failures)
		return 0;
	return err_set(
	    err, ERR_USAGE,
	    "--measure: %s never failed in %u trials, so there is no rate to keep: is it the bad end? "
	    "or add --trials",
	    campaign->candidates.v[0], *trials);
}

int measure_keep(const struct setup *setup, const struct question *question, const char *arch,
		 const struct campaign *campaign, struct err *err)
{
	AUTO_FREE char *path = file_of(setup, question, arch);
	AUTO_FREE char *folder = path_join(setup->results, ".rates");
	AUTO(json) root = json_new_object();
	AUTO(buf) text = BUF_INIT;
	AUTO_CLOSE int lock = fs_lock_folder(folder, err);
	unsigned failures, trials;

	if (lock < 0 || count(campaign, &failures, &trials, err) < 0)
		return -1;
	json_put_string(root, "campaign", campaign->name);
	json_put_string(root, "candidate", campaign->candidates.v[0]);
	json_put_int(root, "failures", failures);
	json_put_int(root, "trials", trials);
	json_write(root, JSON_PRETTY, &text);
	progress_step("%u of %u boots failed: --trials auto asks for %u passes at 0.95", failures, trials,
		      measure_passes(failures, trials, 0.95));
	return fs_write_atomic(path, text.s, text.len, err);
}

unsigned measure_passes(unsigned failures, unsigned trials, double confidence)
{
	double a = failures + 0.5, b = trials - failures + 0.5, all_pass = 1;
	unsigned n = 0;

	while (n < MEASURE_MOST && all_pass > 1 - confidence) {
		all_pass *= (b + n) / (a + b + n);
		n++;
	}
	return n;
}

int measure_parse(const char *name, const char *text, size_t len, struct measure *measure, struct err *err)
{
	AUTO(json_doc) doc = JSON_DOC_INIT;
	const struct json_node *root;

	if (json_parse(name, text, len, &doc, err) < 0)
		return -1;
	root = json_root(&doc);
	if (json_get_uint(root, "failures", JSON_REQUIRED, 1, UINT32_MAX, &measure->failures, err) < 0)
		return -1;
	return json_get_uint(root, "trials", JSON_REQUIRED, measure->failures, UINT32_MAX, &measure->trials,
			     err);
}

int measure_trials(const struct setup *setup, const struct question *question, const char *arch,
		   double confidence, unsigned *trials, struct err *err)
{
	AUTO_FREE char *path = file_of(setup, question, arch);
	AUTO(buf) text = BUF_INIT;
	struct measure measure;

	if (!fs_exists(path))
		return err_set(
		    err, ERR_USAGE,
		    "--trials auto: the failure rate of %s in this environment on %s is not known: first "
		    "'qbisect run --measure' with the same words on the bad end",
		    question->scenario, arch);
	if (fs_read(path, LIMIT, &text, err) < 0 || measure_parse(path, text.s, text.len, &measure, err) < 0)
		return -1;
	*trials = measure_passes(measure.failures, measure.trials, confidence);
	return 0;
}
