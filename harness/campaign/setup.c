#include "campaign/setup.h"

#include "base/datadir.h"
#include "base/fs.h"
#include "base/home.h"
#include "store/store.h"

#define CONFIG_LIMIT (4u << 20)
#define WAITING	     4 /* boots for each slot of several hosts */

static int read_scenarios(struct scenario_list *list, struct err *err)
{
	AUTO_FREE char *folder = datadir_path("configs/scenarios", err);
	AUTO(strv) names = STRV_INIT;

	if (!folder || fs_list(folder, &names, err) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		AUTO_FREE char *path = path_join(folder, names.v[i]);
		AUTO(buf) text = BUF_INIT;

		if (!str_ends(path, ".json"))
			continue;
		if (fs_read(path, CONFIG_LIMIT, &text, err) < 0 ||
		    scenario_parse(path, text.s, text.len, list, err) < 0)
			return -1;
	}
	return 0;
}

static int find_folders(const char *home, struct setup *setup, struct err *err)
{
	AUTO_FREE char *downloads = home_downloads_dir(err);

	setup->results = home_results_dir(home, err);
	setup->catalog = home_cache_dir(home, err);
	if (!downloads || !setup->results || !setup->catalog)
		return -1;
	setup->made = path_join(setup->catalog, ".images");
	store_optional(setup->results);
	return 0;
}

int setup_signatures(struct signatures *signatures, struct err *err)
{
	AUTO_FREE char *path = datadir_path("configs/signatures.json", err);
	AUTO(buf) text = BUF_INIT;

	if (!path || fs_read(path, CONFIG_LIMIT, &text, err) < 0)
		return -1;
	return signatures_parse(path, text.s, text.len, signatures, err);
}

int setup_open(const char *home, struct setup *setup, struct err *err)
{
	if (find_folders(home, setup, err) < 0 || read_scenarios(&setup->scenarios, err) < 0)
		return -1;
	return setup_signatures(&setup->signatures, err);
}

int setup_hosts(struct setup *setup, const char *uris, const char *cache_dir, struct err *err)
{
	static const struct hosts none = HOSTS_INIT;

	setup->hosts = xcalloc(1, sizeof(*setup->hosts));
	*setup->hosts = none;
	return hosts_open(setup->hosts, uris, cache_dir, err);
}

/* Guests side by side are as many as another host has room for. Of several each has its own bounds, so that some wait for
 * theirs while others go on. */
static void take_room(struct setup *setup)
{
	const struct hosts *hosts = setup->hosts;
	struct runtime *runtime = setup->runtime;

	runtime->slots = hosts->v[0].slots;
	runtime->memory = hosts->v[0].memory;
	if (hosts->n == 1)
		return;
	runtime->slots = WAITING * hosts_slots(hosts);
	runtime->memory = UINT64_MAX;
}

int setup_connect(struct setup *setup, const char *uris, const char *runtime, struct err *err)
{
	AUTO_FREE char *home =
	    xasprintf("%.*s", (int)(path_base(setup->results) - setup->results - 1), setup->results);
	AUTO_FREE char *downloads = NULL;

	if (runtime_open(runtime, home, uris, &setup->runtime, err) < 0)
		return -1;
	if (setup->runtime->away)
		return 0;
	downloads = home_downloads_dir(err);
	if (!downloads || setup_hosts(setup, uris, downloads, err) < 0)
		return -1;
	take_room(setup);
	return 0;
}

void setup_close(struct setup *setup)
{
	runtime_close(&setup->runtime);
	if (setup->hosts)
		hosts_close(setup->hosts);
	free(setup->hosts);
	signatures_release(&setup->signatures);
	scenario_list_release(&setup->scenarios);
	free(setup->results);
	free(setup->catalog);
	free(setup->made);
	*setup = (struct setup)SETUP_INIT;
}

char *setup_init(const char *arch, struct err *err)
{
	AUTO_FREE char *relative = xasprintf("guest/%s/init", arch);
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n > 0) {
		AUTO_FREE char *beside = NULL;

		self[n] = '\0';
		beside = xasprintf("%.*s%s", (int)(path_base(self) - self), self, relative);
		if (fs_exists(beside))
			return steal_pointer(&beside);
	}
	return datadir_path(relative, err);
}
