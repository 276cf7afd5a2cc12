#include "kernel/debian.h"

#include <ctype.h>
#include <strings.h>

#include "config/arch.h"

struct view {
	const char *s;
	size_t len;
};

/* Takes up to the next `end` (or all) off the text. */
static bool take_until(struct view *rest, char end, struct view *part)
{
	const char *at;

	if (!rest->len)
		return false;
	at = memchr(rest->s, end, rest->len);
	part->s = rest->s;
	part->len = at ? (size_t)(at - rest->s) : rest->len;
	rest->s += part->len + (at != NULL);
	rest->len -= part->len + (at != NULL);
	return true;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct view trim(struct view v)
{
	while (v.len && is_blank(v.s[0])) {
		v.s++;
		v.len--;
	}
	while (v.len && is_blank(v.s[v.len - 1]))
		v.len--;
	return v;
}

/* Takes the next word, as blanks separate them. */
static bool take_word(struct view *rest, struct view *word)
{
	*rest = trim(*rest);
	*word = (struct view){ rest->s, 0 };
	if (!rest->len)
		return false;
	while (word->len < rest->len && !is_blank(rest->s[word->len]))
		word->len++;
	rest->s += word->len;
	rest->len -= word->len;
	return true;
}

static bool view_eq(struct view v, const char *s)
{
	return v.len == strlen(s) && memcmp(v.s, s, v.len) == 0;
}

static bool has_word(struct view list, const char *word)
{
	struct view v;

	while (take_word(&list, &v))
		if (view_eq(v, word))
			return true;
	return false;
}

static char *view_dup(struct view v)
{
	struct buf copy = BUF_INIT;

	buf_add(&copy, v.s, v.len);
	return buf_steal(&copy);
}

/* The parts of an entry, whatever format it came from. */
struct entry {
	struct view types, uris, suites, components, signed_by;
	bool disabled;
};

static bool has_suite(struct view suites, const char *codename)
{
	static const char *const aliases[] = { "stable", "oldstable", "testing", "unstable", "sid" };

	for (size_t i = 0; i < ARRAY_SIZE(aliases); i++)
		if (has_word(suites, aliases[i]))
			return true;
	return *codename && has_word(suites, codename);
}

static bool contains(struct view v, const char *s)
{
	return v.len && memmem(v.s, v.len, s, strlen(s));
}

/* 0: not for us; 1: it could be another archive that names its suite alike. */
static unsigned rank_of(const struct entry *entry, struct view uri, const char *codename)
{
	while (uri.len && uri.s[uri.len - 1] == '/')
		uri.len--;
	if (entry->disabled || !uri.len || !has_word(entry->types, "deb") ||
	    !has_word(entry->components, "main") || !has_suite(entry->suites, codename))
		return 0;
	return 1 + (uri.len >= 7 && memcmp(uri.s + uri.len - 7, "/debian", 7) == 0) +
	       2 * contains(entry->signed_by, "debian-archive-keyring");
}

static void consider(const struct entry *entry, const char *codename, struct debian_source *best)
{
	struct view uris = entry->uris, uri = { "", 0 };
	unsigned rank;

	take_word(&uris, &uri);
	rank = rank_of(entry, uri, codename);
	if (rank <= best->rank)
		return;
	debian_source_release(best);
	best->uri = view_dup(uri);
	best->signed_by = entry->signed_by.len ? view_dup(entry->signed_by) : NULL;
	best->rank = rank;
}

/* deb [option=value ...] URI SUITE COMPONENT... */
static void read_line(struct view line, const char *codename, struct debian_source *best)
{
	struct entry entry = { 0 };
	struct view word;

	if (memchr(line.s, '#', line.len))
		line.len = (size_t)((const char *)memchr(line.s, '#', line.len) - line.s);
	if (!take_word(&line, &entry.types))
		return;
	line = trim(line);
	if (line.len && line.s[0] == '[') {
		struct view options = { "", 0 }; /* the line may end behind the bracket */

		line.s++;
		line.len--;
		take_until(&line, ']', &options);
		while (take_word(&options, &word))
			if (word.len > 10 && memcmp(word.s, "signed-by=", 10) == 0)
				entry.signed_by = (struct view){ word.s + 10, word.len - 10 };
	}
	take_word(&line, &entry.uris);
	take_word(&line, &entry.suites);
	entry.components = line;
	consider(&entry, codename, best);
}

static void take_field(struct entry *entry, struct view name, struct view value)
{
	const struct {
		const char *name;
		struct view *value;
	} rows[] = {
		{ "types", &entry->types },	    { "uris", &entry->uris },
		{ "suites", &entry->suites },	    { "components", &entry->components },
		{ "signed-by", &entry->signed_by },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (name.len == strlen(rows[i].name) && strncasecmp(name.s, rows[i].name, name.len) == 0)
			*rows[i].value = value;
	if (name.len == 7 && strncasecmp(name.s, "enabled", 7) == 0)
		entry->disabled = view_eq(value, "no") || view_eq(value, "false");
}

/*
 * Takes a field with its continuation lines off a deb822 text. False at the end of the stanza, which is taken
 * too. Comment lines may stand between fields.
 */
static bool next_field(struct view *rest, struct view *name, struct view *value)
{
	struct view line, more, after;

	*name = *value = (struct view){ "", 0 };
	if (!take_until(rest, '\n', &line) || !trim(line).len)
		return false;
	if (line.s[0] == '#' || !take_until(&line, ':', name))
		return true;
	*value = line;
	for (after = *rest;
	     take_until(&after, '\n', &more) && more.len && is_blank(more.s[0]) && trim(more).len;
	     *rest = after)
		value->len = (size_t)(more.s + more.len - value->s);
	*value = trim(*value);
	return true;
}

static void read_deb822(struct view rest, const char *codename, struct debian_source *best)
{
	struct view name, value;

	while (rest.len) {
		struct entry entry = { 0 };

		while (next_field(&rest, &name, &value))
			take_field(&entry, name, value);
		consider(&entry, codename, best);
	}
}

void debian_find_source(const char *text, size_t len, bool deb822, const char *codename,
			struct debian_source *best)
{
	struct view rest = { text, len }, line;

	if (deb822) {
		read_deb822(rest, codename, best);
		return;
	}
	while (take_until(&rest, '\n', &line))
		read_line(line, codename, best);
}

void debian_source_release(struct debian_source *source)
{
	free(source->uri);
	free(source->signed_by);
	*source = (struct debian_source){ NULL, NULL, 0 };
}

char *debian_os_release(const char *text, const char *key)
{
	struct view rest = { text, strlen(text) }, line, name;

	while (take_until(&rest, '\n', &line)) {
		if (!take_until(&line, '=', &name) || !view_eq(name, key))
			continue;
		line = trim(line);
		if (line.len >= 2 && (line.s[0] == '"' || line.s[0] == '\'') &&
		    line.s[line.len - 1] == line.s[0])
			line = (struct view){ line.s + 1, line.len - 2 };
		return view_dup(line);
	}
	return NULL;
}

/* By Debian's word or ours; without one by what the names of Debian's kernels have in them. */
static const struct arch *find_arch(const char *name, const char *word)
{
	for (const struct arch *row = arch_rows; row->name; row++)
		if (word ? str_eq(word, row->debian) || str_eq(word, row->name)
			 : strstr(name, row->flavour) != NULL)
			return row;
	return NULL;
}

const char *debian_our_arch(const char *word)
{
	const struct arch *row = find_arch("", word);

	return row ? row->name : NULL;
}

int debian_package_parse(const char *word, struct debian_package *out, struct err *err)
{
	size_t n = strcspn(word, ":");
	AUTO_FREE char *name = xasprintf("%.*s", (int)n, word);
	const struct arch *row;
	AUTO(buf) known = BUF_INIT;

	if (n < 2 || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789+.-") != n ||
	    !isalnum((unsigned char)*name))
		return err_set(err, ERR_USAGE, "'%s': expected a Debian package: NAME or NAME:ARCH", word);
	arch_list(&known);
	row = find_arch(name, word[n] ? word + n + 1 : NULL);
	if (!row && word[n])
		return err_set(err, ERR_USAGE, "'%s': expected the architecture %s", word, known.s);
	if (!row)
		return err_set(err, ERR_USAGE, "'%s': for which architecture? Write %s:ARCH, which is %s",
			       word, name, known.s);
	out->arch = row->debian;
	out->name = steal_pointer(&name);
	return 0;
}

void debian_package_release(struct debian_package *package)
{
	free(package->name);
}

bool debian_suite_valid(const char *suite)
{
	return *suite && *suite != '-' &&
	       strspn(suite, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(suite);
}

/* What is behind the prefix that names kernels and their pieces have; NULL: it is something else. */
static const char *behind_prefix(const char *package)
{
	static const char *const prefixes[] = { "linux-image-", "linux-binary-", "linux-modules-",
						"linux-base-" };

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (str_starts(package, prefixes[i]))
			return package + strlen(prefixes[i]);
	return NULL;
}

bool debian_is_versioned(const char *package)
{
	const char *rest = behind_prefix(package);

	return rest && isdigit((unsigned char)*rest);
}

/* "name (= 1) | other": the first name. */
static void add_dependency(struct view item, struct strv *out)
{
	AUTO_FREE char *name = NULL;

	item = trim(item);
	for (size_t i = 0; i < item.len; i++)
		if (strchr(" (|:[<", item.s[i]))
			item.len = i;
	name = view_dup(item);
	if (behind_prefix(name) && (debian_is_versioned(name) || !str_starts(name, "linux-base-")))
		strv_add(out, name);
}

void debian_depends(const char *control, struct strv *out)
{
	struct view rest = { control, strlen(control) }, name, value, item;

	while (next_field(&rest, &name, &value))
		if (view_eq(name, "Depends") || view_eq(name, "Pre-Depends"))
			while (take_until(&value, ',', &item))
				add_dependency(item, out);
}

bool debian_offer_parse(const char *text, struct debian_offer *out)
{
	const char *at = strstr(text, "' ");

	return at && sscanf(at, "' %255s %llu SHA256:%64[0-9a-f]", out->file, &out->size, out->hash) == 3 &&
	       *out->file != '.' && !strchr(out->file, '/') && strlen(out->hash) == HASH_HEX_LEN;
}
