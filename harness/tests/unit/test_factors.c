/* Which factors decide: every truth that there can be of up to four, failures that come seldom, a side that
 * is not clean, and settings that cannot be tested. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bisect/factors.h"

static struct model *model;
static const char *const names[] = { "a", "b", "c", "d", "e", "f", "g", "h" };

/* --- a synthetic truth -------------------------------------------------------------------------------- */

struct truth {
	unsigned n;
	uint32_t cores[8];
	unsigned n_cores;
	double rate, good; /* of a setting that fails, and of one that does not */
	double weak[8];	   /* factor of the rate when this one is swapped; 0: as it is */
	bool (*impossible)(uint32_t swapped);
	uint64_t state; /* of the chance */
};

static double chance(struct truth *truth)
{
	truth->state ^= truth->state << 13;
	truth->state ^= truth->state >> 7;
	truth->state ^= truth->state << 17;
	return (double)(truth->state >> 11) / 9007199254740992.0;
}

static bool fails(const struct truth *truth, uint32_t swapped)
{
	for (unsigned i = 0; i < truth->n_cores; i++)
		if (!(truth->cores[i] & swapped))
			return true;
	return false;
}

static double rate_of(const struct truth *truth, uint32_t swapped)
{
	double rate = fails(truth, swapped) ? truth->rate : truth->good;

	for (unsigned i = 0; i < truth->n; i++)
		if (swapped & 1u << i && truth->weak[i] > 0)
			rate *= truth->weak[i];
	return rate;
}

struct outcome {
	enum factors_state state;
	unsigned trials;
	struct factors factors;
	struct factors_answer answer;
};

static void outcome_release(struct outcome *out)
{
	factors_release(&out->factors);
	factors_answer_release(&out->answer);
}

static void begin(const struct truth *truth, double confidence, unsigned most, struct factors *factors)
{
	factors_init(factors, &(struct factors_config){ model, names, truth->n, confidence, 60, most });
}

/* Runs a step; the number of trials. */
static unsigned perform(struct truth *truth, struct factors *factors, const struct factors_step *step)
{
	unsigned failures = 0, passes = 0;

	assert_true(step->trials > 0 && step->why.len > 0 && !strchr(step->why.s, '\n'));
	assert_true(step->bits >= -1e-9 && step->bits <= 1);
	if (truth->impossible && truth->impossible(step->swapped)) {
		factors_skip(factors, step->swapped, "cannot be");
		return 0;
	}
	for (unsigned t = 0; t < step->trials && !(failures && step->until_failure); t++) {
		bool bad = chance(truth) < rate_of(truth, step->swapped);

		failures += bad;
		passes += !bad;
	}
	factors_add(factors, step->swapped, failures, passes);
	return failures + passes;
}

static void find(struct truth *truth, double confidence, unsigned most, struct outcome *out)
{
	AUTO(factors_step) step = FACTORS_STEP_INIT;

	*out = (struct outcome){ .factors = FACTORS_INIT, .answer = FACTORS_ANSWER_INIT };
	begin(truth, confidence, most, &out->factors);
	while ((out->state = factors_next(&out->factors, &step)) == FACTORS_RUN) {
		out->trials += perform(truth, &out->factors, &step);
		assert_true(out->trials < 2000);
	}
	factors_answer(&out->factors, &out->answer);
}

/* What it should have said. */
static enum factors_role role_of(const struct truth *truth, unsigned i)
{
	unsigned in = 0;

	for (unsigned c = 0; c < truth->n_cores; c++)
		in += (truth->cores[c] >> i) & 1;
	if (!in)
		return FACTORS_IRRELEVANT;
	if (in < truth->n_cores)
		return FACTORS_ENOUGH;
	return truth->n_cores == 1 && truth->cores[0] == 1u << i ? FACTORS_BOTH : FACTORS_NECESSARY;
}

static bool right(const struct truth *truth, const struct outcome *out)
{
	if (out->state != FACTORS_ANSWERED || out->answer.n_cores != truth->n_cores)
		return false;
	for (unsigned i = 0; i < truth->n; i++)
		if (out->answer.part[i].role != role_of(truth, i))
			return false;
	return true;
}

/* --- all truths --------------------------------------------------------------------------------------- */

/* The next set of cores of n factors none of which holds another: `number` has a bit for each set of factors.
 * False: it is none. */
static bool make_truth(unsigned n, uint32_t number, struct truth *truth)
{
	truth->n = n;
	truth->n_cores = 0;
	for (uint32_t set = 1; set < 1u << n; set++) {
		if (!(number >> set & 1))
			continue;
		for (unsigned c = 0; c < truth->n_cores; c++)
			if ((truth->cores[c] & set) == truth->cores[c] || (truth->cores[c] & set) == set)
				return false;
		if (truth->n_cores == 8)
			return false;
		truth->cores[truth->n_cores++] = set;
	}
	return truth->n_cores > 0;
}

static void test_every_truth(void **state)
{
	static const unsigned truths[] = { 0, 1, 4, 18, 166 }; /* Dedekind's numbers, less the constants */

	(void)state;
	for (unsigned n = 1; n <= 4; n++) {
		unsigned made = 0;

		for (uint32_t number = 0; number < 1u << (1u << n); number += 2) {
			struct truth truth = { .rate = 1, .state = 88172645463325252 };
			struct outcome out;

			if (!make_truth(n, number, &truth))
				continue;
			made++;
			find(&truth, 0.95, 0, &out);
			if (!right(&truth, &out))
				fail_msg("truth %u of %u factors: state %d, %zu cores, %.3f", number, n,
					 out.state, out.answer.n_cores, out.answer.probability);
			assert_true(out.answer.closed && out.answer.probability >= 0.95);
			assert_true(out.trials <= 80);
			outcome_release(&out);
		}
		assert_int_equal(made, truths[n]);
	}
}

/* One core: what most questions come to. */
static void test_cost_at_rate_one(void **state)
{
	(void)state;
	for (uint32_t core = 1; core < 128; core++) {
		struct truth truth = { .n = 7, .cores = { core }, .n_cores = 1, .rate = 1, .state = 1 };
		unsigned needed = (unsigned)__builtin_popcount(core);
		struct outcome out;

		find(&truth, 0.95, 0, &out);
		assert_true(right(&truth, &out));
		if (out.trials > 4 + (7 - needed + 1) + needed * 8)
			fail_msg("core %x: %u trials", core, out.trials);
		outcome_release(&out);
	}
}

/* Over all single cores of four factors: shares of the answers, and the mean number of trials. */
struct shares {
	double right, wrong, trials;
};

static struct shares measure(double rate, double good, double weak, unsigned repeats)
{
	struct shares shares = { 0, 0, 0 };
	unsigned n = 0;

	for (unsigned r = 0; r < repeats; r++) {
		for (uint32_t core = 1; core < 16; core++) {
			struct truth truth = { .n = 4,
					       .cores = { core },
					       .n_cores = 1,
					       .rate = rate,
					       .good = good,
					       .state = 1 + core * 7919 + r * 104729 };
			struct outcome out;

			for (unsigned i = 0; i < 4 && weak > 0; i++)
				truth.weak[i] = core & 1u << i ? 0 : weak;
			for (int i = 0; i < 20; i++)
				chance(&truth);
			find(&truth, 0.95, 0, &out);
			shares.right += right(&truth, &out);
			shares.wrong += !right(&truth, &out) && out.state == FACTORS_ANSWERED;
			shares.trials += out.trials;
			n++;
			outcome_release(&out);
		}
	}
	return (struct shares){ shares.right / n, shares.wrong / n, shares.trials / n };
}

static void test_rates(void **state)
{
	static const struct {
		double rate, good, weak, wrong, trials;
	} rows[] = {
		{ 1, 0, 0, 0, 24 },    { .95, 0, 0, .03, 28 },	{ .5, 0, 0, .05, 60 },
		{ .3, 0, 0, .05, 90 }, { .9, .05, 0, .08, 60 }, { .95, 0, .6, .05, 50 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct shares got = measure(rows[i].rate, rows[i].good, rows[i].weak, 6);

		print_message(
		    "%.2f against %.2f, irrelevant swaps times %.1f: %.3f right, %.3f wrong, %.1f trials\n",
		    rows[i].rate, rows[i].good, rows[i].weak, got.right, got.wrong, got.trials);
		if (got.wrong > rows[i].wrong || got.right < 1 - 2 * rows[i].wrong - .01 ||
		    got.trials > rows[i].trials)
			fail_msg("not enough");
	}
}

/* --- what cannot be tested ---------------------------------------------------------------------------- */

enum { A = 1, B = 2, C = 4, D = 8 };

static bool passing_end(uint32_t swapped)
{
	return (swapped & (A | B)) == (A | B);
}

/* 64k sectors with 4k pages: a and b are each necessary, and cannot both be swapped. */
static void test_the_passing_end_is_not_needed(void **state)
{
	struct truth truth = {
		.n = 4, .cores = { A | B }, .n_cores = 1, .rate = 1, .impossible = passing_end, .state = 1
	};
	struct outcome out;

	(void)state;
	find(&truth, 0.95, 0, &out);
	assert_true(right(&truth, &out));
	assert_true(out.trials <= 24);
	outcome_release(&out);
}

/* As nocow (b) with a file system (a) that has no such thing. */
static bool b_without_a(uint32_t swapped)
{
	return (swapped & (A | B)) == A;
}

static void test_with_a_necessary_one_it_stays_open(void **state)
{
	struct truth truth = {
		.n = 3, .cores = { B }, .n_cores = 1, .rate = 1, .impossible = b_without_a, .state = 1
	};
	struct outcome out;

	(void)state;
	find(&truth, 0.95, 0, &out);
	assert_int_equal(out.state, FACTORS_UNDECIDED);
	assert_int_equal(out.answer.part[0].role, FACTORS_OPEN);
	assert_string_equal(out.answer.part[0].reason, "cannot be");
	assert_int_equal(out.answer.part[0].rests_on, A | B);
	assert_int_equal(out.answer.part[1].role, FACTORS_NECESSARY);
	assert_int_equal(out.answer.part[2].role, FACTORS_IRRELEVANT);
	assert_false(out.answer.closed);
	outcome_release(&out);
}

static void test_with_an_irrelevant_one_it_is_told(void **state)
{
	struct truth truth = {
		.n = 3, .cores = { A }, .n_cores = 1, .rate = 1, .impossible = b_without_a, .state = 1
	};
	struct outcome out;

	(void)state;
	find(&truth, 0.95, 0, &out);
	assert_int_equal(out.state, FACTORS_ANSWERED);
	assert_int_equal(out.answer.part[0].role, FACTORS_BOTH);
	assert_int_equal(out.answer.part[1].role, FACTORS_IRRELEVANT);
	outcome_release(&out);
	truth.cores[0] = C;
	find(&truth, 0.95, 0, &out);
	assert_true(right(&truth, &out));
	outcome_release(&out);
}

/* --- no answer ---------------------------------------------------------------------------------------- */

static bool nothing(uint32_t swapped)
{
	return swapped == 0;
}

static void test_ends(void **state)
{
	struct truth truth = { .n = 2, .cores = { A }, .n_cores = 1, .state = 1 };
	struct outcome out;

	(void)state;
	find(&truth, 0.95, 0, &out);
	assert_int_equal(out.state, FACTORS_SAME);
	assert_true(out.trials <= 120);
	outcome_release(&out);
	truth.good = truth.rate = 1;
	find(&truth, 0.95, 0, &out);
	assert_int_equal(out.state, FACTORS_SAME);
	outcome_release(&out);
	truth.rate = 0;
	find(&truth, 0.95, 0, &out);
	assert_int_equal(out.state, FACTORS_EXCHANGED);
	outcome_release(&out);
	truth.impossible = nothing;
	find(&truth, 0.95, 0, &out);
	assert_int_equal(out.state, FACTORS_NO_END);
	outcome_release(&out);
}

static void test_spent(void **state)
{
	struct truth truth = { .n = 4, .cores = { A | C }, .n_cores = 1, .rate = 1, .state = 1 };

	(void)state;
	for (unsigned most = 1; most < 16; most++) {
		struct outcome out;

		find(&truth, 0.95, most, &out);
		assert_true(out.state == FACTORS_SPENT && out.trials == most);
		for (unsigned i = 0; i < 4; i++)
			assert_true(out.answer.part[i].role == FACTORS_OPEN ||
				    out.answer.part[i].role == role_of(&truth, i));
		outcome_release(&out);
	}
}

/* b's swap ends the failure, but not when c is swapped with it. */
static void test_crossed(void **state)
{
	AUTO(factors) factors = FACTORS_INIT;
	AUTO(factors_step) step = FACTORS_STEP_INIT;
	AUTO(factors_answer) answer = FACTORS_ANSWER_INIT;
	struct truth truth = { .n = 3, .state = 1 };
	enum factors_state result;

	(void)state;
	begin(&truth, 0.95, 0, &factors);
	factors_add(&factors, 0, 3, 0);
	factors_add(&factors, A | B | C, 0, 3);
	factors_add(&factors, B, 0, 8);
	factors_add(&factors, B | C, 3, 0);
	while ((result = factors_next(&factors, &step)) == FACTORS_RUN)
		factors_add(&factors, step.swapped, step.swapped == B ? 0 : 1,
			    step.swapped == B ? step.trials : 0);
	assert_int_equal(result, FACTORS_CROSSED);
	factors_answer(&factors, &answer);
	assert_true(answer.crossed[0] == B && answer.crossed[1] == (B | C));
}

/* --- the same evidence, the same step ----------------------------------------------------------------- */

static void test_order_does_not_matter(void **state)
{
	struct truth truth = { .n = 3, .cores = { A | B }, .n_cores = 1, .rate = .7, .state = 5 };
	AUTO(factors) factors = FACTORS_INIT;
	AUTO(factors) again = FACTORS_INIT;
	AUTO(factors_step) step = FACTORS_STEP_INIT;
	AUTO(factors_step) other = FACTORS_STEP_INIT;

	(void)state;
	begin(&truth, 0.95, 0, &factors);
	while (factors_next(&factors, &step) == FACTORS_RUN) {
		perform(&truth, &factors, &step);
		factors_release(&again);
		begin(&truth, 0.95, 0, &again);
		for (size_t i = factors.n; i-- > 0;)
			factors_add(&again, factors.settings[i].swapped, factors.settings[i].failures,
				    factors.settings[i].passes);
		assert_int_equal(factors_next(&again, &other), factors_next(&factors, &step));
		assert_string_equal(other.why.s, step.why.s);
		assert_true(other.swapped == step.swapped && other.bits == step.bits);
	}
}

static void test_words(void **state)
{
	struct truth truth = { .n = 4 };
	static const struct {
		uint32_t swapped;
		const char *words;
	} rows[] = {
		{ 0, "the failing end" },     { A, "a swapped" },	 { A | C, "a, c swapped" },
		{ A | B | C, "only d kept" }, { 15, "the passing end" },
	};
	AUTO(factors) factors = FACTORS_INIT;

	(void)state;
	begin(&truth, 0.95, 0, &factors);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		AUTO(buf) words = BUF_INIT;

		factors_say(&factors, rows[i].swapped, &words);
		assert_string_equal(words.s, rows[i].words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_truth),
		cmocka_unit_test(test_cost_at_rate_one),
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_the_passing_end_is_not_needed),
		cmocka_unit_test(test_with_a_necessary_one_it_stays_open),
		cmocka_unit_test(test_with_an_irrelevant_one_it_is_told),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_spent),
		cmocka_unit_test(test_crossed),
		cmocka_unit_test(test_order_does_not_matter),
		cmocka_unit_test(test_words),
	};
	int status;

	model = model_new(FACTORS_FLAKY);
	status = cmocka_run_group_tests(tests, NULL, NULL);
	model_free(model);
	return status;
}
