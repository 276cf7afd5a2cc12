/*
 * A campaign on disk: results/<name>/campaign.json and a folder for each trial, named NNNNN-<candidate>.
 *
 * campaign.json is written when the campaign begins and again when it has its answer, each time all or
 * nothing. Behind the files go the rows of results/qbisect.db (store/store.h), from which trials are read.
 */
#ifndef QB_STORE_CAMPAIGN_H
#define QB_STORE_CAMPAIGN_H

#include "store/factor.h"
#include "store/record.h"

#define CAMPAIGN_FILE "campaign.json"

struct campaign {
	char *folder; /* where it is; not in the file */

	/* the question: all that is needed to go on with it later */
	char *name;
	char *kind; /* "run", "bisect", "matrix" or "factors" */
	char *scenario;
	char *find;			 /* "regression" or "fix" for bisect, else "" */
	char *connect;			 /* the back end's URI, "" for the default */
	char *runtime;			 /* where its boots take place, "" for this host */
	char *started;			 /* UTC */
	struct strv candidates, compare; /* ids, in order; of a git history commits, oldest first */
	char *matrix;			 /* matrix: what its file calls it, "" when it does not */
	char *previous;			 /* matrix: the campaign that it is compared with, "" for none */
	char *git;			 /* bisect: folder of the repository; "": a list of candidates */
	char *older, *newer;		 /* its ends, full names of commits */
	struct strv paths;		 /* only commits that touch them; empty: all */
	struct strv likely_paths;	 /* commits that touch these are likelier; empty: none is */
	char *arch, *config;	 /* what is built; a file, from its folder, "" for the usual configuration */
	unsigned first_parent;	 /* 1: only first parents */
	struct strv environment; /* "smp=4", every key; factors: of the end that fails */
	struct strv passing_environment; /* factors: of the end that passes */
	struct strv program;		 /* the injected program and its words; empty: none */
	struct strv given;		 /* bisect: trials known before, as lines of evidence.h */
	unsigned measure;		 /* run: 1: the failure rate is kept, see campaign/measure.h */
	unsigned until_bad;		 /* run: 1: the first bad trial is the last */
	unsigned bisecting;		 /* matrix: 1: its new failures are still to be bisected */
	unsigned trials;     /* run: of the candidate; bisect, factors: at most in all, 0: no limit */
	unsigned end_trials; /* bisect: of each end, at most, before the ends are called alike; factors: of
				each setting */
	unsigned slots;	     /* bisect: boots at a time; 0: one */
	double confidence;   /* bisect, factors: that is asked for */

	/* the answer */
	char *ended; /* UTC; "" while it runs; a matrix may have bisections to come behind it */
	char *
	    answer; /* "", "good", "bad", "skip", "broken"; bisect, factors: "found", "same", "swapped", "undecided";
			 matrix: "passed", "regressed", "incomplete" */
	char *sentence; /* the answer in words */
	struct strv
	    range; /* bisect: the last of the old side, what was skipped between, the first of the new side */
	struct strv likely;	 /* bisect: the smallest set with 95 % of the probability, likeliest first */
	struct strv explanation; /* bisect: rates, audit and trials in words */
	struct campaign_rate rates[2]; /* bisect: of the side that fails, of the other */
	double probability;	       /* bisect: of the answer */
	struct strv culprit;	       /* of a git history: name, author, date, subject */
	struct factor_list factors;    /* factors: each with what it is */
	char *comparison;	       /* what those compared say: page size or architecture; "" */
};
#define CAMPAIGN_INIT                                                                                        \
	{                                                                                                    \
		.folder = NULL                                                                               \
	}

/*
 * Makes the folder of a new campaign below `results` and saves it. campaign->name NULL: a name is made from
 * kind and time. ERR_USAGE when a campaign of that name is there already.
 */
int campaign_create(struct campaign *campaign, const char *results, struct err *err);

/* What belongs to a campaign from its first moment: one that is killed right behind can be gone on with. */
struct campaign_file {
	const char *name; /* in the campaign's folder */
	const struct buf *text;
};

/* campaign_create() with n files. */
int campaign_create_with(struct campaign *campaign, const char *results, const struct campaign_file *files,
			 size_t n, struct err *err);

/* The configuration that its kernels are built with; NULL: the usual one. The caller's to free(). */
char *campaign_config_path(const struct campaign *campaign);

int campaign_save(const struct campaign *campaign, struct err *err);

/* Fills a fresh campaign from a text of campaign.json, but for its folder; `name` is the file's. ERR_USAGE with file, line and
 * column. Pure. */
int campaign_parse(const char *name, const char *text, size_t len, struct campaign *campaign,
		   struct err *err);

/* Reads the file FOLDER/campaign.json into *text and fills the campaign from it; its name is the folder's. ERR_HOST,
 * ERR_USAGE: it cannot be read, is damaged. */
int campaign_read(const char *path, struct buf *text, struct campaign *campaign, struct err *err);

/* `name` NULL: the newest. ERR_USAGE when there is none. */
int campaign_load(const char *results, const char *name, struct campaign *campaign, struct err *err);

/* When it was saved last, in ns since 1970; -1: there is no such campaign. */
int64_t campaign_saved(const char *results, const char *name);

/* Appends the names of all, sorted; none when `results` is not there. */
int campaign_list(const char *results, struct strv *names, struct err *err);

/* Takes the campaign for this process until the descriptor is closed, waiting for another one that has it. -1
 * on error. */
int campaign_lock(const struct campaign *campaign, struct err *err);

/* Removes the folders of trials that have no record, because they were killed; *number becomes that of the
 * last trial that has one, or had: of a folder that is gone the rows stay. To be called with the lock. */
int campaign_tidy(const struct campaign *campaign, unsigned *number, struct err *err);

/* Keeps a trial that ended: its record in `folder`, which is made when it is not there, then its rows, with the hashes of
 * the files that stand there. */
int campaign_keep(const struct campaign *campaign, const char *folder, const struct record *record,
		  struct err *err);

/*
 * Appends all of its trials' records in their order. A trial without a record (it was killed) is passed over. They come
 * from the database, into which trials that it does not know yet are taken first; a record that was changed behind its
 * back is as it was, and that is said. ERR_HOST: a record, or the database, is damaged.
 */
int campaign_records(const struct campaign *campaign, struct record_list *list, struct err *err);

/* How many trials it has about, without reading them: their folders. */
int campaign_size(const struct campaign *campaign, size_t *trials, struct err *err);

/* Where the trial `number`, of that candidate, has its files or will. The caller's to free(). */
char *campaign_trial_folder(const struct campaign *campaign, unsigned number, const char *candidate);

/* The folder with the files of a trial's boot: that of its first trial when it ran several. The caller's to
 * free(). */
char *campaign_boot_folder(const struct campaign *campaign, const struct record *record);

/* Puts the campaign's keys and its records into a JSON object (config/json.h). */
struct json_object;
void campaign_put(const struct campaign *campaign, const struct record_list *records,
		  struct json_object *object);

void campaign_release(struct campaign *campaign);
AUTO_DEFINE(campaign, struct campaign, campaign_release);

#endif
