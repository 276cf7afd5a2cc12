#include "campaign/history.h"

int history_graph(const struct campaign *campaign, struct graph *graph, struct err *err)
{
	const struct strv *ids = &campaign->candidates;

	return graph_from_list((const char *const *)ids->v, ids->n, graph, err);
}
