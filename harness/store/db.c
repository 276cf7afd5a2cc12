#include "store/db.h"

#include <sqlite3.h>

#include "base/fs.h"
#include "store/schema.h"

#define BUSY_MS	   30000
#define STATEMENTS 64 /* places that use one: all are kept */

struct db {
	sqlite3 *handle;
	char *path;
	enum db_fault fault;
	struct {
		const char *sql;
		sqlite3_stmt *statement;
	} kept[STATEMENTS];
	size_t n;
};

enum db_fault db_fault(const struct db *db)
{
	return db->fault;
}

const char *db_path(const struct db *db)
{
	return db->path;
}

static enum db_fault fault_of(int code)
{
	switch (code & 0xff) {
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_ERROR:	/* a table that is not there, or not as it should be */
	case SQLITE_CONSTRAINT: /* rows that contradict each other */
	case SQLITE_MISMATCH:
	case SQLITE_FORMAT:
		return DB_DAMAGED;
	default:
		return DB_AWAY;
	}
}

int db_wrong(struct db *db, struct err *err, const char *fmt, ...)
{
	AUTO(buf) why = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&why, fmt, ap);
	va_end(ap);
	db->fault = DB_DAMAGED;
	return err_set(err, ERR_HOST,
		       "%s is damaged (%s): 'qbisect db rebuild' makes it anew from the trials' folders",
		       db->path, why.s);
}

static int db_failed(struct db *db, struct err *err)
{
	const char *why = sqlite3_errmsg(db->handle);
	int code = sqlite3_extended_errcode(db->handle);

	db->fault = fault_of(code);
	if (db->fault == DB_DAMAGED)
		return db_wrong(db, err, "%s", why);
	if ((code & 0xff) == SQLITE_BUSY)
		return err_set(err, ERR_HOST,
			       "%s has been held by another process for %d s: try again when that has ended",
			       db->path, BUSY_MS / 1000);
	return err_set(err, ERR_HOST, "%s cannot be %s: %s%s%s", db->path,
		       (code & 0xff) == SQLITE_CANTOPEN ? "opened" : "written", why,
		       sqlite3_system_errno(db->handle) ? ", " : "",
		       sqlite3_system_errno(db->handle) ? strerror(sqlite3_system_errno(db->handle)) : "");
}

int db_run(struct db *db, const char *sql, struct err *err)
{
	return sqlite3_exec(db->handle, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : db_failed(db, err);
}

int db_begin(struct db *db, struct err *err)
{
	return db_run(db, "BEGIN IMMEDIATE", err);
}

int db_commit(struct db *db, struct err *err)
{
	return db_run(db, "COMMIT", err);
}

void db_rollback(struct db *db)
{
	if (!sqlite3_get_autocommit(db->handle))
		sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
}

int64_t db_last_id(const struct db *db)
{
	return sqlite3_last_insert_rowid(db->handle);
}

int db_changes(const struct db *db)
{
	return sqlite3_changes(db->handle);
}

/* --- opening ------------------------------------------------------------------------------------------ */

/* A number that the file's header has. */
static int header_number(struct db *db, const char *pragma, int *number, struct err *err)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(db->handle, pragma, -1, &statement, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	if (code == SQLITE_ROW)
		*number = sqlite3_column_int(statement, 0);
	sqlite3_finalize(statement);
	return code == SQLITE_ROW ? 0 : db_failed(db, err);
}

static int refuse_newer(struct db *db, int found, int known, struct err *err)
{
	db->fault = DB_NEWER;
	return err_set(
	    err, ERR_HOST,
	    "%s is of version %d, made by a later qbisect, and this one knows %d: use that one, or 'qbisect db "
	    "rebuild' makes one for this qbisect from the trials' folders",
	    db->path, found, known);
}

static int refuse_foreign(struct db *db, struct err *err)
{
	db->fault = DB_DAMAGED;
	return err_set(
	    err, ERR_HOST,
	    "%s is another program's database: move it away, and 'qbisect db rebuild' makes ours from the "
	    "trials' folders",
	    db->path);
}

/* In a transaction, for two processes may find the same old version. */
static int migrate(struct db *db, int version, struct err *err)
{
	int found = version;

	if (db_begin(db, err) < 0 || header_number(db, "PRAGMA user_version", &found, err) < 0)
		return -1;
	for (; found < version; found++) {
		AUTO_FREE char *next = xasprintf("PRAGMA user_version = %d", found + 1);

		if (db_run(db, schema_steps[found], err) < 0 || db_run(db, next, err) < 0)
			return -1;
	}
	return db_commit(db, err);
}

static int set_up(struct db *db, int version, struct err *err)
{
	AUTO_FREE char *mark = xasprintf("PRAGMA application_id = %d", SCHEMA_APPLICATION);
	int found = 0, owner = 0, tables = 0;

	sqlite3_busy_timeout(db->handle, BUSY_MS);
	sqlite3_extended_result_codes(db->handle, 1);
	if (header_number(db, "PRAGMA user_version", &found, err) < 0 ||
	    header_number(db, "PRAGMA application_id", &owner, err) < 0 ||
	    header_number(db, "SELECT count(*) FROM sqlite_schema", &tables, err) < 0)
		return -1;
	if (owner != SCHEMA_APPLICATION && (owner || tables))
		return refuse_foreign(db, err);
	if (found > version)
		return refuse_newer(db, found, version, err);
	if ((!owner && db_run(db, mark, err) < 0) || db_run(db, "PRAGMA journal_mode = WAL", err) < 0 ||
	    db_run(db, "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON", err) < 0)
		return -1;
	return found < version ? migrate(db, version, err) : 0;
}

struct db *db_open_version(const char *path, int version, enum db_fault *fault, struct err *err)
{
	struct db *db = xcalloc(1, sizeof(*db));

	db->path = xstrdup(path);
	if (sqlite3_open_v2(path, &db->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) != SQLITE_OK
		? db_failed(db, err) < 0
		: set_up(db, version, err) < 0) {
		*fault = db->fault;
		db_rollback(db);
		db_close(db);
		return NULL;
	}
	return db;
}

struct db *db_open(const char *path, enum db_fault *fault, struct err *err)
{
	return db_open_version(path, SCHEMA_VERSION, fault, err);
}

void db_close(struct db *db)
{
	if (!db)
		return;
	for (size_t i = 0; i < db->n; i++)
		sqlite3_finalize(db->kept[i].statement);
	sqlite3_close(db->handle);
	free(db->path);
	free(db);
}

/* --- statements --------------------------------------------------------------------------------------- */

static sqlite3_stmt *prepare(struct db *db, const char *sql)
{
	sqlite3_stmt *statement = NULL;

	for (size_t i = 0; i < db->n; i++)
		if (db->kept[i].sql == sql)
			return db->kept[i].statement;
	if (db->n == STATEMENTS)
		abort(); /* a table of ours that is too small */
	if (sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) != SQLITE_OK)
		return NULL;
	db->kept[db->n].sql = sql;
	db->kept[db->n++].statement = statement;
	return statement;
}

struct query query_begin(struct db *db, const char *sql)
{
	return (struct query){ db, prepare(db, sql), 0 };
}

void query_text(struct query *q, const char *value)
{
	if (q->statement)
		sqlite3_bind_text(q->statement, ++q->at, value ? value : "", -1, SQLITE_STATIC);
}

void query_int(struct query *q, int64_t value)
{
	if (q->statement)
		sqlite3_bind_int64(q->statement, ++q->at, value);
}

void query_real(struct query *q, double value)
{
	if (q->statement)
		sqlite3_bind_double(q->statement, ++q->at, value);
}

void query_lines(struct query *q, const struct strv *lines)
{
	AUTO(buf) text = BUF_INIT;

	for (size_t i = 0; i < lines->n; i++) {
		for (const char *p = lines->v[i]; *p; p++) {
			size_t plain = strcspn(p, "\n\\");

			buf_add(&text, p, plain);
			p += plain;
			if (!*p)
				break;
			buf_adds(&text, *p == '\n' ? "\\n" : "\\\\");
		}
		buf_addc(&text, '\n');
	}
	if (q->statement)
		sqlite3_bind_text(q->statement, ++q->at, text.s, (int)text.len, SQLITE_TRANSIENT);
}

int query_step(struct query *q, struct err *err)
{
	int code = q->statement ? sqlite3_step(q->statement) : SQLITE_ERROR;

	q->at = 0;
	if (code == SQLITE_ROW)
		return 1;
	return code == SQLITE_DONE ? 0 : db_failed(q->db, err);
}

int query_run(struct query *q, struct err *err)
{
	int status = query_step(q, err);

	query_end(q);
	return status < 0 ? -1 : 0;
}

int64_t query_take_int(struct query *q)
{
	return sqlite3_column_int64(q->statement, q->at++);
}

double query_take_real(struct query *q)
{
	return sqlite3_column_double(q->statement, q->at++);
}

const char *query_take_text(struct query *q)
{
	const unsigned char *text = sqlite3_column_text(q->statement, q->at++);

	return text ? (const char *)text : "";
}

static char *read_line(const char *line, size_t len)
{
	char *out = xcalloc(len + 1, 1), *to = out;

	for (size_t i = 0; i < len; i++) {
		bool escaped = line[i] == '\\' && i + 1 < len;

		i += escaped;
		*to++ = escaped && line[i] == 'n' ? '\n' : line[i];
	}
	return out;
}

void query_take_lines(struct query *q, struct strv *lines)
{
	const char *line = query_take_text(q), *end;

	for (; (end = strchr(line, '\n')); line = end + 1) {
		AUTO_FREE char *text = read_line(line, (size_t)(end - line));

		strv_add(lines, text);
	}
}

void query_end(struct query *q)
{
	q->at = 0;
	if (q->statement) {
		sqlite3_reset(q->statement);
		sqlite3_clear_bindings(q->statement);
	}
}
