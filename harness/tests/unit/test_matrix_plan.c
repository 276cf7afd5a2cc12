/* Which cells of a matrix are next: against brute force, whatever becomes of them. */
#include "base/fs.h"
#include "campaign/matrix_plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define KERNELS 3

static struct setup setup = SETUP_INIT;

struct scene {
	struct matrix_config config;
	struct matrix_kernel kernels[KERNELS];
	struct cells before;
	struct matrix_plan plan;
	uint32_t random;
};

static void scene_release(struct scene *scene)
{
	matrix_plan_release(&scene->plan);
	cells_release(&scene->before);
	matrix_config_release(&scene->config);
}
AUTO_DEFINE(scene, struct scene, scene_release);

static unsigned below(struct scene *scene, unsigned n)
{
	scene->random = scene->random * 1664525u + 1013904223u;
	return (scene->random >> 16) % n;
}

static void plan(const struct scene *scene, struct matrix_plan *out)
{
	AUTO(strv) labels = STRV_INIT;
	AUTO(err) err = ERR_INIT;

	assert_int_equal(matrix_plan_scenarios(&setup, &scene->config, &labels, &err), 0);
	assert_int_equal(
	    matrix_plan_make(&setup, &scene->config, &labels, scene->kernels, &scene->before, out, &err), 0);
}

/* What the run before has shown of some cells. */
static void remember(struct scene *scene)
{
	struct matrix_plan all = MATRIX_PLAN_INIT;

	plan(scene, &all);
	for (size_t i = 0; i < all.n; i++) {
		struct cell *cell;

		if (below(scene, 3) == 0)
			continue;
		cell =
		    cells_at(&scene->before, all.v[i].kernel->name, all.v[i].environment, all.v[i].scenario);
		cell->trials = 1;
		cell->failures = below(scene, 2);
		cell->seconds = 1 + below(scene, 4);
	}
	matrix_plan_release(&all);
}

static void scene_make(struct scene *scene, unsigned repeats, unsigned together)
{
	AUTO(err) err = ERR_INIT;
	AUTO_FREE char *text = xasprintf(
	    "{ \"candidates\": [\"a\", \"b\", \"c\"], \"environments\": [{ \"name\": \"one\" }, { \"name\": "
	    "\"two\", \"set\": { \"smp\": 1 } }], \"scenarios\": [\"AD033-AD040\"], \"repeats\": %u, "
	    "\"together\": %u }",
	    repeats, together);

	*scene = (struct scene){ .config = MATRIX_CONFIG_INIT,
				 .before = CELLS_INIT,
				 .plan = MATRIX_PLAN_INIT,
				 .random = repeats * 100 + together };
	assert_int_equal(matrix_config_parse("m.json", text, strlen(text), &scene->config, &err), 0);
	for (int i = 0; i < KERNELS; i++) {
		char *name = scene->config.candidates[i].name;

		scene->kernels[i] = (struct matrix_kernel){
			name,
			{ .id = name, .arch = (char *)"ppc64le", .release = name, .pagesize = 65536 },
			i == 2 ? (char *)"it was not fetched" : NULL
		};
	}
	remember(scene);
	plan(scene, &scene->plan);
}

/* --- brute force -------------------------------------------------------------------------------------- */

static unsigned tried(const struct scene *scene, const struct matrix_cell *cell)
{
	const struct cell *shown = &scene->plan.cells.v[cell->cell];

	return shown->trials + shown->skips;
}

static bool wants(const struct scene *scene, const struct matrix_cell *cell)
{
	if (cell->running || cell->broken || cell->put_off)
		return false;
	if (cell->refusal)
		return !tried(scene, cell);
	return cell->alone || tried(scene, cell) < scene->config.repeats;
}

static bool goes_before(const struct scene *scene, const struct matrix_cell *a, const struct matrix_cell *b)
{
	if (tried(scene, a) != tried(scene, b))
		return tried(scene, a) < tried(scene, b);
	return a->rank != b->rank ? a->rank < b->rank : a->cost < b->cost;
}

static struct matrix_cell *brute_first(struct scene *scene)
{
	struct matrix_cell *first = NULL;

	for (size_t i = 0; i < scene->plan.n; i++) {
		struct matrix_cell *cell = &scene->plan.v[i];

		if (wants(scene, cell) && (!first || goes_before(scene, cell, first)))
			first = cell;
	}
	return first;
}

static size_t brute_left(const struct scene *scene)
{
	size_t n = 0;

	for (size_t i = 0; i < scene->plan.n; i++)
		n += scene->plan.v[i].running || wants(scene, &scene->plan.v[i]);
	return n;
}

/* --- a run -------------------------------------------------------------------------------------------- */

#define UNDER_WAY 5 /* boots at a time */

struct boot {
	struct matrix_cell *cells[8];
	size_t n;
};

/* It did not begin, by chance. */
static bool put_back(struct scene *scene, const struct boot *boot)
{
	bool later = below(scene, 2);

	if (below(scene, 6))
		return false;
	for (size_t i = 0; i < boot->n; i++)
		matrix_plan_put_back(boot->cells[i], later);
	return true;
}

/* Good, bad, a skip, or broken, by chance. */
static void take(struct scene *scene, const struct boot *boot)
{
	static const enum verdict verdicts[] = { VERDICT_GOOD, VERDICT_GOOD,   VERDICT_GOOD,
						 VERDICT_BAD,  VERDICT_BROKEN, VERDICT_SKIP };

	for (size_t i = 0; i < boot->n; i++) {
		const struct matrix_cell *cell = boot->cells[i];
		AUTO(record) record = { .verdict = cell->refusal ? VERDICT_SKIP : verdicts[below(scene, 6)] };

		record.boot = xstrdup(boot->n > 1 ? "shared" : "");
		record.candidate_name = xstrdup(cell->kernel->name);
		record.environment_name = xstrdup(cell->environment);
		record.scenario = xstrdup(cell->scenario);
		record.candidate = xstrdup(cell->kernel->name);
		record.arch = xstrdup("ppc64le");
		record.release = xstrdup("6.12");
		record.class = xstrdup("x");
		record.title = xstrdup("x");
		matrix_plan_take(&scene->plan, boot->cells[i], &record);
	}
}

static size_t begin(struct scene *scene, struct boot *boot)
{
	const struct matrix_cell *first = brute_first(scene);

	boot->n = matrix_plan_next(&scene->plan, boot->cells);
	assert_int_equal(boot->n > 0, first != NULL);
	if (first)
		assert_ptr_equal(boot->cells[0], first);
	for (size_t i = 0; i < boot->n; i++) {
		assert_true(wants(scene, boot->cells[i]));
		assert_int_equal(tried(scene, boot->cells[i]), tried(scene, first));
		boot->cells[i]->running = true;
	}
	return boot->n;
}

/* Until nothing is wanted; whichever boot ends first. Returns how many there were. */
static unsigned run(struct scene *scene)
{
	struct boot boots[UNDER_WAY];
	unsigned n = 0, all = 0, i;

	do {
		while (n < UNDER_WAY && begin(scene, &boots[n]))
			n++, all++;
		assert_int_equal(matrix_plan_left(&scene->plan), brute_left(scene));
		i = n ? below(scene, n) : 0;
		if (n) {
			if (!put_back(scene, &boots[i]))
				take(scene, &boots[i]);
			boots[i] = boots[--n];
		}
	} while (n || brute_first(scene));
	assert_int_equal(matrix_plan_left(&scene->plan), 0);
	assert_int_equal(brute_left(scene), 0);
	return all;
}

static void test_next(void **state)
{
	(void)state;
	for (unsigned repeats = 1; repeats <= 3; repeats++) {
		for (unsigned together = 1; together <= 8; together += 7) {
			AUTO(scene) scene;

			scene_make(&scene, repeats, together);
			assert_int_equal(scene.plan.n, KERNELS * 2 * 8);
			assert_true(run(&scene) >= (together == 1 ? 32 : 16));
			while (matrix_plan_again(&scene.plan))
				assert_true(run(&scene) > 0);
		}
	}
}

static int open_setup(void **state)
{
	static const char path[] = TREE "/configs/scenarios/ltp-aiodio.part1.json";
	AUTO(buf) text = BUF_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	return fs_read(path, 1 << 20, &text, &err) < 0 ||
	       scenario_parse(path, text.s, text.len, &setup.scenarios, &err) < 0;
}

static int close_setup(void **state)
{
	(void)state;
	setup_close(&setup);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_next) };

	return cmocka_run_group_tests(tests, open_setup, close_setup);
}
