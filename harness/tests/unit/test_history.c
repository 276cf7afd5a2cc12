/* Folded commits taken out of a history; how many passes are enough. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "campaign/history.h"
#include "campaign/measure.h"

/* Appends a commit to what judges a list, by its own order. */
static void add(struct folded_list *folded, const char *commit, int same_as)
{
	GROW(folded->v, folded->n, folded->cap);
	folded->v[folded->n++] = (struct folded){ xstrdup(commit), same_as, NULL };
}

static void nothing_folded_is_the_same(void **state)
{
	static const char list[] = "c b\nb a\na old\n";
	AUTO(folded_list) folded = FOLDED_LIST_INIT;
	AUTO(buf) out = BUF_INIT;

	(void)state;
	add(&folded, "c", -1);
	add(&folded, "b", -1);
	add(&folded, "a", -1);
	history_contract(list, &folded, &out);
	assert_string_equal(out.s, list);
}

static void parents_become_the_nearest_left(void **state)
{
	AUTO(folded_list) folded = FOLDED_LIST_INIT;
	AUTO(buf) out = BUF_INIT;

	(void)state;
	add(&folded, "e", 0); /* the new end itself */
	add(&folded, "d", -1);
	add(&folded, "c", 0);
	add(&folded, "b", 0);
	add(&folded, "a", -1);
	history_contract("e d\nd c\nc b\nb a\na old\n", &folded, &out);
	assert_string_equal(out.s, "d a\na old\n");
}

/* m merges s, which changes no image, into b: s goes, and m is as b. n merges t, which counts. */
static void merges(void **state)
{
	AUTO(folded_list) folded = FOLDED_LIST_INIT;
	AUTO(buf) out = BUF_INIT;

	(void)state;
	add(&folded, "n", -1);
	add(&folded, "t", -1);
	add(&folded, "m", 0);
	add(&folded, "s", 0);
	add(&folded, "b", -1);
	add(&folded, "a", -1);
	history_contract("n m t\nt a\nm b s\ns a\nb a\na old\n", &folded, &out);
	assert_string_equal(out.s, "n b t\nt a\nb a\na old\n");
}

/* A branch whose merge took nothing of it is out of the search, and two parents that become one are one. */
static void what_is_not_reached_goes(void **state)
{
	AUTO(folded_list) folded = FOLDED_LIST_INIT;
	AUTO(buf) out = BUF_INIT;

	(void)state;
	add(&folded, "n", -1);
	add(&folded, "m", 0);
	add(&folded, "s", -1);
	add(&folded, "p", 0);
	add(&folded, "a", -1);
	history_contract("n m p\nm a s\ns a\np a\na old\n", &folded, &out);
	assert_string_equal(out.s, "n a\na old\n");
}

static void all_folded_is_nothing(void **state)
{
	AUTO(folded_list) folded = FOLDED_LIST_INIT;
	AUTO(buf) out = BUF_INIT;

	(void)state;
	add(&folded, "b", 0);
	add(&folded, "a", 0);
	history_contract("b a\na old\n", &folded, &out);
	assert_int_equal(out.len, 0);
}

/* No git prints that, but who reads it must not fall. */
static void a_parent_before_its_child(void **state)
{
	AUTO(folded_list) folded = FOLDED_LIST_INIT;
	AUTO(buf) out = BUF_INIT;

	(void)state;
	add(&folded, "a", 0);
	add(&folded, "b", -1);
	history_contract("a b\nb a\n", &folded, &out);
	assert_string_equal(out.s, "a b\nb a\n"); /* whose reader says that it is a cycle */
}

static void passes_that_are_enough(void **state)
{
	(void)state;
	/* (1/2)/5 is not below 1/20, (1/2)/5 * (3/2)/6 is. */
	assert_int_equal(measure_passes(4, 4, 0.95), 2);
	/* A rate of one half, well known: 2^-5 < 1/20 < 2^-4. */
	assert_int_equal(measure_passes(5000, 10000, 0.95), 5);
	assert_true(measure_passes(5, 10, 0.95) > 5);
	assert_true(measure_passes(1, 100, 0.95) > 299);
	assert_true(measure_passes(1, 1000000, 0.9999) <= MEASURE_MOST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_folded_is_the_same),
		cmocka_unit_test(parents_become_the_nearest_left),
		cmocka_unit_test(merges),
		cmocka_unit_test(what_is_not_reached_goes),
		cmocka_unit_test(all_folded_is_nothing),
		cmocka_unit_test(a_parent_before_its_child),
		cmocka_unit_test(passes_that_are_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
