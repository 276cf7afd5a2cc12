/* All small histories, for tests that compare with brute force. */
#ifndef QB_BISECT_SHAPES_H
#define QB_BISECT_SHAPES_H

#include "bisect/graph.h"

#define SHAPE_MOST	7
#define SHAPE_REDUNDANT 6

struct shape {
	size_t n;
	uint32_t parent_sets[SHAPE_MOST]; /* bit p: p is a parent; only earlier ones */
};

/* The last is the new end; the old end is outside. Commits are called a, b, c ... */
static inline int shape_build(const struct shape *shape, struct graph *graph)
{
	static char names[SHAPE_MOST][2];
	char *ids[SHAPE_MOST];
	uint32_t parent_at[SHAPE_MOST + 1], parents[SHAPE_MOST * SHAPE_MOST], edges = 0;
	AUTO(err) err = ERR_INIT;
	struct graph_raw raw = { shape->n, ids, parent_at, parents, NULL, 0, "old", (uint32_t)shape->n - 1,
				 false };

	for (uint32_t i = 0; i < shape->n; i++) {
		names[i][0] = (char)('a' + i);
		ids[i] = names[i];
		parent_at[i] = edges;
		for (uint32_t p = 0; p < i; p++)
			if (shape->parent_sets[i] >> p & 1)
				parents[edges++] = p;
	}
	parent_at[shape->n] = edges;
	return graph_build(&raw, graph, &err);
}

/* Bit a of reach[i]: a is i or an ancestor. Worked out without the graph module. */
static inline void shape_reach(const struct shape *shape, uint32_t *reach)
{
	for (uint32_t i = 0; i < shape->n; i++) {
		reach[i] = UINT32_C(1) << i;
		for (uint32_t p = 0; p < i; p++)
			if (shape->parent_sets[i] >> p & 1)
				reach[i] |= reach[p];
	}
}

/* Whether a parent in the set is an ancestor of another one: then it adds nothing to what is reached. */
static inline bool shape_is_redundant(const struct shape *shape, size_t at, uint32_t set)
{
	uint32_t reach[SHAPE_MOST];
	struct shape before = { .n = at };

	memcpy(before.parent_sets, shape->parent_sets, sizeof(before.parent_sets));
	shape_reach(&before, reach);
	for (uint32_t p = 0; p < at; p++)
		if (set >> p & 1 && set & reach[p] & ~(UINT32_C(1) << p))
			return true;
	return false;
}

/*
 * Calls check() for all histories of shape->n commits, any number of parents each. From SHAPE_REDUNDANT
 * commits on without those in which a parent is an ancestor of another parent: who is an ancestor of whom is
 * the same there as in one that is checked.
 */
static inline void shape_each(struct shape *shape, size_t at, void (*check)(const struct shape *))
{
	if (at == shape->n) {
		check(shape);
		return;
	}
	for (uint32_t set = 0; set < UINT32_C(1) << at; set++) {
		if (shape->n >= SHAPE_REDUNDANT && shape_is_redundant(shape, at, set))
			continue;
		shape->parent_sets[at] = set;
		shape_each(shape, at + 1, check);
	}
}

/* The shapes in which the new end has all as ancestors; the others are the same as smaller ones. */
static inline bool shape_is_whole(const struct shape *shape)
{
	uint32_t reach[SHAPE_MOST];

	shape_reach(shape, reach);
	return reach[shape->n - 1] == (UINT32_C(1) << shape->n) - 1;
}

#endif
