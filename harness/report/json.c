#include "report/report.h"

void report_json(const struct campaign *campaign, const struct record_list *records, struct buf *out)
{
	campaign_format(campaign, records, out);
}
