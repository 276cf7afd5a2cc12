#include "verdict/signatures.h"
#include "verdict/signatures_hash.h"

static bool literal_at(const struct signature *row, const char *s, size_t len)
{
	for (size_t i = 0; i < row->literals.n; i++) {
		size_t n = strlen(row->literals.v[i]);

		if (n <= len && memcmp(s, row->literals.v[i], n) == 0)
			return true;
	}
	return false;
}

/* Adds to *hits the rows in `candidates` that have a literal right here. */
static void check_candidates(const struct signatures *table, const struct signature_set *candidates,
			     const char *s, size_t len, struct signature_set *hits)
{
	for (size_t i = 0; i < table->n; i++)
		if (signature_set_has(candidates, i) && !signature_set_has(hits, i) &&
		    literal_at(&table->row[i], s, len))
			signature_set_add(hits, i);
}

static bool row_matches(const struct signature *row, const char *text, regmatch_t *groups)
{
	return regexec(&row->pattern, text, SIGNATURE_GROUPS, groups, 0) == 0 &&
	       !(row->has_unless && regexec(&row->unless, text, 0, NULL, 0) == 0);
}

const struct signature *signatures_match(const struct signatures *table, const char *text, size_t len,
					 regmatch_t *groups)
{
	struct signature_set hits = { { 0 } };

	for (size_t at = 0; at + SIGNATURE_START <= len; at++) {
		const struct signature_set *candidates = &table->starts[signature_hash(text + at)];

		if (!signature_set_is_empty(candidates))
			check_candidates(table, candidates, text + at, len - at, &hits);
	}
	if (signature_set_is_empty(&hits))
		return NULL;
	for (size_t i = 0; i < table->n; i++)
		if (signature_set_has(&hits, i) && row_matches(&table->row[i], text, groups))
			return &table->row[i];
	return NULL;
}

bool signature_absorbs(const struct signature *first, const struct signature *second)
{
	return strv_has(&first->absorbs, second->id);
}

char *signatures_place(const struct signatures *table, const char *text)
{
	regmatch_t groups[2];

	for (size_t i = 0; i < table->n_places; i++)
		if (regexec(&table->place[i], text, 2, groups, 0) == 0)
			return xasprintf("%.*s", (int)(groups[1].rm_eo - groups[1].rm_so),
					 text + groups[1].rm_so);
	return NULL;
}

/* The value that the '$' at *s stands for; moves *s behind its name. */
static const char *title_value(const char **s, char *const *groups, const char *place, const char *follow)
{
	const char *value;

	if (str_starts(*s, "$place")) {
		*s += strlen("$place");
		value = place;
	} else if (str_starts(*s, "$follow")) {
		*s += strlen("$follow");
		value = follow;
	} else {
		value = groups[(*s)[1] - '0'];
		*s += 2;
	}
	return value ? value : "";
}

void signature_title(const struct signature *row, char *const *groups, const char *place, const char *follow,
		     struct buf *out)
{
	size_t open = 0;
	bool empty = false;

	for (const char *s = row->title; *s;) {
		if (*s == '$') {
			const char *value = title_value(&s, groups, place, follow);

			empty = empty || !*value;
			buf_adds(out, value);
			continue;
		}
		if (*s == '{') {
			open = out->len;
			empty = false;
		} else if (*s == '}' && empty && out->len > open) {
			out->len = open;
			out->s[open] = '\0';
		} else if (*s != '}') {
			buf_addc(out, *s);
		}
		s++;
	}
}
