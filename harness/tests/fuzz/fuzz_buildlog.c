/*
 * What a build wrote and what its dependency files say, from a tree that may be anyone's. The line shown is
 * one harmless line of bounded length; a name of a file stays in the tree; a sorted list has each name once.
 */
#include <assert.h>

#include "base/utf8.h"
#include "kernel/buildlog.h"
#include "kernel/deps.h"
#include "valid.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_line(const struct buf *line)
{
	size_t n;

	assert(line->len <= 310);
	for (size_t at = 0; at < line->len; at += n) {
		uint32_t code = 0;

		n = utf8_next(line->s + at, line->len - at, &code);
		assert(n && !utf8_is_control(code));
	}
}

static void check_name(const char *name)
{
	AUTO_FREE char *copy = xstrdup(name);
	char *rest = copy, *part;

	assert(*name && *name != '/');
	while ((part = strsep(&rest, "/")))
		assert(*part && strcmp(part, "..") != 0 && strcmp(part, ".") != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE char *text = xcalloc(1, size + 1);
	AUTO(buildlog) log = BUILDLOG_INIT;
	AUTO(strv) files = STRV_INIT;

	memcpy(text, data, size);
	buildlog_read(text, size, "..", &log);
	fuzz_must_read(log.line.len > 0);
	check_line(&log.line);
	deps_scan(text, size, "..", &files);
	for (size_t i = 0; i < files.n; i++)
		check_name(files.v[i]);
	deps_sort(&files);
	for (size_t i = 1; i < files.n; i++)
		assert(strcmp(files.v[i - 1], files.v[i]) < 0);
	return 0;
}
