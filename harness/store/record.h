/*
 * The record of a trial, verdict.json in its folder: what was asked, what was seen, what was decided. Trials that
 * share a boot have a record each, and the boot's files stand in the folder of the first of them.
 *
 * Texts are owned; record_release() frees them.
 */
#ifndef QB_RECORD_H
#define QB_RECORD_H

#include "guest/trial.h"

#define RECORD_FILE "verdict.json"

struct record {
	unsigned number;		  /* in its campaign, from the folder's name; not in the file */
	char *started;			  /* UTC, "2026-11-22T19:00:00Z" */
	char *candidate, *arch, *release; /* what was to be booted */
	unsigned pagesize;		  /* bytes that were expected; 0: not known before */
	char *commit;			  /* of a git history: what the candidate was built from; else "" */
	unsigned build_ms;		  /* that building it took, before the trial */
	char *scenario;
	char *boot; /* folder with the boot's files, when it ran several scenarios; "": this one's own */
	char *candidate_name, *environment_name; /* of a matrix: what its file calls them; else "" */
	struct strv environment;		 /* "smp=4", every key */
	char *accelerator, *firmware, *machine, *disk_tool;
	char *host; /* on which qbisect ran, with its version; "": it is not known */

	enum verdict verdict;
	char *class;		/* "target", "clean", "panic", "wrong-pagesize", ... */
	char *title;		/* one line */
	char *agreement;	/* "guest and console", "guest only", "console only", or "" */
	struct strv reasons;	/* in words */
	char *evidence;		/* the console line, or "" */
	unsigned evidence_line; /* its number, from 1; 0: none */

	struct strv facts;	 /* "release=6.12", as the guest told */
	unsigned guest_pagesize; /* bytes, as the guest's sysconf says; 0: the guest did not tell */
	unsigned passed, failed; /* iterations */
	struct strv failures;	 /* details of the first failed iterations */
	/* Of a shared boot the first trial has all phases, and the others what they took in `test`. */
	int64_t ms[TRIAL_PHASE_N];
};
#define RECORD_INIT                                                                                          \
	{                                                                                                    \
		.started = NULL                                                                              \
	}

/* Of the trial of scenario `i` of the spec, which was run. `started` and `boot` are the caller's to set. */
void record_trial(struct record *record, const struct trial_spec *spec, size_t i,
		  const struct trial_result *result);

/* Of a trial that could not begin: a candidate that cannot be tested (skip) or a fault of the host
 * (broken). */
void record_refusal(struct record *record, const struct trial_spec *spec, size_t i, enum verdict verdict,
		    const char *class, const char *reason);

/* What a search calls the candidate: the commit if there is one. */
const char *record_name(const struct record *record);

/* Whether all of them broke. */
bool records_broken(const struct record *records, size_t n);

/* What the trial took in all, without the build. */
double record_seconds(const struct record *record);

/* Puts the record's keys into a JSON object (config/json.h). */
struct json_object;
void record_put(const struct record *record, struct json_object *object);

/* Reads them back. *record must be fresh. ERR_USAGE with file, line and column. */
struct json_node;
int record_get(const struct json_node *object, struct record *record, struct err *err);

/* Reads a text of verdict.json; `name` is the file's. *record must be fresh. ERR_HOST: it is damaged. Pure. */
int record_parse(const char *name, const char *text, size_t len, struct record *record, struct err *err);

/* Writes verdict.json into a trial's folder, all or nothing. */
int record_save(const struct record *record, const char *folder, struct err *err);

/* Reads it. ERR_HOST when it is missing or damaged. */
int record_load(const char *folder, struct record *record, struct err *err);

void record_release(struct record *record);
AUTO_DEFINE(record, struct record, record_release);

struct record_list {
	struct record *v;
	size_t n, cap;
};
#define RECORD_LIST_INIT                                                                                     \
	{                                                                                                    \
		NULL, 0, 0                                                                                   \
	}

void record_list_release(struct record_list *list);
AUTO_DEFINE(record_list, struct record_list, record_list_release);

#endif
