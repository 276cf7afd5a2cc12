#include "bisect/graph.h"

/* --- who is a suspect --------------------------------------------------------------------------------- */

struct numbering {
	uint32_t *order;  /* raw numbers, ancestors first */
	uint32_t *number; /* of each raw commit, GRAPH_NONE when it is no suspect */
	size_t n;
};

static void numbering_release(struct numbering *numbering)
{
	free(numbering->order);
	free(numbering->number);
}
AUTO_DEFINE(numbering, struct numbering, numbering_release);

/* Marks `from` and its listed ancestors with `bit`. */
static void mark_ancestors(const struct graph_raw *raw, uint32_t from, uint8_t *marks, uint8_t bit)
{
	AUTO_FREE uint32_t *stack = xcalloc(raw->n, sizeof(*stack));
	size_t depth = 0;

	if (!(marks[from] & bit))
		stack[depth++] = from;
	marks[from] |= bit;
	while (depth) {
		uint32_t at = stack[--depth];

		for (uint32_t e = raw->parent_at[at]; e < raw->parent_at[at + 1]; e++) {
			uint32_t parent = raw->parents[e];

			if (parent == GRAPH_NONE || marks[parent] & bit)
				continue;
			marks[parent] |= bit;
			stack[depth++] = parent;
		}
	}
}

enum { OF_OLD = 1, OF_NEW = 2, HAS_COMMON_CHILD = 4 };

/* The newest commits that are ancestors of both ends, by name, or why there is none. */
static void describe_merge_base(const struct graph_raw *raw, uint32_t old, struct buf *out)
{
	AUTO_FREE uint8_t *marks = xcalloc(raw->n, 1);
	const char *sep = "";

	mark_ancestors(raw, old, marks, OF_OLD);
	mark_ancestors(raw, raw->newest, marks, OF_NEW);
	for (uint32_t i = 0; i < raw->n; i++)
		for (uint32_t e = raw->parent_at[i]; e < raw->parent_at[i + 1]; e++)
			if ((marks[i] & 3) == 3 && raw->parents[e] != GRAPH_NONE)
				marks[raw->parents[e]] |= HAS_COMMON_CHILD;
	for (uint32_t i = 0; i < raw->n; i++) {
		if (marks[i] != (OF_OLD | OF_NEW))
			continue;
		buf_addf(out, "%s%s", sep, raw->ids[i]);
		sep = ", ";
	}
}

static const char *old_word(const struct graph_raw *raw)
{
	return raw->fix ? "bad" : "good";
}

static const char *new_word(const struct graph_raw *raw)
{
	return raw->fix ? "good" : "bad";
}

static int not_an_ancestor(const struct graph_raw *raw, uint32_t old, struct err *err)
{
	const char *is_old = old_word(raw), *is_new = new_word(raw);
	AUTO(buf) base = BUF_INIT;

	describe_merge_base(raw, old, &base);
	if (!base.len)
		return err_set(err, ERR_USAGE,
			       "the %s end %s and the %s end %s have no ancestor in common: choose ends from "
			       "one history",
			       is_old, raw->ids[old], is_new, raw->ids[raw->newest]);
	return err_set(
	    err, ERR_USAGE,
	    "the %s end %s is not an ancestor of the %s end %s: they stand on two branches that part "
	    "at %s. Test that merge base: if it is %s, use it as the %s end; if it is %s, the change "
	    "is on the branch of %s: search from %s to %s%s",
	    is_old, raw->ids[old], is_new, raw->ids[raw->newest], base.s, is_old, is_old, is_new,
	    raw->ids[old], base.s, raw->ids[old], raw->fix ? "" : " with --find fix");
}

static int check_ends(const struct graph_raw *raw, uint8_t *marks, struct err *err)
{
	const char *is_old = old_word(raw), *is_new = new_word(raw);

	for (size_t i = 0; i < raw->n_olds; i++)
		mark_ancestors(raw, raw->olds[i], marks, OF_OLD);
	mark_ancestors(raw, raw->newest, marks, OF_NEW);
	for (size_t i = 0; i < raw->n_olds; i++) {
		if (raw->olds[i] == raw->newest)
			return err_set(err, ERR_USAGE, "%s is given as the %s end and as the %s one",
				       raw->ids[raw->newest], is_old, is_new);
		if (!(marks[raw->olds[i]] & OF_NEW) && marks[raw->newest] & OF_OLD)
			return err_set(
			    err, ERR_USAGE,
			    "the ends are swapped: the %s end %s is an ancestor of the %s end %s; if "
			    "it was %s first and %s later, search %s--find fix",
			    is_new, raw->ids[raw->newest], is_old, raw->ids[raw->olds[i]], is_new, is_old,
			    raw->fix ? "without " : "with ");
		if (!(marks[raw->olds[i]] & OF_NEW))
			return not_an_ancestor(raw, raw->olds[i], err);
	}
	return 0;
}

static int check_whole(const struct graph_raw *raw, const uint8_t *marks, struct err *err)
{
	for (uint32_t i = 0; raw->n_olds && i < raw->n; i++)
		for (uint32_t e = raw->parent_at[i]; e < raw->parent_at[i + 1]; e++)
			if (marks[i] == OF_NEW && raw->parents[e] == GRAPH_NONE)
				return err_set(err, ERR_USAGE,
					       "the history breaks off: a parent of %s is not listed: list "
					       "OLD..NEW, or fetch the rest (git fetch --unshallow)",
					       raw->ids[i]);
	return 0;
}

/*
 * Numbers the suspects in the order in which a depth-first walk leaves them, first parents first: what a
 * merge brings in stands right before it. The graph has no cycle.
 */
static void number_suspects(const struct graph_raw *raw, const uint8_t *marks, struct numbering *out)
{
	AUTO_FREE uint32_t *stack = xcalloc(raw->n, sizeof(*stack));
	AUTO_FREE uint32_t *edge = xcalloc(raw->n, sizeof(*edge));
	AUTO_FREE uint8_t *seen = xcalloc(raw->n, 1);
	size_t depth = 0;

	out->order = xcalloc(raw->n, sizeof(*out->order));
	out->number = xcalloc(raw->n, sizeof(*out->number));
	for (size_t i = 0; i < raw->n; i++)
		out->number[i] = GRAPH_NONE;
	memcpy(edge, raw->parent_at, raw->n * sizeof(*edge));
	stack[depth++] = raw->newest;
	seen[raw->newest] = 1;
	while (depth) {
		uint32_t at = stack[depth - 1], parent;

		if (edge[at] == raw->parent_at[at + 1]) {
			out->number[at] = (uint32_t)out->n;
			out->order[out->n++] = at;
			depth--;
			continue;
		}
		parent = raw->parents[edge[at]++];
		if (parent == GRAPH_NONE || seen[parent] || marks[parent] & OF_OLD)
			continue;
		seen[parent] = 1;
		stack[depth++] = parent;
	}
}

/* --- spans -------------------------------------------------------------------------------------------- */

struct sweep {
	struct graph *graph;
	uint64_t **bits;    /* ancestors of i and i, while a child still needs them */
	uint32_t *children; /* of i that are still to come */
	uint32_t *size;	    /* how many bits are set */
	size_t words;
	size_t n_spans, cap_spans;
	size_t first; /* span of the commit at hand */
};

static void sweep_release(struct sweep *sweep)
{
	for (size_t i = 0; sweep->bits && i < sweep->graph->suspects; i++)
		free(sweep->bits[i]);
	free(sweep->bits);
	free(sweep->children);
	free(sweep->size);
}
AUTO_DEFINE(sweep, struct sweep, sweep_release);

static bool suspect_parent(const struct graph *graph, uint32_t edge)
{
	return graph_is_suspect(graph, graph->parents[edge]);
}

/* Takes the bits of `parent`: the last child gets them, earlier ones a copy. */
static uint64_t *inherit(struct sweep *sweep, uint32_t parent)
{
	uint64_t *copy, **last = &sweep->bits[parent];

	if (--sweep->children[parent] == 0)
		return steal_pointer(last);
	copy = xcalloc(sweep->words, sizeof(*copy));
	return memcpy(copy, sweep->bits[parent], sweep->words * sizeof(*copy));
}

static void drop(struct sweep *sweep, uint32_t parent)
{
	if (--sweep->children[parent])
		return;
	free(sweep->bits[parent]);
	sweep->bits[parent] = NULL;
}

static void add_bit(struct sweep *sweep, uint32_t i)
{
	struct graph *graph = sweep->graph;

	if (sweep->n_spans > sweep->first && graph->spans[sweep->n_spans - 1].to == i) {
		graph->spans[sweep->n_spans - 1].to++;
		return;
	}
	GROW(graph->spans, sweep->n_spans, sweep->cap_spans);
	graph->spans[sweep->n_spans++] = (struct graph_span){ i, i + 1 };
}

/* Adds to `bits` what the parents of `i` other than `base` bring, word by word, and notes the spans. */
static uint32_t add_others(struct sweep *sweep, uint32_t i, uint32_t base, uint64_t *bits)
{
	const struct graph *graph = sweep->graph;
	uint32_t added = 0;

	for (size_t w = 0; w < sweep->words; w++) {
		uint64_t more = 0;

		for (uint32_t e = graph->parent_at[i]; e < graph->parent_at[i + 1]; e++)
			if (suspect_parent(graph, e) && graph->parents[e] != base)
				more |= sweep->bits[graph->parents[e]][w];
		more &= ~bits[w];
		bits[w] |= more;
		for (; more; more &= more - 1, added++)
			add_bit(sweep, (uint32_t)(64 * w) + (uint32_t)__builtin_ctzll(more));
	}
	return added;
}

static uint32_t largest_parent(const struct sweep *sweep, uint32_t i, uint32_t *others)
{
	const struct graph *graph = sweep->graph;
	uint32_t base = GRAPH_NONE, count = 0;

	for (uint32_t e = graph->parent_at[i]; e < graph->parent_at[i + 1]; e++) {
		uint32_t parent = graph->parents[e];

		if (!suspect_parent(graph, e))
			continue;
		count++;
		if (base == GRAPH_NONE || sweep->size[parent] > sweep->size[base])
			base = parent;
	}
	*others = count ? count - 1 : 0;
	return base;
}

static void sweep_one(struct sweep *sweep, uint32_t i)
{
	struct graph *graph = sweep->graph;
	uint32_t others, base = largest_parent(sweep, i, &others), size;
	uint64_t *bits;

	/* the others are read before `base` may hand its bits over: add_others() skips it */
	bits = base == GRAPH_NONE ? xcalloc(sweep->words, sizeof(*bits)) : inherit(sweep, base);
	size = base == GRAPH_NONE ? 1 : sweep->size[base] + 1;
	graph->base[i] = base;
	graph->span_at[i] = (uint32_t)sweep->n_spans;
	sweep->first = sweep->n_spans;
	if (others)
		size += add_others(sweep, i, base, bits);
	for (uint32_t e = graph->parent_at[i]; e < graph->parent_at[i + 1]; e++)
		if (suspect_parent(graph, e) && graph->parents[e] != base)
			drop(sweep, graph->parents[e]);
	bits[i / 64] |= UINT64_C(1) << (i % 64);
	sweep->bits[i] = bits;
	sweep->size[i] = size;
}

static void find_spans(struct graph *graph)
{
	size_t n = graph->suspects;
	AUTO(sweep)
	sweep = { graph,
		  xcalloc(n, sizeof(*sweep.bits)),
		  xcalloc(n, sizeof(*sweep.children)),
		  xcalloc(n, sizeof(*sweep.size)),
		  n / 64 + 1,
		  0,
		  0,
		  0 };

	graph->base = xcalloc(n, sizeof(*graph->base));
	graph->span_at = xcalloc(n + 1, sizeof(*graph->span_at));
	for (uint32_t e = 0; e < graph->parent_at[n]; e++)
		if (suspect_parent(graph, e))
			sweep.children[graph->parents[e]]++;
	for (uint32_t i = 0; i < n; i++)
		sweep_one(&sweep, i);
	graph->span_at[n] = (uint32_t)sweep.n_spans;
}

/* --- building ----------------------------------------------------------------------------------------- */

static uint32_t translate(const struct graph *graph, const struct graph_raw *raw,
			  const struct numbering *numbering, uint32_t parent)
{
	if (parent != GRAPH_NONE && numbering->number[parent] != GRAPH_NONE)
		return numbering->number[parent];
	for (size_t g = 0; g < raw->n_olds; g++)
		if (raw->olds[g] == parent)
			return (uint32_t)(graph->suspects + g);
	return graph_old_end(graph);
}

/* The same parent twice (an old end that stands for several, too) is one. */
static bool has_parent(const struct graph *graph, uint32_t from, uint32_t to, uint32_t parent)
{
	for (uint32_t e = from; e < to; e++)
		if (graph->parents[e] == parent)
			return true;
	return false;
}

static void fill(const struct graph_raw *raw, const struct numbering *numbering, struct graph *graph)
{
	size_t olds = raw->n_olds ? raw->n_olds : 1;
	uint32_t edges = 0;

	graph->suspects = numbering->n;
	graph->n = numbering->n + olds;
	graph->ids = xcalloc(graph->n, sizeof(*graph->ids));
	graph->parent_at = xcalloc(graph->n + 1, sizeof(*graph->parent_at));
	graph->parents = xcalloc(raw->parent_at[raw->n], sizeof(*graph->parents));
	for (uint32_t i = 0; i < numbering->n; i++) {
		uint32_t from = numbering->order[i];

		graph->ids[i] = xstrdup(raw->ids[from]);
		graph->parent_at[i] = edges;
		for (uint32_t e = raw->parent_at[from]; e < raw->parent_at[from + 1]; e++) {
			uint32_t parent = translate(graph, raw, numbering, raw->parents[e]);

			if (!has_parent(graph, graph->parent_at[i], edges, parent))
				graph->parents[edges++] = parent;
		}
	}
	for (size_t g = 0; g < olds; g++) {
		graph->ids[graph->suspects + g] = xstrdup(raw->n_olds ? raw->ids[raw->olds[g]] : raw->outer);
		graph->parent_at[graph->suspects + g] = edges;
	}
	graph->parent_at[graph->n] = edges;
}

int graph_build(const struct graph_raw *raw, struct graph *graph, struct err *err)
{
	AUTO_FREE uint8_t *marks = xcalloc(raw->n, 1);
	AUTO(numbering) numbering = { NULL, NULL, 0 };

	if (check_ends(raw, marks, err) < 0 || check_whole(raw, marks, err) < 0)
		return -1;
	number_suspects(raw, marks, &numbering);
	fill(raw, &numbering, graph);
	find_spans(graph);
	return 0;
}

/* --- questions ---------------------------------------------------------------------------------------- */

uint32_t graph_find(const struct graph *graph, const char *id)
{
	for (uint32_t i = 0; i < graph->n; i++)
		if (str_eq(graph->ids[i], id))
			return i;
	return GRAPH_NONE;
}

void graph_sums(const struct graph *graph, const double *weights, double *prefix, double *out)
{
	prefix[0] = 0;
	for (size_t i = 0; i < graph->suspects; i++)
		prefix[i + 1] = prefix[i] + weights[i];
	for (size_t i = 0; i < graph->suspects; i++) {
		double sum = graph->base[i] == GRAPH_NONE ? 0 : out[graph->base[i]];

		for (uint32_t s = graph->span_at[i]; s < graph->span_at[i + 1]; s++)
			sum += prefix[graph->spans[s].to] - prefix[graph->spans[s].from];
		out[i] = sum + weights[i];
	}
}

void graph_shown_by(const struct graph *graph, uint32_t i, uint8_t *member)
{
	memset(member, 0, graph->suspects);
	if (!graph_is_suspect(graph, i))
		return;
	member[i] = 1;
	for (uint32_t c = i + 1; c-- > 0;)
		for (uint32_t e = graph->parent_at[c]; member[c] && e < graph->parent_at[c + 1]; e++)
			if (suspect_parent(graph, e))
				member[graph->parents[e]] = 1;
}

void graph_release(struct graph *graph)
{
	for (size_t i = 0; i < graph->n; i++)
		free(graph->ids[i]);
	free(graph->ids);
	free(graph->parent_at);
	free(graph->parents);
	free(graph->base);
	free(graph->span_at);
	free(graph->spans);
	*graph = (struct graph)GRAPH_INIT;
}
