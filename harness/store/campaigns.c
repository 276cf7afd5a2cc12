#include "store/campaigns.h"

#include "base/fs.h"
#include "base/hash.h"

static void take_row(struct query *q, struct campaign_row *row)
{
	row->id = query_take_int(q);
	row->name = xstrdup(query_take_text(q));
	row->started = xstrdup(query_take_text(q));
	row->ended = xstrdup(query_take_text(q));
	row->sha256 = xstrdup(query_take_text(q));
	row->file.bytes = query_take_int(q);
	row->file.changed = query_take_int(q);
	row->log_sha256 = xstrdup(query_take_text(q));
	row->log.bytes = query_take_int(q);
	row->log.changed = query_take_int(q);
}

#define COLUMNS "id, name, started, ended, sha256, bytes, changed, log_sha256, log_bytes, log_changed"

int campaigns_find(struct db *db, const char *name, struct campaign_row *row, struct err *err)
{
	AUTO(query) q = QUERY(db, "SELECT " COLUMNS " FROM campaigns WHERE name = ?");
	int found;

	query_text(&q, name);
	found = query_step(&q, err);
	if (found > 0)
		take_row(&q, row);
	return found < 0 ? -1 : 0;
}

int campaigns_list(struct db *db, struct campaign_rows *rows, struct err *err)
{
	AUTO(query) q = QUERY(db, "SELECT " COLUMNS " FROM campaigns ORDER BY started, name");
	int found;

	while ((found = query_step(&q, err)) > 0) {
		GROW(rows->v, rows->n, rows->cap);
		take_row(&q, &rows->v[rows->n++]);
	}
	return found;
}

int campaigns_put(struct db *db, const struct campaign *c, const struct buf *file, const struct stamp *stamp,
		  int64_t *id, struct err *err)
{
	AUTO(query)
	q = QUERY(db,
		  "INSERT INTO campaigns (name, kind, scenario, matrix, previous, started, ended, answer,"
		  " sentence, file, sha256, bytes, changed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
		  " ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, scenario = excluded.scenario,"
		  " matrix = excluded.matrix, previous = excluded.previous, started = excluded.started,"
		  " ended = excluded.ended, answer = excluded.answer, sentence = excluded.sentence,"
		  " file = excluded.file, sha256 = excluded.sha256, bytes = excluded.bytes,"
		  " changed = excluded.changed RETURNING id");
	AUTO_FREE char *hash = hash_bytes(file->s, file->len);
	/* With bisections to come its file is written once more. */
	const char *ended = c->bisecting ? "" : c->ended;
	const char *const texts[] = { path_base(c->folder), c->kind,	c->scenario, c->matrix,
				      c->previous,	    c->started, ended,	     c->answer,
				      c->sentence,	    file->s,	hash };
	int row;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		query_text(&q, texts[i]);
	query_int(&q, stamp->bytes);
	query_int(&q, stamp->changed);
	row = query_step(&q, err);
	if (row > 0)
		*id = query_take_int(&q);
	return row < 0 ? -1 : 0;
}

int campaigns_put_decision(struct db *db, int64_t id, const struct decision *d, struct err *err)
{
	AUTO(query)
	q = QUERY(db, "INSERT OR REPLACE INTO decisions (campaign, number, trials, failures, passes, phase,"
		      " candidate, why, skip, likeliest, bits, seconds, told, mass)"
		      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
	const int64_t numbers[] = { id, d->number, d->trials, d->failures, d->passes };
	const char *const texts[] = { d->phase, d->candidate, d->why, d->skip, d->likeliest };
	const double reals[] = { d->bits, d->seconds, d->told, d->mass };

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		query_int(&q, numbers[i]);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		query_text(&q, texts[i]);
	for (size_t i = 0; i < ARRAY_SIZE(reals); i++)
		query_real(&q, reals[i]);
	return query_run(&q, err);
}

int campaigns_put_decisions(struct db *db, int64_t id, const struct decision_list *list, const char *sha256,
			    const struct stamp *stamp, struct err *err)
{
	AUTO(query) clear = QUERY(db, "DELETE FROM decisions WHERE campaign = ?");
	AUTO(query)
	note = QUERY(db, "UPDATE campaigns SET log_sha256 = ?, log_bytes = ?, log_changed = ? WHERE id = ?");

	query_int(&clear, id);
	if (query_run(&clear, err) < 0)
		return -1;
	for (size_t i = 0; i < list->n; i++)
		if (campaigns_put_decision(db, id, &list->v[i], err) < 0)
			return -1;
	query_text(&note, sha256);
	query_int(&note, stamp->bytes);
	query_int(&note, stamp->changed);
	query_int(&note, id);
	return query_run(&note, err);
}

int campaigns_forget(struct db *db, const char *name, struct err *err)
{
	AUTO(query) q = QUERY(db, "DELETE FROM campaigns WHERE name = ?");

	query_text(&q, name);
	if (query_run(&q, err) < 0)
		return -1;
	if (!db_changes(db))
		return 0;
	return db_run(
	    db,
	    "DELETE FROM candidates WHERE NOT EXISTS (SELECT 1 FROM trials WHERE candidate = candidates.id);"
	    "DELETE FROM environments WHERE NOT EXISTS"
	    " (SELECT 1 FROM trials WHERE environment = environments.id);"
	    "DELETE FROM machines WHERE NOT EXISTS (SELECT 1 FROM trials WHERE machine = machines.id);",
	    err);
}

void campaign_row_release(struct campaign_row *row)
{
	char *const owned[] = { row->name, row->started, row->ended, row->sha256, row->log_sha256 };

	for (size_t i = 0; i < ARRAY_SIZE(owned); i++)
		free(owned[i]);
	*row = (struct campaign_row)CAMPAIGN_ROW_INIT;
}

void campaign_rows_release(struct campaign_rows *rows)
{
	for (size_t i = 0; i < rows->n; i++)
		campaign_row_release(&rows->v[i]);
	free(rows->v);
	*rows = (struct campaign_rows)CAMPAIGN_ROWS_INIT;
}
