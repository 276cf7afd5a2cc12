/*
 * Three lines of any text as versions: both rules order them totally. As items of VERSIONS they are taken or
 * refused; one that is taken finds a version that is equal to it.
 */
#include <assert.h>

#include "kernel/rpmpick.h"
#include "kernel/version.h"
#include "valid.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int sign(int n)
{
	return (n > 0) - (n < 0);
}

static void check_order(int (*compare)(const char *, const char *), const char *a, const char *b,
			const char *c)
{
	assert(compare(a, a) == 0);
	assert(sign(compare(a, b)) == -sign(compare(b, a)));
	if (compare(a, b) <= 0 && compare(b, c) <= 0)
		assert(compare(a, c) <= 0);
	if (compare(a, b) == 0)
		assert(sign(compare(a, c)) == sign(compare(b, c)));
}

static void check_items(const char *word)
{
	AUTO(rpmpick) pick = RPMPICK_INIT;
	AUTO(rpmmd_package) package = { 0 };
	AUTO(err) err = ERR_INIT;

	if (rpmpick_parse("k:x86_64", word, &pick, &err) < 0) {
		fuzz_must_read(false);
		return;
	}
	package.name = xstrdup("k");
	package.arch = xstrdup("x86_64");
	package.version = xasprintf("%s-1", word);
	package.file.hash = xstrdup("0");
	assert(rpmpick_take(&pick, &package, &err) == 0);
	if (rpmpick_choose(&pick, &err) == 0)
		assert(pick.n_kernels == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(buf) text = BUF_INIT;
	char *rest, *line;
	const char *v[3] = { "", "", "" };

	buf_add(&text, data, size);
	rest = text.s;
	for (size_t i = 0; i < 3 && (line = strsep(&rest, "\n")); i++)
		v[i] = line;
	check_order(version_rpm_part, v[0], v[1], v[2]);
	check_order(version_dpkg, v[0], v[1], v[2]);
	assert(sign(version_rpm(v[0], v[1])) == -sign(version_rpm(v[1], v[0])));
	check_items(v[0]);
	return 0;
}
