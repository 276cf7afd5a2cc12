/* What a trial tells beside others: against brute force, in any order, by samples, and on long histories. */
#include "bisect/beside.h"

#include <math.h>

#include "bisect/information.h"
#include "bisect_shapes.h"
#include "engine_searches.h"

#define MOST_PENDING 9

/* A search after some evidence, with the question what is next. */
struct scene {
	struct graph graph;
	struct posterior posterior;
	struct weights weights;
	bool *untestable;
	double *room, *alone;
	struct pending pending[256];
	struct question question;
};

/* The graph is made. */
static void scene_open(struct scene *scene, unsigned failures, unsigned trials)
{
	size_t suspects = scene->graph.suspects, n = scene->graph.n;

	posterior_init(&scene->posterior, &scene->graph, model, NULL, false);
	posterior_add(&scene->posterior, graph_new_end(&scene->graph), failures, trials);
	posterior_add(&scene->posterior, graph_old_end(&scene->graph), 0, 2);
	posterior_add(&scene->posterior, (uint32_t)suspects / 3, 0, 2);
	posterior_weigh(&scene->posterior, POSTERIOR_CHOOSE, &scene->weights);
	scene->untestable = xcalloc(n, sizeof(*scene->untestable));
	scene->room = xcalloc(3 * n, sizeof(*scene->room));
	scene->alone = scene->room + 2 * n;
	for (size_t i = 0; i < n; i++)
		scene->room[n + i] = scene->alone[i] = 1;
	scene->question = (struct question){ &scene->posterior, &scene->weights,
					     scene->untestable, scene->room,
					     scene->room + n,	GRAPH_NONE,
					     scene->pending,	0,
					     GRAPH_NONE,	false };
}

static void scene_make(struct scene *scene, size_t suspects, unsigned failures, unsigned trials)
{
	*scene = (struct scene){ .graph = GRAPH_INIT, .posterior = POSTERIOR_INIT, .weights = WEIGHTS_INIT };
	line_graph(suspects, &scene->graph);
	scene_open(scene, failures, trials);
}

static void scene_release(struct scene *scene)
{
	weights_release(&scene->weights);
	posterior_release(&scene->posterior); /* asks the graph how much it has */
	graph_release(&scene->graph);
	free(scene->untestable);
	free(scene->room);
}
AUTO_DEFINE(scene, struct scene, scene_release);

static void put_under_way(struct scene *scene, uint32_t candidate, unsigned trials)
{
	scene->pending[scene->question.n_pending++] = (struct pending){ candidate, trials };
}

/* --- brute force -------------------------------------------------------------------------------------- */

static double rate_of(const struct scene *scene, uint32_t t, uint32_t c)
{
	uint32_t k = scene->posterior.class_of[c];

	return shows(&scene->graph, t, c) ? scene->weights.shown_rate[k] : scene->weights.other_rate[k];
}

/* What a trial of t tells if the mass is this. */
static double tells(const struct scene *scene, uint32_t t, const double *mass)
{
	uint32_t suspect = scene->question.suspect;
	double fails = 0, low = 0, parts = 0;

	for (uint32_t c = 0; c < scene->graph.suspects; c++) {
		fails += mass[c] * rate_of(scene, t, c);
		low += mass[c] * information_coin(rate_of(scene, t, c));
	}
	if (suspect != GRAPH_NONE)
		return information_diverge(mass[suspect], rate_of(scene, t, suspect), fails) +
		       information_diverge(mass[suspect], 1 - rate_of(scene, t, suspect), 1 - fails);
	for (uint32_t c = 0; c < scene->graph.suspects; c++)
		if (choose_is_heavy(&scene->question, mass[c]))
			parts += information_part(mass[c], rate_of(scene, t, c), fails) +
				 information_part(mass[c], 1 - rate_of(scene, t, c), 1 - fails);
	return information_coin(fails) - low + parts;
}

/* Each of the trials under way is one, bit i of the outcome says whether it fails. */
static double brute_bits(const struct scene *scene, uint32_t t)
{
	size_t n = scene->question.n_pending, suspects = scene->graph.suspects;
	AUTO_FREE double *mass = xcalloc(suspects, sizeof(*mass));
	double bits = 0;

	for (unsigned outcome = 0; outcome < 1u << n; outcome++) {
		double sum = 0;

		for (uint32_t c = 0; c < suspects; c++) {
			mass[c] = scene->weights.mass[c];
			for (size_t i = 0; i < n; i++) {
				double rate = rate_of(scene, scene->pending[i].candidate, c);

				mass[c] *= outcome >> i & 1 ? rate : 1 - rate;
			}
			sum += mass[c];
		}
		for (uint32_t c = 0; c < suspects; c++)
			mass[c] /= sum;
		bits += sum * tells(scene, t, mass) / INFORMATION_BIT;
	}
	return bits;
}

static void check_all(const struct scene *scene)
{
	AUTO_FREE double *bits = xcalloc(scene->graph.n, sizeof(*bits));

	beside_bits(&scene->question, scene->alone, bits);
	for (uint32_t t = 0; t < scene->graph.n; t++)
		assert_true(fabs(bits[t] - brute_bits(scene, t)) < 1e-9);
}

static void test_brute_force(void **state)
{
	AUTO(scene) scene;

	(void)state;
	scene_make(&scene, 30, 3, 5);
	put_under_way(&scene, 20, 1);
	put_under_way(&scene, 14, 1);
	put_under_way(&scene, 20, 1); /* two of one candidate */
	put_under_way(&scene, graph_old_end(&scene.graph), 1);
	check_all(&scene);
	scene.question.part = true;
	check_all(&scene);
	scene.question.suspect = 17;
	check_all(&scene);
}

/* Of suspects so likely that outcomes make one heavy. */
static void test_heavy(void **state)
{
	AUTO(scene) scene;

	(void)state;
	scene_make(&scene, 6, 6, 6);
	scene.question.part = true;
	put_under_way(&scene, 4, 1);
	put_under_way(&scene, 3, 1);
	check_all(&scene);
}

/* Branches: what is under way on one of them, and where they have met. */
static void test_branches(void **state)
{
	struct shape shape = { 7, { 0, 1, 1, 4, 2 | 8, 8, 16 | 32 } };
	AUTO(scene) scene = { .graph = GRAPH_INIT };

	(void)state;
	assert_int_equal(shape_build(&shape, &scene.graph), 0);
	scene_open(&scene, 3, 4);
	put_under_way(&scene, graph_find(&scene.graph, "d"), 1);
	put_under_way(&scene, graph_find(&scene.graph, "e"), 1);
	check_all(&scene);
}

/* A batch is as many trials. */
static void test_batch(void **state)
{
	AUTO(scene) one;
	AUTO(scene) many;
	double bits[31], same[31];

	(void)state;
	scene_make(&one, 30, 3, 5);
	scene_make(&many, 30, 3, 5);
	put_under_way(&one, 20, 3);
	for (int i = 0; i < 3; i++)
		put_under_way(&many, 20, 1);
	beside_bits(&one.question, one.alone, bits);
	beside_bits(&many.question, many.alone, same);
	assert_memory_equal(bits, same, sizeof(bits));
}

/* --- samples ------------------------------------------------------------------------------------------ */

/* Nine trials have too many outcomes to go through all. Samples say nearly the same, and what they find best is good. */
static void test_samples(void **state)
{
	AUTO(scene) scene;
	double bits[26], exact[26];
	uint32_t best = 0, chosen = 0;

	(void)state;
	scene_make(&scene, 25, 4, 8);
	for (uint32_t i = 0; i < MOST_PENDING; i++)
		put_under_way(&scene, 10 + i, 1);
	beside_bits(&scene.question, scene.alone, bits);
	for (uint32_t t = 0; t < scene.graph.n; t++) {
		exact[t] = brute_bits(&scene, t);
		assert_true(fabs(bits[t] - exact[t]) < 0.02);
		best = exact[t] > exact[best] ? t : best;
		chosen = bits[t] > bits[chosen] ? t : chosen;
	}
	assert_true(exact[chosen] > 0.95 * exact[best]);
}

/* Nobody knows in which order those under way were asked for. */
static void test_any_order(void **state)
{
	AUTO(scene) scene;
	double bits[41], same[41];

	(void)state;
	for (size_t n = 3; n <= 40; n += 37) { /* all outcomes, samples */
		scene_make(&scene, 40, 4, 8);
		for (uint32_t i = 0; i < n; i++)
			put_under_way(&scene, i * 7 % 40, 1 + i % 2);
		beside_bits(&scene.question, scene.alone, bits);
		for (size_t i = 0; i < n / 2; i++) {
			struct pending first = scene.pending[i];

			scene.pending[i] = scene.pending[n - 1 - i];
			scene.pending[n - 1 - i] = first;
		}
		beside_bits(&scene.question, scene.alone, same);
		assert_memory_equal(bits, same, sizeof(bits));
		if (n == 3)
			scene_release(&scene);
	}
}

/* --- long histories ----------------------------------------------------------------------------------- */

static int by_number(const void *pa, const void *pb)
{
	const struct pending *a = pa, *b = pb;

	return (a->candidate > b->candidate) - (a->candidate < b->candidate);
}

/* Where failures always come, many trials cut what is likely into parts, none of them much too large. */
static void cut(unsigned slots)
{
	AUTO(scene) scene;
	struct choice choice;
	uint32_t last, longest = 0;
	size_t n = 20000;

	scene_make(&scene, n, 30, 30);
	for (unsigned i = 0; i < slots; i++) {
		assert_true(choose_next(&scene.question, &choice));
		put_under_way(&scene, choice.candidate, 1);
	}
	qsort(scene.pending, slots, sizeof(*scene.pending), by_number);
	last = (uint32_t)n / 3; /* has passed */
	for (unsigned i = 0; i <= slots; i++) {
		uint32_t at = i < slots ? scene.pending[i].candidate : (uint32_t)n - 1;

		longest = at - last > longest ? at - last : longest;
		last = at;
	}
	assert_true(longest < 2.5 * (double)n * 2 / 3 / (slots + 1));
}

static void test_cut_into_parts(void **state)
{
	(void)state;
	cut(3);
	cut(15);
	cut(127);
}

/* What is cheap is among the few candidates that are looked at. */
static void test_cheap_is_seen(void **state)
{
	AUTO(scene) scene;
	struct choice choice;

	(void)state;
	scene_make(&scene, 20000, 6, 6);
	for (size_t t = 0; t < scene.graph.n; t++)
		scene.room[t] = t == 15011 ? 0 : 600; /* to make it ready */
	put_under_way(&scene, 11000, 1);
	assert_true(choose_next(&scene.question, &choice));
	assert_int_equal(choice.candidate, 15011);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_brute_force),    cmocka_unit_test(test_heavy),
		cmocka_unit_test(test_branches),       cmocka_unit_test(test_batch),
		cmocka_unit_test(test_samples),	       cmocka_unit_test(test_any_order),
		cmocka_unit_test(test_cut_into_parts), cmocka_unit_test(test_cheap_is_seen),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
