#include "store/folders.h"

#include <sys/stat.h>

#include "base/fs.h"

const char *const evidence_files[EVIDENCE_FILES] = { "verdict.json", "console.log", "events.ktap",
						     "domain.xml", "repeat.sh" };

static int by_number(const void *pa, const void *pb)
{
	const struct trial_folder *a = pa, *b = pb;

	if (a->number != b->number)
		return a->number < b->number ? -1 : 1;
	return strcmp(a->name, b->name);
}

/* "00012-ID", with five digits or more. 0: it is no trial's name. */
static unsigned trial_number(const char *name)
{
	size_t digits = strspn(name, "0123456789");

	return digits >= 5 && digits <= 9 && name[digits] == '-' ? (unsigned)strtoul(name, NULL, 10) : 0;
}

int folders_list(const char *campaign, struct trial_folders *folders, struct err *err)
{
	AUTO(strv) names = STRV_INIT;

	if (fs_list(campaign, &names, err) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		if (!trial_number(names.v[i]))
			continue;
		GROW(folders->v, folders->n, folders->cap);
		folders->v[folders->n].number = trial_number(names.v[i]);
		folders->v[folders->n++].name = xstrdup(names.v[i]);
	}
	if (folders->n)
		qsort(folders->v, folders->n, sizeof(*folders->v), by_number);
	return 0;
}

void folders_release(struct trial_folders *folders)
{
	for (size_t i = 0; i < folders->n; i++)
		free(folders->v[i].name);
	free(folders->v);
	*folders = (struct trial_folders)TRIAL_FOLDERS_INIT;
}

bool stamp_of(const char *path, struct stamp *stamp)
{
	struct stat st;

	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	stamp->bytes = st.st_size;
	stamp->changed = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	return true;
}
