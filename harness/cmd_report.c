#include "base/fs.h"
#include "base/home.h"
#include "base/progress.h"
#include "cmd.h"
#include "report/html.h"
#include "report/several.h"
#include "store/heads.h"

static const char *format = "text", *origin, *output, *since;
static bool all, folders;

static const char *const names[] = { "text", "json", "jsonl", "kcidb", "junit", "ktap", "csv", "html", NULL };
#define FORMATS "text, json, jsonl, kcidb, junit, ktap, csv or html"

static const struct opt options[] = {
	OPT_STR("format", "FORMAT", &format, FORMATS " (default text)"),
	OPT_FLAG("all", &all, "all campaigns in one report, the oldest first"),
	OPT_STR("since", "TIME", &since,
		"those that began at that time (UTC) or later, as a night's: 2026-11-26 or 2026-11-26T18:00"),
	OPT_STR("origin", "NAME", &origin, "of kcidb: the name that KCIDB knows you by (default qbisect)"),
	OPT_STR("output", "PATH", &output, "write to a file instead of stdout; of html: the folder"),
	OPT_FLAG("no-redact", &folders, "of html: paths of this machine stay whole"),
	OPT_END,
};

static int check_format(struct err *err)
{
	AUTO(buf) near = BUF_INIT;

	for (size_t i = 0; names[i]; i++)
		if (str_eq(names[i], format))
			return 0;
	opts_suggest(format, names, &near);
	return err_set(err, ERR_USAGE, "--format %s: expected " FORMATS "%s", format, near.s);
}

/* As far as it is written, it must be as campaigns write theirs: so texts can be compared. */
static bool is_time(const char *text)
{
	static const char form[] = "0000-00-00T00:00:00Z";
	size_t n = strlen(text);

	if (n != 10 && n != 16 && n != 20)
		return false;
	for (size_t i = 0; i < n; i++)
		if (form[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
			return false;
	return true;
}

static int check_html(int campaigns, struct err *err)
{
	if (!output)
		return err_set(err, ERR_USAGE, "--format html makes a folder: add --output DIR");
	if (since || campaigns > 1)
		return err_set(err, ERR_USAGE,
			       "--format html is of one campaign or of all: name one or none");
	return 0;
}

static int check_options(int campaigns, struct err *err)
{
	bool html = str_eq(format, "html");

	if (html && check_html(campaigns, err) < 0)
		return -1;
	if (folders && !html)
		return err_set(err, ERR_USAGE, "--no-redact is for --format html, found --format %s", format);
	if (origin && !str_eq(format, "kcidb"))
		return err_set(err, ERR_USAGE, "--origin is for --format kcidb, found --format %s", format);
	if (origin && !report_kcidb_origin_valid(origin))
		return err_set(err, ERR_USAGE, "--origin '%s': expected small letters, digits and '_'",
			       origin);
	if (since && !is_time(since))
		return err_set(err, ERR_USAGE,
			       "--since '%s': expected a day or a time in UTC, as 2026-11-26 or "
			       "2026-11-26T18:00",
			       since);
	if ((all || since) && campaigns)
		return err_set(err, ERR_USAGE, "%s chooses the campaigns: name none beside it",
			       all ? "--all" : "--since");
	if (all && since)
		return err_set(err, ERR_USAGE, "--all and --since: take one of them");
	return 0;
}

static int make_dump(void *only, struct err *err)
{
	AUTO_FREE char *results = home_results_dir(cmd_common.home, err);
	struct html_options dump = { .results = results, .only = only, .output = output, .folders = folders };

	if (!results || report_html(&dump, err) < 0)
		return -1;
	printf("open %s%sindex.html\n", output, str_ends(output, "/") ? "" : "/");
	return 0;
}

/* `name` NULL: the newest. */
static int choose(const char *results, const char *name, struct heads *chosen, struct err *err)
{
	AUTO(campaign) campaign = CAMPAIGN_INIT;

	if (campaign_load(results, name, &campaign, err) < 0)
		return -1;
	for (size_t i = 0; i < chosen->n; i++) /* named twice */
		if (str_eq(chosen->v[i].name, campaign.name))
			return 0;
	heads_take(chosen, &campaign);
	return 0;
}

static void warn(const char *damaged)
{
	progress_clear();
	fprintf(stderr, "qbisect: left out, because it is damaged: %s\n", damaged);
}

/* One that is damaged does not cost the report of a night. */
static int choose_many(const char *results, struct heads *chosen, struct err *err)
{
	AUTO(heads) found = HEADS_INIT;
	AUTO(strv) damaged = STRV_INIT;

	if (heads_load(results, &found, &damaged, err) < 0)
		return -1;
	for (size_t i = 0; i < damaged.n; i++)
		warn(damaged.v[i]);
	for (size_t i = 0; i < found.n; i++)
		if (!since || strcmp(found.v[i].started, since) >= 0)
			heads_take(chosen, &found.v[i]);
	if (!chosen->n)
		return err_set(err, ERR_USAGE, "there is no campaign %s%s in %s", since ? "since " : "yet",
			       since ? since : "", results);
	return 0;
}

/* What is rendered leaves at once, unless a file is to have all or nothing. */
static void pass_on(struct buf *text)
{
	if (output)
		return;
	fwrite(text->s, 1, text->len, stdout);
	buf_reset(text);
}

static int add(const struct report_format *renderer, struct report *report, const struct campaign *campaign,
	       struct buf *text, struct err *err)
{
	AUTO(record_list) records = RECORD_LIST_INIT;

	if (campaign_records(campaign, &records, err) < 0)
		return -1;
	renderer->add(report, campaign, &records, text);
	pass_on(text);
	return 0;
}

/* `named`: one that is damaged is an error. */
static int render(const struct heads *chosen, bool several, bool named, struct err *err)
{
	const struct report_format *renderer = report_format_find(format);
	struct report report = { .total = chosen->n,
				 .several = several,
				 .origin = origin ? origin : "qbisect" };
	AUTO(buf) text = BUF_INIT;
	int status = 0;

	for (size_t i = 0; i < chosen->n && status == 0; i++) {
		AUTO(err) why = ERR_INIT;

		if (report_check_interrupted(err) < 0)
			return -1;
		if (add(renderer, &report, &chosen->v[i], &text, &why) == 0)
			continue;
		if (named) {
			status = err_set(err, why.kind, "%s", why.text);
		} else {
			AUTO_FREE char *damaged = xasprintf("%s: %s", chosen->v[i].name, why.text);

			warn(damaged);
		}
	}
	renderer->end(&report, &text);
	if (status < 0 || report_check_interrupted(err) < 0)
		return -1;
	pass_on(&text);
	return output ? fs_write_atomic(output, text.s, text.len, err) : 0;
}

struct asked { /* campaigns, by name; none: the newest */
	int n;
	char **v;
};

static int work(void *arg, struct err *err)
{
	const struct asked *asked = arg;
	AUTO_FREE char *results = home_results_dir(cmd_common.home, err);
	AUTO(heads) chosen = HEADS_INIT;

	if (!results)
		return -1;
	if (all || since) {
		if (choose_many(results, &chosen, err) < 0)
			return -1;
	} else {
		for (int i = 0; i < (asked->n ? asked->n : 1); i++)
			if (choose(results, asked->n ? asked->v[i] : NULL, &chosen, err) < 0)
				return -1;
	}
	return render(&chosen, all || since || asked->n > 1, !all && !since, err);
}

/* Under a supervisor, which takes away what is half written when we are killed. */
static int run(int argc, char **argv, int dashes, struct err *err)
{
	struct asked asked = { argc, argv };

	(void)dashes;
	if (check_format(err) < 0 || check_options(argc, err) < 0)
		return -1;
	if (str_eq(format, "html"))
		return cmd_supervise(make_dump, argc ? argv[0] : NULL);
	return output ? cmd_supervise(work, &asked) : work(&asked, err);
}

const struct verb cmd_report = {
	"report",
	"[--format FORMAT] [--output PATH] [--all | --since TIME | CAMPAIGN...]",
	"Renders campaigns (default: the newest; as html: all)",
	"text   for people: a table of the kernels, the answer, and a found commit ready to send\n"
	"json   everything, paths of this machine too, as configs/schemas/report.schema.json describes it\n"
	"jsonl  the same for streams: a line the campaign, then a line each of its trials\n"
	"kcidb  KCIDB 5.3: checkouts, builds, tests, issues (signatures) and incidents, for kcidb-submit\n"
	"junit  JUnit's XML for Jenkins and GitLab: bad is a failure, skip skipped, broken an error\n"
	"ktap   KTAP version 1: a test for each kernel, in it one for each trial\n"
	"csv    a line a trial, for spreadsheets\n"
	"html   a folder of pages, the dashboard: open its index.html, or put it on any web server. It takes the\n"
	"       place of one made before, and of nothing else\n"
	"The last five are for others: they hold no folder of this machine, and of a guest's console no control\n"
	"characters. Several campaigns make one report; of json it is an array, and a campaign of ktap is a test\n"
	"with its kernels in it.\n",
	options,
	NULL,
	run,
};
