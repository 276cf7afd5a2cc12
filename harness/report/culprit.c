/* A commit that was found, ready to be told: tags as Documentation/process/handling-regressions.rst of the
 * kernel has them. */
#include "report/report.h"

enum { NAME, AUTHOR, DATE, SUBJECT };

static void add_rate(const char *what, const struct campaign_rate *rate, struct buf *out)
{
	buf_addf(out, "    %s: %u of %u boots failed (95 %% interval %.0f to %.0f %%)\n", what,
		 rate->failures, rate->trials, 100 * rate->low, 100 * rate->high);
}

static void add_environment(const struct campaign *campaign, struct buf *out)
{
	buf_adds(out, "    Environment:");
	for (size_t i = 0; i < campaign->environment.n; i++) {
		const char *pair = campaign->environment.v[i];

		if (pair[strlen(pair) - 1] != '=')
			buf_addf(out, " %s", pair);
	}
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
	add_environment(campaign, out);
	buf_addf(out,
		 "    To see it: qbisect kernel build --git DIR --rev %.12s --arch %s, then qbisect run\n"
		 "    --kernel ID --scenario %s\n",
		 culprit[NAME], campaign->arch, campaign->scenario);
	if (!fix)
		buf_addf(out, "\n    Fixes: %.12s (\"%s\")\n    #regzbot introduced: %s\n", culprit[NAME],
			 culprit[SUBJECT], culprit[NAME]);
	buf_adds(out, "\n");
}
