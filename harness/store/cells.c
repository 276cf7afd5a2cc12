#include "store/cells.h"

#include "base/fs.h"

static bool is_called(const struct cell *cell, const char *candidate, const char *environment,
		      const char *scenario)
{
	return str_eq(cell->scenario, scenario) && str_eq(cell->candidate, candidate) &&
	       str_eq(cell->environment, environment);
}

/* FNV-1a over the three names. */
static uint64_t hash_names(const char *candidate, const char *environment, const char *scenario)
{
	const char *const names[] = { candidate, environment, scenario };
	uint64_t hash = 0xcbf29ce484222325;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		for (const char *p = names[i]; p == names[i] || p[-1]; p++)
			hash = (hash ^ (unsigned char)*p) * 0x100000001b3;
	return hash;
}

/* The slot of these names, or the free one where they would be. There is a free one. */
static size_t *find_slot(const struct cells *cells, const char *candidate, const char *environment,
			 const char *scenario)
{
	size_t i = hash_names(candidate, environment, scenario) % cells->n_slots;

	while (cells->slots[i] &&
	       !is_called(&cells->v[cells->slots[i] - 1], candidate, environment, scenario))
		i = (i + 1) % cells->n_slots;
	return &cells->slots[i];
}

/* At most half are taken. */
static void make_slots(struct cells *cells)
{
	if (2 * (cells->n + 1) <= cells->n_slots)
		return;
	free(cells->slots);
	cells->n_slots = cells->n_slots ? 2 * cells->n_slots : 64;
	cells->slots = xcalloc(cells->n_slots, sizeof(*cells->slots));
	for (size_t i = 0; i < cells->n; i++)
		*find_slot(cells, cells->v[i].candidate, cells->v[i].environment, cells->v[i].scenario) =
		    i + 1;
}

const struct cell *cells_find(const struct cells *cells, const char *candidate, const char *environment,
			      const char *scenario)
{
	size_t slot = cells->v && cells->n_slots ? *find_slot(cells, candidate, environment, scenario) : 0;

	return slot ? &cells->v[slot - 1] : NULL;
}

struct cell *cells_at(struct cells *cells, const char *candidate, const char *environment,
		      const char *scenario)
{
	const struct cell *found = cells_find(cells, candidate, environment, scenario);

	if (found)
		return &cells->v[found - cells->v];
	GROW(cells->v, cells->n, cells->cap);
	make_slots(cells);
	*find_slot(cells, candidate, environment, scenario) = cells->n + 1;
	cells->v[cells->n] = (struct cell){ .candidate = xstrdup(candidate),
					    .environment = xstrdup(environment),
					    .scenario = xstrdup(scenario) };
	return &cells->v[cells->n++];
}

static const char *filesystem_of(const struct record *record)
{
	static const char key[] = "filesystem=";

	for (size_t i = 0; i < record->environment.n; i++)
		if (str_starts(record->environment.v[i], key))
			return record->environment.v[i] + sizeof(key) - 1;
	return "";
}

static void take_settings(struct cell *cell, const struct record *record)
{
	AUTO(buf) settings = BUF_INIT;

	environment_changes(&record->environment, " ", &settings);
	str_replace(&cell->settings, settings.s ? settings.s : "");
}

static void take_kernel(struct cell *cell, const struct record *record)
{
	str_replace(&cell->id, record->candidate);
	str_replace(&cell->arch, record->arch);
	str_replace(&cell->release, record->release);
	str_replace(&cell->filesystem, filesystem_of(record));
	if (record->guest_pagesize || !cell->pagesize)
		cell->pagesize = record->guest_pagesize ? record->guest_pagesize : record->pagesize;
}

void cells_add(struct cells *cells, const struct record *record)
{
	struct cell *cell =
	    cells_at(cells, record->candidate_name, record->environment_name, record->scenario);
	bool bad = record->verdict == VERDICT_BAD, skip = record->verdict == VERDICT_SKIP;

	cell->seconds += record_seconds(record);
	if (record->verdict == VERDICT_BROKEN || (skip && *record->boot))
		return;
	if ((bad && !cell->failures) || (skip && !cell->failures))
		str_replace(&cell->why, record->title);
	cell->failures += bad;
	cell->trials += !skip;
	cell->skips += skip;
	cell->untestable |= str_eq(record->class, "untestable");
	take_kernel(cell, record);
	take_settings(cell, record);
}

void cells_add_all(struct cells *cells, const struct record_list *records)
{
	for (size_t i = 0; i < records->n; i++)
		cells_add(cells, &records->v[i]);
}

/* Takes over those cells of `from` that `to` has not judged. */
static void fill_up(struct cells *to, struct cells *from)
{
	for (size_t i = 0; i < from->n; i++) {
		struct cell *cell =
		    cells_at(to, from->v[i].candidate, from->v[i].environment, from->v[i].scenario);

		if (!cell->trials && (from->v[i].trials || !cell->skips)) {
			struct cell swap = *cell;

			*cell = from->v[i];
			from->v[i] = swap;
		}
	}
}

int cells_load(const char *results, const char *name, struct cells *cells, struct err *err)
{
	AUTO_FREE char *next = xstrdup(name);

	for (int run = 0; run < CELLS_RUNS && *next; run++) {
		AUTO_FREE char *folder = path_join(results, next);
		AUTO(campaign) loaded = CAMPAIGN_INIT;
		AUTO(record_list) records = RECORD_LIST_INIT;
		AUTO(cells) older = CELLS_INIT;

		if (!fs_is_dir(folder))
			return 0;
		if (campaign_load(results, next, &loaded, err) < 0 ||
		    campaign_records(&loaded, &records, err) < 0)
			return -1;
		cells_add_all(&older, &records);
		fill_up(cells, &older);
		str_replace(&next, loaded.previous);
	}
	return 0;
}

enum cell_state cell_state(const struct cell *cell)
{
	if (!cell->trials)
		return cell->skips ? CELL_SKIP : CELL_NONE;
	if (!cell->failures)
		return CELL_GOOD;
	return cell->failures < cell->trials ? CELL_FLAKY : CELL_BAD;
}

const char *cell_state_name(enum cell_state state)
{
	static const char *const names[CELL_STATES] = { "not tried", "good", "flaky", "bad", "skip" };

	return names[state];
}

bool cell_asked_alike(const struct cell *before, const struct cell *now)
{
	return !before->settings || !now->settings || str_eq(before->settings, now->settings);
}

enum cell_change cell_change(const struct cell *before, const struct cell *now)
{
	enum cell_state was = before && cell_asked_alike(before, now) ? cell_state(before) : CELL_NONE,
			is = cell_state(now);
	bool failed = was == CELL_BAD || was == CELL_FLAKY, fails = is == CELL_BAD || is == CELL_FLAKY;

	/* What the same kernel does now, and did not do then, is no news of the kernel. */
	if (was != CELL_NONE && was != CELL_SKIP && failed != fails && (fails || is == CELL_GOOD) &&
	    str_eq(before->id, now->id))
		return CELL_NOW_AND_THEN;
	if (fails)
		return failed ? CELL_STILL_FAILING : CELL_NEW_FAILURE;
	if (is == CELL_GOOD)
		return failed ? CELL_FIXED : CELL_SAME;
	return failed || was == CELL_GOOD ? CELL_LOST : CELL_SAME;
}

const char *cell_change_name(enum cell_change change)
{
	static const char *const names[CELL_CHANGES] = {
		"", "new failure", "fixed", "still failing", "no longer judged", "now and then"
	};

	return names[change];
}

static bool fails_somewhere(const struct cells *cells, const char *scenario)
{
	for (size_t i = 0; i < cells->n; i++)
		if (cells->v[i].failures && str_eq(cells->v[i].scenario, scenario))
			return true;
	return false;
}

void cells_common(const struct cells *cells, struct buf *out)
{
	AUTO_FREE struct common_case *cases = xcalloc(cells->n, sizeof(*cases));
	AUTO(strv) pages = STRV_INIT;
	size_t n = 0;

	for (size_t i = 0; i < cells->n; i++)
		strv_addf(&pages, "%uk", cells->v[i].pagesize / 1024);
	for (size_t i = 0; i < cells->n; i++) {
		const struct cell *c = &cells->v[i];

		if (c->trials && c->pagesize && fails_somewhere(cells, c->scenario))
			cases[n++] = (struct common_case){
				.scenario = c->scenario,
				.failures = c->failures,
				.trials = c->trials,
				.value = { [COMMON_PAGESIZE] = pages.v[i],
					   [COMMON_ARCH] = c->arch,
					   [COMMON_FILESYSTEM] = c->filesystem,
					   [COMMON_ENVIRONMENT] = c->environment,
					   [COMMON_KERNEL] = c->release },
			};
	}
	common_find(cases, n, out);
}

void cells_release(struct cells *cells)
{
	for (size_t i = 0; i < cells->n; i++) {
		struct cell *c = &cells->v[i];
		char *const owned[] = { c->candidate, c->environment, c->scenario, c->id,      c->arch,
					c->release,   c->filesystem,  c->why,	   c->settings };

		for (size_t j = 0; j < ARRAY_SIZE(owned); j++)
			free(owned[j]);
	}
	free(cells->v);
	free(cells->slots);
	*cells = (struct cells)CELLS_INIT;
}
