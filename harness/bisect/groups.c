#include "bisect/groups.h"

/* For a suspect that cannot be tested: the testable ones that show it and no other testable one between. */
struct cover {
	uint32_t *v; /* sorted */
	size_t n, cap;
};

struct finder {
	const struct graph *graph;
	const bool *untestable;
	struct cover *covers; /* of each suspect; empty for the testable */
	uint8_t *shown;
	struct groups *groups;
	uint32_t *of_untestable; /* suspects that lead a group without a testable one */
	size_t n_led, cap_led, cap_leader;
};

static void finder_release(struct finder *finder)
{
	for (size_t i = 0; finder->covers && i < finder->graph->suspects; i++)
		free(finder->covers[i].v);
	free(finder->covers);
	free(finder->shown);
	free(finder->of_untestable);
}
AUTO_DEFINE(finder, struct finder, finder_release);

/* The new end always counts as testable: without it there is no search. */
static bool is_untestable(const struct finder *finder, uint32_t i)
{
	return finder->untestable[i] && i != graph_new_end(finder->graph);
}

static void cover_add(struct cover *cover, uint32_t i)
{
	size_t at = cover->n;

	for (size_t k = 0; k < cover->n; k++)
		if (cover->v[k] == i)
			return;
	GROW(cover->v, cover->n, cover->cap);
	for (; at > 0 && cover->v[at - 1] > i; at--)
		cover->v[at] = cover->v[at - 1];
	cover->v[at] = i;
	cover->n++;
}

/* Drops those that another of the cover is an ancestor of: where that one is shown, so are they. */
static void cover_reduce(struct finder *finder, struct cover *cover)
{
	for (size_t k = cover->n; k-- > 1;) {
		bool implied = false;

		graph_shown_by(finder->graph, cover->v[k], finder->shown);
		for (size_t j = 0; j < k; j++)
			implied |= finder->shown[cover->v[j]];
		if (!implied)
			continue;
		memmove(cover->v + k, cover->v + k + 1, (cover->n - k - 1) * sizeof(*cover->v));
		cover->n--;
	}
}

/* Hands what `i` is covered by down to its untestable parents. Children come before parents. */
static void hand_down(struct finder *finder, uint32_t i)
{
	const struct graph *graph = finder->graph;

	for (uint32_t e = graph->parent_at[i]; e < graph->parent_at[i + 1]; e++) {
		uint32_t parent = graph->parents[e];

		if (!graph_is_suspect(graph, parent) || !is_untestable(finder, parent))
			continue;
		if (!is_untestable(finder, i))
			cover_add(&finder->covers[parent], i);
		for (size_t k = 0; is_untestable(finder, i) && k < finder->covers[i].n; k++)
			cover_add(&finder->covers[parent], finder->covers[i].v[k]);
	}
}

static uint32_t new_group(struct finder *finder, uint32_t leader)
{
	struct groups *groups = finder->groups;

	GROW(groups->leader, groups->n, finder->cap_leader);
	groups->leader[groups->n] = leader;
	return (uint32_t)groups->n++;
}

/* The group of an untestable suspect whose cover is more than one. */
static uint32_t find_group(struct finder *finder, uint32_t i)
{
	const struct cover *cover = &finder->covers[i];

	for (size_t k = 0; k < finder->n_led; k++) {
		const struct cover *other = &finder->covers[finder->of_untestable[k]];

		if (other->n == cover->n && !memcmp(other->v, cover->v, cover->n * sizeof(*cover->v)))
			return finder->groups->of[finder->of_untestable[k]];
	}
	GROW(finder->of_untestable, finder->n_led, finder->cap_led);
	finder->of_untestable[finder->n_led++] = i;
	return new_group(finder, GRAPH_NONE);
}

void groups_find(const struct graph *graph, const bool *untestable, struct groups *groups)
{
	AUTO(finder) finder = { .graph = graph, .untestable = untestable, .groups = groups };

	finder.covers = xcalloc(graph->suspects, sizeof(*finder.covers));
	finder.shown = xcalloc(graph->suspects, 1);
	groups->of = xcalloc(graph->suspects, sizeof(*groups->of));
	for (uint32_t i = (uint32_t)graph->suspects; i-- > 0;) {
		struct cover *cover = &finder.covers[i];

		cover_reduce(&finder, cover);
		hand_down(&finder, i);
		if (!is_untestable(&finder, i))
			groups->of[i] = new_group(&finder, i);
		else
			groups->of[i] = cover->n == 1 ? groups->of[cover->v[0]] : find_group(&finder, i);
	}
}

void groups_release(struct groups *groups)
{
	free(groups->of);
	free(groups->leader);
	*groups = (struct groups)GROUPS_INIT;
}
