/*
 * A report of one campaign or of several, whatever the format. One is added after the other, so that no more than
 * one campaign's trials need be in memory:
 *
 *	const struct report_format *format = report_format_find("junit");
 *	struct report report = { .total = 2, .several = true };
 *	format->add(&report, &campaign, &records, &out);	each; `out` may be written and emptied in between
 *	format->end(&report, &out);				once; it also frees
 *
 * Of several, json is an array; csv has one header; a campaign of ktap is a test with its kernels as subtests; junit's
 * suites and kcidb's objects stand together, their names and ids beginning with the campaign's.
 */
#ifndef QB_SEVERAL_H
#define QB_SEVERAL_H

#include "report/report.h"

/* JUnit's suites, which follow the counts of all. */
struct junit {
	struct buf suites;
	char *name; /* what the report is called: NULL, or the campaign when it is of one */
	unsigned verdicts[VERDICT_N];
	double seconds;
	size_t n;
};
#define JUNIT_INIT                                                                                           \
	{                                                                                                    \
		.suites = BUF_INIT                                                                           \
	}
void junit_add(struct junit *junit, const struct campaign *campaign, const struct record_list *records);
void junit_end(struct junit *junit, struct buf *out); /* frees */

/* KCIDB's objects, of which a signature is in all campaigns the same one. kcidb_end() frees. */
struct kcidb;
struct kcidb *kcidb_begin(const char *origin);
void kcidb_add(struct kcidb *kcidb, const struct campaign *campaign, const struct record_list *records);
void kcidb_end(struct kcidb *kcidb, struct buf *out);

/* The lines without the header. */
void csv_add(const struct campaign *campaign, const struct record_list *records, struct buf *out);

struct report {
	size_t total;	    /* how many campaigns will be added */
	bool several;	    /* even when it happens to be one: whoever asked for a night gets its form */
	const char *origin; /* of kcidb */
	/* its own */
	size_t n; /* campaigns so far */
	struct junit junit;
	struct kcidb *kcidb;
};

struct report_format {
	const char *name;
	void (*add)(struct report *report, const struct campaign *campaign, const struct record_list *records,
		    struct buf *out);
	void (*end)(struct report *report, struct buf *out);
};

/* NULL: there is none of that name. */
const struct report_format *report_format_find(const char *name);

/* -1 and ERR_INTERRUPTED once we are to end. Asked before each campaign, and each file, so that what was made so far can be
 * taken away at once. */
int report_check_interrupted(struct err *err);

#endif
