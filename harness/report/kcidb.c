/*
 * KCIDB's reports, version 5.3: kcidb_io/schema/v05_03.py of https://github.com/kernelci/kcidb-io.
 *
 * An id begins with the origin and holds the campaign and its start, so that none comes twice; that of an
 * issue is the same in all campaigns, for so a database sees that it is the same. What leaves the machine
 * passes outward.h; paths, the back end's URI and the program that was injected stay here.
 */
#include "bisect/rate.h"
#include "config/json.h"
#include "report/kcidb_issue.h"
#include "report/kernels.h"
#include "report/outward.h"
#include "report/report.h"

#define COMMIT_LEN 40 /* SHA-1; another hash has no field of its own */

struct batch {
	const struct campaign *campaign;
	const char *origin;
	struct json_object *checkouts, *builds, *tests, *issues, *incidents;
	struct strv sources, signatures; /* ids of those that are there */
	char *scope;			 /* what the ids of this campaign begin with */
};

/* No property may be null, and an empty one says nothing. */
static void put_text(struct json_object *to, const char *key, const char *text)
{
	AUTO(buf) clean = BUF_INIT;

	outward_add(&clean, text);
	if (clean.len)
		json_put_string(to, key, clean.s);
}

/* A new object of the list with what each must have. */
static struct json_object *put_object(const struct batch *batch, struct json_object *list, const char *id)
{
	struct json_object *object = json_put_object(list, NULL);

	json_put_string(object, "id", id);
	json_put_string(object, "origin", batch->origin);
	return object;
}

static char *make_id(const struct batch *batch, const char *kind, const char *name)
{
	AUTO(buf) id = BUF_INIT;

	buf_addf(&id, "%s/%s/", batch->scope, kind);
	outward_add(&id, name);
	return buf_steal(&id);
}

/* Appends a text whose characters other than letters, digits and those `allowed` are "_". */
static void add_word(struct buf *out, const char *text, const char *allowed)
{
	for (const char *p = text; *p; p++) {
		bool letter = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z');

		buf_addc(out, letter || (*p >= '0' && *p <= '9') || strchr(allowed, *p) ? *p : '_');
	}
}

static bool is_sha1(const char *commit)
{
	return strlen(commit) == COMMIT_LEN && strspn(commit, "0123456789abcdef") == COMMIT_LEN;
}

/* Of what a kernel was built from. */
static void put_checkout(struct batch *batch, const struct record *record, const char *id)
{
	struct json_object *checkout;

	if (!strv_add_once(&batch->sources, id))
		return;
	checkout = put_object(batch, batch->checkouts, id);
	if (is_sha1(record->commit)) {
		json_put_string(checkout, "git_commit_hash", record->commit);
		json_put_string(checkout, "patchset_hash", "");
	} else {
		put_text(checkout, "git_commit_name", record->commit);
	}
	if (!*record->commit)
		put_text(checkout, "comment", *record->release ? record->release : record->candidate);
	json_put_bool(checkout, "valid", true);
}

/* Of a kernel that we built its configuration's name, of a package's as it is named below /boot. */
static void put_config(const struct batch *batch, const struct record *record, struct json_object *build)
{
	AUTO_FREE char *package = xasprintf("config-%s", record->release);

	if (*record->commit)
		put_text(build, "config_name", batch->campaign->config);
	else if (*record->release)
		put_text(build, "config_name", package);
}

/* Kept with the first trial that came to a verdict; 0: it was not built, or was there already. */
static unsigned build_ms(const struct kernel *kernel)
{
	unsigned ms = 0;

	for (size_t i = 0; i < kernel->n && !ms; i++)
		ms = kernel_trial(kernel, i)->build_ms;
	return ms;
}

static void put_build(const struct batch *batch, const struct kernel *kernel, const char *id,
		      const char *source)
{
	const struct record *first = kernel_trial(kernel, 0);
	struct json_object *build = put_object(batch, batch->builds, id), *misc;
	bool failed = str_eq(first->class, "build");
	unsigned ms = build_ms(kernel);
	AUTO(buf) arch = BUF_INIT;

	add_word(&arch, first->arch, "_");
	json_put_string(build, "checkout_id", source);
	json_put_string(build, "architecture", arch.s);
	put_config(batch, first, build);
	json_put_string(build, "status", failed ? "FAIL" : "PASS");
	if (failed)
		put_text(build, "log_excerpt", first->title);
	if (ms)
		json_put_real(build, "duration", ms / 1000.0);
	misc = json_put_object(build, "misc");
	put_text(misc, "candidate", first->candidate);
	put_text(misc, "release", first->release);
	if (first->pagesize)
		json_put_int(misc, "pagesize", first->pagesize);
}

/*
 * The words of KCIDB. A skip leaves the kernel unjudged, which is SKIP there, too; when it was the test that
 * could not be carried out, KCIDB has ERROR for it.
 */
static const char *status(const struct record *record)
{
	static const char *const words[VERDICT_N] = {
		[VERDICT_GOOD] = "PASS",
		[VERDICT_BAD] = "FAIL",
		[VERDICT_SKIP] = "SKIP",
		[VERDICT_BROKEN] = "MISS",
	};
	bool error = str_eq(record->class, "test-failure") || str_eq(record->class, "setup");

	return record->verdict == VERDICT_SKIP && error ? "ERROR" : words[record->verdict];
}

static const char *setting(const struct record *record, const char *key)
{
	size_t n = strlen(key);

	for (size_t i = 0; i < record->environment.n; i++)
		if (str_starts(record->environment.v[i], key) && record->environment.v[i][n] == '=')
			return record->environment.v[i] + n + 1;
	return "none";
}

/* "qbisect.aiocp.AD033". A dot in a scenario's name is no step of the path. */
static void put_path(const struct record *record, struct json_object *test)
{
	AUTO(buf) path = BUF_INIT;

	buf_adds(&path, "qbisect.");
	add_word(&path, setting(record, "workload"), "_-");
	buf_addc(&path, '.');
	add_word(&path, *record->scenario ? record->scenario : "none", "_-");
	json_put_string(test, "path", path.s);
}

static void put_environment(const struct record *record, struct json_object *test)
{
	struct json_object *environment = json_put_object(test, "environment"), *misc, *settings;

	put_text(environment, "comment", record->machine);
	misc = json_put_object(environment, "misc");
	put_text(misc, "accelerator", record->accelerator);
	put_text(misc, "firmware", record->firmware);
	put_text(misc, "disk_tool", record->disk_tool);
	settings = json_put_object(misc, "settings");
	for (size_t i = 0; i < record->environment.n; i++) {
		size_t n = strcspn(record->environment.v[i], "=");
		AUTO_FREE char *key = xasprintf("%.*s", (int)n, record->environment.v[i]);

		put_text(settings, key, setting(record, key));
	}
}

static void put_rate(const struct kernel_rate *rate, struct json_object *misc)
{
	struct rate interval = rate_interval(rate->failures, rate->trials);
	struct json_object *object = json_put_object(misc, "rate");

	json_put_int(object, "failures", rate->failures);
	json_put_int(object, "trials", rate->trials);
	json_put_real(object, "low", interval.low);
	json_put_real(object, "high", interval.high);
}

/* What decided, and what it is worth. */
static void put_misc(const struct batch *batch, const struct record *record, const struct kernel_rate *rate,
		     struct json_object *test)
{
	struct json_object *misc = json_put_object(test, "misc"), *list;

	json_put_string(misc, "verdict", verdict_name(record->verdict));
	put_text(misc, "class", record->class);
	put_text(misc, "agreement", record->agreement);
	list = json_put_array(misc, "decided_by");
	for (size_t i = 0; i < record->reasons.n; i++) {
		AUTO(buf) reason = BUF_INIT;

		outward_add(&reason, record->reasons.v[i]);
		json_put_string(list, NULL, reason.s);
	}
	if (record->guest_pagesize)
		json_put_int(misc, "pagesize", record->guest_pagesize);
	json_put_int(misc, "iterations_passed", record->passed);
	json_put_int(misc, "iterations_failed", record->failed);
	put_rate(rate, misc);
	put_text(misc, "environment", record->environment_name);
	put_text(misc, "campaign", batch->campaign->name);
	put_text(misc, "campaign_kind", batch->campaign->kind);
	put_text(misc, "campaign_answer", batch->campaign->answer);
}

static void put_test(const struct batch *batch, const struct kernel *kernel, size_t i, const char *id,
		     const char *build)
{
	const struct record *record = kernel_trial(kernel, i);
	struct kernel_rate rate = kernel_rate(kernel, i);
	struct json_object *test = put_object(batch, batch->tests, id);
	AUTO(buf) log = BUF_INIT;

	json_put_string(test, "build_id", build);
	put_environment(record, test);
	put_path(record, test);
	put_text(test, "comment", record->title);
	outward_log(&log, record);
	if (log.len)
		json_put_string(test, "log_excerpt", log.s);
	json_put_string(test, "status", status(record));
	put_text(test, "start_time", record->started);
	json_put_real(test, "duration", record_seconds(record));
	put_misc(batch, record, &rate, test);
}

/* The signature that the trial showed, and that it did. */
static void put_incident(struct batch *batch, const struct record *record, const char *test)
{
	AUTO(kcidb_issue) issue = KCIDB_ISSUE_INIT;
	AUTO_FREE char *id = NULL;
	struct json_object *object;

	if (!kcidb_issue_of(record, batch->origin, &issue))
		return;
	if (strv_add_once(&batch->signatures, issue.id)) {
		object = put_object(batch, batch->issues, issue.id);
		json_put_int(object, "version", KCIDB_ISSUE_VERSION);
		put_text(object, "report_subject", issue.title);
		json_put_bool(json_put_object(object, "culprit"), "code", true);
		put_text(json_put_object(object, "misc"), "class", record->class);
	}
	id = xasprintf("%s/issue", test);
	object = put_object(batch, batch->incidents, id);
	json_put_string(object, "issue_id", issue.id);
	json_put_int(object, "issue_version", KCIDB_ISSUE_VERSION);
	json_put_string(object, "test_id", test);
	json_put_bool(object, "present", true);
	put_text(object, "comment", record->title);
}

static void put_kernel(struct batch *batch, const struct kernel *kernel)
{
	const struct record *first = kernel_trial(kernel, 0);
	AUTO_FREE char *name = xasprintf("%s:%s", first->candidate, first->arch);
	AUTO_FREE char *build = make_id(batch, "build", name);
	AUTO_FREE char *source = make_id(batch, "source", record_name(first));

	put_checkout(batch, first, source);
	put_build(batch, kernel, build, source);
	for (size_t i = 0; i < kernel->n; i++) {
		const struct record *record = kernel_trial(kernel, i);
		AUTO_FREE char *test = xasprintf("%s/trial/%u", batch->scope, record->number);

		put_test(batch, kernel, i, test, build);
		put_incident(batch, record, test);
	}
}

void report_kcidb(const struct campaign *campaign, const struct record_list *records, const char *origin,
		  struct buf *out)
{
	AUTO(json) root = json_new_object();
	struct json_object *version = json_put_object(root, "version");
	AUTO_FREE char *scope = xasprintf("%s:%s@%s", origin, campaign->name, campaign->started);
	struct batch batch = { .campaign = campaign,
			       .origin = origin,
			       .checkouts = json_put_array(root, "checkouts"),
			       .builds = json_put_array(root, "builds"),
			       .tests = json_put_array(root, "tests"),
			       .issues = json_put_array(root, "issues"),
			       .incidents = json_put_array(root, "incidents"),
			       .scope = scope };
	AUTO(kernels) kernels = KERNELS_INIT;

	json_put_int(version, "major", 5);
	json_put_int(version, "minor", 3);
	kernels_collect(campaign, records, &kernels);
	for (size_t i = 0; i < kernels.n; i++)
		put_kernel(&batch, &kernels.v[i]);
	json_write(root, JSON_PRETTY, out);
	strv_release(&batch.sources);
	strv_release(&batch.signatures);
}

bool report_kcidb_origin_valid(const char *origin)
{
	return *origin && !origin[strspn(origin, "abcdefghijklmnopqrstuvwxyz0123456789_")];
}
