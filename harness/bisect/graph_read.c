/* The texts a graph is made of: a list, or what `git rev-list --parents` prints. */
#include "bisect/graph.h"

struct reader {
	const char *name;
	struct graph_raw raw;
	size_t cap, edges, cap_edges;
	uint32_t *slots; /* hash table of commit numbers, GRAPH_NONE when free */
	size_t n_slots;
	char **parent_names; /* words inside `copy`, one for each edge */
	size_t cap_names;
	size_t *lines; /* of each commit */
	size_t cap_lines, cap_at;
	char *copy;
};

static void reader_release(struct reader *reader)
{
	free(reader->raw.ids);
	free(reader->raw.parent_at);
	free(reader->raw.parents);
	free(reader->raw.olds);
	free(reader->slots);
	free(reader->parent_names);
	free(reader->lines);
	free(reader->copy);
}
AUTO_DEFINE(reader, struct reader, reader_release);

/* FNV-1a, 64 bits. */
static size_t hash(const char *s)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (; *s; s++)
		h = (h ^ (uint8_t)*s) * UINT64_C(1099511628211);
	return (size_t)(h ^ h >> 32);
}

/* The slot where `id` stands or belongs. */
static uint32_t *slot_of(const struct reader *reader, const char *id)
{
	size_t at = hash(id) & (reader->n_slots - 1);

	while (reader->slots[at] != GRAPH_NONE && !str_eq(reader->raw.ids[reader->slots[at]], id))
		at = (at + 1) & (reader->n_slots - 1);
	return &reader->slots[at];
}

static void make_slots(struct reader *reader, size_t at_most)
{
	for (reader->n_slots = 16; reader->n_slots < 2 * at_most; reader->n_slots *= 2)
		;
	reader->slots = xcalloc(reader->n_slots, sizeof(*reader->slots));
	for (size_t i = 0; i < reader->n_slots; i++)
		reader->slots[i] = GRAPH_NONE;
}

static void add_edge(struct reader *reader, char *parent)
{
	GROW(reader->parent_names, reader->edges, reader->cap_names);
	reader->parent_names[reader->edges++] = parent;
}

static int add_commit(struct reader *reader, char *id, size_t line, struct err *err)
{
	struct graph_raw *raw = &reader->raw;
	uint32_t *slot = slot_of(reader, id);

	if (*slot != GRAPH_NONE)
		return err_set(err, ERR_USAGE,
			       "%s:%zu: candidate %s stands here a second time (first in line %zu)",
			       reader->name, line, id, reader->lines[*slot]);
	if (raw->n >= GRAPH_NONE - 1)
		return err_set(err, ERR_USAGE, "%s:%zu: more candidates than can be counted", reader->name,
			       line);
	GROW(raw->ids, raw->n, reader->cap);
	GROW(reader->lines, raw->n, reader->cap_lines);
	GROW(raw->parent_at, raw->n + 1, reader->cap_at);
	raw->ids[raw->n] = id;
	reader->lines[raw->n] = line;
	raw->parent_at[raw->n] = (uint32_t)reader->edges;
	*slot = (uint32_t)raw->n++;
	return 0;
}

static int read_line(struct reader *reader, char *text, size_t line, struct err *err)
{
	char *rest = text, *word;
	bool first = true;

	while ((word = strsep(&rest, " \t\r"))) {
		if (!*word)
			continue;
		if (first && add_commit(reader, word, line, err) < 0)
			return -1;
		if (!first)
			add_edge(reader, word);
		first = false;
	}
	return 0;
}

static int read_lines(struct reader *reader, struct err *err)
{
	char *rest = reader->copy, *text;
	size_t line = 0, lines = 1;

	for (const char *s = rest; *s; s++)
		lines += *s == '\n';
	make_slots(reader, lines);
	while ((text = strsep(&rest, "\n")))
		if (read_line(reader, text, ++line, err) < 0)
			return -1;
	if (!reader->raw.n)
		return err_set(err, ERR_USAGE,
			       "%s: no commits: expected lines as git rev-list --parents prints them",
			       reader->name);
	reader->raw.parent_at[reader->raw.n] = (uint32_t)reader->edges;
	return 0;
}

static void link_parents(struct reader *reader)
{
	reader->raw.parents = xcalloc(reader->edges, sizeof(*reader->raw.parents));
	for (size_t e = 0; e < reader->edges; e++)
		reader->raw.parents[e] = *slot_of(reader, reader->parent_names[e]);
}

/* Removes commits whose parents are all removed; what stays when nothing more can go lies behind a cycle. */
static int check_cycles(const struct reader *reader, struct err *err)
{
	const struct graph_raw *raw = &reader->raw;
	AUTO_FREE uint32_t *children = xcalloc(raw->n, sizeof(*children));
	AUTO_FREE uint32_t *stack = xcalloc(raw->n, sizeof(*stack));
	size_t depth = 0, removed = 0;

	for (size_t e = 0; e < reader->edges; e++)
		if (raw->parents[e] != GRAPH_NONE)
			children[raw->parents[e]]++;
	for (uint32_t i = 0; i < raw->n; i++)
		if (!children[i])
			stack[depth++] = i;
	while (depth) {
		uint32_t at = stack[--depth];

		removed++;
		for (uint32_t e = raw->parent_at[at]; e < raw->parent_at[at + 1]; e++)
			if (raw->parents[e] != GRAPH_NONE && --children[raw->parents[e]] == 0)
				stack[depth++] = raw->parents[e];
	}
	for (uint32_t i = 0; removed < raw->n && i < raw->n; i++)
		if (children[i])
			return err_set(err, ERR_USAGE,
				       "%s:%zu: the history runs in a circle: %s is, by its parents, an "
				       "ancestor of itself or of such a commit; the list is damaged",
				       reader->name, reader->lines[i], raw->ids[i]);
	return 0;
}

static int find_end(const struct reader *reader, const char *which, const char *id, uint32_t *out,
		    struct err *err)
{
	*out = *slot_of(reader, id);
	if (*out == GRAPH_NONE)
		return err_set(err, ERR_USAGE,
			       "%s: the %s end %s is not on the list: give its full name as the list has it",
			       reader->name, which, id);
	return 0;
}

/* All of the old ends are on the list, or none. */
static int find_olds(struct reader *reader, const char *const *olds, struct err *err)
{
	struct graph_raw *raw = &reader->raw;
	size_t n = 0, listed = 0;

	for (; olds[n]; n++)
		listed += *slot_of(reader, olds[n]) != GRAPH_NONE;
	raw->outer = n ? olds[0] : "(before)";
	if (!listed)
		return 0;
	raw->olds = xcalloc(n, sizeof(*raw->olds));
	for (; raw->n_olds < n; raw->n_olds++)
		if (find_end(reader, raw->fix ? "bad" : "good", olds[raw->n_olds], &raw->olds[raw->n_olds],
			     err) < 0)
			return -1;
	return 0;
}

int graph_parse(const char *name, const char *text, const char *const *olds, const char *newer, bool fix,
		struct graph *graph, struct err *err)
{
	AUTO(reader) reader = { .name = name, .copy = xstrdup(text), .raw.fix = fix };

	if (read_lines(&reader, err) < 0)
		return -1;
	link_parents(&reader);
	if (check_cycles(&reader, err) < 0 ||
	    find_end(&reader, fix ? "good" : "bad", newer, &reader.raw.newest, err) < 0 ||
	    find_olds(&reader, olds, err) < 0)
		return -1;
	if (graph_build(&reader.raw, graph, err) < 0)
		return err_wrap(err, "%s", name);
	return 0;
}

int graph_from_list(const char *const *ids, size_t n, struct graph *graph, struct err *err)
{
	AUTO(reader) reader = { .name = "the list of candidates" };

	if (n < 2)
		return err_set(err, ERR_USAGE,
			       "a search needs at least two candidates, an old and a new one; found %zu", n);
	make_slots(&reader, n);
	for (size_t i = 0; i < n; i++) {
		if (add_commit(&reader, (char *)ids[i], i + 1, err) < 0)
			return -1;
		if (i)
			add_edge(&reader, (char *)ids[i - 1]);
	}
	reader.raw.parent_at[n] = (uint32_t)reader.edges;
	link_parents(&reader);
	reader.raw.olds = xcalloc(1, sizeof(*reader.raw.olds));
	reader.raw.olds[0] = 0;
	reader.raw.n_olds = 1;
	reader.raw.newest = (uint32_t)n - 1;
	return graph_build(&reader.raw, graph, err);
}
