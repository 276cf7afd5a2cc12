/*
 * Any text is read as sources of both formats, as a control stanza, os-release, package words and what apt would fetch: no
 * access outside it, what is found stands in it, dependencies are names of kernels, and a file stays in its folder.
 */
#include <assert.h>

#include "kernel/debian.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_source(const struct buf *text, bool deb822)
{
	AUTO(debian_source) best = { NULL, NULL, 0 };

	debian_find_source(text->s, text->len, deb822, "bookworm", &best);
	assert(!best.rank == !best.uri);
	if (!best.rank)
		return;
	assert(*best.uri && strstr(text->s, best.uri) && !strpbrk(best.uri, " \t\n"));
	assert(!best.signed_by || strstr(text->s, best.signed_by));
}

static void check_offer(const char *text)
{
	struct debian_offer offer;

	if (!debian_offer_parse(text, &offer))
		return;
	assert(*offer.file && !strchr(offer.file, '/') && !str_eq(offer.file, "..") &&
	       strstr(text, offer.file));
	assert(strlen(offer.hash) == HASH_HEX_LEN && strspn(offer.hash, "0123456789abcdef") == HASH_HEX_LEN);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(debian_package) package = { NULL, NULL };
	AUTO(strv) depends = STRV_INIT;
	AUTO_FREE char *codename = NULL;
	AUTO(buf) text = BUF_INIT;
	AUTO(err) err = ERR_INIT;

	if (memchr(data, '\0', size))
		return 0;
	buf_add(&text, data, size);
	check_source(&text, false);
	check_source(&text, true);
	codename = debian_os_release(text.s, "VERSION_CODENAME");
	debian_depends(text.s, &depends);
	for (size_t i = 0; i < depends.n; i++)
		assert(str_starts(depends.v[i], "linux-"));
	if (debian_package_parse(text.s, &package, &err) == 0)
		assert(package.name[0] != '-' && str_starts(text.s, package.name) && package.arch);
	debian_suite_valid(text.s);
	check_offer(text.s);
	return 0;
}
