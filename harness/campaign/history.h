/* The history that a campaign searches: its list of candidates, or what was kept of a git repository. */
#ifndef QB_HISTORY_H
#define QB_HISTORY_H

#include "bisect/graph.h"
#include "store/campaign.h"

/* ERR_USAGE as graph_from_list() and graph_parse(), ERR_HOST when the campaign's folder is damaged. */
int history_graph(const struct campaign *campaign, struct graph *graph, struct err *err);

#endif
