/*
 * What a search decided, one line each, and what came of it: decisions.jsonl in the campaign's folder.
 *
 * The file explains; the evidence itself are the records (record.h), from which the same decisions follow
 * again: so a file that lost its last line with the machine's power is completed by going on.
 */
#ifndef QB_DECISION_H
#define QB_DECISION_H

#include "base/buf.h"
#include "base/err.h"

#define DECISION_FILE "decisions.jsonl"

struct decision {
	/* what was chosen and why */
	unsigned number; /* from 1 */
	char *phase;	 /* "ends", "search", "audit" */
	char *candidate;
	unsigned trials; /* asked for */
	char *why;
	double bits; /* that it was expected to tell of the culprit; 0 at the ends and for trying again */

	/* what came of it */
	unsigned failures, passes;
	char *skip;	/* why a trial said nothing; "" when none did */
	double seconds; /* that its trials and the build took; a try that broke is not among them */
	double told;	/* bits that the uncertainty fell by; less than 0 when it rose */
	char *likeliest;
	double mass; /* its probability then, if there is a change at all */
};
#define DECISION_INIT                                                                                        \
	{                                                                                                    \
		0                                                                                            \
	}

struct decision_list {
	struct decision *v;
	size_t n, cap;
};
#define DECISION_LIST_INIT                                                                                   \
	{                                                                                                    \
		NULL, 0, 0                                                                                   \
	}

/* Appends a decision to the file of the campaign's folder, and has it on the disk when it returns. The database takes it
 * in when the campaign is read next. */
int decision_append(const char *folder, const struct decision *decision, struct err *err);

/* Reads a text of such a file; what stands behind its last newline is passed over. ERR_HOST with the line. Pure. */
int decisions_parse(const char *path, const char *text, struct decision_list *list, struct err *err);

/* Reads them all; none when there is no file. A last line that was not finished is cut off the file when
 * `mend`, else passed over. ERR_HOST with the line when another one is damaged. */
int decisions_load(const char *folder, bool mend, struct decision_list *list, struct err *err);

/* Whether two are the same, to the last bit. */
bool decision_equal(const struct decision *a, const struct decision *b);

/* Puts the decision's keys into a JSON object (config/json.h). */
struct json_object;
void decision_put(const struct decision *decision, struct json_object *object);

void decision_release(struct decision *decision);
AUTO_DEFINE(decision, struct decision, decision_release);
void decision_list_release(struct decision_list *list);
AUTO_DEFINE(decision_list, struct decision_list, decision_list_release);

#endif
