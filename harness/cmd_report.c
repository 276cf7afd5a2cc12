#include "base/fs.h"
#include "base/home.h"
#include "cmd.h"
#include "report/report.h"

static const char *format = "text", *output;

static const struct opt options[] = {
	OPT_STR("format", "text|json", &format, "how to render (default text)"),
	OPT_STR("output", "PATH", &output, "write to a file instead of stdout"),
	OPT_END,
};

static const struct {
	const char *name;
	void (*render)(const struct campaign *campaign, const struct record_list *records, struct buf *out);
} formats[] = {
	{ "text", report_text },
	{ "json", report_json },
};

static int render(const struct campaign *campaign, const struct record_list *records, struct buf *out,
		  struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		if (str_eq(formats[i].name, format)) {
			formats[i].render(campaign, records, out);
			return 0;
		}
	}
	return err_set(err, ERR_USAGE, "--format %s: expected text or json", format);
}

static int run(int argc, char **argv, int dashes, struct err *err)
{
	AUTO_FREE char *results = home_results_dir(cmd_common.home, err);
	AUTO(record_list) records = RECORD_LIST_INIT;
	AUTO(campaign) campaign = CAMPAIGN_INIT;
	AUTO(buf) text = BUF_INIT;

	(void)dashes;
	if (argc > 1)
		return err_set(err, ERR_USAGE, "report takes one campaign, found '%s' too", argv[1]);
	if (!results || campaign_load(results, argc ? argv[0] : NULL, &campaign, err) < 0 ||
	    campaign_records(&campaign, &records, err) < 0 || render(&campaign, &records, &text, err) < 0)
		return -1;
	if (output)
		return fs_write_atomic(output, text.s, text.len, err);
	fputs(text.s, stdout);
	return 0;
}

const struct verb cmd_report = {
	"report",
	"[--format text|json] [--output PATH] [CAMPAIGN]",
	"Renders a campaign (default: the newest)",
	NULL,
	options,
	NULL,
	run,
};
