#include "campaign/factors.h"

#include <math.h>

#include "base/clock.h"
#include "base/progress.h"
#include "campaign/booth.h"
#include "campaign/units.h"

/* A setting is given up when so many trials said nothing, and more than said something. */
#define SKIPS_ENOUGH 2

/* A setting with its question, and the booth when a trial of it was run. It must not move. */
struct stand {
	struct stand *next;
	uint32_t swapped;
	const struct candidate *kernel;
	struct question question;
	struct booth booth;
	bool open;
	unsigned skips, judged;
};

static const char *const phases[FACTORS_PHASES] = { "ends", "swaps", "sets", "audit" };

int factors_check(const struct study_spec *spec, struct study *study, struct err *err)
{
	const struct environment env[2] = { spec->question->env, *spec->passing };
	static const char *const ends[2] = { "fails", "passes" };

	for (int i = 0; i < 2; i++)
		if (environment_check(&env[i], spec->kernels->v[i].arch, err) < 0)
			return err_wrap(err, "\"%s\"", ends[i]);
	return differences_find(spec->kernels->v, spec->kernels->n, env, &study->differences, err);
}

void factors_keep(const struct study_spec *spec, struct campaign *campaign)
{
	str_replace(&campaign->kind, "factors");
	question_keep(spec->question, campaign);
	environment_list(spec->passing, &campaign->passing_environment);
	for (size_t i = 0; i < spec->kernels->n; i++)
		strv_add(&campaign->candidates, spec->kernels->v[i].id);
}

/* --- trials ------------------------------------------------------------------------------------------- */

static struct stand *stand_of(struct study *study, uint32_t swapped)
{
	struct stand *stand = study->stands;

	while (stand && stand->swapped != swapped)
		stand = stand->next;
	if (stand)
		return stand;
	stand = xcalloc(1, sizeof(*stand));
	stand->swapped = swapped;
	stand->next = study->stands;
	study->stands = stand;
	return stand;
}

/* The next record that is evidence, or NULL. */
static const struct record *stored(struct study *study, uint32_t *swapped)
{
	for (; study->next < study->records.n; study->next++) {
		const struct record *record = &study->records.v[study->next];

		if (record->verdict != VERDICT_BROKEN &&
		    differences_recognize(&study->differences, record->candidate, &record->environment,
					  swapped))
			return record;
	}
	return NULL;
}

/* Counts a trial. True: nothing more is to be asked of its setting. */
static bool count(struct study *study, uint32_t swapped, const struct record *record,
		  struct decision *decision)
{
	struct stand *stand = stand_of(study, swapped);

	decision->failures += record->verdict == VERDICT_BAD;
	decision->passes += record->verdict == VERDICT_GOOD;
	decision->seconds += record_seconds(record);
	study->seconds += record_seconds(record);
	study->trials++;
	if (record->verdict != VERDICT_SKIP) {
		stand->judged++;
		return false;
	}
	stand->skips++;
	free(decision->skip);
	decision->skip = xasprintf("%s: %s", record->class, record->title);
	return str_eq(record->class, "untestable") ||
	       (stand->skips >= SKIPS_ENOUGH && stand->skips > stand->judged);
}

static void add(struct study *study, uint32_t swapped, const struct decision *decision, bool gone)
{
	factors_add(&study->factors, swapped, decision->failures, decision->passes);
	if (gone)
		factors_skip(&study->factors, swapped, decision->skip);
}

/* Everything that is left, at once: the design would ask for something else today than it did then. */
static void take_rest(struct study *study)
{
	const struct record *record;
	uint32_t swapped;

	for (; (record = stored(study, &swapped)); study->next++) {
		AUTO(decision) ignored = DECISION_INIT;
		bool gone = count(study, swapped, record, &ignored);

		add(study, swapped, &ignored, gone);
	}
}

static int run_trial(struct study *study, struct stand *stand, const struct factors_step *step,
		     struct record *record, struct err *err)
{
	const struct study_spec *spec = study->spec;
	AUTO(buf) label = BUF_INIT;

	if (!stand->open) {
		stand->open = true;
		if (booth_open(spec->setup, &stand->question, stand->kernel, &stand->booth, err) < 0)
			return -1;
	}
	buf_addf(&label, "%s, boot %u, ", phases[step->phase], study->trials + 1);
	factors_say(&study->factors, step->swapped, &label);
	if (booth_trial(&stand->booth, study->campaign, &study->number, label.s, record, err) < 0)
		return -1;
	return record->verdict == VERDICT_BROKEN ? booth_broken(study->campaign, record, err) : 0;
}

/* One trial of a step. 1: the decision has it, *gone says whether it was the last of its setting. 0: there is
 * none, and no new ones are run, or the records go another way. */
static int take_trial(struct study *study, struct stand *stand, const struct factors_step *step,
		      struct decision *decision, bool *gone, struct err *err)
{
	AUTO(record) fresh = RECORD_INIT;
	uint32_t swapped;
	const struct record *record = stored(study, &swapped);

	if (record && swapped != step->swapped) {
		if (!study->differs)
			study->differs = study->decisions;
		take_rest(study);
		return 0;
	}
	if (!record && !study->spec->setup)
		return 0;
	if (record)
		study->next++;
	else if (run_trial(study, stand, step, &fresh, err) < 0)
		return -1;
	*gone = count(study, step->swapped, record ? record : &fresh, decision);
	return 1;
}

/* --- decisions ---------------------------------------------------------------------------------------- */

static void describe(struct study *study, const struct factors_step *step, struct decision *decision)
{
	AUTO(buf) words = BUF_INIT;

	factors_say(&study->factors, step->swapped, &words);
	decision->number = ++study->decisions;
	decision->phase = xstrdup(phases[step->phase]);
	decision->candidate = buf_steal(&words);
	decision->trials = step->trials;
	decision->why = xstrdup(step->why.s);
	decision->bits = step->bits;
}

static double entropy(double p)
{
	return p <= 0 || p >= 1 ? 0 : -p * log2(p) - (1 - p) * log2(1 - p);
}

/* What came of it. Compares with the decision that was kept, or keeps it. */
static int keep(struct study *study, uint32_t swapped, double before, struct decision *decision,
		struct err *err)
{
	double fails = factors_fails(&study->factors, swapped);
	unsigned n = study->decisions;

	decision->told = entropy(before) - entropy(fails);
	decision->likeliest = xstrdup(fails >= 0.5 ? "it fails" : "it does not fail");
	decision->mass = fmax(fails, 1 - fails);
	if (n > study->kept.n)
		return study->spec->setup ? decision_append(study->campaign->folder, decision, err) : 0;
	if (!study->differs && !decision_equal(&study->kept.v[n - 1], decision))
		study->differs = n;
	return 0;
}

/* The boots that are allowed have been made, whatever they said. */
static bool is_spent(const struct study *study)
{
	return study->campaign->trials && study->trials >= study->campaign->trials;
}

/* 1: go on. 0: there are no more trials. */
static int perform(struct study *study, const struct factors_step *step, struct err *err)
{
	double before = factors_fails(&study->factors, step->swapped);
	struct stand *stand = stand_of(study, step->swapped);
	AUTO(decision) decision = DECISION_INIT;
	AUTO(err) impossible = ERR_INIT;
	bool gone = false;
	int there = 1;

	describe(study, step, &decision);
	stand->question = *study->spec->question;
	if (differences_setting(&study->differences, step->swapped, &stand->kernel, &stand->question.env,
				&impossible) < 0) {
		decision.skip = xstrdup(impossible.text);
		gone = true;
	}
	for (unsigned t = 0; t < step->trials && there > 0 && !gone && !is_spent(study); t++) {
		there = take_trial(study, stand, step, &decision, &gone, err);
		if (step->until_failure && decision.failures)
			break;
	}
	if (there < 0)
		return -1;
	add(study, step->swapped, &decision, gone);
	if (!there && !study->spec->setup) {
		study->decisions--;
		return 0;
	}
	return keep(study, step->swapped, before, &decision, err) < 0 ? -1 : 1;
}

/* --- the study ---------------------------------------------------------------------------------------- */

static int open_study(const struct study_spec *spec, struct campaign *campaign, struct study *study,
		      struct err *err)
{
	study->spec = spec;
	study->campaign = campaign;
	study->model = model_new(FACTORS_FLAKY);
	for (unsigned i = 0; i < study->differences.n; i++)
		study->names[i] = study->differences.v[i].name;
	factors_init(&study->factors, &(struct factors_config){ .model = study->model,
								.names = study->names,
								.n = study->differences.n,
								.confidence = campaign->confidence,
								.end_trials = campaign->end_trials,
								.most = campaign->trials });
	if ((spec->setup && units_tidy(campaign, &study->number, err) < 0) ||
	    campaign_records(campaign, &study->records, err) < 0)
		return -1;
	return decisions_load(campaign->folder, spec->setup != NULL, &study->kept, err);
}

static int end(struct campaign *campaign, struct err *err)
{
	AUTO_FREE char *now = clock_utc_now();

	progress_step("%s", campaign->sentence);
	str_replace(&campaign->ended, now);
	return campaign_save(campaign, err);
}

int factors_run(const struct study_spec *spec, struct campaign *campaign, struct study *study,
		struct err *err)
{
	AUTO_CLOSE int lock = spec->setup ? campaign_lock(campaign, err) : -1;
	AUTO(factors_step) step = FACTORS_STEP_INIT;
	int more = 1;

	if ((spec->setup && lock < 0) || open_study(spec, campaign, study, err) < 0)
		return -1;
	if (spec->setup)
		progress_step("%s: %u differences; the ends first, then each swapped alone", campaign->name,
			      study->differences.n);
	while (more > 0 && (study->state = factors_next(&study->factors, &step)) == FACTORS_RUN) {
		if (is_spent(study)) {
			study->state = FACTORS_SPENT;
			break;
		}
		more = perform(study, &step, err);
	}
	if (more < 0)
		return -1;
	factors_conclude(study);
	return spec->setup ? end(campaign, err) : 0;
}

void study_release(struct study *study)
{
	for (struct stand *stand = study->stands, *next; stand; stand = next) {
		next = stand->next;
		if (stand->open)
			booth_release(&stand->booth);
		free(stand);
	}
	record_list_release(&study->records);
	decision_list_release(&study->kept);
	factors_release(&study->factors);
	differences_release(&study->differences);
	model_free(study->model);
	*study = (struct study)STUDY_INIT;
}
