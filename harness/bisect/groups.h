/*
 * Suspects that no test can tell apart, because those between them cannot be tested. Pure.
 *
 * Two suspects belong together if the candidates that show them and can be tested are the same. On a line a
 * group is a run of untestable candidates and the testable one behind it; a testable suspect leads its group.
 */
#ifndef QB_GROUPS_H
#define QB_GROUPS_H

#include "bisect/graph.h"

struct groups {
	uint32_t *of;	  /* the group of each suspect */
	uint32_t *leader; /* of each group the testable suspect in it, or GRAPH_NONE */
	size_t n;
};
#define GROUPS_INIT                                                                                          \
	{                                                                                                    \
		NULL, NULL, 0                                                                                \
	}

/* `untestable` is by candidate; the new end counts as testable in any case. *groups must be fresh. */
void groups_find(const struct graph *graph, const bool *untestable, struct groups *groups);

void groups_release(struct groups *groups);
AUTO_DEFINE(groups, struct groups, groups_release);

#endif
