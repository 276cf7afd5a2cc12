/* data.json: what the index shows, for programs and for the page's own script; data/NAME.json: a campaign's trials. */
#include "bisect/rate.h"
#include "config/json.h"
#include "report/grid.h"
#include "report/html.h"
#include "report/html_dump.h"
#include "report/outward.h"

static void put(const struct dump *dump, struct json_object *to, const char *key, const char *text)
{
	AUTO(buf) seen = BUF_INIT;

	outward_add_bytes(&seen, text, strlen(text), dump->folders);
	json_put_string(to, key, seen.s);
}

static void put_list(const struct dump *dump, struct json_object *to, const char *key,
		     const struct strv *list)
{
	struct json_object *array = json_put_array(to, key);

	for (size_t i = 0; i < list->n; i++)
		put(dump, array, NULL, list->v[i]);
}

static void put_columns(const struct dump *dump, const struct grid *grid, struct json_object *matrix)
{
	struct json_object *columns = json_put_array(matrix, "columns");

	for (size_t c = 0; c < grid->candidates.n; c++) {
		struct json_object *column = json_put_object(columns, NULL);
		const struct cell *cell = grid_kernel(grid, c);
		AUTO_FREE char *page = pagesize_text(cell ? cell->pagesize : 0);

		put(dump, column, "candidate", grid->candidates.v[c]);
		put(dump, column, "arch", cell ? cell->arch : "?");
		put(dump, column, "page", page);
		put(dump, column, "kernel", cell ? cell->release : "?");
	}
}

static void put_cell(const struct dump *dump, const struct dump_run *before, const struct cell *cell,
		     struct json_object *to)
{
	struct rate rate = rate_interval(cell->failures, cell->trials);

	json_put_int(to, "failures", cell->failures);
	json_put_int(to, "trials", cell->trials);
	json_put_real(to, "low", rate.low);
	json_put_real(to, "high", rate.high);
	put(dump, to, "state", cell_state_name(cell_state(cell)));
	put(dump, to, "change", cell_change_name(dump_change(before, cell)));
	put(dump, to, "why", cell->why ? cell->why : "");
}

static void put_rows(const struct dump *dump, const struct dump_run *before, const struct grid *grid,
		     struct json_object *matrix)
{
	struct json_object *rows = json_put_array(matrix, "rows"), *cells = json_put_array(matrix, "cells");

	for (size_t r = 0; r < grid->n; r++) {
		struct json_object *row = json_put_object(rows, NULL);

		put(dump, row, "environment", grid->rows[r].environment);
		put(dump, row, "scenario", grid->rows[r].scenario);
		for (size_t c = 0; c < grid->candidates.n; c++) {
			const struct cell *cell = grid_cell(grid, &grid->rows[r], c);
			struct json_object *object = cell ? json_put_object(cells, NULL) : NULL;

			if (!cell)
				continue;
			json_put_int(object, "row", (int64_t)r);
			json_put_int(object, "column", (int64_t)c);
			put_cell(dump, before, cell, object);
		}
	}
}

static void put_matrix(const struct dump *dump, const struct dump_run *run, struct json_object *matrix)
{
	AUTO(grid) grid = GRID_INIT;

	grid_make(&run->cells, &grid);
	put(dump, matrix, "matrix", run->campaign.matrix);
	put(dump, matrix, "campaign", run->campaign.name);
	put(dump, matrix, "previous", run->campaign.previous);
	put_columns(dump, &grid, matrix);
	put_rows(dump, dump_before(dump, run), &grid, matrix);
}

static void put_campaign(const struct dump *dump, const struct dump_run *run, struct json_object *to)
{
	AUTO_FREE char *file = xasprintf("data/%s.json", run->campaign.name);
	const struct campaign *c = &run->campaign;
	struct json_object *verdicts;

	put(dump, to, "name", c->name);
	put(dump, to, "kind", c->kind);
	put(dump, to, "matrix", c->matrix);
	put(dump, to, "answer", c->answer);
	put(dump, to, "sentence", c->sentence);
	put(dump, to, "comparison", c->comparison);
	put(dump, to, "started", c->started);
	put(dump, to, "ended", c->ended);
	json_put_int(to, "trials", run->trials);
	json_put_real(to, "seconds", run->seconds);
	verdicts = json_put_object(to, "verdicts");
	for (int v = 0; v < VERDICT_N; v++)
		json_put_int(verdicts, verdict_name((enum verdict)v), run->verdicts[v]);
	put_list(dump, to, "arches", &run->arches);
	put_list(dump, to, "pages", &run->pages);
	put_list(dump, to, "kernels", &run->kernels);
	put_list(dump, to, "scenarios", &run->scenarios);
	put(dump, to, "data", file);
}

static void put_boots(const struct dump *dump, struct json_object *health)
{
	struct json_object *array = json_put_array(health, "boots");

	for (size_t i = 0; i < dump->health.n_boots; i++) {
		const struct health_boots *boots = &dump->health.boots[i];
		struct json_object *to = json_put_object(array, NULL), *median;

		put(dump, to, "arch", boots->arch);
		put(dump, to, "accelerator", boots->accelerator);
		json_put_int(to, "boots", (int64_t)boots->n);
		median = json_put_object(to, "median_ms");
		for (int p = 0; p < TRIAL_PHASE_N; p++)
			json_put_int(median, trial_phase_name((enum trial_phase)p),
				     health_median(boots, (enum trial_phase)p));
	}
}

static void put_health(const struct dump *dump, struct json_object *to)
{
	const struct health *health = &dump->health;
	struct json_object *array = json_put_array(to, "classes");

	json_put_int(to, "trials", health->trials);
	for (size_t i = 0; i < health->n_classes; i++) {
		struct json_object *class = json_put_object(array, NULL);

		put(dump, class, "verdict", verdict_name(health->classes[i].verdict));
		put(dump, class, "class", health->classes[i].class);
		json_put_int(class, "trials", health->classes[i].trials);
	}
	put_boots(dump, to);
	array = json_put_array(to, "machines");
	for (size_t i = 0; i < health->n_machines; i++) {
		struct json_object *machine = json_put_object(array, NULL);

		put(dump, machine, "machine", health->machines[i].machine);
		put(dump, machine, "accelerator", health->machines[i].accelerator);
		json_put_int(machine, "trials", health->machines[i].trials);
	}
}

void dump_json(const struct dump *dump, struct buf *out)
{
	AUTO(json) root = json_new_object();
	AUTO(buf) text = BUF_INIT;
	struct json_object *matrices, *campaigns;

	json_put_string(root, "schema", HTML_SCHEMA);
	json_put_string(root, "generated", dump->generated);
	matrices = json_put_array(root, "matrices");
	campaigns = json_put_array(root, "campaigns");
	for (size_t i = dump->n; i-- > 0;) {
		if (dump_is_newest(dump, &dump->v[i]))
			put_matrix(dump, &dump->v[i], json_put_object(matrices, NULL));
		if (dump->v[i].shown)
			put_campaign(dump, &dump->v[i], json_put_object(campaigns, NULL));
	}
	put_list(dump, root, "damaged", &dump->damaged);
	put_health(dump, json_put_object(root, "health"));
	json_write(root, JSON_LINE, &text);
	html_json(out, text.s);
}

static void put_trial(const struct dump *dump, const struct dump_run *run, const struct record *record,
		      struct json_object *to)
{
	AUTO_FREE char *page =
	    pagesize_text(record->guest_pagesize ? record->guest_pagesize : record->pagesize);

	json_put_int(to, "number", record->number);
	put(dump, to, "verdict", verdict_name(record->verdict));
	put(dump, to, "class", record->class);
	put(dump, to, "title", record->title);
	put(dump, to, "candidate", *record->candidate_name ? record->candidate_name : record_name(record));
	put(dump, to, "kernel", record->release);
	put(dump, to, "arch", record->arch);
	put(dump, to, "page", page);
	put(dump, to, "environment", record->environment_name);
	put(dump, to, "scenario", record->scenario);
	put(dump, to, "started", record->started);
	json_put_real(to, "seconds", record_seconds(record));
	json_put_int(to, "failed", record->failed);
	json_put_int(to, "passed", record->passed);
	json_put_bool(to, "has_page", dump_has_page(run, record));
}

void dump_trials_json(const struct dump *dump, const struct dump_run *run, const struct record_list *trials,
		      struct buf *out)
{
	AUTO(json) root = json_new_object();
	struct json_object *array;

	json_put_string(root, "schema", HTML_SCHEMA);
	put(dump, root, "campaign", run->campaign.name);
	array = json_put_array(root, "trials");
	for (size_t i = 0; i < trials->n; i++)
		put_trial(dump, run, &trials->v[i], json_put_object(array, NULL));
	json_write(root, JSON_LINE, out);
}
