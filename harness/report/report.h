/* A campaign, rendered. All renderers take the same campaign and records; text is appended. */
#ifndef QB_REPORT_H
#define QB_REPORT_H

#include "store/campaign.h"

/* For people: a table with a row for each candidate (of a factor study for each difference), then the answer. */
void report_text(const struct campaign *campaign, const struct record_list *records, struct buf *out);

/* The commit that was found, as git shows one, and what to send to those who maintain it. Needs
 * campaign->culprit. */
void report_culprit(const struct campaign *campaign, struct buf *out);

/* The table of campaign->factors. */
void report_factors(const struct campaign *campaign, struct buf *out);

/* Everything, as one JSON object. */
void report_json(const struct campaign *campaign, const struct record_list *records, struct buf *out);

#endif
