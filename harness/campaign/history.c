#include "campaign/history.h"

#include "base/fs.h"

#define LIMIT (256u << 20)

int history_graph(const struct campaign *campaign, struct graph *graph, struct err *err)
{
	const struct strv *ids = &campaign->candidates;
	AUTO_FREE char *path = path_join(campaign->folder, HISTORY_FILE);
	const char *const olds[] = { campaign->older, NULL };
	AUTO(buf) text = BUF_INIT;

	if (!campaign->git || !*campaign->git)
		return graph_from_list((const char *const *)ids->v, ids->n, graph, err);
	if (!ids->n)
		return err_set(err, ERR_USAGE, "%s has not built its ends yet: 'qbisect resume %s' goes on",
			       campaign->name, campaign->name);
	if (fs_read(path, LIMIT, &text, err) < 0)
		return -1;
	return graph_parse(path, text.s, olds, ids->v[ids->n - 1], str_eq(campaign->find, "fix"), graph, err);
}

double *history_prior(const struct campaign *campaign, const struct graph *graph, struct err *err)
{
	AUTO_FREE char *path = path_join(campaign->folder, LIKELY_FILE);
	AUTO_FREE double *prior = xcalloc(graph->suspects, sizeof(*prior));
	AUTO(buf) text = BUF_INIT;
	char *rest, *line;

	for (size_t c = 0; c < graph->suspects; c++)
		prior[c] = 1;
	if (campaign->likely_paths.n && fs_read(path, LIMIT, &text, err) < 0)
		return NULL;
	rest = text.s;
	while (rest && (line = strsep(&rest, "\n"))) {
		uint32_t c = graph_find(graph, line);

		if (c != GRAPH_NONE && graph_is_suspect(graph, c))
			prior[c] = HISTORY_LIKELIER;
	}
	return steal_pointer(&prior);
}

/* --- folding ------------------------------------------------------------------------------------------ */

struct place {
	const char *name;
	size_t index; /* in the list */
};

static int by_name(const void *pa, const void *pb)
{
	const struct place *a = pa, *b = pb;

	return strcmp(a->name, b->name);
}

struct contraction {
	const struct folded_list *folded;
	struct place *places;	/* sorted */
	struct strv *lines;	/* of each commit: its parents, to whose names stands_in points */
	struct strv *parents;	/* of each commit: those that stand in for them */
	const char **stands_in; /* of each commit: who has its image; a name outside the list, or inside */
	bool *reached;
};

static size_t index_of(const struct contraction *c, const char *name)
{
	const struct place key = { name, 0 };
	const struct place *found = bsearch(&key, c->places, c->folded->n, sizeof(key), by_name);

	return found ? found->index : SIZE_MAX;
}

/* Parents stand behind their children; one that does not is no parent to go on from, but itself. */
static const char *stand_in(const struct contraction *c, const char *name)
{
	size_t i = index_of(c, name);

	return i == SIZE_MAX || !c->stands_in[i] ? name : c->stands_in[i];
}

/* The words behind the name of one line. */
static void read_parents(const char *line, size_t len, struct strv *parents)
{
	AUTO_FREE char *copy = xasprintf("%.*s", (int)len, line);
	char *rest = copy, *word;

	strsep(&rest, " ");
	while ((word = strsep(&rest, " ")))
		if (*word)
			strv_add(parents, word);
}

/* From the oldest on, so that parents come first. */
static void find_stand_ins(struct contraction *c)
{
	for (size_t i = c->folded->n; i-- > 0;) {
		const struct folded *commit = &c->folded->v[i];

		for (size_t p = 0; p < c->lines[i].n; p++)
			strv_add_once(&c->parents[i], stand_in(c, c->lines[i].v[p]));
		c->stands_in[i] = commit->commit;
		if (commit->same_as >= 0 && (size_t)commit->same_as < c->lines[i].n)
			c->stands_in[i] = stand_in(c, c->lines[i].v[commit->same_as]);
	}
}

/* From the newest on. */
static void mark_reached(struct contraction *c)
{
	size_t newest = c->folded->n ? index_of(c, c->stands_in[0]) : SIZE_MAX;

	if (newest == SIZE_MAX)
		return;
	c->reached[newest] = true;
	for (size_t i = newest; i < c->folded->n; i++)
		for (size_t p = 0; c->reached[i] && p < c->parents[i].n; p++)
			if (index_of(c, c->parents[i].v[p]) != SIZE_MAX)
				c->reached[index_of(c, c->parents[i].v[p])] = true;
}

static void contraction_make(struct contraction *c, const char *list, const struct folded_list *folded)
{
	const char *line = list;

	*c = (struct contraction){ .folded = folded };
	c->places = xcalloc(folded->n, sizeof(*c->places));
	c->lines = xcalloc(folded->n, sizeof(*c->lines));
	c->parents = xcalloc(folded->n, sizeof(*c->parents));
	c->stands_in = xcalloc(folded->n, sizeof(*c->stands_in));
	c->reached = xcalloc(folded->n, sizeof(*c->reached));
	for (size_t i = 0; i < folded->n; i++) {
		size_t len = strcspn(line, "\n");

		c->places[i] = (struct place){ folded->v[i].commit, i };
		read_parents(line, len, &c->lines[i]);
		line += len + (line[len] == '\n');
	}
	qsort(c->places, folded->n, sizeof(*c->places), by_name);
}

static void contraction_release(struct contraction *c)
{
	for (size_t i = 0; i < c->folded->n; i++) {
		strv_release(&c->lines[i]);
		strv_release(&c->parents[i]);
	}
	free(c->lines);
	free(c->parents);
	free(c->places);
	free(c->stands_in);
	free(c->reached);
}
AUTO_DEFINE(contraction, struct contraction, contraction_release);

void history_contract(const char *list, const struct folded_list *folded, struct buf *out)
{
	AUTO(contraction) c;

	contraction_make(&c, list, folded);
	find_stand_ins(&c);
	mark_reached(&c);
	for (size_t i = 0; i < folded->n; i++) {
		if (!c.reached[i])
			continue;
		buf_adds(out, folded->v[i].commit);
		for (size_t p = 0; p < c.parents[i].n; p++)
			buf_addf(out, " %s", c.parents[i].v[p]);
		buf_addc(out, '\n');
	}
}
