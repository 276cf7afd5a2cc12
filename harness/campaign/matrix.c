#include "campaign/matrix.h"

#include "base/clock.h"
#include "base/progress.h"
#include "base/supervisor.h"
#include "campaign/booth.h"
#include "campaign/pool.h"
#include "campaign/units.h"

#define LOST_MOST 3 /* pieces in a row */

/* A boot, in a thread of its own. */
struct piece {
	const struct setup *setup;
	const struct campaign *campaign;
	unsigned *number;
	struct matrix_cell **cells;
	size_t n;
	char *label;
	struct record *records; /* of each cell */
	int status;
	int64_t begin_by;
	bool senseless; /* the setting cannot be had here: a skip of its cells, no fault of the others */
	bool late;	/* the budget was used up before a host was free */
	bool put_off;	/* of several hosts one that may have run it does not answer, or each try was lost */
	struct err err;
};

struct matrix {
	const struct setup *setup;
	struct matrix_plan *plan;
	struct campaign *campaign;
	struct pool pool;
	unsigned number, boots; /* of the last trial; done in this process */
	bool went_on;		/* a boot took place since what was put off was tried */
	unsigned lost;		/* pieces since the last one of which something was seen */
	int64_t began;
};

/* --- a boot ----------------------------------------------------------------------------------------------- */

static char *label_of(struct matrix_cell *const *cells, size_t n)
{
	AUTO(buf) label = BUF_INIT;

	buf_addf(&label, "%s:%s%s %s", cells[0]->kernel->name, *cells[0]->environment ? " " : "",
		 cells[0]->environment, cells[0]->scenario);
	if (n > 1)
		buf_addf(&label, " and %zu more", n - 1);
	return buf_steal(&label);
}

/* As clock_ms() has it; 0: there is none. */
static int64_t end_of_budget(const struct matrix *m)
{
	unsigned budget = m->plan->config->budget;

	return budget ? m->began + (int64_t)budget * 60000 : 0;
}

static struct piece *piece_new(struct matrix *m, struct matrix_cell **cells, size_t n)
{
	struct piece *piece = xcalloc(1, sizeof(*piece));

	*piece = (struct piece){ .setup = m->setup, .campaign = m->campaign, .number = &m->number, .n = n };
	piece->begin_by = end_of_budget(m);
	piece->cells = xcalloc(n, sizeof(struct matrix_cell *));
	memcpy(piece->cells, cells, n * sizeof(struct matrix_cell *));
	piece->records = xcalloc(n, sizeof(*piece->records));
	piece->label = label_of(cells, n);
	for (size_t i = 0; i < n; i++)
		cells[i]->running = true;
	return piece;
}

static void piece_free(struct piece *piece)
{
	for (size_t i = 0; i < piece->n; i++)
		record_release(&piece->records[i]);
	free(piece->records);
	free(piece->cells);
	free(piece->label);
	err_release(&piece->err);
	free(piece);
}

/* Why no boot makes sense, as a record: so that the table has it. */
static int refuse(struct piece *piece)
{
	const struct matrix_cell *cell = piece->cells[0];
	const char *class = cell->kernel->missing ? "unavailable" : "untestable";
	AUTO(booth) booth = BOOTH_INIT;

	booth_name(piece->setup, &cell->question, &cell->kernel->candidate, &booth);
	return booth_refuse(&booth, piece->campaign, piece->number, piece->label, class, cell->refusal,
			    &piece->records[0], &piece->err);
}

/* Why a boot could not begin. A host that does not answer says nothing about the setting. */
static void explain(struct piece *piece)
{
	struct hosts *hosts = piece->setup->hosts;

	if (piece->err.kind == ERR_INTERRUPTED) {
		piece->late = piece->begin_by && clock_ms() >= piece->begin_by && !supervise_interrupted();
		return;
	}
	piece->senseless = hosts_answer(hosts);
	piece->put_off = !piece->senseless && piece->err.kind == ERR_HOST && hosts->n > 1;
}

static int boot(struct piece *piece)
{
	AUTO(booth) booth = BOOTH_INIT;
	AUTO_FREE const struct question **questions = xcalloc(piece->n, sizeof(struct question *));

	for (size_t i = 0; i < piece->n; i++)
		questions[i] = &piece->cells[i]->question;
	booth.begin_by = piece->begin_by;
	if (booth_open(piece->setup, questions[0], &piece->cells[0]->kernel->candidate, &booth, &piece->err) <
	    0) {
		explain(piece);
		return -1;
	}
	return booth_batch(&booth, questions, piece->n, piece->campaign, piece->number, piece->label,
			   piece->records, &piece->err);
}

static void run_piece(void *arg)
{
	struct piece *piece = arg;

	piece->status = piece->cells[0]->refusal ? refuse(piece) : boot(piece);
	piece->put_off |= piece->status > 0;
	piece->senseless |= piece->status < 0 && piece->err.kind == ERR_USAGE;
}

/* --- all of them ------------------------------------------------------------------------------------------ */

static bool out_of_budget(const struct matrix *m)
{
	int64_t end = end_of_budget(m);

	return end && clock_ms() > end;
}

static int start_pieces(struct matrix *m, struct err *err)
{
	AUTO_FREE struct matrix_cell **cells =
	    xcalloc(m->plan->config->together, sizeof(struct matrix_cell *));
	size_t n;

	while (!supervise_interrupted() && !out_of_budget(m) && (n = matrix_plan_next(m->plan, cells)) > 0) {
		unsigned memory = cells[0]->question.env.memory;
		struct piece *piece;

		if (!pool_fits(&m->pool, memory))
			return 0;
		piece = piece_new(m, cells, n);
		if (pool_start(&m->pool, memory, run_piece, piece, err) < 0) {
			piece_free(piece);
			return -1;
		}
	}
	return 0;
}

static void show(const struct matrix *m)
{
	size_t left = matrix_plan_left(m->plan);

	progress_step("%zu of %zu cells after %u boots, %.1f min%s", m->plan->n - left, m->plan->n, m->boots,
		      (double)(clock_ms() - m->began) / 60000,
		      left && out_of_budget(m) ? ": the budget is used up, nothing new begins" : "");
}

/* No boot took place, which is no fault of the others. */
static void put_back(struct piece *piece)
{
	if (piece->put_off)
		progress_step("%s: put off: %s", piece->label, piece->err.text);
	for (size_t i = 0; i < piece->n; i++) {
		matrix_plan_put_back(piece->cells[i], piece->put_off);
		if (piece->senseless)
			piece->cells[i]->refusal = xstrdup(piece->err.text);
	}
}

/* One that takes its hosts with it must not take the night; when all are lost in a row it is the cluster. */
static bool is_hopeless(const struct matrix *m, const struct piece *piece)
{
	return m->lost >= LOST_MOST ||
	       (piece->status > 0 && !m->boots && matrix_plan_left(m->plan) == piece->n);
}

static int take_piece(struct matrix *m, struct piece *piece, struct err *err)
{
	if (piece->status >= 0)
		m->lost = piece->status > 0 ? m->lost + 1 : 0;
	if (is_hopeless(m, piece))
		return err_set(err, piece->err.kind, "%s", piece->err.text);
	if (piece->senseless || piece->late || piece->put_off) {
		put_back(piece);
		return 0;
	}
	if (piece->status < 0)
		return err_set(err, piece->err.kind, "%s", piece->err.text);
	m->boots++;
	m->went_on = true;
	for (size_t i = 0; i < piece->n; i++)
		matrix_plan_take(m->plan, piece->cells[i], &piece->records[i]);
	show(m);
	return 0;
}

/* The first fault ends all, but what runs is waited for: its records are worth keeping. */
static int run_pieces(struct matrix *m, struct err *err)
{
	struct piece *piece;
	int status = start_pieces(m, err);

	while ((piece = pool_wait(&m->pool))) {
		AUTO(err) later = ERR_INIT;

		if (take_piece(m, piece, status < 0 ? &later : err) < 0)
			status = -1;
		piece_free(piece);
		if (status == 0)
			status = start_pieces(m, err);
		if (status < 0)
			runtime_stop(m->setup->runtime);
	}
	if (status == 0 && supervise_interrupted())
		return err_set(err, ERR_INTERRUPTED, "interrupted");
	return status;
}

/* An outage of all hosts is none of the matrix's answers. */
static int end_put_off(const struct matrix *m, size_t put_off, struct err *err)
{
	if (!hosts_are_lost(m->setup->hosts))
		return 0;
	return err_set(err, ERR_HOST,
		       "none of the hosts answers, and %zu cells are left: 'qbisect resume %s' goes on",
		       put_off, m->campaign->name);
}

/* What was put off, for a host that did not answer or jobs that were lost, is tried again behind the others, as long as anything goes on. */
static int run_all(struct matrix *m, struct err *err)
{
	struct hosts *hosts = m->setup->hosts;

	for (;;) {
		size_t put_off;

		m->went_on = false;
		if (run_pieces(m, err) < 0)
			return -1;
		put_off = matrix_plan_again(m->plan);
		if (!put_off || out_of_budget(m))
			return 0;
		if (!m->went_on)
			return end_put_off(m, put_off, err);
		if (hosts)
			hosts_wake(hosts);
	}
}

static int take_stored(struct matrix *m, struct err *err)
{
	AUTO(record_list) records = RECORD_LIST_INIT;

	if (units_tidy(m->campaign, &m->number, err) < 0 || campaign_records(m->campaign, &records, err) < 0)
		return -1;
	for (size_t i = 0; i < records.n; i++) {
		const struct record *record = &records.v[i];

		for (size_t j = 0; j < m->plan->n && record->verdict != VERDICT_BROKEN; j++) {
			struct matrix_cell *cell = &m->plan->v[j];

			if (str_eq(cell->kernel->name, record->candidate_name) &&
			    str_eq(cell->environment, record->environment_name) &&
			    str_eq(cell->scenario, record->scenario))
				matrix_plan_take(m->plan, cell, record);
		}
	}
	return 0;
}

/* What guests on other hosts take is not taken here. */
static void open_pool(struct matrix *m)
{
	const struct runtime *runtime = m->setup->runtime;
	unsigned slots = m->plan->config->slots;

	pool_open(&m->pool, slots ? slots : runtime->slots);
	if (runtime->memory)
		m->pool.memory = runtime->memory;
}

static void show_plan(const struct matrix *m)
{
	const struct hosts *hosts = m->setup->hosts;
	const struct matrix_plan *plan = m->plan;
	unsigned slots = m->pool.slots;
	AUTO(buf) where = BUF_INIT;

	if (hosts && hosts->n > 1) {
		slots = slots < hosts_slots(hosts) ? slots : hosts_slots(hosts);
		buf_addf(&where, " on %zu hosts", hosts->n);
	}
	progress_step("%zu cells, %zu left out by the file; %u guests at a time%s", plan->n, plan->excluded,
		      slots, where.s);
}

int matrix_run(const struct setup *setup, struct matrix_job *job, struct campaign *campaign, struct err *err)
{
	AUTO_CLOSE int lock = campaign_lock(campaign, err);
	struct matrix_plan *plan = &job->plan;
	struct matrix m = { .setup = setup, .plan = plan, .campaign = campaign, .began = clock_ms() };
	int status;

	if (lock < 0 || take_stored(&m, err) < 0)
		return -1;
	open_pool(&m);
	show_plan(&m);
	status = run_all(&m, err);
	pool_close(&m.pool);
	if (status < 0)
		return -1;
	matrix_conclude(plan, &job->before, campaign);
	return campaign_save(campaign, err);
}
