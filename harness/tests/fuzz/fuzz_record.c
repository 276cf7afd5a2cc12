/*
 * What stands in a results folder, and may have been edited: any text as a trial's record, as a campaign's file, as a log of
 * decisions. It is damaged and named, or read, and then what is written of it reads back as the same.
 */
#include <assert.h>

#include "base/fs.h"
#include "store/campaign.h"
#include "store/decision.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *folder;

static void remove_folder(void)
{
	AUTO(err) ignored = ERR_INIT;

	fs_remove_tree(folder, &ignored);
}

static void put(const char *name, const uint8_t *data, size_t size)
{
	AUTO_FREE char *path = path_join(folder, name);
	FILE *file = fopen(path, "we");

	assert(file && fwrite(data, 1, size, file) == size && fclose(file) == 0);
}

static void check_record(void)
{
	AUTO(record) first = RECORD_INIT, second = RECORD_INIT;
	AUTO(err) err = ERR_INIT;
	AUTO_FREE char *path = path_join(folder, RECORD_FILE);
	AUTO(buf) a = BUF_INIT, b = BUF_INIT;

	if (record_load(folder, &first, &err) < 0) {
		assert(err.kind == ERR_HOST && strstr(err.text, path));
		return;
	}
	assert(record_save(&first, folder, &err) == 0 && fs_read(path, 1 << 24, &a, &err) == 0);
	assert(record_load(folder, &second, &err) == 0 && record_save(&second, folder, &err) == 0);
	assert(fs_read(path, 1 << 24, &b, &err) == 0 && str_eq(a.s, b.s));
}

static void check_campaign(void)
{
	AUTO(campaign) campaign = CAMPAIGN_INIT;
	AUTO_FREE char *path = path_join(folder, CAMPAIGN_FILE);
	AUTO(buf) text = BUF_INIT;
	AUTO(err) err = ERR_INIT;

	campaign.folder = xstrdup(folder);
	if (campaign_read(path, &text, &campaign, &err) < 0)
		assert(strstr(err.text, path));
}

static void check_decisions(void)
{
	AUTO(decision_list) list = DECISION_LIST_INIT;
	AUTO(err) err = ERR_INIT;

	if (decisions_load(folder, true, &list, &err) < 0) {
		assert(err.kind == ERR_HOST && strstr(err.text, DECISION_FILE));
		return;
	}
	for (size_t i = 0; i < list.n; i++)
		assert(decision_equal(&list.v[i], &list.v[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(err) err = ERR_INIT;

	if (!folder) {
		folder = fs_temp_dir("/dev/shm/qb-fuzz-", &err);
		assert(folder);
		atexit(remove_folder);
	}
	put(RECORD_FILE, data, size);
	put(CAMPAIGN_FILE, data, size);
	put(DECISION_FILE, data, size);
	check_record();
	check_campaign();
	check_decisions();
	return 0;
}
