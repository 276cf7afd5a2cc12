/*
 * What stands in a results folder, and may have been edited: any text as a trial's record, as a campaign's file, as a log of
 * decisions. It is damaged and named, or read; what is written of a record or of decisions reads back as the same.
 */
#include <assert.h>

#include "config/campaign.h"
#include "config/json.h"
#include "store/campaign.h"
#include "store/decision.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_record(const struct record *record, struct buf *out)
{
	AUTO(json) root = json_new_object();

	record_put(record, root);
	json_write(root, JSON_PRETTY, out);
}

static void check_record(const struct buf *text)
{
	AUTO(record) first = RECORD_INIT, second = RECORD_INIT;
	AUTO(buf) a = BUF_INIT, b = BUF_INIT;
	AUTO(err) err = ERR_INIT;

	if (record_parse("fuzz", text->s, text->len, &first, &err) < 0) {
		assert(err.kind == ERR_HOST && str_starts(err.text, "fuzz:"));
		return;
	}
	write_record(&first, &a);
	assert(record_parse("again", a.s, a.len, &second, &err) == 0);
	write_record(&second, &b);
	assert(str_eq(a.s, b.s));
}

static void check_campaign(const struct buf *text)
{
	AUTO(campaign) campaign = CAMPAIGN_INIT;
	AUTO(err) err = ERR_INIT;

	if (campaign_parse("fuzz", text->s, text->len, &campaign, &err) < 0) {
		assert(err.kind == ERR_USAGE && str_starts(err.text, "fuzz:"));
		return;
	}
	assert(campaign.confidence >= 0 && campaign.confidence <= 1 && campaign.slots <= CAMPAIGN_SLOTS_MAX);
}

static void check_decisions(const struct buf *text)
{
	AUTO(decision_list) list = DECISION_LIST_INIT, again = DECISION_LIST_INIT;
	AUTO(buf) written = BUF_INIT;
	AUTO(err) err = ERR_INIT;

	if (decisions_parse("fuzz", text->s, &list, &err) < 0) {
		assert(err.kind == ERR_HOST && str_starts(err.text, "fuzz, line "));
		return;
	}
	for (size_t i = 0; i < list.n; i++) {
		AUTO(json) root = json_new_object();

		decision_put(&list.v[i], root);
		json_write(root, JSON_LINE, &written);
	}
	assert(decisions_parse("again", written.s, &again, &err) == 0 && again.n == list.n);
	for (size_t i = 0; i < list.n; i++)
		assert(decision_equal(&list.v[i], &again.v[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(buf) text = BUF_INIT;

	buf_add(&text, data, size);
	check_record(&text);
	check_campaign(&text);
	check_decisions(&text);
	return 0;
}
