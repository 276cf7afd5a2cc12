/* The fields of a record: their names in verdict.json, which are those of the database's columns. For record.c and
 * trials.c alone. */
#ifndef QB_RECORD_FIELDS_H
#define QB_RECORD_FIELDS_H

#include "store/record.h"

enum record_table { IN_TRIALS, IN_CANDIDATES, IN_ENVIRONMENTS, IN_MACHINES };

struct record_field {
	const char *key;
	size_t offset;
	enum record_table table;
};

/* In the order of the file; of one table in the order of its columns (store/schema.c). */
struct record_fields {
	const struct record_field *v;
	size_t n;
};
extern const struct record_fields record_texts;	  /* char * */
extern const struct record_fields record_numbers; /* unsigned */
extern const struct record_fields record_lists;	  /* struct strv */
extern const struct record_fields record_maps;	  /* struct strv of "key=value" */

static inline char **record_text(const struct record *record, const struct record_field *field)
{
	return (char **)(void *)((char *)record + field->offset);
}

static inline unsigned *record_number(const struct record *record, const struct record_field *field)
{
	return (unsigned *)(void *)((char *)record + field->offset);
}

static inline struct strv *record_strv(const struct record *record, const struct record_field *field)
{
	return (struct strv *)(void *)((char *)record + field->offset);
}

#endif
