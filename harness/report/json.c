#include "config/json.h"
#include "base/fs.h"
#include "report/report.h"
#include "store/cells.h"

static void put_cell(const struct cell *cell, const struct cell *before, struct json_object *object)
{
	json_put_string(object, "candidate", cell->candidate);
	json_put_string(object, "environment", cell->environment);
	json_put_string(object, "scenario", cell->scenario);
	json_put_string(object, "kernel", cell->id ? cell->id : "");
	json_put_string(object, "arch", cell->arch ? cell->arch : "");
	json_put_int(object, "pagesize", cell->pagesize);
	json_put_string(object, "state", cell_state_name(cell_state(cell)));
	json_put_string(object, "change", cell_change_name(cell_change(before, cell)));
	json_put_int(object, "failures", cell->failures);
	json_put_int(object, "trials", cell->trials);
	json_put_string(object, "why", cell->why ? cell->why : "");
}

/* What the records of a matrix come to. */
static void put_cells(const struct campaign *campaign, const struct record_list *records,
		      struct json_object *root)
{
	struct json_object *array = json_put_array(root, "cells");
	AUTO(cells) cells = CELLS_INIT, before = CELLS_INIT;
	AUTO_FREE char *results =
	    xasprintf("%.*s", (int)(path_base(campaign->folder) - campaign->folder - 1), campaign->folder);
	AUTO(err) damaged = ERR_INIT; /* then there is nothing to compare with */

	cells_load(results, campaign->previous, &before, &damaged);
	cells_add_all(&cells, records);
	for (size_t i = 0; i < cells.n; i++) {
		const struct cell *c = &cells.v[i];

		put_cell(c, cells_find(&before, c->candidate, c->environment, c->scenario),
			 json_put_object(array, NULL));
	}
}

/* `shown`: the trials that go with it; what they come to is told in any case. */
static struct json_object *make_object(const struct campaign *campaign, const struct record_list *records,
				       const struct record_list *shown)
{
	struct json_object *root = json_new_object();
	AUTO(strv) mixed = STRV_INIT;

	json_put_string(root, "schema", REPORT_SCHEMA);
	campaign_put(campaign, shown, root);
	report_mixture(records, true, &mixed);
	if (mixed.n)
		json_put_strv(root, "mixed", &mixed);
	if (str_eq(campaign->kind, "matrix"))
		put_cells(campaign, records, root);
	return root;
}

void report_json(const struct campaign *campaign, const struct record_list *records, struct buf *out)
{
	AUTO(json) root = make_object(campaign, records, records);

	json_write(root, JSON_PRETTY, out);
}

void report_jsonl(const struct campaign *campaign, const struct record_list *records, struct buf *out)
{
	static const struct record_list none = RECORD_LIST_INIT;
	AUTO(json) root = make_object(campaign, records, &none);

	json_write(root, JSON_LINE, out);
	for (size_t i = 0; i < records->n; i++) {
		AUTO(json) trial = json_new_object();

		json_put_string(trial, "campaign", campaign->name);
		record_put(&records->v[i], trial);
		json_write(trial, JSON_LINE, out);
	}
}
