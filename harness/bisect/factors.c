#include "bisect/factors.h"

#include <math.h>

#include "bisect/ends.h"
#include "bisect/factors_sets.h"

#define SWEEPS	    3
#define SHARES	    4	/* points of the share that a swap may leave of the rate */
#define PASSES_MOST 500 /* in one step */
#define NEGLECTED   1e-12

static uint32_t passing_end(const struct factors *factors)
{
	return (uint32_t)((1u << factors->config.n) - 1);
}

static unsigned trials_of(const struct factors_setting *setting)
{
	return setting ? setting->failures + setting->passes : 0;
}

/* --- evidence ----------------------------------------------------------------------------------------- */

void factors_init(struct factors *factors, const struct factors_config *config)
{
	*factors = (struct factors){ .config = *config, .stale = true };
}

const struct factors_setting *factors_find(const struct factors *factors, uint32_t swapped)
{
	for (size_t i = 0; i < factors->n; i++)
		if (factors->settings[i].swapped == swapped)
			return &factors->settings[i];
	return NULL;
}

static struct factors_setting *setting_of(struct factors *factors, uint32_t swapped)
{
	for (size_t i = 0; i < factors->n; i++)
		if (factors->settings[i].swapped == swapped)
			return &factors->settings[i];
	GROW(factors->settings, factors->n, factors->cap);
	factors->settings[factors->n] = (struct factors_setting){ .swapped = swapped, .fails = 0.5 };
	return &factors->settings[factors->n++];
}

void factors_add(struct factors *factors, uint32_t swapped, unsigned failures, unsigned passes)
{
	struct factors_setting *setting = setting_of(factors, swapped);

	setting->failures += failures;
	setting->passes += passes;
	factors->stale = true;
}

void factors_skip(struct factors *factors, uint32_t swapped, const char *reason)
{
	struct factors_setting *setting = setting_of(factors, swapped);

	free(setting->skip);
	setting->skip = xstrdup(reason);
}

/* --- whether a setting fails -------------------------------------------------------------------------- */

/* From its own probability. The ends are what they were said to be, once they differ. */
static enum told own_side(const struct factors *factors, const struct factors_setting *setting)
{
	if (setting->swapped == 0)
		return TOLD_FAILS;
	if (!trials_of(setting))
		return TOLD_OPEN;
	if (setting->swapped == passing_end(factors) || setting->fails <= 1 - factors->config.confidence)
		return TOLD_PASSES;
	return setting->fails >= factors->config.confidence ? TOLD_FAILS : TOLD_OPEN;
}

/* All others that are on a side: what is known of both rates but for this one. */
static struct model_counts counts_without(const struct factors *factors,
					  const struct factors_setting *without)
{
	struct model_counts counts = { 0, 0, 0, 0 };

	for (size_t i = 0; i < factors->n; i++) {
		const struct factors_setting *s = &factors->settings[i];
		enum told side = s == without ? TOLD_OPEN : own_side(factors, s);

		counts.bad_failures += side == TOLD_FAILS ? s->failures : 0;
		counts.bad_passes += side == TOLD_FAILS ? s->passes : 0;
		counts.good_failures += side == TOLD_PASSES ? s->failures : 0;
		counts.good_passes += side == TOLD_PASSES ? s->passes : 0;
	}
	return counts;
}

/* How likely the outcomes are at a rate that the swap has lowered. */
static double weakened(double rate, unsigned failures, unsigned passes)
{
	double sum = 0;

	for (int i = 0; i < SHARES; i++) {
		double share = FACTORS_LEAST + (1 - FACTORS_LEAST) * (i + 0.5) / SHARES;

		sum += pow(share * rate, failures) * pow(1 - share * rate, passes);
	}
	return sum / SHARES;
}

/* How likely the outcomes of a setting are, given those of all others: if it fails, and if it does not. */
struct likelihoods {
	double fails, passes;
};

static double log_likelihood(const struct model *model, const struct model_counts *counts)
{
	return ends_differ(model, FACTORS_CLEAN, counts).log_likelihood;
}

static struct likelihoods weigh(const struct model *model, const struct model_counts *others,
				unsigned failures, unsigned passes)
{
	struct model_counts bad = *others, good = *others;
	struct ends_account before = ends_differ(model, FACTORS_CLEAN, others);
	double common;

	bad.bad_failures += failures;
	bad.bad_passes += passes;
	good.good_failures += failures;
	good.good_passes += passes;
	common = exp(log_likelihood(model, &bad) - before.log_likelihood);
	return (struct likelihoods){ (1 - FACTORS_WEAK) * common +
					 FACTORS_WEAK * weakened(before.failing, failures, passes),
				     exp(log_likelihood(model, &good) - before.log_likelihood) };
}

static double share_of(const struct likelihoods *l)
{
	return fmax(NEGLECTED, fmin(1 - NEGLECTED, l->fails / (l->fails + l->passes)));
}

/*
 * Who is on which side and what the rates are hang on each other: first the ends alone say what the rates
 * are, then all that are on a side. From the counts alone each time, so that the way does not matter.
 */
static void refresh(struct factors *factors)
{
	AUTO_FREE double *fails = xcalloc(factors->n + 1, sizeof(*fails));

	if (!factors->stale)
		return;
	for (size_t i = 0; i < factors->n; i++)
		factors->settings[i].fails = 0.5;
	for (int sweep = 0; sweep < SWEEPS; sweep++) {
		for (size_t i = 0; i < factors->n; i++) {
			const struct factors_setting *s = &factors->settings[i];
			struct model_counts others = counts_without(factors, s);
			struct likelihoods l = weigh(factors->config.model, &others, s->failures, s->passes);

			fails[i] = share_of(&l);
		}
		for (size_t i = 0; i < factors->n; i++)
			factors->settings[i].fails = fails[i];
	}
	factors->stale = false;
}

double factors_fails(struct factors *factors, uint32_t swapped)
{
	const struct factors_setting *setting = factors_find(factors, swapped);

	refresh(factors);
	return setting ? setting->fails : 0.5;
}

enum told factors_told(struct factors *factors, uint32_t swapped)
{
	const struct factors_setting *setting = factors_find(factors, swapped);
	enum told own;

	refresh(factors);
	own = setting ? own_side(factors, setting) : TOLD_OPEN;
	if (own != TOLD_OPEN)
		return own;
	for (size_t i = 0; i < factors->n; i++) {
		const struct factors_setting *s = &factors->settings[i];
		enum told side = own_side(factors, s);

		if ((side == TOLD_FAILS && !(swapped & ~s->swapped)) ||
		    (side == TOLD_PASSES && !(s->swapped & ~swapped)))
			return side;
	}
	return setting && (setting->skip || trials_of(setting) >= factors->config.end_trials) ? TOLD_SKIPPED
											      : TOLD_OPEN;
}

/* --- steps -------------------------------------------------------------------------------------------- */

void factors_say(const struct factors *factors, uint32_t swapped, struct buf *out)
{
	uint32_t all = passing_end(factors);
	bool few = 2 * __builtin_popcount(swapped) <= (int)factors->config.n;
	uint32_t named = few ? swapped : all & ~swapped;
	const char *comma = "";

	if (!swapped || swapped == all) {
		buf_adds(out, swapped ? "the passing end" : "the failing end");
		return;
	}
	buf_adds(out, few ? "" : "only ");
	for (unsigned i = 0; i < factors->config.n; i++) {
		if (!(named & 1u << i))
			continue;
		buf_addf(out, "%s%s", comma, factors->config.names[i]);
		comma = ", ";
	}
	buf_adds(out, few ? " swapped" : " kept");
}

/* Entropy of a coin, in bits. */
static double coin(double p)
{
	return p <= 0 || p >= 1 ? 0 : -(p * log2(p) + (1 - p) * log2(1 - p));
}

/* What one more trial is expected to tell of whether the setting fails. */
static double bits_of(const struct factors *factors, const struct factors_setting *s)
{
	struct model_counts others = counts_without(factors, s);
	unsigned failures = s ? s->failures : 0, passes = s ? s->passes : 0;
	struct likelihoods now = weigh(factors->config.model, &others, failures, passes);
	struct likelihoods then = weigh(factors->config.model, &others, failures + 1, passes);
	double p = share_of(&now), failing = then.fails / now.fails, other = then.passes / now.passes;

	return coin(p * failing + (1 - p) * other) - p * coin(failing) - (1 - p) * coin(other);
}

/* So many passes more, if they are all there is, and the setting fails with at most `doubt`. */
static unsigned passes_wanted(const struct factors *factors, const struct factors_setting *s, double doubt)
{
	struct model_counts others = counts_without(factors, s);
	unsigned failures = s ? s->failures : 0, passes = s ? s->passes : 0, n = 0;
	struct likelihoods l;

	do {
		n++;
		l = weigh(factors->config.model, &others, failures, passes + n);
	} while (n < PASSES_MOST && share_of(&l) > doubt);
	return n;
}

static unsigned all_trials(const struct factors *factors)
{
	unsigned sum = 0;

	for (size_t i = 0; i < factors->n; i++)
		sum += trials_of(&factors->settings[i]);
	return sum;
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Up to `trials` of a setting, or what is allowed of them. */
static enum factors_state run(struct factors *factors, enum factors_phase phase, uint32_t swapped,
			      unsigned trials, struct factors_step *step)
{
	static const char *const phases[FACTORS_PHASES] = { "ends", "swaps", "sets", "audit" };
	const struct factors_setting *setting = factors_find(factors, swapped);
	unsigned spent = all_trials(factors), had = trials_of(setting);

	if (factors->config.most && spent >= factors->config.most)
		return FACTORS_SPENT;
	step->phase = phase;
	step->swapped = swapped;
	step->until_failure = phase != FACTORS_ENDS;
	step->trials = least(trials, factors->config.end_trials > had ? factors->config.end_trials - had : 1);
	if (factors->config.most)
		step->trials = least(step->trials, factors->config.most - spent);
	step->bits = bits_of(factors, setting);
	buf_reset(&step->why);
	buf_addf(&step->why, "%s: ", phases[phase]);
	factors_say(factors, swapped, &step->why);
	buf_addf(&step->why, ", %u of %u failed so far; ", setting ? setting->failures : 0, had);
	return FACTORS_RUN;
}

static bool used_up(const struct factors *factors, const struct factors_setting *setting)
{
	return trials_of(setting) >= factors->config.end_trials;
}

/* --- ends --------------------------------------------------------------------------------------------- */

/* Which end to try; NULL: both are known. A passing end that cannot be tested counts as tried. */
static const uint32_t *choose_end(const struct factors *factors, const struct ends *ends,
				  const uint32_t end[2], bool *same)
{
	const struct factors_setting *failing = factors_find(factors, end[0]);
	const struct factors_setting *other = factors_find(factors, end[1]);
	unsigned failures = failing ? failing->failures : 0, trials = trials_of(failing);
	bool no_other = other && other->skip, other_tried = no_other || trials_of(other) >= ENDS_PASSES;
	bool exchanged = other && other->failures && !failures;
	bool differ = failures && (no_other || ends->differ >= factors->config.confidence);

	if (ends_wants_failing(failures, trials, FACTORS_END_TRIALS) && !used_up(factors, failing) &&
	    !exchanged && (other_tried || failures || trials < ENDS_DOUBTFUL))
		return &end[0];
	if (!other_tried)
		return &end[1];
	if (differ)
		return NULL;
	*same = used_up(factors, failing) && (no_other || used_up(factors, other));
	if (no_other || used_up(factors, other))
		return &end[0];
	return !used_up(factors, failing) && ends->failing_bits > ends->other_bits ? &end[0] : &end[1];
}

/* FACTORS_ANSWERED: the ends differ. */
static enum factors_state next_end(struct factors *factors, struct factors_step *step)
{
	const uint32_t end[2] = { 0, passing_end(factors) };
	const struct factors_setting *failing = factors_find(factors, end[0]);
	const struct factors_setting *other = factors_find(factors, end[1]);
	struct model_counts counts = { failing ? failing->failures : 0, failing ? failing->passes : 0,
				       other ? other->failures : 0, other ? other->passes : 0 };
	struct ends ends;
	const uint32_t *chosen;
	bool same = false;

	if (failing && failing->skip)
		return FACTORS_NO_END;
	ends_judge(factors->config.model, &counts, &ends);
	if (ends.same >= factors->config.confidence && trials_of(other))
		return FACTORS_SAME;
	if (ends.swapped >= factors->config.confidence)
		return FACTORS_EXCHANGED;
	chosen = choose_end(factors, &ends, end, &same);
	if (!chosen || same)
		return same ? FACTORS_SAME : FACTORS_ANSWERED;
	if (run(factors, FACTORS_ENDS, *chosen, 1, step) != FACTORS_RUN)
		return FACTORS_SPENT;
	buf_addf(&step->why, "the ends differ with %.3f", ends.differ);
	return FACTORS_RUN;
}

/* --- swaps, sets, audit ------------------------------------------------------------------------------- */

/* Tries a setting until it fails or is not believed to by more than `doubt`. */
static enum factors_state ask(struct factors *factors, enum factors_phase phase, uint32_t swapped,
			      double doubt, struct factors_step *step)
{
	const struct factors_setting *setting = factors_find(factors, swapped);
	unsigned passes = passes_wanted(factors, setting, doubt);

	if (run(factors, phase, swapped, passes, step) != FACTORS_RUN)
		return FACTORS_SPENT;
	buf_addf(&step->why, "does it fail? %u pass%s would say that it does not (doubt %.3g)", passes,
		 passes == 1 ? "" : "es", doubt);
	return FACTORS_RUN;
}

bool factors_crossed(const struct factors *factors, uint32_t crossed[2])
{
	for (size_t i = 0; i < factors->n; i++) {
		const struct factors_setting *less = &factors->settings[i];

		for (size_t j = 0; j < factors->n && own_side(factors, less) == TOLD_PASSES; j++) {
			const struct factors_setting *more = &factors->settings[j];

			if (own_side(factors, more) != TOLD_FAILS || (less->swapped & ~more->swapped))
				continue;
			crossed[0] = less->swapped;
			crossed[1] = more->swapped;
			return true;
		}
	}
	return false;
}

/* The one of these with the largest doubt that may be tried again, unless all doubts are small enough
 * together. */
static enum factors_state audit(struct factors *factors, const uint32_t *proofs, size_t n, double most,
				struct factors_step *step)
{
	double sum = 0, worst = 0;
	uint32_t weakest = 0;

	for (size_t i = 0; i < n; i++) {
		double doubt = sets_doubt(factors, proofs[i]);

		sum += doubt;
		if (doubt <= worst || used_up(factors, factors_find(factors, proofs[i])))
			continue;
		worst = doubt;
		weakest = proofs[i];
	}
	if (sum <= most || worst <= 0)
		return FACTORS_ANSWERED;
	if (factors_told(factors, weakest) == TOLD_PASSES)
		return ask(factors, FACTORS_AUDIT, weakest, most / (double)n, step);
	if (run(factors, FACTORS_AUDIT, weakest, 1, step) != FACTORS_RUN)
		return FACTORS_SPENT;
	buf_addf(&step->why, "it fails; sure of that but for %.3g", worst);
	return FACTORS_RUN;
}

/* A core that hangs on one failure is tried again: it may have been the passing side's. */
static enum factors_state look_again(struct factors *factors, const struct set_list *proofs,
				     struct factors_step *step)
{
	for (size_t i = 0; i < proofs->n; i++) {
		const struct factors_setting *s = factors_find(factors, proofs->v[i]);

		if (!s->swapped || factors_told(factors, s->swapped) != TOLD_FAILS ||
		    s->failures >= FACTORS_AGAIN || used_up(factors, s))
			continue;
		if (run(factors, FACTORS_AUDIT, s->swapped, 1, step) != FACTORS_RUN)
			return FACTORS_SPENT;
		buf_adds(&step->why, "does it fail again?");
		return FACTORS_RUN;
	}
	return FACTORS_ANSWERED;
}

static enum factors_state conclude(struct factors *factors)
{
	AUTO(factors_answer) answer = FACTORS_ANSWER_INIT;

	factors_answer(factors, &answer);
	for (unsigned i = 0; i < factors->config.n; i++)
		if (answer.part[i].role == FACTORS_OPEN)
			return FACTORS_UNDECIDED;
	return answer.probability >= factors->config.confidence ? FACTORS_ANSWERED : FACTORS_UNDECIDED;
}

enum factors_state factors_next(struct factors *factors, struct factors_step *step)
{
	double doubt = 1 - factors->config.confidence;
	enum factors_state state;
	enum factors_phase phase;
	AUTO(sets) sets = SETS_INIT;
	AUTO(set_list) proofs = { NULL, 0, 0 };
	uint32_t crossed[2], open;

	refresh(factors);
	state = next_end(factors, step);
	if (state != FACTORS_ANSWERED)
		return state;
	if (factors_crossed(factors, crossed)) {
		state = audit(factors, crossed, 2, doubt / 2, step);
		return state == FACTORS_ANSWERED ? FACTORS_CROSSED : state;
	}
	if (!sets_close(factors, &sets, &open, &phase))
		return ask(factors, phase, open, doubt, step);
	sets_proofs(factors, &sets, &proofs);
	state = look_again(factors, &proofs, step);
	if (state == FACTORS_ANSWERED)
		state = audit(factors, proofs.v, proofs.n, doubt, step);
	return state == FACTORS_ANSWERED ? conclude(factors) : state;
}

void factors_step_release(struct factors_step *step)
{
	buf_release(&step->why);
}

void factors_release(struct factors *factors)
{
	for (size_t i = 0; i < factors->n; i++)
		free(factors->settings[i].skip);
	free(factors->settings);
	*factors = (struct factors)FACTORS_INIT;
}
