/* Reading and compiling the table; signatures_match.c uses it. */
#include "verdict/signatures.h"

#include <ctype.h>

#include "config/json.h"
#include "config/pattern.h"
#include "verdict/signatures_hash.h"

static const char *const class_names[] = {
#define X(id, name) name,
	FINDING_CLASSES(X)
#undef X
	    NULL,
};

const char *finding_class_name(enum finding_class class)
{
	return class_names[class];
}

/* Compiles the member `key`. *has says whether it is there. */
static int compile(const struct json_node *node, const char *key, enum json_need need, regex_t *pattern,
		   bool *has, struct err *err)
{
	const char *text = NULL;
	int code;

	if (json_get_string(node, key, need, &text, err) < 0)
		return -1;
	if (!text)
		return 0;
	node = json_find(node, key);
	if (strlen(text) > SIGNATURE_PATTERN_MAX)
		return json_error(node, err, "a pattern has at most %d bytes", SIGNATURE_PATTERN_MAX);
	for (const char *s = strchr(text, '\\'); s; s = s[1] ? strchr(s + 2, '\\') : NULL)
		if (isdigit((unsigned char)s[1]))
			return json_error(node, err, "a pattern must not have back-references (\\%c)", s[1]);
	if (!pattern_is_modest(text))
		return json_error(node, err,
				  "this pattern unfolds to more than %d pieces: repeat less, and "
				  "nothing that may be empty",
				  PATTERN_PIECES_MAX);
	code = regcomp(pattern, text, REG_EXTENDED);
	if (code == REG_ESPACE)
		return err_set(err, ERR_HOST, "out of memory: close other programs");
	if (code) {
		char reason[200];

		regerror(code, pattern, reason, sizeof(reason));
		return json_error(node, err, "not a POSIX extended pattern: %s", reason);
	}
	*has = true;
	return 0;
}

/* A title may only use what its row can give. */
static int check_title(const struct json_node *node, const struct signature *row, struct err *err)
{
	const struct json_node *title = json_find(node, "title");
	int depth = 0;

	for (const char *s = row->title; *s; s++) {
		depth += *s == '{' ? 1 : *s == '}' ? -1 : 0;
		if (depth < 0 || depth > 1)
			return json_error(title, err, "{ } must come in pairs, not one in the other");
		if (*s != '$' || str_starts(s, "$place"))
			continue;
		if (str_starts(s, "$follow")
			? row->has_follow
			: s[1] > '0' && s[1] <= '9' && (size_t)(s[1] - '0') <= row->pattern.re_nsub)
			continue;
		return json_error(title, err, "'%.2s' has no value here: $1 to $%zu, $place%s", s,
				  row->pattern.re_nsub, row->has_follow ? " or $follow" : "");
	}
	return depth ? json_error(title, err, "a { is not closed") : 0;
}

static int check_literals(const struct json_node *node, const struct signature *row, struct err *err)
{
	const struct json_node *literals = json_find(node, "literals");

	for (size_t i = 0; i < row->literals.n; i++)
		if (strlen(row->literals.v[i]) < SIGNATURE_START)
			return json_error(literals, err, "a literal has at least %d bytes: \"%s\"",
					  SIGNATURE_START, row->literals.v[i]);
	return row->literals.n ? 0 : json_error(literals, err, "at least one literal is needed");
}

static int get_text(const struct json_node *node, const char *key, char **out, struct err *err)
{
	const char *text = NULL;

	if (json_get_string(node, key, JSON_REQUIRED, &text, err) < 0)
		return -1;
	*out = xstrdup(text);
	return 0;
}

/* What a row has unless its class is "clean". */
static int parse_meaning(const struct json_node *node, struct signature *row, struct err *err)
{
	static const char *const speakers[] = { "printk", "monitor", "test", NULL };
	unsigned speaker = 0;

	if (json_get_uint(node, "priority", JSON_REQUIRED, 1, 100, &row->priority, err) < 0 ||
	    json_get_enum(node, "speaker", JSON_OPTIONAL, speakers, &speaker, err) < 0 ||
	    json_get_bool(node, "emulator", JSON_OPTIONAL, &row->emulator, err) < 0 ||
	    get_text(node, "title", &row->title, err) < 0)
		return -1;
	row->speaker = (enum signature_speaker)speaker;
	row->wants_place = strstr(row->title, "$place") != NULL;
	return check_title(node, row, err);
}

static int check_follow(const struct json_node *node, const struct signature *row, struct err *err)
{
	if (row->has_follow && row->follow.re_nsub < 1)
		return json_error(json_find(node, "follow"), err, "a group ( ) is needed, it is $follow");
	return 0;
}

static int parse_row(const struct json_node *node, struct signature *row, struct err *err)
{
	static const char *const keys[] = { "id",	"class",  "priority", "literals", "pattern",
					    "unless",	"follow", "absorbs",  "title",	  "speaker",
					    "emulator", "reason", NULL };
	unsigned class = 0;

	if (json_check_keys(node, keys, err) < 0 || get_text(node, "id", &row->id, err) < 0 ||
	    json_get_enum(node, "class", JSON_REQUIRED, class_names, &class, err) < 0 ||
	    get_text(node, "reason", &row->reason, err) < 0 ||
	    compile(node, "pattern", JSON_REQUIRED, &row->pattern, &row->has_pattern, err) < 0 ||
	    compile(node, "unless", JSON_OPTIONAL, &row->unless, &row->has_unless, err) < 0 ||
	    compile(node, "follow", JSON_OPTIONAL, &row->follow, &row->has_follow, err) < 0 ||
	    json_get_strv(node, "literals", JSON_REQUIRED, &row->literals, err) < 0 ||
	    json_get_strv(node, "absorbs", JSON_OPTIONAL, &row->absorbs, err) < 0 ||
	    check_literals(node, row, err) < 0 || check_follow(node, row, err) < 0)
		return -1;
	row->class = (enum finding_class) class;
	return row->class == FINDING_CLEAN ? 0 : parse_meaning(node, row, err);
}

static const struct signature *find_row(const struct signatures *table, const char *id)
{
	for (size_t i = 0; i < table->n; i++)
		if (str_eq(table->row[i].id, id))
			return &table->row[i];
	return NULL;
}

/* Ids are unique, and those that are absorbed exist. */
static int check_ids(const struct signatures *table, const struct json_node *rows, struct err *err)
{
	const struct json_node *node = json_first(rows);

	for (size_t i = 0; i < table->n; i++, node = json_next(node)) {
		const struct signature *row = &table->row[i];

		if (find_row(table, row->id) != row)
			return json_error(node, err, "the id \"%s\" is there twice", row->id);
		for (size_t k = 0; k < row->absorbs.n; k++)
			if (!find_row(table, row->absorbs.v[k]))
				return json_error(json_find(node, "absorbs"), err, "there is no id \"%s\"",
						  row->absorbs.v[k]);
	}
	return 0;
}

static int parse_rows(const struct json_node *rows, struct signatures *table, struct err *err)
{
	if (json_count(rows) > SIGNATURES_MAX)
		return json_error(rows, err, "at most %d rows", SIGNATURES_MAX);
	table->row = xcalloc(json_count(rows), sizeof(*table->row));
	for (const struct json_node *c = json_first(rows); c; c = json_next(c))
		if (parse_row(c, &table->row[table->n++], err) < 0)
			return -1;
	return check_ids(table, rows, err);
}

static int parse_places(const struct json_node *places, struct signatures *table, struct err *err)
{
	table->place = xcalloc(json_count(places), sizeof(*table->place));
	for (const struct json_node *c = json_first(places); c; c = json_next(c)) {
		static const char *const keys[] = { "pattern", NULL };
		bool has = false;

		if (json_check_keys(c, keys, err) < 0 ||
		    compile(c, "pattern", JSON_REQUIRED, &table->place[table->n_places], &has, err) < 0)
			return -1;
		if (table->place[table->n_places++].re_nsub < 1)
			return json_error(c, err, "a place needs a group ( ) for the function");
	}
	return 0;
}

/* Enters each literal's first bytes, so that a line is shown to few rows. */
static void build_starts(struct signatures *table)
{
	table->starts = xcalloc(SIGNATURE_HASHES, sizeof(*table->starts));
	for (size_t i = 0; i < table->n; i++) {
		const struct strv *literals = &table->row[i].literals;

		for (size_t k = 0; k < literals->n; k++)
			signature_set_add(&table->starts[signature_hash(literals->v[k])], i);
	}
}

int signatures_parse(const char *name, const char *text, size_t len, struct signatures *table,
		     struct err *err)
{
	static const char *const keys[] = { "places", "signatures", NULL };
	const struct json_node *places = NULL, *rows = NULL;
	AUTO(json_doc) doc = JSON_DOC_INIT;

	if (json_parse(name, text, len, &doc, err) < 0 || json_check_keys(json_root(&doc), keys, err) < 0 ||
	    json_get_array(json_root(&doc), "places", JSON_REQUIRED, &places, err) < 0 ||
	    json_get_array(json_root(&doc), "signatures", JSON_REQUIRED, &rows, err) < 0 ||
	    parse_places(places, table, err) < 0 || parse_rows(rows, table, err) < 0)
		return -1;
	build_starts(table);
	return 0;
}

static void release_row(struct signature *row)
{
	if (row->has_pattern)
		regfree(&row->pattern);
	if (row->has_unless)
		regfree(&row->unless);
	if (row->has_follow)
		regfree(&row->follow);
	strv_release(&row->literals);
	strv_release(&row->absorbs);
	free(row->id);
	free(row->title);
	free(row->reason);
}

void signatures_release(struct signatures *table)
{
	for (size_t i = 0; i < table->n; i++)
		release_row(&table->row[i]);
	for (size_t i = 0; i < table->n_places; i++)
		regfree(&table->place[i]);
	free(table->row);
	free(table->place);
	free(table->starts);
	*table = (struct signatures)SIGNATURES_INIT;
}
