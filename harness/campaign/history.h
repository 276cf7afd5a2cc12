/*
 * The history that a campaign searches: its list of candidates, or the commits between two of a git
 * repository.
 *
 * Of a git history only commits are searched that may change the image (kernel/fold.h); the others are folded
 * into the neighbour whose image they have. What is left is kept in the campaign's folder, history.txt, as
 * `git rev-list --parents` prints it, and what was folded in folded.txt: so a branch that is rewritten
 * meanwhile changes nothing, and a replay needs no repository.
 */
#ifndef QB_HISTORY_H
#define QB_HISTORY_H

#include "bisect/graph.h"
#include "campaign/builds.h"
#include "kernel/fold.h"
#include "store/campaign.h"

#define HISTORY_FILE "history.txt"
#define FOLDED_FILE  "folded.txt"
#define LIKELY_FILE  "likely.txt"

/* How much likelier a commit is that touches one of campaign->likely_paths. */
#define HISTORY_LIKELIER 10

/* The graph of campaign->candidates, or of history.txt. ERR_USAGE as graph_from_list() and graph_parse(),
 * ERR_HOST when the campaign's folder is damaged. */
int history_graph(const struct campaign *campaign, struct graph *graph, struct err *err);

/*
 * Fills campaign->older and newer from revisions of campaign->git (as git names them), and checks all that
 * git_range() does. ERR_USAGE.
 */
int history_ends(const char *older, const char *newer, struct campaign *campaign, struct err *err);

/*
 * Writes history.txt and fills campaign->candidates, once; builds both ends for it (`builds` is the campaign's), so that is
 * known what they compile. ERR_USAGE: an end does not build, nothing in between changes the image;
 * ERR_HOST, ERR_INTERRUPTED.
 */
int history_make(struct builds *builds, struct campaign *campaign, struct err *err);

/* The prior weight of each suspect; the caller's to free(). NULL and ERR_HOST: the campaign's folder is
 * damaged. */
double *history_prior(const struct campaign *campaign, const struct graph *graph, struct err *err);

/*
 * Takes the folded commits out of a list (git_range()'s) that `folded` judges line by line: parents become
 * the nearest ancestors that are left. Appends the lines that the new end still reaches, the newest first;
 * none when the new end has the image of the old one. Pure.
 */
void history_contract(const char *list, const struct folded_list *folded, struct buf *out);

#endif
