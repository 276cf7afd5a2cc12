/* What verbs that work on a campaign have in common. */
#include "cmd.h"
#include "report/report.h"

static int exit_code(const struct campaign *campaign)
{
	static const struct {
		const char *answer;
		int code;
	} codes[] = {
		{ "good", 0 },	 { "bad", 1 },	     { "skip", 125 },	  { "broken", 128 },
		{ "found", 0 },	 { "same", 1 },	     { "swapped", 1 },	  { "undecided", 3 },
		{ "passed", 0 }, { "regressed", 1 }, { "incomplete", 3 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
		if (str_eq(campaign->answer, codes[i].answer))
			return codes[i].code;
	return 128;
}

int cmd_conclude(const struct campaign *campaign, bool json, struct err *err)
{
	AUTO(record_list) records = RECORD_LIST_INIT;
	AUTO(buf) text = BUF_INIT;

	if (campaign_records(campaign, &records, err) < 0)
		return -1;
	(json ? report_json : report_text)(campaign, &records, &text);
	fputs(text.s, stdout);
	return exit_code(campaign);
}

int cmd_broken_off(const struct campaign *campaign, struct err *err)
{
	AUTO_FREE char *text = xstrdup(err->text);

	if (err->kind == ERR_INTERRUPTED)
		return err_set(err, ERR_INTERRUPTED, "%s: 'qbisect resume %s' goes on", text, campaign->name);
	return -1;
}
