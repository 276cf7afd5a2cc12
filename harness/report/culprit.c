/* A commit that was found, ready to be told: tags as Documentation/process/handling-regressions.rst of the
 * kernel has them. */
#include "config/environment.h"
#include "report/report.h"

enum { NAME, AUTHOR, DATE, SUBJECT };

static void add_rate(const char *what, const struct campaign_rate *rate, struct buf *out)
{
	buf_addf(out, "    %s: %u of %u boots failed (95 %% interval %.0f to %.0f %%)\n", what,
		 rate->failures, rate->trials, 100 * rate->low, 100 * rate->high);
}

/* On the side that fails. */
static void add_commands(const struct campaign *campaign, bool fix, struct buf *out)
{
	buf_addf(out, "    To see it:\n      qbisect kernel build --git DIR --rev %.12s --arch %s%s\n",
		 campaign->range.v[fix ? 0 : campaign->range.n - 1], campaign->arch,
		 *campaign->config ? " --config FILE" : "");
	buf_addf(out, "      qbisect run --kernel ID --scenario %s", campaign->scenario);
	environment_changes(&campaign->environment, " --set ", out);
	buf_adds(out, "\n");
}

void report_culprit(const struct campaign *campaign, struct buf *out)
{
	char *const *culprit = campaign->culprit.v;
	bool fix = str_eq(campaign->find, "fix");

	buf_addf(out, "\ncommit %s\nAuthor: %s\nDate:   %s\n\n    %s\n\n", culprit[NAME], culprit[AUTHOR],
		 culprit[DATE], culprit[SUBJECT]);
	buf_adds(out, "To send:\n\n");
	buf_addf(out, "    %s %s %.12s (\"%s\"), with probability %.3f.\n", campaign->scenario,
		 fix ? "works again from" : "fails from", culprit[NAME], culprit[SUBJECT],
		 campaign->probability);
	add_rate("with the failure", &campaign->rates[0], out);
	add_rate("without", &campaign->rates[1], out);
	if (*campaign->comparison)
		buf_addf(out, "    Compared: %s\n", campaign->comparison);
	buf_adds(out, "    Environment:");
	environment_changes(&campaign->environment, " ", out);
	buf_adds(out, "\n");
	add_commands(campaign, fix, out);
	if (!fix)
		buf_addf(out, "\n    Fixes: %.12s (\"%s\")\n    #regzbot introduced: %s\n", culprit[NAME],
			 culprit[SUBJECT], culprit[NAME]);
	buf_adds(out, "\n");
}
