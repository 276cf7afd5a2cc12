/*
 * The history that is searched: who may be the culprit, and who would inherit it. Pure.
 *
 * The old end is without the change that is looked for (usually: good), the new end is with it (bad); when a
 * fix is looked for the old end is the bad one. A suspect is the new end or an ancestor of it, and not an old
 * end or an ancestor of one. If c is the culprit, a candidate t shows it if and only if t is c or has c as an
 * ancestor; an old end never does. Suspects are numbered 0 to suspects - 1, ancestors first, so the new end
 * is the last; the old ends follow.
 *
 * All that a search asks of the graph are sums over the ancestors of every suspect (graph_sums). They are
 * exact and cost little, because a commit has nearly the ancestors of one of its parents: for each suspect
 * is kept the parent with the most ancestors and, as spans of numbers, what the other parents add. In the
 * order of a depth-first walk that is one span for the usual merge. Loading keeps one bitset for each
 * branch that is open at a time, not one for each commit.
 */
#ifndef QB_GRAPH_H
#define QB_GRAPH_H

#include "base/buf.h"
#include "base/err.h"

#define GRAPH_NONE UINT32_MAX

struct graph_span {
	uint32_t from, to; /* suspects from <= i < to */
};

struct graph {
	size_t n;	 /* suspects and old ends */
	size_t suspects; /* of these, at least one */
	char **ids;	 /* n names */

	/* Parents of i: parents[parent_at[i]] to parents[parent_at[i + 1] - 1]. A suspect's parent that is an
	 * ancestor of an old end is given as that end, or as the first. */
	uint32_t *parent_at, *parents;

	/* private */
	uint32_t *base;	   /* the parent with the most ancestors, GRAPH_NONE when it has no suspect parent */
	uint32_t *span_at; /* what the other parents add */
	struct graph_span *spans;
};
#define GRAPH_INIT                                                                                           \
	{                                                                                                    \
		0                                                                                            \
	}

/* A line: n >= 2 names in order of history; the first is the old end, the last the new one. ERR_USAGE: fewer
 * than two, or one of them twice. */
int graph_from_list(const char *const *ids, size_t n, struct graph *graph, struct err *err);

/*
 * What `git rev-list --parents` prints: on each line a name and its parents' names. `name` is what errors
 * call the text, which ends with a NUL. Either
 *  - the old ends are on the list: then every parent of a suspect must be, too; or
 *  - none is (git rev-list --parents OLD..NEW): then a parent that is not listed is without the change, and
 *    the caller has checked that the old ends are ancestors of the new one.
 * `olds` ends with NULL. An empty one stands for a nameless old end before all of history.
 *
 * ERR_USAGE, with the line: a name twice, a cycle, a list that breaks off, an end that is not there, ends
 * swapped, an old end that is no ancestor of the new one (names the merge base and says what to do).
 */
int graph_parse(const char *name, const char *text, const char *const *olds, const char *newer, bool fix,
		struct graph *graph, struct err *err);

/* The number of `id`, or GRAPH_NONE. */
uint32_t graph_find(const struct graph *graph, const char *id);

/* out[i] = weights[i] + those of all ancestors of i, for every suspect i. `prefix` is room for
 * suspects + 1. */
void graph_sums(const struct graph *graph, const double *weights, double *prefix, double *out);

/* Sets member[c] for every suspect c that i shows when c is the culprit: i and its ancestors; none for an
 * old end. `member` has `suspects` bytes. */
void graph_shown_by(const struct graph *graph, uint32_t i, uint8_t *member);

static inline bool graph_is_suspect(const struct graph *graph, uint32_t i)
{
	return i < graph->suspects;
}

static inline uint32_t graph_new_end(const struct graph *graph)
{
	return (uint32_t)graph->suspects - 1;
}

static inline uint32_t graph_old_end(const struct graph *graph)
{
	return (uint32_t)graph->suspects;
}

void graph_release(struct graph *graph);
AUTO_DEFINE(graph, struct graph, graph_release);

/* Commits as they were read, in any order; graph_build() makes a graph of them and copies what it keeps. */
struct graph_raw {
	size_t n;
	char **ids;
	uint32_t *parent_at, *parents; /* as in struct graph, over these numbers; GRAPH_NONE: not listed */
	uint32_t *olds;		       /* n_olds old ends that are listed */
	size_t n_olds;
	const char *outer; /* when none is: the name of the one that stands for all */
	uint32_t newest;   /* the new end */
	bool fix;	   /* errors call the old end bad and the new one good */
};

/* ERR_USAGE as graph_parse(), without a line. */
int graph_build(const struct graph_raw *raw, struct graph *graph, struct err *err);

#endif
