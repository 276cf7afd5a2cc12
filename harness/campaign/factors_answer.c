/* The design's answer as the campaign keeps it. */
#include "bisect/rate.h"
#include "campaign/factors.h"

static void set_answer(struct campaign *campaign, const char *answer, struct buf *sentence)
{
	str_replace(&campaign->answer, answer);
	free(campaign->sentence);
	campaign->sentence = buf_steal(sentence);
}

static struct campaign_rate rate_of(const struct factors_setting *setting)
{
	unsigned failures = setting ? setting->failures : 0,
		 trials = setting ? failures + setting->passes : 0;
	struct rate rate = rate_interval(failures, trials);

	return (struct campaign_rate){ failures, trials, rate.low, rate.high };
}

/* The set of factors with a role. */
static uint32_t with_role(const struct study *study, const struct factors_answer *answer,
			  enum factors_role role)
{
	uint32_t set = 0;

	for (unsigned i = 0; i < study->differences.n; i++)
		if (answer->part[i].role == role)
			set |= 1u << i;
	return set;
}

/* Appends "smp, memory and disksize"; with their values where it fails behind them if `values`. */
static void list(const struct study *study, uint32_t set, bool values, struct buf *out)
{
	int left = __builtin_popcount(set);

	for (unsigned i = 0; i < study->differences.n; i++) {
		const struct difference *d = &study->differences.v[i];

		if (!(set & 1u << i))
			continue;
		buf_adds(out, d->name);
		if (values)
			buf_addf(out, " %s", *d->value[0] ? d->value[0] : "(none)");
		left--;
		buf_adds(out, left > 1 ? ", " : left == 1 ? " and " : "");
	}
}

static void say_rate(const struct study *study, uint32_t swapped, struct buf *out)
{
	const struct campaign_rate rate = rate_of(factors_find(&study->factors, swapped));

	factors_say(&study->factors, swapped, out);
	buf_addf(out, " failed %u of %u trials", rate.failures, rate.trials);
	if (rate.trials)
		buf_addf(out, " (95 %% interval %.3f to %.3f)", rate.low, rate.high);
}

/* --- the sentence ------------------------------------------------------------------------------------- */

static void say_cores(const struct study *study, const struct factors_answer *answer, struct buf *out)
{
	uint32_t core = answer->n_cores ? answer->cores[0] : 0;

	if (answer->n_cores == 1 && !(core & (core - 1))) {
		const struct difference *d = &study->differences.v[__builtin_ctz(core)];

		buf_addf(out, "it is %s alone, %s fails and %s does not", d->name, d->value[0], d->value[1]);
		return;
	}
	buf_adds(out, "it takes ");
	for (size_t i = 0; i < answer->n_cores; i++) {
		buf_adds(out, i ? ", or " : "");
		list(study, answer->cores[i], true, out);
	}
	if (answer->n_cores == 1)
		buf_adds(out, " together, each of them is necessary");
}

static void say_irrelevant(const struct study *study, const struct factors_answer *answer, struct buf *out)
{
	uint32_t set = with_role(study, answer, FACTORS_IRRELEVANT);
	int kernel = differences_kernel(&study->differences);

	if (kernel >= 0 && set & 1u << kernel) {
		buf_addf(out, ", and not the %s", study->differences.v[kernel].name);
		set &= ~(1u << kernel);
	}
	if (!set)
		return;
	buf_adds(out, "; ");
	list(study, set, false, out);
	buf_adds(out, set & (set - 1) ? " do not matter" : " does not matter");
}

static void say_found(const struct study *study, const struct factors_answer *answer, struct buf *out)
{
	say_cores(study, answer, out);
	say_irrelevant(study, answer, out);
	buf_addf(out, "; with probability %.3f", answer->probability);
}

static void say_undecided(const struct study *study, const struct factors_answer *answer, struct buf *out)
{
	uint32_t open = with_role(study, answer, FACTORS_OPEN);
	uint32_t needed =
	    with_role(study, answer, FACTORS_NECESSARY) | with_role(study, answer, FACTORS_BOTH);

	buf_addf(out, "undecided after %u trials: ", study->trials);
	if (needed) {
		list(study, needed, true, out);
		buf_adds(out, needed & (needed - 1) ? " are necessary; " : " is necessary; ");
	}
	if (open) {
		buf_adds(out, "what ");
		list(study, open, false, out);
		buf_adds(out, open & (open - 1) ? " do is open" : " does is open");
	} else {
		buf_addf(out, "all together with probability %.3f only", answer->probability);
	}
}

static void say_ends(const struct study *study, const char *what, const char *advice, struct buf *out)
{
	buf_addf(out, "the ends %s: ", what);
	say_rate(study, 0, out);
	buf_adds(out, ", ");
	say_rate(study, (1u << study->differences.n) - 1, out);
	buf_addf(out, "; %s", advice);
}

static void say_crossed(const struct study *study, const struct factors_answer *answer, struct buf *out)
{
	buf_adds(out, "undecided, the differences do not simply add up: ");
	say_rate(study, answer->crossed[0], out);
	buf_adds(out, ", but ");
	say_rate(study, answer->crossed[1], out);
	buf_adds(out, "; make these two the ends of a study");
}

static void say(struct study *study, const struct factors_answer *answer)
{
	const struct factors_setting *failing = factors_find(&study->factors, 0);
	AUTO(buf) text = BUF_INIT;
	const char *word = "undecided";

	switch (study->state) {
	case FACTORS_ANSWERED:
		say_found(study, answer, &text);
		word = "found";
		break;
	case FACTORS_SAME:
		say_ends(study, "do not differ",
			 "more trials (\"end-trials\") or another environment may tell", &text);
		word = "same";
		break;
	case FACTORS_EXCHANGED:
		say_ends(study, "are the other way round", "exchange \"fails\" and \"passes\"", &text);
		word = "swapped";
		break;
	case FACTORS_CROSSED:
		say_crossed(study, answer, &text);
		break;
	case FACTORS_NO_END:
		buf_addf(&text, "undecided: the failing end cannot be judged (%s): choose another one",
			 failing->skip);
		break;
	default:
		say_undecided(study, answer, &text);
	}
	set_answer(study->campaign, word, &text);
}

/* --- is it the kernel? -------------------------------------------------------------------------------- */

/* The ready command line: both kernels in the failing environment, the older one first. */
static void say_bisection(const struct study *study, unsigned kernel, struct buf *out)
{
	const struct candidate *found[2];
	const struct campaign *campaign = study->campaign;
	AUTO(err) ignored = ERR_INIT;
	struct environment env;
	AUTO(buf) fails = BUF_INIT;
	AUTO(buf) passes = BUF_INIT;
	bool fix;

	if (differences_setting(&study->differences, 0, &found[0], &env, &ignored) < 0 ||
	    differences_setting(&study->differences, 1u << kernel, &found[1], &env, &ignored) < 0)
		return;
	differences_version(found[0], &fails);
	differences_version(found[1], &passes);
	fix = strverscmp(fails.s, passes.s) < 0;
	buf_addf(out,
		 " To find the change in it, with the kernels in between put into the list: qbisect bisect "
		 "--kernels %s,%s --scenario %s%s",
		 found[!fix]->id, found[fix]->id, campaign->scenario, fix ? " --find fix" : "");
	environment_changes(&campaign->environment, " --set ", out);
}

static void say_kernel(const struct study *study, const struct factors_answer *answer)
{
	int i = differences_kernel(&study->differences);
	const struct difference *d = &study->differences.v[i < 0 ? 0 : i];
	enum factors_role role = answer->part[i < 0 ? 0 : i].role;
	AUTO(buf) text = BUF_INIT;

	if (i < 0)
		return;
	if (role == FACTORS_IRRELEVANT) {
		buf_addf(&text, "It is not the kernel: %s in place of %s fails as well; ", d->value[1],
			 d->value[0]);
		say_rate(study, answer->part[i].rests_on, &text);
		buf_adds(&text, ". Bisecting kernels would find nothing.");
	} else if (role == FACTORS_OPEN) {
		buf_adds(&text, "Whether it is the kernel is not told: bisecting kernels may find nothing.");
	} else if (d->traits != 1u << TRAIT_VERSION) {
		buf_addf(&text,
			 "%s come together in these kernels: to tell them apart before a bisection, add a "
			 "kernel to \"kernels\" that has them from both ends.",
			 d->name);
	} else {
		buf_adds(&text, role == FACTORS_BOTH ? "It is the kernel." : "The kernel has a part in it.");
		say_bisection(study, (unsigned)i, &text);
	}
	strv_add(&study->campaign->explanation, text.s);
}

/* --- table and explanation ---------------------------------------------------------------------------- */

static void set_factors(const struct study *study, const struct factors_answer *answer)
{
	factor_list_release(&study->campaign->factors);
	for (unsigned i = 0; i < study->differences.n; i++) {
		const struct difference *d = &study->differences.v[i];
		const struct factors_part *part = &answer->part[i];
		struct factor *factor = factor_list_add(&study->campaign->factors);
		AUTO(buf) rests_on = BUF_INIT;

		factors_say(&study->factors, part->rests_on, &rests_on);
		factor->name = xstrdup(d->name);
		factor->fails = xstrdup(d->value[0]);
		factor->passes = xstrdup(d->value[1]);
		factor->role = xstrdup(factors_role_name(part->role));
		factor->rests_on = buf_steal(&rests_on);
		factor->rate = rate_of(factors_find(&study->factors, part->rests_on));
		factor->reason = xstrdup(part->reason ? part->reason : "");
	}
}

static bool is_row(const struct study *study, const struct factors_answer *answer, uint32_t swapped)
{
	for (unsigned i = 0; i < study->differences.n; i++)
		if (answer->part[i].rests_on == swapped)
			return true;
	return false;
}

/* All settings that no row of the table has, then what cannot be tested. */
static void set_explanation(struct study *study, const struct factors_answer *answer)
{
	struct strv *lines = &study->campaign->explanation;

	strv_release(lines);
	for (size_t i = 0; i < study->factors.n; i++) {
		const struct factors_setting *s = &study->factors.settings[i];
		AUTO(buf) text = BUF_INIT;

		if (s->failures + s->passes && !is_row(study, answer, s->swapped)) {
			say_rate(study, s->swapped, &text);
			strv_addf(lines, "%s.", text.s);
		}
		buf_reset(&text);
		factors_say(&study->factors, s->swapped, &text);
		if (s->skip)
			strv_addf(lines, "%s cannot be tested: %s.", text.s, s->skip);
	}
	if (study->state == FACTORS_ANSWERED && !answer->closed)
		strv_add(lines, "There may be other sets that fail: not every setting could be tested.");
	if (study->state != FACTORS_SAME && study->state != FACTORS_EXCHANGED)
		say_kernel(study, answer);
	strv_addf(lines, "Trials: %u, in %.0f s.", study->trials, study->seconds);
}

void factors_conclude(struct study *study)
{
	AUTO(factors_answer) answer = FACTORS_ANSWER_INIT;
	struct campaign *campaign = study->campaign;

	factors_answer(&study->factors, &answer);
	campaign->probability =
	    study->state == FACTORS_ANSWERED || study->state == FACTORS_UNDECIDED ? answer.probability : 0;
	campaign->rates[0] = rate_of(factors_find(&study->factors, 0));
	campaign->rates[1] = rate_of(factors_find(&study->factors, (1u << study->differences.n) - 1));
	say(study, &answer);
	set_factors(study, &answer);
	set_explanation(study, &answer);
}
