/*
 * A unit of work: what a job of a cluster runs, as a file. It says all that an order needs, and nothing of when or where.
 *
 *	{
 *	  "unit": 1,				the form
 *	  "campaign": "/srv/qb/results/night",	its folder
 *	  "attempt": 0,				how many of the very same kind it had before
 *	  "connect": "",			as for --connect; "": the default
 *
 * of a boot, further
 *	  "candidate": "6.12",			an id of the catalog
 *	  "commit": "",				that it was built from, for the records
 *	  "questions": [
 *	    { "scenario": "AD033", "candidate_name": "", "environment_name": "",
 *	      "environment": ["smp=4", ...],	every key
 *	      "program": ["/srv/my-test", "-x"] }	of workload exec, with its words; else empty
 *	  ]					at least one; they share a boot
 *	}
 *
 * and of a build
 *	  "build": {
 *	    "git": "/srv/linux", "commit": "0123...", "arch": "ppc64le", "pagesize": 65536, "config": "",
 *						as struct build_spec has them; "": none
 *	    "toolchain": "powerpc64le-linux-gnu-gcc (Debian ...",
 *	    "key": "4567..."			of its answer in the catalog: its content, with the toolchain's words
 *	  }
 *	}
 *
 * The same work has the same text, and a hash of that is its name: so a controller that was killed finds what it asked for,
 * and what comes late of a try that was lost is the next one's (as that one's outcome, though the last try looks harder at
 * what may be the emulator's: `qbisect worker --last-try`).
 * And what came of it:
 *
 *	{ "unit": "0123...", "host": "n1", "records": [{...}, ...] }	one of each question, as in verdict.json
 *	{ "unit": "0123...", "host": "n1", "built": "4567..." }		the catalog has the answer, with that key
 *	{ "unit": "0123...", "host": "n1", "unbuilt": "..." }		why it has none, nor will: ERR_CANDIDATE
 *	{ "unit": "0123...", "host": "n1", "error": "..." }		the setting cannot be had there: ERR_USAGE
 */
#ifndef QB_UNIT_H
#define QB_UNIT_H

#include "campaign/boot_order.h"
#include "campaign/question.h"
#include "config/json.h"
#include "kernel/build.h"

#define UNIT_FILE      "unit.json"
#define UNIT_RESULT    "result.json"
#define UNIT_DONE      "result" /* the folder that has it */
#define UNIT_NAME_LEN  32
#define UNIT_QUESTIONS 4096	   /* at most */
#define UNIT_LIMIT     (16u << 20) /* bytes of its file */

/* Texts are those of the file. */
struct unit {
	const char *connect;
	struct build_spec build; /* without git: it is a boot */
	const char *candidate, *commit;
	struct question *questions;
	size_t n;
	/* private */
	struct json_doc doc;
	struct strv *programs;
};
#define UNIT_INIT                                                                                            \
	{                                                                                                    \
		.doc = JSON_DOC_INIT                                                                         \
	}

/* Puts into a unit what is particular to its kind. */
void unit_put_boot(const struct boot_order *order, struct json_object *unit);
void unit_put_build(const struct build_spec *spec, struct json_object *unit);

/* Appends the text of an order. */
void unit_write(const struct order *order, const char *connect, unsigned attempt, struct buf *out);

/* Its name, the caller's to free(). */
char *unit_name(const struct buf *text);
bool unit_name_valid(const char *name);

/* A host's name goes on the command line of sbatch, and becomes a part of a folder's. "": it is not known. */
bool unit_host_valid(const char *host);

/* *unit must be fresh, and must not move afterwards. ERR_USAGE with file, line and column. */
int unit_parse(const char *path, const char *text, size_t len, struct unit *unit, struct err *err);

void unit_release(struct unit *unit);
AUTO_DEFINE(unit, struct unit, unit_release);

struct unit_result {
	char *unit, *host;	       /* host "": it is not known */
	char *error, *built, *unbuilt; /* not more than one of them; all NULL: there are records */
	struct record_list records;    /* at least one then, all of one candidate */
};
#define UNIT_RESULT_INIT                                                                                     \
	{                                                                                                    \
		.records = RECORD_LIST_INIT                                                                  \
	}

void unit_result_write(const struct unit_result *result, struct buf *out);

/* *result must be fresh. ERR_USAGE with file, line and column. */
int unit_result_parse(const char *path, const char *text, size_t len, struct unit_result *result,
		      struct err *err);

void unit_result_release(struct unit_result *result);
AUTO_DEFINE(unit_result, struct unit_result, unit_result_release);

#endif
