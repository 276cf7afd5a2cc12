/* What a git history is searched for: its ends, the commits between that may matter. */
#include "base/fs.h"
#include "base/progress.h"
#include "campaign/history.h"

static struct git_range range_of(const struct campaign *campaign, const char *older, const char *newer,
				 const struct strv *paths)
{
	return (struct git_range){ .older = older,
				   .newer = newer,
				   .paths = (const char *const *)paths->v,
				   .first_parent = campaign->first_parent,
				   .fix = str_eq(campaign->find, "fix") };
}

int history_ends(const char *older, const char *newer, struct campaign *campaign, struct err *err)
{
	struct git_range range = range_of(campaign, older, newer, &campaign->paths);
	struct git_range likely = range_of(campaign, older, newer, &campaign->likely_paths);
	AUTO(git) git = GIT_INIT;
	AUTO(git_commit) old = GIT_COMMIT_INIT;
	AUTO(git_commit) new = GIT_COMMIT_INIT;
	AUTO(buf) list = BUF_INIT;
	AUTO(buf) ignored = BUF_INIT;

	if (git_open(campaign->git, &git, err) < 0 || git_commit(&git, older, &old, err) < 0 ||
	    git_commit(&git, newer, &new, err) < 0 || git_range(&git, &range, &list, err) < 0)
		return -1;
	if (campaign->likely_paths.n && git_range(&git, &likely, &ignored, err) < 0)
		return err_wrap(err, "--likely");
	str_replace(&campaign->git, git.dir);
	str_replace(&campaign->older, old.id);
	str_replace(&campaign->newer, new.id);
	return 0;
}

/* What an end compiles. */
static int learn(struct builds *builds, const char *end, struct fold *fold, struct err *err)
{
	const struct build_result *result;

	progress_step("building the end %.12s", end);
	result = builds_get(builds, end, NULL, err);
	if (result)
		return fold_read(result->deps, fold, err);
	if (err->kind != ERR_CANDIDATE)
		return -1;
	err->kind = ERR_USAGE;
	return err_wrap(err, "an end of the search must build: choose another one");
}

/* The ends are built beside each other where there is room for both. */
static int learn_both(struct builds *builds, const struct campaign *campaign, struct fold *fold,
		      struct err *err)
{
	if (campaign->slots > 1 && builds->setup->runtime->away)
		builds->source.expect(&builds->source, campaign->older);
	return learn(builds, campaign->newer, fold, err) < 0 ? -1 : learn(builds, campaign->older, fold, err);
}

static void list_folded(const struct folded_list *folded, struct buf *out)
{
	for (size_t i = 0; i < folded->n; i++)
		if (folded->v[i].same_as >= 0)
			buf_addf(out, "%s\n", folded->v[i].commit);
}

/* Names of the lines, the oldest first, behind the old end. */
static void fill_candidates(const char *history, struct campaign *campaign)
{
	const char *end = history + strlen(history);

	strv_release(&campaign->candidates);
	strv_add(&campaign->candidates, campaign->older);
	while (end > history) {
		const char *line = end - 1;

		while (line > history && line[-1] != '\n')
			line--;
		strv_addf(&campaign->candidates, "%.*s", (int)strcspn(line, " \n"), line);
		end = line;
	}
}

static int keep(const struct campaign *campaign, const char *name, const struct buf *text, struct err *err)
{
	AUTO_FREE char *path = path_join(campaign->folder, name);

	return fs_write_atomic(path, text->s ? text->s : "", text->len, err);
}

/* The names of the commits that touch the likely paths. */
static int keep_likely(const struct git *git, const struct campaign *campaign, struct err *err)
{
	struct git_range range =
	    range_of(campaign, campaign->older, campaign->newer, &campaign->likely_paths);
	AUTO(buf) list = BUF_INIT;
	AUTO(buf) names = BUF_INIT;

	if (!campaign->likely_paths.n)
		return 0;
	if (git_range(git, &range, &list, err) < 0)
		return -1;
	for (const char *line = list.s; *line; line += strcspn(line, "\n"), line += *line == '\n')
		buf_addf(&names, "%.*s\n", (int)strcspn(line, " \n"), line);
	return keep(campaign, LIKELY_FILE, &names, err);
}

int history_make(struct builds *builds, struct campaign *campaign, struct err *err)
{
	struct git_range range = range_of(campaign, campaign->older, campaign->newer, &campaign->paths);
	AUTO(git) git = GIT_INIT;
	AUTO(fold) fold = FOLD_INIT;
	AUTO(folded_list) folded = FOLDED_LIST_INIT;
	AUTO(buf) list = BUF_INIT;
	AUTO(buf) history = BUF_INIT;
	AUTO(buf) names = BUF_INIT;

	if (campaign->candidates.n)
		return 0;
	if (git_open(campaign->git, &git, err) < 0 || git_range(&git, &range, &list, err) < 0 ||
	    learn_both(builds, campaign, &fold, err) < 0 ||
	    fold_history(&git, &fold, list.s, &folded, err) < 0)
		return -1;
	history_contract(list.s, &folded, &history);
	if (!history.len)
		return err_set(
		    err, ERR_USAGE,
		    "none of the %zu commits between %.12s and %.12s changes the image: the kernel is not "
		    "what makes the difference",
		    folded.n, campaign->older, campaign->newer);
	list_folded(&folded, &names);
	fill_candidates(history.s, campaign);
	progress_step("%zu of %zu commits may change the image", campaign->candidates.n - 1, folded.n);
	if (keep_likely(&git, campaign, err) < 0 || keep(campaign, HISTORY_FILE, &history, err) < 0 ||
	    keep(campaign, FOLDED_FILE, &names, err) < 0)
		return -1;
	return campaign_save(campaign, err);
}
