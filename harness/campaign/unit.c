#include "campaign/unit.h"

#include "base/hash.h"
#include "campaign/booth.h"
#include "kernel/git.h"

#define FORM	     1
#define HOST_MAX     64
#define PAGESIZE_MAX (1u << 20)

/* --- what is asked ------------------------------------------------------------------------------------ */

static void put_question(const struct question *question, struct json_object *to)
{
	AUTO(strv) environment = STRV_INIT, program = STRV_INIT;

	environment_list(&question->env, &environment);
	if (question->program.path)
		strv_add(&program, question->program.path);
	for (const char *const *word = question->program.args; program.n && word && *word; word++)
		strv_add(&program, *word);
	json_put_string(to, "scenario", question->scenario);
	json_put_string(to, "candidate_name", question->candidate_name ? question->candidate_name : "");
	json_put_string(to, "environment_name", question->environment_name ? question->environment_name : "");
	json_put_strv(to, "environment", &environment);
	json_put_strv(to, "program", &program);
}

void unit_put_boot(const struct boot_order *order, struct json_object *unit)
{
	const struct booth *booth = order->booth;
	struct json_object *questions;

	json_put_string(unit, "candidate", booth->spec.candidate->id);
	json_put_string(unit, "commit", booth->commit ? booth->commit : "");
	questions = json_put_array(unit, "questions");
	for (size_t i = 0; i < order->n; i++)
		put_question(order->questions[i], json_put_object(questions, NULL));
}

void unit_put_build(const struct build_spec *spec, struct json_object *unit)
{
	struct json_object *build = json_put_object(unit, "build");

	json_put_string(build, "git", spec->git);
	json_put_string(build, "commit", spec->rev);
	json_put_string(build, "arch", spec->arch);
	json_put_int(build, "pagesize", spec->pagesize);
	json_put_string(build, "config", spec->config ? spec->config : "");
	json_put_string(build, "toolchain", spec->toolchain);
	json_put_string(build, "key", spec->key);
}

void unit_write(const struct order *order, const char *connect, unsigned attempt, struct buf *out)
{
	AUTO(json) root = json_new_object();

	json_put_int(root, "unit", FORM);
	json_put_string(root, "campaign", order->campaign->folder);
	json_put_int(root, "attempt", attempt);
	json_put_string(root, "connect", connect);
	order->kind->describe(order, root);
	json_write(root, JSON_PRETTY, out);
}

char *unit_name(const struct buf *text)
{
	AUTO_FREE char *hash = hash_bytes(text->s, text->len);

	return xasprintf("%.*s", UNIT_NAME_LEN, hash);
}

bool unit_name_valid(const char *name)
{
	return strlen(name) == UNIT_NAME_LEN && strspn(name, "0123456789abcdef") == UNIT_NAME_LEN;
}

static int get_environment(const struct json_node *node, struct environment *env, struct err *err)
{
	const struct json_node *list;
	const char *pair;

	environment_init(env);
	if (json_get_array(node, "environment", JSON_REQUIRED, &list, err) < 0)
		return -1;
	for (const struct json_node *one = json_first(list); one; one = json_next(one)) {
		AUTO(err) wrong = ERR_INIT;

		if (json_as_string(one, &pair, err) < 0)
			return -1;
		if (environment_set_pair(env, pair, &wrong) < 0)
			return json_error(one, err, "%s", wrong.text);
	}
	return 0;
}

static int get_question(const struct json_node *node, struct question *question, struct strv *program,
			struct err *err)
{
	static const char *const keys[] = { "scenario",	   "candidate_name", "environment_name",
					    "environment", "program",	     NULL };

	question->trials = 1;
	if (json_check_keys(node, keys, err) < 0 ||
	    json_get_string(node, "scenario", JSON_REQUIRED, &question->scenario, err) < 0 ||
	    json_get_string(node, "candidate_name", JSON_REQUIRED, &question->candidate_name, err) < 0 ||
	    json_get_string(node, "environment_name", JSON_REQUIRED, &question->environment_name, err) < 0 ||
	    get_environment(node, &question->env, err) < 0 ||
	    json_get_strv(node, "program", JSON_REQUIRED, program, err) < 0)
		return -1;
	if (program->n)
		question->program =
		    (struct plan_program){ program->v[0], (const char *const *)program->v + 1 };
	return 0;
}

static int get_questions(const struct json_node *root, struct unit *unit, struct err *err)
{
	const struct json_node *list;
	size_t n;

	if (json_get_array(root, "questions", JSON_REQUIRED, &list, err) < 0)
		return -1;
	n = json_count(list);
	if (!n || n > UNIT_QUESTIONS)
		return json_error(list, err, "expected 1 to %d questions, found %zu", UNIT_QUESTIONS, n);
	unit->questions = xcalloc(n, sizeof(*unit->questions));
	unit->programs = xcalloc(n, sizeof(*unit->programs));
	for (const struct json_node *one = json_first(list); one; one = json_next(one)) {
		size_t i = unit->n++;

		if (get_question(one, &unit->questions[i], &unit->programs[i], err) < 0)
			return -1;
		if (i && !environment_shares_boot(&unit->questions[0].env, &unit->questions[i].env))
			return json_error(one, err, "expected a question that shares a boot with the first");
	}
	return 0;
}

static int get_boot(const struct json_node *root, struct unit *unit, struct err *err)
{
	static const char *const keys[] = { "unit",	 "campaign", "attempt",	  "connect",
					    "candidate", "commit",   "questions", NULL };

	if (json_check_keys(root, keys, err) < 0 ||
	    json_get_string(root, "candidate", JSON_REQUIRED, &unit->candidate, err) < 0 ||
	    json_get_string(root, "commit", JSON_REQUIRED, &unit->commit, err) < 0)
		return -1;
	if (!candidate_id_valid(unit->candidate))
		return json_error(json_find(root, "candidate"), err, "expected a kernel's id, found \"%s\"",
				  unit->candidate);
	return get_questions(root, unit, err);
}

static int get_build(const struct json_node *root, const struct json_node *build, struct unit *unit,
		     struct err *err)
{
	static const char *const of_root[] = { "unit", "campaign", "attempt", "connect", "build", NULL };
	static const char *const keys[] = { "git",    "commit",	   "arch", "pagesize",
					    "config", "toolchain", "key",  NULL };
	struct build_spec *spec = &unit->build;

	if (json_check_keys(root, of_root, err) < 0 || json_check_keys(build, keys, err) < 0 ||
	    json_get_string(build, "git", JSON_REQUIRED, &spec->git, err) < 0 ||
	    json_get_string(build, "commit", JSON_REQUIRED, &spec->rev, err) < 0 ||
	    json_get_string(build, "arch", JSON_REQUIRED, &spec->arch, err) < 0 ||
	    json_get_uint(build, "pagesize", JSON_REQUIRED, 0, PAGESIZE_MAX, &spec->pagesize, err) < 0 ||
	    json_get_string(build, "config", JSON_REQUIRED, &spec->config, err) < 0 ||
	    json_get_string(build, "toolchain", JSON_REQUIRED, &spec->toolchain, err) < 0 ||
	    json_get_string(build, "key", JSON_REQUIRED, &spec->key, err) < 0)
		return -1;
	if (*spec->git != '/')
		return json_error(json_find(build, "git"), err,
				  "expected a folder's whole path, found \"%s\"", spec->git);
	if (!git_name_valid(spec->rev))
		return json_error(json_find(build, "commit"), err,
				  "expected the full name of a commit, found \"%s\"", spec->rev);
	if (!*spec->config)
		spec->config = NULL;
	return 0;
}

int unit_parse(const char *path, const char *text, size_t len, struct unit *unit, struct err *err)
{
	const struct json_node *root, *build = NULL;
	const char *campaign;
	unsigned form, attempt;

	if (json_parse(path, text, len, &unit->doc, err) < 0)
		return -1;
	root = json_root(&unit->doc);
	if (json_get_uint(root, "unit", JSON_REQUIRED, FORM, FORM, &form, err) < 0 ||
	    json_get_string(root, "campaign", JSON_REQUIRED, &campaign, err) < 0 ||
	    json_get_uint(root, "attempt", JSON_REQUIRED, 0, UINT32_MAX, &attempt, err) < 0 ||
	    json_get_string(root, "connect", JSON_REQUIRED, &unit->connect, err) < 0 ||
	    json_get_object(root, "build", JSON_OPTIONAL, &build, err) < 0)
		return -1;
	return build ? get_build(root, build, unit, err) : get_boot(root, unit, err);
}

void unit_release(struct unit *unit)
{
	for (size_t i = 0; i < unit->n; i++)
		strv_release(&unit->programs[i]);
	free(unit->programs);
	free(unit->questions);
	json_doc_release(&unit->doc);
}

/* --- what came of it ---------------------------------------------------------------------------------- */

void unit_result_write(const struct unit_result *result, struct buf *out)
{
	AUTO(json) root = json_new_object();
	struct json_object *records;

	json_put_string(root, "unit", result->unit);
	json_put_string(root, "host", result->host);
	if (result->error) {
		json_put_string(root, "error", result->error);
	} else if (result->built) {
		json_put_string(root, "built", result->built);
	} else if (result->unbuilt) {
		json_put_string(root, "unbuilt", result->unbuilt);
	} else {
		records = json_put_array(root, "records");
		for (size_t i = 0; i < result->records.n; i++)
			record_put(&result->records.v[i], json_put_object(records, NULL));
	}
	json_write(root, JSON_PRETTY, out);
}

/* It becomes a part of folders' names. */
static int check_candidate(const struct json_node *node, const struct record_list *records, struct err *err)
{
	const char *id = records->v[records->n - 1].candidate;

	if (!candidate_id_valid(id) || !str_eq(id, records->v[0].candidate))
		return json_error(node, err, "expected the id of the one candidate, found \"%s\"", id);
	return 0;
}

static int get_records(const struct json_node *root, struct record_list *records, struct err *err)
{
	const struct json_node *list;

	if (json_get_array(root, "records", JSON_REQUIRED, &list, err) < 0)
		return -1;
	for (const struct json_node *one = json_first(list); one; one = json_next(one)) {
		GROW(records->v, records->n, records->cap);
		records->v[records->n] = (struct record)RECORD_INIT;
		if (record_get(one, &records->v[records->n++], err) < 0 ||
		    check_candidate(one, records, err) < 0)
			return -1;
	}
	return records->n ? 0 : json_error(list, err, "expected a record at least");
}

bool unit_host_valid(const char *host)
{
	size_t n = strspn(host, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

	return n <= HOST_MAX && host[n] == '\0' && *host != '-';
}

/* 1: one of the outcomes that are a text is there. */
static int get_text(const struct json_node *root, struct unit_result *result, struct err *err)
{
	const struct {
		const char *key;
		char **text;
	} outcomes[] = { { "error", &result->error },
			 { "built", &result->built },
			 { "unbuilt", &result->unbuilt } };

	for (size_t i = 0; i < ARRAY_SIZE(outcomes); i++) {
		const char *const keys[] = { "unit", "host", outcomes[i].key, NULL };
		const char *text = NULL;

		if (json_get_string(root, outcomes[i].key, JSON_OPTIONAL, &text, err) < 0)
			return -1;
		if (!text)
			continue;
		*outcomes[i].text = xstrdup(text);
		return json_check_keys(root, keys, err) < 0 ? -1 : 1;
	}
	return 0;
}

static int get_outcome(const struct json_node *root, struct unit_result *result, struct err *err)
{
	static const char *const keys[] = { "unit", "host", "records", NULL };
	int status = get_text(root, result, err);

	if (status != 0)
		return status < 0 ? -1 : 0;
	return json_check_keys(root, keys, err) < 0 ? -1 : get_records(root, &result->records, err);
}

int unit_result_parse(const char *path, const char *text, size_t len, struct unit_result *result,
		      struct err *err)
{
	const char *unit, *host;
	AUTO(json_doc) doc = JSON_DOC_INIT;
	const struct json_node *root;

	if (json_parse(path, text, len, &doc, err) < 0)
		return -1;
	root = json_root(&doc);
	if (json_get_string(root, "unit", JSON_REQUIRED, &unit, err) < 0 ||
	    json_get_string(root, "host", JSON_REQUIRED, &host, err) < 0)
		return -1;
	if (!unit_name_valid(unit))
		return json_error(json_find(root, "unit"), err, "expected a unit's name, found \"%s\"", unit);
	result->unit = xstrdup(unit);
	result->host = xstrdup(unit_host_valid(host) ? host : "");
	return get_outcome(root, result, err);
}

void unit_result_release(struct unit_result *result)
{
	free(result->unit);
	free(result->host);
	free(result->error);
	free(result->built);
	free(result->unbuilt);
	record_list_release(&result->records);
	*result = (struct unit_result)UNIT_RESULT_INIT;
}
