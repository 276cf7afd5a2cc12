/* What trials come to in a cell of a matrix, and what has changed since the run before. */
#include "store/cells.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void add(struct cells *cells, const char *candidate, enum verdict verdict, const char *boot)
{
	static char scenario[] = "AD033", environment[] = "e", empty[] = "", title[] = "t",
		    arch[] = "ppc64le";
	static char filesystem[] = "filesystem=btrfs";
	char *pairs[] = { filesystem };
	const struct record record = { .candidate = (char *)candidate,
				       .candidate_name = (char *)candidate,
				       .environment_name = environment,
				       .scenario = scenario,
				       .arch = arch,
				       .release = empty,
				       .boot = (char *)boot,
				       .class = empty,
				       .title = title,
				       .verdict = verdict,
				       .pagesize = 4096,
				       .guest_pagesize = 65536,
				       .environment = { .v = pairs, .n = 1 },
				       .ms = { 500, 500 } };

	cells_add(cells, &record);
}

static void add_kernel(struct cells *cells, const char *name, const char *id, enum verdict verdict)
{
	add(cells, name, verdict, "");
	free(cells->v[0].id);
	cells->v[0].id = xstrdup(id);
}

static void test_states(void **state)
{
	AUTO(cells) cells = CELLS_INIT;
	const struct cell *cell;

	(void)state;
	cell = cells_at(&cells, "k", "e", "AD033");
	assert_int_equal(cell_state(cell), CELL_NONE);
	add(&cells, "k", VERDICT_BROKEN, "");
	assert_int_equal(cell_state(cell), CELL_NONE);
	add(&cells, "k", VERDICT_SKIP, "00001-k"); /* another scenario of the boot may have brought that */
	assert_int_equal(cell_state(cell), CELL_NONE);
	add(&cells, "k", VERDICT_SKIP, "");
	assert_int_equal(cell_state(cell), CELL_SKIP);
	add(&cells, "k", VERDICT_BAD, "00001-k");
	assert_int_equal(cell_state(cell), CELL_BAD);
	add(&cells, "k", VERDICT_GOOD, "");
	assert_int_equal(cell_state(cell), CELL_FLAKY);
	assert_int_equal(cell->trials * 10 + cell->failures, 21);
	assert_int_equal(cell->pagesize, 65536);
	assert_string_equal(cell->filesystem, "btrfs");
	assert_true(cell->seconds > 4.9 && cell->seconds < 5.1);
	assert_int_equal(cells.n, 1);
	add(&cells, "other", VERDICT_GOOD, "");
	assert_int_equal(cell_state(cells_find(&cells, "other", "e", "AD033")), CELL_GOOD);
	assert_null(cells_find(&cells, "other", "f", "AD033"));
}

static void test_changes(void **state)
{
	static const struct {
		enum verdict before, now; /* VERDICT_N: there was no trial */
		enum cell_change change;
	} cases[] = {
		{ VERDICT_GOOD, VERDICT_GOOD, CELL_SAME },
		{ VERDICT_GOOD, VERDICT_BAD, CELL_NEW_FAILURE },
		{ VERDICT_N, VERDICT_BAD, CELL_NEW_FAILURE },
		{ VERDICT_SKIP, VERDICT_BAD, CELL_NEW_FAILURE },
		{ VERDICT_BAD, VERDICT_BAD, CELL_STILL_FAILING },
		{ VERDICT_BAD, VERDICT_GOOD, CELL_FIXED },
		{ VERDICT_BAD, VERDICT_SKIP, CELL_LOST },
		{ VERDICT_GOOD, VERDICT_N, CELL_LOST },
		{ VERDICT_SKIP, VERDICT_SKIP, CELL_SAME },
		{ VERDICT_N, VERDICT_GOOD, CELL_SAME },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(cells) before = CELLS_INIT, now = CELLS_INIT;

		cells_at(&now, "k", "e", "AD033");
		if (cases[i].before != VERDICT_N)
			add_kernel(&before, "k", "old", cases[i].before);
		if (cases[i].now != VERDICT_N)
			add(&now, "k", cases[i].now, "");
		assert_int_equal(cell_change(cells_find(&before, "k", "e", "AD033"), &now.v[0]),
				 cases[i].change);
	}
}

static void test_the_same_kernel(void **state)
{
	AUTO(cells) before = CELLS_INIT, now = CELLS_INIT;

	(void)state;
	add(&before, "k", VERDICT_GOOD, "");
	add(&now, "k", VERDICT_BAD, "");
	assert_int_equal(cell_change(&before.v[0], &now.v[0]), CELL_NOW_AND_THEN);
	assert_int_equal(cell_change(&now.v[0], &before.v[0]), CELL_NOW_AND_THEN);
	assert_int_equal(cell_change(&now.v[0], &now.v[0]), CELL_STILL_FAILING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_the_same_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
