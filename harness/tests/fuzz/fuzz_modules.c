/*
 * Which modules a kernel has: modprobe's answer, then "====\n", then the manifest of what was imported. A file is loaded when
 * the manifest has a line of its hash and of its plain name below the kernel's folder; nothing else may be.
 */
#include <assert.h>

#include "kernel/layout.h"
#include "kernel/modules.h"
#include "kernel/verify.h"
#include "valid.h"

#define DIR  "/c/k"
#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The same as verify_lists(), by lines. */
static bool lists(const char *manifest, const char *name)
{
	AUTO_FREE char *copy = xstrdup(manifest), *want = xasprintf(HASH "  %s", name);
	char *rest = copy, *line;

	while ((line = strsep(&rest, "\n")))
		if (rest && str_eq(line, want))
			return true;
	return false;
}

static void check_path(const char *path, const char *manifest)
{
	const char *name = verify_name(DIR, path);
	AUTO(buf) clean = BUF_INIT;

	assert(!strchr(path, '\n') && !str_ends(path, " "));
	if (!name)
		return;
	assert(str_starts(path, DIR "/") && str_eq(path + strlen(DIR "/"), name));
	assert(*name && *name != '/' && !str_starts(name, "../") && !str_eq(name, "..") &&
	       !strstr(name, "/../") && !str_ends(name, "/.."));
	assert(verify_lists(manifest, HASH, name) == lists(manifest, name));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(buf) text = BUF_INIT;
	AUTO(strv) paths = STRV_INIT;
	char *manifest;

	buf_add(&text, data, size);
	manifest = strstr(text.s, "====\n");
	if (manifest) {
		*manifest = '\0';
		manifest += strlen("====\n");
	}
	modules_read(text.s, &paths);
	fuzz_must_read(paths.n > 0 && verify_name(DIR, paths.v[0]));
	for (size_t i = 0; i < paths.n && i < 16; i++) {
		check_path(paths.v[i], manifest ? manifest : "");
		assert(strv_find(&paths, paths.v[i]) == i);
	}
	return 0;
}
