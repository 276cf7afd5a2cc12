#include "config/build_record.h"

#include <math.h>

#include "config/json.h"

/* Takes an optional string member over. */
static int read_string(const struct json_node *root, const char *key, char **out, struct err *err)
{
	const char *text = NULL;

	if (json_get_string(root, key, JSON_OPTIONAL, &text, err) < 0)
		return -1;
	*out = text ? xstrdup(text) : NULL;
	return 0;
}

static int read_all(const struct json_node *root, struct build_record *out, struct err *err)
{
	static const char *const keys[] = { "git", "candidate", "reason", "seconds", NULL };

	if (json_check_keys(root, keys, err) < 0 || candidate_git_read(root, true, &out->git, err) < 0 ||
	    read_string(root, "candidate", &out->candidate, err) < 0 ||
	    read_string(root, "reason", &out->reason, err) < 0 ||
	    json_get_real(root, "seconds", JSON_REQUIRED, 0, HUGE_VAL, &out->seconds, err) < 0)
		return -1;
	if (!out->candidate == !out->reason)
		return json_error(root, err, "expected one of candidate and reason");
	if (out->candidate && !candidate_id_valid(out->candidate))
		return json_error(json_find(root, "candidate"), err, "expected an id");
	return 0;
}

int build_record_parse(const char *name, const char *text, size_t len, struct build_record *out,
		       struct err *err)
{
	AUTO(json_doc) doc = JSON_DOC_INIT;

	if (json_parse(name, text, len, &doc, err) == 0 && read_all(json_root(&doc), out, err) == 0)
		return 0;
	err->kind = ERR_HOST;
	build_record_release(out);
	return -1;
}

void build_record_write(const struct build_record *record, struct buf *out)
{
	AUTO(json) tree = json_new_object();

	candidate_git_put(&record->git, tree);
	if (record->candidate)
		json_put_string(tree, "candidate", record->candidate);
	if (record->reason)
		json_put_string(tree, "reason", record->reason);
	json_put_real(tree, "seconds", record->seconds);
	json_write(tree, JSON_PRETTY, out);
}

void build_record_release(struct build_record *record)
{
	candidate_git_release(&record->git);
	free(record->candidate);
	free(record->reason);
	*record = (struct build_record)BUILD_RECORD_INIT;
}
