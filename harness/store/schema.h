/* The database's tables, as the steps from each version to the next. */
#ifndef QB_SCHEMA_H
#define QB_SCHEMA_H

/* schema_steps[n] brings version n to n + 1; an empty database is of version 0. A step that was released is never
 * changed: a new one follows. */
#define SCHEMA_VERSION 3
extern const char *const schema_steps[SCHEMA_VERSION];

/* In the file's header, so that file(1) and we know whose it is. "QBIS" */
#define SCHEMA_APPLICATION 0x51424953

#endif
