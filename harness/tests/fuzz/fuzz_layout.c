/*
 * Any path is either called unsafe, or put into a plain form that cannot leave a root, that is its own plain
 * form, and whose pieces have a valid release and a rest that is plain too. The second line is a link's
 * target: one that stays is, joined to its folder, never above the root.
 */
#include <assert.h>

#include "kernel/layout.h"
#include "valid.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_plain(const char *path)
{
	AUTO(buf) again = BUF_INIT;

	assert(*path != '/' && !str_ends(path, "/") && !strstr(path, "//"));
	assert(!layout_clean(path, &again) && str_eq(again.s, path));
}

static void check_piece(const char *path, bool build)
{
	AUTO(layout) layout = LAYOUT_INIT;

	layout_find(path, build, &layout);
	fuzz_must_read(build || layout.kind != LAYOUT_OTHER);
	assert(!layout.release[0] || candidate_release_valid(layout.release));
	assert(layout.kind != LAYOUT_OTHER || !layout.release[0]);
	if (layout.kind == LAYOUT_MODULES)
		check_plain(layout.rest.s);
	layout_descend(path, build);
}

/* Walks the target by hand from the link's folder. */
static void check_link(const char *member, const char *target)
{
	AUTO_FREE char *rest_text = xstrdup(target);
	char *rest = rest_text, *part;
	long depth = 0;

	for (; *member; member++)
		depth += *member == '/';
	assert(*target != '/');
	while ((part = strsep(&rest, "/"))) {
		if (str_eq(part, ".."))
			assert(--depth >= 0);
		else if (*part && !str_eq(part, "."))
			depth++;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(buf) text = BUF_INIT, clean = BUF_INIT;
	char *target;

	buf_add(&text, data, size);
	target = memchr(text.s, '\n', text.len);
	if (target)
		*target++ = '\0';
	if (layout_clean(text.s, &clean) || clean.len > 1000)
		return 0; /* a rest gets "kernel/" in front, which may make it too long for a plain form */
	check_plain(clean.s);
	check_piece(clean.s, false);
	check_piece(clean.s, true);
	if (target && layout_link_stays(clean.s, target))
		check_link(clean.s, target);
	return 0;
}
