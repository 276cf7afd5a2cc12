#include "campaign/bisect.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/progress.h"
#include "campaign/build_order.h"
#include "campaign/builds.h"
#include "campaign/compare.h"
#include "campaign/given.h"
#include "campaign/history.h"
#include "campaign/search.h"
#include "campaign/units.h"
#include "kernel/catalog.h"
#include "store/gc.h"

static int check_twice(const struct candidate_list *list, size_t i, struct err *err)
{
	for (size_t j = 0; j < i; j++)
		if (str_eq(list->v[i].content_hash, list->v[j].content_hash))
			return err_set(err, ERR_USAGE,
				       "candidate %s is there twice: each may stand once in the list",
				       list->v[i].id);
	return 0;
}

/* The first candidate whose page size is known, or the first one. */
static const struct candidate *first_known(const struct candidate_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->v[i].pagesize)
			return &list->v[i];
	return &list->v[0];
}

int bisect_check(const struct candidate_list *list, struct err *err)
{
	const struct candidate *known;
	char first[16], other[16];

	if (list->n < 2)
		return err_set(err, ERR_USAGE,
			       "a bisection needs two candidates at least, found %zu: --kernels OLD,...,NEW",
			       list->n);
	known = first_known(list);
	for (size_t i = 0; i < list->n; i++) {
		const struct candidate *a = known, *b = &list->v[i];

		if (check_twice(list, i, err) < 0)
			return -1;
		if (!str_eq(a->arch, b->arch))
			return err_set(err, ERR_USAGE,
				       "%s is %s and %s is %s: one list, one architecture (see --compare)",
				       a->id, a->arch, b->id, b->arch);
		if (a->pagesize && b->pagesize && a->pagesize != b->pagesize)
			return err_set(
			    err, ERR_USAGE,
			    "%s has %s pages and %s has %s: one list, one page size (see --compare)", a->id,
			    candidate_pagesize_text(a, first), b->id, candidate_pagesize_text(b, other));
	}
	return 0;
}

struct list_source {
	struct source base; /* first */
	const struct candidate_list *list;
};

static const struct candidate *list_get(struct source *base, const char *name, double *seconds,
					struct err *err)
{
	const struct candidate_list *list = ((struct list_source *)base)->list;

	*seconds = 0;
	for (size_t i = 0; i < list->n; i++)
		if (str_eq(list->v[i].id, name))
			return &list->v[i];
	err_set(err, ERR_USAGE, "%s is not in the list", name);
	return NULL;
}

static int search(const struct bisect_spec *spec, struct source *source, struct campaign *campaign,
		  struct err *err)
{
	const struct search_spec parts = { spec->setup, &spec->question, source, campaign };
	AUTO(search) search = SEARCH_INIT;

	if (search_open(&parts, &search, err) < 0)
		return -1;
	progress_step("%s: %zu candidates; the ends first, then whatever tells most", campaign->name,
		      campaign->candidates.n);
	if (search_run(&search, err) < 0)
		return -1;
	search_conclude(&search);
	progress_step("%s", campaign->sentence);
	return campaign_save(campaign, err);
}

static int end(struct campaign *campaign, struct err *err)
{
	AUTO_FREE char *now = clock_utc_now();

	if (compare_conclude(campaign, err) < 0)
		return -1;
	str_replace(&campaign->ended, now);
	return campaign_save(campaign, err);
}

int bisect_run(const struct bisect_spec *spec, struct campaign *campaign, struct err *err)
{
	AUTO_CLOSE int lock = campaign_lock(campaign, err);
	struct list_source source = { { .get = list_get, .arch = spec->candidates->v[0].arch },
				      spec->candidates };
	unsigned number;

	/* The answer is kept even when what is only for comparison fails. */
	if (lock < 0 || search(spec, &source.base, campaign, err) < 0 ||
	    units_tidy(campaign, &number, err) < 0)
		return -1;
	for (size_t i = 0; i < spec->compare->n; i++)
		if (compare_ask(spec->setup, &spec->question, &spec->compare->v[i], campaign, &number, err) <
		    0)
			return -1;
	return end(campaign, err);
}

/* --- a git history ------------------------------------------------------------------------------------ */

/* "ARCH" or "ARCH:PAGESIZE". */
static int read_place(const char *word, char **arch, struct environment *env, struct err *err)
{
	const char *colon = strchrnul(word, ':');

	*arch = xasprintf("%.*s", (int)(colon - word), word);
	return environment_set(env, "pagesize", *colon ? colon + 1 : "0", err);
}

int bisect_git_check(struct campaign *campaign, const char *older, const char *newer, struct err *err)
{
	if (!arch_find(campaign->arch, err))
		return -1;
	for (size_t i = 0; i < campaign->compare.n; i++) {
		AUTO_FREE char *name = NULL;
		struct environment env;

		environment_init(&env);
		if (read_place(campaign->compare.v[i], &name, &env, err) < 0 || !arch_find(name, err))
			return err_wrap(err, "--compare %s", campaign->compare.v[i]);
	}
	return history_ends(older, newer, campaign, err);
}

/* The commit with the failure on another architecture or with other pages; the small configuration. */
static int compare_place(const struct bisect_spec *spec, const char *word, struct campaign *campaign,
			 unsigned *number, struct err *err)
{
	struct question question = spec->question;
	AUTO_FREE char *arch = NULL;
	AUTO(build_result) result = BUILD_RESULT_INIT;
	AUTO(err) refusal = ERR_INIT;
	struct build_spec build = { .git = campaign->git, .rev = compare_commit(campaign) };
	AUTO_FREE char *label = xasprintf("compare: building %.12s for %s", build.rev, word);

	if (read_place(word, &arch, &question.env, err) < 0)
		return -1;
	build.arch = arch;
	build.pagesize = (unsigned)question.env.pagesize;
	progress_step("%s", label);
	if (build_order_run(spec->setup, campaign, &build, label, &result, &refusal) < 0) {
		if (refusal.kind != ERR_CANDIDATE)
			return err_set(err, refusal.kind, "%s", refusal.text);
		return compare_refuse(spec->setup, &question, word, arch, refusal.text, campaign, number,
				      err);
	}
	return compare_ask(spec->setup, &question, &result.candidate, campaign, number, err);
}

static int name_culprit(struct campaign *campaign, struct err *err)
{
	AUTO(git) git = GIT_INIT;
	AUTO(git_commit) commit = GIT_COMMIT_INIT;

	if (!str_eq(campaign->answer, "found"))
		return 0;
	if (git_open(campaign->git, &git, err) < 0 ||
	    git_commit(&git, campaign->range.v[campaign->range.n - 1], &commit, err) < 0)
		return -1;
	strv_release(&campaign->culprit);
	strv_add(&campaign->culprit, commit.id);
	strv_add(&campaign->culprit, commit.author);
	strv_add(&campaign->culprit, commit.date);
	strv_add(&campaign->culprit, commit.subject);
	return campaign_save(campaign, err);
}

/* Once: the history must be known. */
static int take_evidence(struct campaign *campaign, struct err *err)
{
	AUTO_FREE char *path = path_join(campaign->folder, BISECT_EVIDENCE);

	if (campaign->given.n || !fs_exists(path))
		return 0;
	return given_read(path, campaign, err) < 0 ? -1 : campaign_save(campaign, err);
}

/* A question that makes no sense leaves no campaign behind, in no folder and no row. */
static void take_away(const struct campaign *campaign)
{
	AUTO(err) ignored = ERR_INIT;
	AUTO_FREE char *results = xstrdup(campaign->folder);

	*strrchr(results, '/') = '\0';
	if (gc_campaign(results, campaign, &ignored) < 0)
		fs_remove_tree(campaign->folder, &ignored);
}

static int make_history(struct builds *builds, struct campaign *campaign, struct err *err)
{
	if (history_make(builds, campaign, err) == 0 && take_evidence(campaign, err) == 0)
		return 0;
	builds_settle(builds);
	if (err->kind == ERR_USAGE)
		take_away(campaign);
	return -1;
}

int bisect_git(const struct bisect_spec *spec, struct campaign *campaign, struct err *err)
{
	AUTO_CLOSE int lock = campaign_lock(campaign, err);
	AUTO(builds) builds;
	unsigned number;

	builds_open(spec->setup, campaign, (unsigned)spec->question.env.pagesize, &builds);
	if (lock < 0 || make_history(&builds, campaign, err) < 0 ||
	    search(spec, &builds.source, campaign, err) < 0)
		return -1;
	builds_settle(&builds);
	if (name_culprit(campaign, err) < 0 || units_tidy(campaign, &number, err) < 0)
		return -1;
	for (size_t i = 0; campaign->culprit.n && i < campaign->compare.n; i++)
		if (compare_place(spec, campaign->compare.v[i], campaign, &number, err) < 0)
			return -1;
	return end(campaign, err);
}
