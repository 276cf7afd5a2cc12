/* The folder: which campaigns, which files, and that it comes into being whole. */
#include "report/html.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "base/leftover.h"
#include "base/progress.h"
#include "report/html_dump.h"
#include "report/several.h"
#include "store/heads.h"
#include "store/store.h"

static int write_file(const char *folder, const char *name, const struct buf *text, struct err *err)
{
	AUTO_FREE char *path = path_join(folder, name);
	AUTO_CLOSE int fd = -1;

	if (report_check_interrupted(err) < 0)
		return -1;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	/* Not synced one by one: a dump that the power took away is made again. */
	if (fd < 0 || fs_write_all(fd, text->s, text->len) < 0 || close(steal_fd(&fd)) < 0)
		return err_errno(err, ERR_HOST, "cannot write %s", path);
	return 0;
}

/* For web servers, which may run as somebody else. */
static int make_folder(const char *parent, const char *name, struct err *err)
{
	AUTO_FREE char *path = path_join(parent, name);

	if (mkdir(path, 0755) < 0)
		return err_errno(err, ERR_HOST, "cannot make folder %s", path);
	return 0;
}

static int write_trials(const struct dump *dump, const struct dump_run *run, const struct record_list *trials,
			const char *folder, struct err *err)
{
	AUTO_FREE char *below = xasprintf("trial/%s", run->campaign.name);

	if (run->trial_pages == DUMP_NONE)
		return 0;
	if (make_folder(folder, below, err) < 0)
		return -1;
	for (size_t i = 0; i < trials->n; i++) {
		AUTO_FREE char *name = xasprintf("%s/%u.html", below, trials->v[i].number);
		AUTO(html) html = HTML_INIT;

		if (!dump_has_page(run, &trials->v[i]))
			continue;
		page_trial(dump, run, trials, i, &html);
		if (write_file(folder, name, &html.out, err) < 0)
			return -1;
	}
	return 0;
}

static int write_run(const struct dump *dump, const struct dump_run *run, const struct record_list *trials,
		     const char *folder, struct err *err)
{
	AUTO_FREE char *name = xasprintf("campaign/%s.html", run->campaign.name);
	AUTO_FREE char *data = xasprintf("data/%s.json", run->campaign.name);
	AUTO(html) html = HTML_INIT;
	AUTO(buf) json = BUF_INIT;

	page_campaign(dump, run, trials, &html);
	dump_trials_json(dump, run, trials, &json);
	if (write_file(folder, name, &html.out, err) < 0 || write_file(folder, data, &json, err) < 0)
		return -1;
	return write_trials(dump, run, trials, folder, err);
}

/* The newest entry of the dump, with its trials. False: it is damaged, and no entry any more. */
static bool load_trials(struct dump *dump, struct record_list *trials, struct err *why)
{
	struct dump_run *run = &dump->v[dump->n - 1];

	if (campaign_records(&run->campaign, trials, why) < 0) {
		strv_addf(&dump->damaged, "%s: %s", run->campaign.name, why->text);
		campaign_release(&run->campaign);
		dump->n--;
		return false;
	}
	for (size_t i = 0; i < trials->n; i++) {
		dump_run_add(run, &trials->v[i]);
		if (run->shown)
			health_add(&dump->health, &trials->v[i]);
	}
	return true;
}

/* Whether a campaign belongs into the dump: asked for, or of the history of what was. */
static bool is_wanted(const struct html_options *options, const struct campaign *asked,
		      const struct campaign *campaign)
{
	if (!options->only || str_eq(campaign->name, options->only))
		return true;
	return *asked->matrix && str_eq(campaign->matrix, asked->matrix) &&
	       strcmp(campaign->started, asked->started) <= 0;
}

static int find_all(const struct html_options *options, struct dump *dump, struct heads *found,
		    struct err *err)
{
	AUTO(campaign) asked = CAMPAIGN_INIT;
	AUTO(heads) all = HEADS_INIT;

	if ((options->only && campaign_load(options->results, options->only, &asked, err) < 0) ||
	    heads_load(options->results, &all, &dump->damaged, err) < 0)
		return -1;
	for (size_t i = 0; i < all.n; i++)
		if (is_wanted(options, &asked, &all.v[i]))
			heads_take(found, &all.v[i]);
	return 0;
}

/* What pages its trials have, of a campaign behind `newer` newer trials, when all are shown. */
static enum dump_pages pages_of(const struct campaign *campaign, size_t *newer)
{
	AUTO(err) ignored = ERR_INIT; /* it will be met again */
	size_t trials = 0;

	campaign_size(campaign, &trials, &ignored);
	*newer += trials;
	if (*newer <= HTML_TRIALS || *newer == trials)
		return DUMP_ALL;
	return *newer <= HTML_TRIALS + HTML_OLDER ? DUMP_NOT_GOOD : DUMP_NONE;
}

static bool is_of_newest_runs(const struct heads *found, size_t i)
{
	size_t later = 0;

	for (size_t j = i + 1; j < found->n; j++)
		later += str_eq(found->v[j].kind, "matrix") && str_eq(found->v[j].matrix, found->v[i].matrix);
	return later < HISTORY_RUNS;
}

/* How much is shown of each, which depends on what is newer. The caller's to free(). */
static struct dump_run *plan_runs(const struct html_options *options, const struct heads *found)
{
	struct dump_run *runs = xcalloc(found->n, sizeof(*runs));

	for (size_t i = found->n, newer = 0; i-- > 0;) {
		runs[i].shown = !options->only || str_eq(found->v[i].name, options->only);
		runs[i].newest_runs = is_of_newest_runs(found, i);
		runs[i].trial_pages = options->only ? DUMP_ALL : pages_of(&found->v[i], &newer);
	}
	return runs;
}

/* -1: *err, of what was asked for alone or of the dump. A damaged campaign among others is noted, and no run. */
static int write_one(const struct html_options *options, struct dump *dump, const char *folder,
		     struct err *err)
{
	bool shown = dump->v[dump->n - 1].shown;
	AUTO(record_list) trials = RECORD_LIST_INIT;
	AUTO(err) why = ERR_INIT;

	if (!load_trials(dump, &trials, &why))
		return options->only && shown ? err_set(err, why.kind, "%s", why.text) : 0;
	return shown ? write_run(dump, &dump->v[dump->n - 1], &trials, folder, err) : 0;
}

/* One after the other, so that no more than one campaign's trials are in memory. */
static int write_runs(const struct html_options *options, struct dump *dump, const char *folder,
		      struct err *err)
{
	AUTO(heads) found = HEADS_INIT;
	AUTO_FREE struct dump_run *runs = NULL;

	if (find_all(options, dump, &found, err) < 0)
		return -1;
	runs = plan_runs(options, &found);
	for (size_t i = 0; i < found.n; i++) {
		GROW(dump->v, dump->n, dump->cap);
		dump->v[dump->n] = runs[i];
		dump->v[dump->n++].campaign = found.v[i];
		found.v[i] = (struct campaign)CAMPAIGN_INIT;
		progress_live("writing %s: campaign %zu of %zu", options->output, i + 1, found.n);
		if (write_one(options, dump, folder, err) < 0)
			return -1;
	}
	return 0;
}

static int write_index(const struct dump *dump, const char *folder, struct err *err)
{
	static const struct buf marker = { (char *)HTML_SCHEMA "\n", sizeof(HTML_SCHEMA), 0 };
	AUTO(buf) json = BUF_INIT;
	AUTO(html) html = HTML_INIT;

	dump_json(dump, &json);
	page_index(dump, json.s, &html);
	if (write_file(folder, "data.json", &json, err) < 0 ||
	    write_file(folder, "index.html", &html.out, err) < 0)
		return -1;
	return write_file(folder, HTML_MARKER, &marker, err);
}

static int write_all(const struct html_options *options, const char *folder, struct err *err)
{
	AUTO(dump) dump = DUMP_INIT;

	if (dump_init(&dump, options->results, options->folders, err) < 0 ||
	    make_folder(folder, "campaign", err) < 0 || make_folder(folder, "trial", err) < 0 ||
	    make_folder(folder, "data", err) < 0 || write_runs(options, &dump, folder, err) < 0)
		return -1;
	return write_index(&dump, folder, err);
}

/* *there: a dump of ours stands there already. */
static int check_place(const char *output, bool *there, struct err *err)
{
	AUTO_FREE char *marker = path_join(output, HTML_MARKER);
	struct stat st;

	*there = lstat(output, &st) == 0;
	if (*there && !(S_ISDIR(st.st_mode) && fs_exists(marker)))
		return err_set(err, ERR_USAGE,
			       "--output %s is there and was not made by 'report --format html' (it has no "
			       "%s): choose another name, or remove it",
			       output, HTML_MARKER);
	return 0;
}

/* The new one takes the place of the old, which steps aside until that has worked where both cannot go at once. */
static int put_in_place(const char *made, const char *output, bool there, struct err *err)
{
	AUTO_FREE char *aside = xasprintf("%s.old", made);
	AUTO_CLOSE int old = there ? open(output, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (old >= 0) /* so that the next report does not take it for one that was left */
		flock(old, LOCK_EX | LOCK_NB);
	if (there && renameat2(AT_FDCWD, made, AT_FDCWD, output, RENAME_EXCHANGE) == 0)
		return fs_remove_tree(made, err);
	if (there && rename(output, aside) < 0)
		return err_errno(err, ERR_HOST, "cannot move %s away", output);
	if (rename(made, output) < 0) {
		err_errno(err, ERR_HOST, "cannot move the dump to %s", output);
		if (there)
			(void)!rename(aside, output);
		return -1;
	}
	return there ? fs_remove_tree(aside, err) : 0;
}

/* A folder whose lock is ours; -1 with err set, or *away: it was another one's, and has got its name meanwhile. */
static int lock_stage(const char *made, bool *away, struct err *err)
{
	AUTO_CLOSE int fd = open(made, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat ours, named;

	*away = fd < 0 && errno == ENOENT;
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0)
		return err_set(err, ERR_HOST, "another report writes %s: try again when it has ended", made);
	if (fd < 0 || fstat(fd, &ours) < 0)
		return err_errno(err, ERR_HOST, "cannot open %s", made);
	*away = stat(made, &named) < 0 || named.st_ino != ours.st_ino;
	return *away ? -1 : steal_fd(&fd);
}

/* Makes the folder, or takes that of a report that was killed, and empties it. */
static int open_stage(const char *made, struct err *err)
{
	AUTO(strv) names = STRV_INIT;
	AUTO_CLOSE int lock = -1;
	bool away = true;

	while (lock < 0 && away) {
		if (mkdir(made, 0755) < 0 && errno != EEXIST)
			return err_errno(err, ERR_HOST, "cannot make folder %s", made);
		lock = lock_stage(made, &away, err);
		if (lock < 0 && away)
			err_release(err);
	}
	if (lock < 0 || fs_list(made, &names, err) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		AUTO_FREE char *path = path_join(made, names.v[i]);

		if (fs_remove_tree(path, err) < 0)
			return -1;
	}
	return steal_fd(&lock);
}

/* In the folder `made`, whose lock is held. */
static int make_dump(const struct html_options *options, const char *made, const char *output, bool there,
		     struct err *err)
{
	LEFTOVER(made);
	AUTO(err) ignored = ERR_INIT; /* what went wrong before matters more */

	if (chmod(made, 0755) < 0)
		err_errno(err, ERR_HOST, "cannot open %s to others", made);
	else if (write_all(options, made, err) == 0 && put_in_place(made, output, there, err) == 0)
		return 0;
	fs_remove_tree(made, &ignored);
	return -1;
}

int report_html(const struct html_options *options, struct err *err)
{
	AUTO_FREE char *output = xstrdup(options->output), *made = NULL;
	AUTO_CLOSE int lock = -1;
	bool there = false;

	while (strlen(output) > 1 && str_ends(output, "/"))
		output[strlen(output) - 1] = '\0';
	if (check_place(output, &there, err) < 0 || store_try(options->results, err) < 0)
		return -1;
	made = xasprintf("%s.tmp-new", output);
	lock = open_stage(made, err);
	return lock < 0 ? -1 : make_dump(options, made, output, there, err);
}
