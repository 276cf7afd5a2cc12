/*
 * What is remembered of a build, so that it is not done again: a commit's tree and configuration led to a
 * candidate, or to nothing. Pure: text to struct and back.
 */
#ifndef QB_BUILD_RECORD_H
#define QB_BUILD_RECORD_H

#include "config/candidate.h"

struct build_record {
	struct candidate_git git; /* of the commit that was built first with this tree */
	char *candidate;	  /* id; NULL: the commit does not build */
	char *reason;		  /* why not; NULL when it does */
	double seconds;		  /* that it took, checkout and all */
};
#define BUILD_RECORD_INIT                                                                                    \
	{                                                                                                    \
		{ NULL, NULL, NULL, NULL }, NULL, NULL, 0                                                    \
	}

/* Reads a record; `name` is the file's name for errors (ERR_HOST: qbisect wrote it). */
int build_record_parse(const char *name, const char *text, size_t len, struct build_record *out,
		       struct err *err);

/* Appends the record as one JSON object and a newline. */
void build_record_write(const struct build_record *record, struct buf *out);

void build_record_release(struct build_record *record);
AUTO_DEFINE(build_record, struct build_record, build_record_release);

#endif
