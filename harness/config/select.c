/* Which scenarios of a list a word means. */
#include <fnmatch.h>

#include "base/opts.h"
#include "config/scenario.h"

static int unknown_scenario(const struct scenario_list *list, const char *name, struct err *err)
{
	const char **names = xcalloc(list->n + 1, sizeof(*names));
	AUTO(buf) hint = BUF_INIT;

	for (size_t i = 0; i < list->n; i++)
		names[i] = list->v[i].name;
	opts_suggest(name, names, &hint);
	free(names);
	return err_set(err, ERR_USAGE, "unknown scenario '%s'%s (configs/scenarios lists them)", name,
		       hint.s);
}

/* Tags may be the same in two files. */
static bool is_called(const struct scenario *s, const char *name)
{
	size_t n = strlen(s->file);

	return str_eq(s->name, name) ||
	       (str_starts(name, s->file) && name[n] == ':' && str_eq(s->name, name + n + 1));
}

static int several(const struct scenario *a, const struct scenario *b, const char *name, struct err *err)
{
	if (str_eq(a->file, b->file))
		return err_set(err, ERR_USAGE, "scenario '%s' is twice in %s: rename one", name, a->file);
	return err_set(err, ERR_USAGE, "scenario '%s' is in two files: say %s:%s or %s:%s", name, a->file,
		       a->name, b->file, b->name);
}

const struct scenario *scenario_find(const struct scenario_list *list, const char *name, struct err *err)
{
	const struct scenario *found = NULL;

	for (size_t i = 0; i < list->n; i++) {
		const struct scenario *s = &list->v[i];

		if (!is_called(s, name))
			continue;
		if (found) {
			several(found, s, name, err);
			return NULL;
		}
		found = s;
	}
	if (!found)
		unknown_scenario(list, name, err);
	return found;
}

void scenario_label(const struct scenario_list *list, const struct scenario *scenario, struct buf *out)
{
	AUTO(err) clash = ERR_INIT;

	if (!scenario_find(list, scenario->name, &clash))
		buf_addf(out, "%s:", scenario->file);
	buf_adds(out, scenario->name);
}

static void choose(struct scenario_choice *choice, const struct scenario *scenario)
{
	for (size_t i = 0; i < choice->n; i++)
		if (choice->v[i] == scenario)
			return;
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): pointers are what it holds */
	GROW(choice->v, choice->n, choice->cap);
	choice->v[choice->n++] = scenario;
}

static int choose_pattern(const struct scenario_list *list, const char *pattern,
			  struct scenario_choice *choice, struct err *err)
{
	bool any = false;

	for (size_t i = 0; i < list->n; i++) {
		const struct scenario *s = &list->v[i];
		AUTO_FREE char *full = xasprintf("%s:%s", s->file, s->name);

		if (fnmatch(pattern, strchr(pattern, ':') ? full : s->name, 0) != 0)
			continue;
		choose(choice, s);
		any = true;
	}
	return any ? 0 : err_set(err, ERR_USAGE, "no scenario is called like '%s'", pattern);
}

/* The last scenario of the range that begins at list->v[i], or NULL: `last` does not come behind it in the
 * same file. */
static const struct scenario *end_of_range(const struct scenario_list *list, size_t i, const char *last)
{
	for (size_t j = i; j < list->n; j++)
		if (str_eq(list->v[j].file, list->v[i].file) && str_eq(list->v[j].name, last))
			return &list->v[j];
	return NULL;
}

/* Returns 1 when no file has such a range. */
static int choose_range(const struct scenario_list *list, const char *first, const char *last,
			struct scenario_choice *choice, struct err *err)
{
	const struct scenario *from = NULL, *to = NULL;

	for (size_t i = 0; i < list->n; i++) {
		const struct scenario *end =
		    is_called(&list->v[i], first) ? end_of_range(list, i, last) : NULL;

		if (end && from)
			return several(from, &list->v[i], first, err);
		if (end) {
			from = &list->v[i];
			to = end;
		}
	}
	for (const struct scenario *s = from; s && s <= to; s++)
		if (str_eq(s->file, from->file))
			choose(choice, s);
	return from ? 0 : 1;
}

/* A name may have a hyphen too: every one is tried. Returns 1 when `word` is no range. */
static int try_ranges(const struct scenario_list *list, const char *word, struct scenario_choice *choice,
		      struct err *err)
{
	for (const char *hyphen = strchr(word, '-'); hyphen; hyphen = strchr(hyphen + 1, '-')) {
		AUTO_FREE char *first = xasprintf("%.*s", (int)(hyphen - word), word);
		int status = choose_range(list, first, hyphen + 1, choice, err);

		if (status <= 0)
			return status;
	}
	return 1;
}

/* A name, else a range, else the name's error. */
static int choose_word(const struct scenario_list *list, const char *word, struct scenario_choice *choice,
		       struct err *err)
{
	AUTO(err) unknown = ERR_INIT;
	const struct scenario *named;
	int status;

	if (strpbrk(word, "*?["))
		return choose_pattern(list, word, choice, err);
	named = scenario_find(list, word, &unknown);
	if (named) {
		choose(choice, named);
		return 0;
	}
	status = try_ranges(list, word, choice, err);
	return status <= 0 ? status : err_set(err, unknown.kind, "%s", unknown.text);
}

int scenario_select(const struct scenario_list *list, const char *selection, struct scenario_choice *choice,
		    struct err *err)
{
	for (const char *p = selection; p; p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL) {
		AUTO_FREE char *word = xasprintf("%.*s", (int)strcspn(p, ","), p);

		if (!*word)
			return err_set(err, ERR_USAGE, "an empty name in the selection '%s'", selection);
		if (choose_word(list, word, choice, err) < 0)
			return -1;
	}
	return 0;
}

void scenario_choice_release(struct scenario_choice *choice)
{
	free(choice->v);
	*choice = (struct scenario_choice)SCENARIO_CHOICE_INIT;
}
