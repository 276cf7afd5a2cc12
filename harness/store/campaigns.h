/* Campaigns and their decisions as rows (store/schema.c). For store/ alone. */
#ifndef QB_CAMPAIGNS_H
#define QB_CAMPAIGNS_H

#include "store/campaign.h"
#include "store/db.h"
#include "store/decision.h"
#include "store/folders.h"

/* What was recorded of a campaign's own files. */
struct campaign_row {
	int64_t id; /* 0: there is none */
	char *name, *started, *ended;
	char *sha256, *log_sha256; /* "": there is no such file */
	struct stamp file, log;	   /* campaign.json, decisions.jsonl */
};
#define CAMPAIGN_ROW_INIT                                                                                    \
	{                                                                                                    \
		.id = 0                                                                                      \
	}

int campaigns_find(struct db *db, const char *name, struct campaign_row *row, struct err *err);

struct campaign_rows {
	struct campaign_row *v;
	size_t n, cap;
};
#define CAMPAIGN_ROWS_INIT                                                                                   \
	{                                                                                                    \
		NULL, 0, 0                                                                                   \
	}

/* Appends all, the oldest first. */
int campaigns_list(struct db *db, struct campaign_rows *rows, struct err *err);

/* Makes the row of the campaign's folder, or brings it up to date: from the text of its file. */
int campaigns_put(struct db *db, const struct campaign *campaign, const struct buf *file,
		  const struct stamp *stamp, int64_t *id, struct err *err);

/* Puts a list in the place of the campaign's decisions. `sha256` and `stamp` are those of its file. */
int campaigns_put_decisions(struct db *db, int64_t id, const struct decision_list *list, const char *sha256,
			    const struct stamp *stamp, struct err *err);

/* Adds a decision, which takes the place of one of its number. */
int campaigns_put_decision(struct db *db, int64_t id, const struct decision *decision, struct err *err);

/* Removes the campaign, its trials, and what no trial refers to any more. One that is not there is success. */
int campaigns_forget(struct db *db, const char *name, struct err *err);

void campaign_row_release(struct campaign_row *row);
AUTO_DEFINE(campaign_row, struct campaign_row, campaign_row_release);
void campaign_rows_release(struct campaign_rows *rows);
AUTO_DEFINE(campaign_rows, struct campaign_rows, campaign_rows_release);

#endif
