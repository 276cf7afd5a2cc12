#include "kernel/modules.h"

#include "base/child.h"
#include "base/fs.h"
#include "kernel/catalog.h"
#include "kernel/kconfig.h"

#define MODPROBE_TIMEOUT_MS 60000
/* To end in, when its time is over or we are interrupted: an index that was damaged can keep it busy. */
#define MODPROBE_GRACE_MS 1000
#define CONFIG_LIMIT	  (16 << 20)

/* A kernel and where to ask about it. */
struct source {
	const struct candidate *candidate;
	char *dir;
	struct buf text; /* of its config */
	struct kconfig config;
};

static void source_release(struct source *source)
{
	free(source->dir);
	buf_release(&source->text);
}
AUTO_DEFINE(source, struct source, source_release);

static int source_open(const char *cache, const struct candidate *candidate, struct source *source,
		       struct err *err)
{
	AUTO_FREE char *path = NULL;

	source->candidate = candidate;
	source->dir = catalog_dir(cache, candidate);
	path = path_join(source->dir, "config");
	if (!candidate->has_config)
		return 0;
	if (fs_read(path, CONFIG_LIMIT, &source->text, err) < 0)
		return -1;
	return kconfig_open(path, source->text.s, source->text.len, &source->config, err);
}

void modules_read(char *answer, struct strv *paths)
{
	char *line;

	while ((line = strsep(&answer, "\n"))) {
		char *path = line + strlen("insmod ");

		if (!str_starts(line, "insmod "))
			continue;
		for (size_t n = strlen(path); n && path[n - 1] == ' '; n--)
			path[n - 1] = '\0';
		strv_add_once(paths, path);
	}
}

/* Asks kmod for one module. 1: it knows no such module, built in or not. */
static int ask_modprobe(const struct source *source, const char *module, struct strv *paths, struct err *err)
{
	const char *argv[] = { "modprobe", "-d",	source->dir, "-S",   source->candidate->release,
			       "-C",	   "/dev/null", "-D",	     module, NULL };
	struct child child = { .argv = argv,
			       .timeout_ms = MODPROBE_TIMEOUT_MS,
			       .grace_ms = MODPROBE_GRACE_MS,
			       .memory = KMOD_MEMORY };
	AUTO(child_result) res = CHILD_RESULT_INIT;

	if (!source->candidate->has_modules)
		return 1;
	if (child_run(&child, &res, err) < 0)
		return -1;
	if (res.status == 1 && strstr(res.err.s, " not found in "))
		return 1;
	if (child_check(&child, &res, "kmod", err) < 0)
		return -1;
	modules_read(res.out.s, paths);
	return 0;
}

static int lacks(const struct source *source, const struct module_need *need, const char *why,
		 struct err *err)
{
	return err_set(err, ERR_CANDIDATE, "kernel %s has no %s (CONFIG_%s %s): choose %s",
		       source->candidate->id, need->module ? need->module : need->symbol, need->symbol, why,
		       need->advice ? need->advice : "another kernel");
}

static int add_need(const struct source *source, const struct module_need *need, struct strv *paths,
		    struct err *err)
{
	int status = need->module ? ask_modprobe(source, need->module, paths, err) : 1;
	char state;

	if (status <= 0 || !source->candidate->has_config)
		return status < 0 ? -1 : 0;
	state = kconfig_state(&source->config, need->symbol);
	if (state == 'y')
		return 0;
	if (state == 'm')
		return lacks(source, need, "is a module, but its file was not imported", err);
	return lacks(source, need, "is not set", err);
}

int modules_closure(const char *cache, const struct candidate *candidate, const struct module_need *needs,
		    size_t n, struct strv *paths, struct err *err)
{
	AUTO(source) source = { .text = BUF_INIT };

	if (source_open(cache, candidate, &source, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (add_need(&source, &needs[i], paths, err) < 0)
			return -1;
	return 0;
}

int modules_for_filesystem(const char *cache, const struct candidate *candidate, const char *filesystem,
			   struct strv *paths, struct err *err)
{
	static const char advice[] = "a kernel with it or another --set filesystem=";
	static const struct module_need filesystems[] = {
		{ "btrfs", "BTRFS_FS", advice },
		{ "ext4", "EXT4_FS", advice },
		{ "xfs", "XFS_FS", advice },
	};
	struct module_need needs[] = {
		{ NULL, "AIO", NULL },
		{ "virtio_pci", "VIRTIO_PCI", NULL },
		{ "virtio_blk", "VIRTIO_BLK", NULL },
		{ NULL, NULL, NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(filesystems); i++)
		if (str_eq(filesystem, filesystems[i].module))
			needs[ARRAY_SIZE(needs) - 1] = filesystems[i];
	if (!needs[ARRAY_SIZE(needs) - 1].module)
		return err_set(err, ERR_USAGE, "filesystem '%s': expected btrfs, ext4 or xfs", filesystem);
	return modules_closure(cache, candidate, needs, ARRAY_SIZE(needs), paths, err);
}
