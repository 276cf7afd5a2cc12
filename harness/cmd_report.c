#include "base/fs.h"
#include "base/home.h"
#include "cmd.h"
#include "report/html.h"
#include "report/report.h"

#define FORMATS "text, json, kcidb, junit, ktap, csv or html"

static const char *format = "text", *origin, *output;
static bool folders;

static const struct opt options[] = {
	OPT_STR("format", "FORMAT", &format, FORMATS " (default text)"),
	OPT_STR("origin", "NAME", &origin, "of kcidb: the name that KCIDB knows you by (default qbisect)"),
	OPT_STR("output", "PATH", &output, "write to a file instead of stdout; of html: the folder"),
	OPT_FLAG("no-redact", &folders, "of html: paths of this machine stay whole"),
	OPT_END,
};

static void kcidb(const struct campaign *campaign, const struct record_list *records, struct buf *out)
{
	report_kcidb(campaign, records, origin ? origin : "qbisect", out);
}

typedef void render_fn(const struct campaign *campaign, const struct record_list *records, struct buf *out);

static const struct {
	const char *name;
	render_fn *render;
} formats[] = {
	{ "text", report_text }, { "json", report_json }, { "kcidb", kcidb }, { "junit", report_junit },
	{ "ktap", report_ktap }, { "csv", report_csv },	  { "html", NULL }, /* a folder, not a text */
};

static int find_renderer(render_fn **render, struct err *err)
{
	const char *names[ARRAY_SIZE(formats) + 1] = { NULL };
	AUTO(buf) near = BUF_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		names[i] = formats[i].name;
		if (str_eq(formats[i].name, format)) {
			*render = formats[i].render;
			return 0;
		}
	}
	opts_suggest(format, names, &near);
	return err_set(err, ERR_USAGE, "--format %s: expected " FORMATS "%s", format, near.s);
}

static int check_options(struct err *err)
{
	bool html = str_eq(format, "html");

	if (html && !output)
		return err_set(err, ERR_USAGE, "--format html makes a folder: add --output DIR");
	if (folders && !html)
		return err_set(err, ERR_USAGE, "--no-redact is for --format html, found --format %s", format);
	if (origin && !str_eq(format, "kcidb"))
		return err_set(err, ERR_USAGE, "--origin is for --format kcidb, found --format %s", format);
	if (origin && !report_kcidb_origin_valid(origin))
		return err_set(err, ERR_USAGE, "--origin '%s': expected small letters, digits and '_'",
			       origin);
	return 0;
}

static int make_dump(const char *results, const char *only, struct err *err)
{
	struct html_options dump = { .results = results, .only = only, .output = output, .folders = folders };

	if (report_html(&dump, err) < 0)
		return -1;
	printf("open %s%sindex.html\n", output, str_ends(output, "/") ? "" : "/");
	return 0;
}

static int print(const char *results, const char *name, render_fn *render, struct err *err)
{
	AUTO(record_list) records = RECORD_LIST_INIT;
	AUTO(campaign) campaign = CAMPAIGN_INIT;
	AUTO(buf) text = BUF_INIT;

	if (campaign_load(results, name, &campaign, err) < 0 ||
	    campaign_records(&campaign, &records, err) < 0)
		return -1;
	render(&campaign, &records, &text);
	if (output)
		return fs_write_atomic(output, text.s, text.len, err);
	fputs(text.s, stdout);
	return 0;
}

static int run(int argc, char **argv, int dashes, struct err *err)
{
	AUTO_FREE char *results = home_results_dir(cmd_common.home, err);
	const char *name = argc ? argv[0] : NULL;
	render_fn *render = NULL;

	(void)dashes;
	if (argc > 1)
		return err_set(err, ERR_USAGE, "report takes one campaign, found '%s' too", argv[1]);
	if (!results || find_renderer(&render, err) < 0 || check_options(err) < 0)
		return -1;
	return render ? print(results, name, render, err) : make_dump(results, name, err);
}

const struct verb cmd_report = {
	"report",
	"[--format FORMAT] [--output PATH] [CAMPAIGN]",
	"Renders a campaign (default: the newest; as html: all)",
	"text   for people: a table of the kernels, the answer, and a found commit ready to send\n"
	"json   everything, paths of this machine too, as configs/schemas/report.schema.json describes it\n"
	"kcidb  KCIDB 5.3: checkouts, builds, tests, issues (signatures) and incidents, for kcidb-submit\n"
	"junit  JUnit's XML for Jenkins and GitLab: bad is a failure, skip skipped, broken an error\n"
	"ktap   KTAP version 1: a test for each kernel, in it one for each trial\n"
	"csv    a line a trial, for spreadsheets\n"
	"html   a folder of pages, the dashboard: open its index.html, or put it on any web server. It takes the\n"
	"       place of one made before, and of nothing else\n"
	"The last five are for others: they hold no folder of this machine, and of a guest's console no control\n"
	"characters.\n",
	options,
	NULL,
	run,
};
