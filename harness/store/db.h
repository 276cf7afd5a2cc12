/*
 * A database file, and statements on it. With store/schema.c the only place where SQLite is known; for store/ alone.
 *
 *	AUTO(query) q = QUERY(db, "SELECT number FROM trials WHERE class = ?");
 *	query_text(&q, "target");				1. values, in the order of the question marks
 *	while ((row = query_step(&q, err)) > 0)			2. row by row
 *		number = query_take_int(&q);			3. columns, in their order
 *
 * A statement is prepared once for each place that uses it, and kept. Not for several threads at once: store.h has the
 * lock.
 */
#ifndef QB_DB_H
#define QB_DB_H

#include "base/buf.h"
#include "base/err.h"

struct db;
struct sqlite3_stmt;

/* What an error means for those who could do without the database. */
enum db_fault {
	DB_FINE,
	DB_DAMAGED, /* it is no database, or parts of it cannot be read */
	DB_NEWER,   /* a later qbisect made it */
	DB_AWAY,    /* it cannot be written: no right, no space, held by another process */
};

/*
 * Opens the file, making it when it is not there, and brings it to this version: in one step, so that it is of the old
 * version or of the new. WAL, so that who reads does not wait for who writes; each transaction is on the disk when
 * db_commit() returns; foreign keys are enforced. Waits for other processes, half a minute at most. NULL on error:
 * ERR_HOST, and *fault says what it is.
 */
struct db *db_open(const char *path, enum db_fault *fault, struct err *err);

/* For tests: as a qbisect that knows fewer versions would open it. */
struct db *db_open_version(const char *path, int version, enum db_fault *fault, struct err *err);

void db_close(struct db *db);

/* Of the last error. */
enum db_fault db_fault(const struct db *db);

const char *db_path(const struct db *db);

/* Something in it is not as we write it: sets *err, and the fault is DB_DAMAGED. */
int db_wrong(struct db *db, struct err *err, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* A transaction: waits for another process that writes. A rollback forgets all since db_begin(), and may be called when
 * there is no transaction. */
int db_begin(struct db *db, struct err *err);
int db_commit(struct db *db, struct err *err);
void db_rollback(struct db *db);

/* Statements without values or rows. */
int db_run(struct db *db, const char *sql, struct err *err);

/* The id of the row that was inserted last; how many rows the last statement changed. */
int64_t db_last_id(const struct db *db);
int db_changes(const struct db *db);

struct query {
	struct db *db;
	struct sqlite3_stmt *statement;
	int at; /* value or column that comes next */
};
/* `sql` must be a literal: it is known by its address. */
#define QUERY(db, sql) query_begin(db, sql)
struct query query_begin(struct db *db, const char *sql);

/* Texts must stay until the query's end; NULL is ''. */
void query_text(struct query *q, const char *value);
void query_int(struct query *q, int64_t value);
void query_real(struct query *q, double value);
/* A list as lines; a line end or a backslash in them is "\n", "\\". */
void query_lines(struct query *q, const struct strv *lines);

/* 1: there is a row; 0: there is none any more; -1: ERR_HOST. */
int query_step(struct query *q, struct err *err);
/* Of a statement that has no rows: 0 or -1. Its next values may follow. */
int query_run(struct query *q, struct err *err);

int64_t query_take_int(struct query *q);
double query_take_real(struct query *q);
/* Stays until the next step; never NULL. */
const char *query_take_text(struct query *q);
/* Appends. */
void query_take_lines(struct query *q, struct strv *lines);

void query_end(struct query *q);
AUTO_DEFINE(query, struct query, query_end);

#endif
