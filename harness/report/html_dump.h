/* What the pages of a dump have in common. For html*.c alone; html.h is the way in. */
#ifndef QB_HTML_DUMP_H
#define QB_HTML_DUMP_H

#include "report/html_health.h"
#include "report/html_writer.h"
#include "store/cells.h"

/* Which trials of a campaign have a page of their own. */
enum dump_pages { DUMP_ALL, DUMP_NOT_GOOD, DUMP_NONE };

/* So many runs of a matrix stand beside each other. */
#define HISTORY_RUNS 30

/* What is kept of a campaign once its own pages are written. */
struct dump_run {
	struct campaign campaign;
	bool shown;		     /* it has pages; else it is there for the history of one that has */
	enum dump_pages trial_pages; /* of its trials */
	bool newest_runs;   /* of a matrix one of the HISTORY_RUNS last: its page has their history */
	struct cells cells; /* of a matrix */
	unsigned trials, verdicts[VERDICT_N];
	double seconds;				       /* of all trials */
	struct strv arches, pages, kernels, scenarios; /* what its trials had, each once */
};

struct dump {
	const char *results;
	bool folders;
	char *style, *script; /* what stands in each page */
	char *policy;	      /* the Content-Security-Policy that allows these two and nothing else */
	char *generated;      /* UTC */
	struct dump_run *v;   /* oldest first */
	size_t n, cap;
	struct health health;
	struct strv damaged; /* campaigns that could not be read: "NAME: why" */
};
#define DUMP_INIT                                                                                            \
	{                                                                                                    \
		.results = NULL                                                                              \
	}

/* Reads the assets. */
int dump_init(struct dump *dump, const char *results, bool folders, struct err *err);
void dump_release(struct dump *dump);
AUTO_DEFINE(dump, struct dump, dump_release);

/* The run of that name, or NULL. */
const struct dump_run *dump_find(const struct dump *dump, const char *name);

/* The run of a matrix that it was compared with, or NULL. */
static inline const struct dump_run *dump_before(const struct dump *dump, const struct dump_run *run)
{
	return *run->campaign.previous ? dump_find(dump, run->campaign.previous) : NULL;
}

static inline bool dump_has_page(const struct dump_run *run, const struct record *trial)
{
	return run->trial_pages == DUMP_ALL ||
	       (run->trial_pages == DUMP_NOT_GOOD && trial->verdict != VERDICT_GOOD);
}

/* The runs that the index shows: the newest of each matrix. */
bool dump_is_newest(const struct dump *dump, const struct dump_run *run);

/* What became of a cell of the run since the one before. */
enum cell_change dump_change(const struct dump_run *before, const struct cell *cell);

/* Counts a trial. */
void dump_run_add(struct dump_run *run, const struct record *record);

/* A page: what is put between begin and end is its main part. `up` is the way from its folder to the dump's:
 * "", "../", "../../"; `campaign` and `trial` say where it is, NULL: on the index, on a campaign's page. */
struct page_place {
	const char *up, *campaign, *trial;
};
void page_begin(const struct dump *dump, const struct page_place *place, const char *title,
		struct html *html);
void page_end(const struct dump *dump, struct html *html);

/* The pages; each is appended whole. `trials` holds the records of the run. */
void page_index(const struct dump *dump, const char *json, struct html *html);
void page_campaign(const struct dump *dump, const struct dump_run *run, const struct record_list *trials,
		   struct html *html);
void page_trial(const struct dump *dump, const struct dump_run *run, const struct record_list *trials,
		size_t trial, struct html *html);

/* data.json, safe to stand in a <script>. */
void dump_json(const struct dump *dump, struct buf *out);

/* data/NAME.json. */
void dump_trials_json(const struct dump *dump, const struct dump_run *run, const struct record_list *trials,
		      struct buf *out);

/* Parts of pages. */

/* A run's table. `link` is the way to the page with its "#cell-N"; `index` counts the tables of the page, as the
 * JSON's "matrices" do. */
void part_matrix(const struct dump *dump, const struct dump_run *run, const char *link, size_t index,
		 struct html *html);
/* How each cell went in this run and those before it. */
void part_history(const struct dump *dump, const struct dump_run *run, struct html *html);
/* The table of a factor study; nothing when there is none. */
void part_factors(const struct campaign *campaign, struct html *html);
/* Of a trial of a study: "smp=4, nocow=true", the keys in which the two ends differ. Nothing for other kinds. */
void factors_setting(const struct campaign *campaign, const struct record *record, struct buf *out);
/* What a search decided, step by step. */
void part_decisions(const struct dump_run *run, struct html *html);
/* What the boot wrote on the file's serial, folded: at most CONSOLE_SHOWN bytes of it, around line `evidence` (0:
 * none) and the end. */
#define CONSOLE_SHOWN (1u << 20)
void part_console(const char *folder, const char *file, unsigned evidence, struct html *html);
void part_health(const struct dump *dump, struct html *html);

/* A mark, a colour, and the text, of which colour and mark come from the word: a verdict, a cell's state or change, a
 * campaign's answer. */
void add_verdict(struct html *html, const char *word, const char *text);
/* "3/20", and the interval. */
void add_rate(struct html *html, unsigned failures, unsigned trials);
/* A text of several lines with a button that copies it. `id` names it on its page. */
void add_copy(struct html *html, const char *id, const char *text);
/* A row of a list of facts; nothing when the value is empty. */
void add_fact(struct html *html, const char *name, const char *value);
void add_time(struct html *html, const char *utc);
/* What failures have in common (campaign->comparison); nothing for "". */
void add_cause(struct html *html, const char *comparison);
/* A table's begin: the caption, and a column for each name up to NULL. In a box that scrolls by itself. */
void table_begin(struct html *html, const char *caption, const char *const *columns);
void table_end(struct html *html);

/* "64k", "?"; "1 min 23 s": the caller's to free(). */
char *pagesize_text(unsigned bytes);
char *seconds_text(double seconds);

#endif
