/* A campaign, rendered. All renderers take the same campaign and records; text is appended. */
#ifndef QB_REPORT_H
#define QB_REPORT_H

#include "store/campaign.h"

/* For people: a table with a row for each candidate (of a factor study for each difference), then the answer. */
void report_text(const struct campaign *campaign, const struct record_list *records, struct buf *out);

/* The commit that was found, as git shows one, and what to send to those who maintain it. Needs
 * campaign->culprit. */
void report_culprit(const struct campaign *campaign, struct buf *out);

/* The head of a matrix's report: its kernels, then a table with a row for each scenario. */
void report_matrix(const struct campaign *campaign, const struct record_list *records, struct buf *out);

/* The table of campaign->factors. */
void report_factors(const struct campaign *campaign, struct buf *out);

/* Appends a sentence for each group of trials that were not made alike: with one emulator (of an architecture), with one
 * tool (of a file system); it says when how often the same question fails depends on that (bisect/depends.h). Hosts
 * that are alike but for their names are told only then, and only if `names` may be told. */
void report_mixture(const struct record_list *records, bool names, struct strv *out);

/* Everything, as one JSON object. Its first key, "schema", names the form that configs/schemas/report.schema.json
 * describes: keys may come to it, but what is there stays. */
#define REPORT_SCHEMA "qbisect-report 1"
void report_json(const struct campaign *campaign, const struct record_list *records, struct buf *out);

/* The same as JSON Lines, for streams: the campaign's object with no records, then each of its trials, which has
 * the campaign's name as "campaign". */
void report_jsonl(const struct campaign *campaign, const struct record_list *records, struct buf *out);

/*
 * For other programs, and so without what names this machine: every text passes outward.h, and paths, the
 * back end's URI and the injected program are left out.
 */

/* KCIDB 5.3. `origin` is the name that KCIDB gave to who sends it; it must be valid. */
void report_kcidb(const struct campaign *campaign, const struct record_list *records, const char *origin,
		  struct buf *out);
/* By KCIDB's schema: small letters, digits and "_", one at least. */
bool report_kcidb_origin_valid(const char *origin);

/* JUnit's XML as Jenkins and GitLab read it. */
void report_junit(const struct campaign *campaign, const struct record_list *records, struct buf *out);

/* KTAP version 1: a test for each kernel, in it one for each trial. */
void report_ktap(const struct campaign *campaign, const struct record_list *records, struct buf *out);

/* A header line, then a line a trial (RFC 4180), safe to open in a spreadsheet. */
void report_csv(const struct campaign *campaign, const struct record_list *records, struct buf *out);

#endif
