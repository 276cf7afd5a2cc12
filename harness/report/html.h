/*
 * The dashboard: a folder of HTML pages that opens from a file system and from any web server, and asks nobody for
 * anything.
 *
 *	index.html			the newest run of each matrix, the campaigns, the harness's own health
 *	data.json			the same for programs; also inside index.html
 *	campaign/NAME.html		a page a campaign
 *	data/NAME.json			its trials for programs, a few facts of each
 *	trial/CAMPAIGN/NUMBER.html	a page a trial: of the newest campaigns each, HTML_TRIALS at most; of those before
 *					them, HTML_OLDER trials in all, the trials that are not good. Of one campaign
 *					that was asked for alone each
 *	.qbisect-dump			says that the folder is ours
 */
#ifndef QB_REPORT_HTML_H
#define QB_REPORT_HTML_H

#include <stdbool.h>

#include "base/err.h"

#define HTML_MARKER ".qbisect-dump"
#define HTML_SCHEMA "qbisect-dump 1"
#define HTML_TRIALS 1000
#define HTML_OLDER  10000

struct html_options {
	const char *results; /* folder of the campaigns */
	const char *only;    /* one campaign; NULL: all of them */
	const char *output;  /* the folder to make; its parent must be there */
	bool folders;	     /* paths of this machine stay whole; else outward.h takes them away */
};

/*
 * All or nothing: the pages are written into a fresh folder beside `output`, which then takes its place. ERR_USAGE:
 * what is there is not a dump of ours, and is left alone; or there is no such campaign. ERR_HOST: it cannot be
 * written, or `only` is damaged; of all campaigns a damaged one is named on the index instead. ERR_INTERRUPTED, under
 * a supervisor (base/supervisor.h): what was made is taken away again.
 */
int report_html(const struct html_options *options, struct err *err);

#endif
