/*
 * Any bytes are read as repomd.xml and, in pieces as long as the last byte says, as primary.xml: what is
 * found is a plain path with a checksum, the pieces make no difference, and what is chosen is in order.
 */
#include <assert.h>

#include "base/hash.h"
#include "kernel/layout.h"
#include "kernel/rpmpick.h"
#include "kernel/version.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_file(const struct rpmmd_file *file)
{
	AUTO(buf) clean = BUF_INIT;

	assert(!layout_clean(file->href, &clean) && *clean.s && str_eq(clean.s, file->href));
	assert(hash_hex_len(file->algorithm) && strlen(file->hash) == hash_hex_len(file->algorithm));
}

struct seen {
	struct rpmpick *pick;
	struct buf text;
};

static int note(void *arg, struct rpmmd_package *package, struct err *err)
{
	struct seen *seen = arg;

	check_file(&package->file);
	assert(package->version && strchr(package->version, '-'));
	buf_addf(&seen->text, "%s %s %s %s\n", package->name, package->arch, package->version,
		 package->file.href);
	return seen->pick ? rpmpick_take(seen->pick, package, err) : 0;
}

static bool read_all(const char *data, size_t size, size_t piece, struct seen *seen)
{
	AUTO(rpmmd_reader) reader = rpmmd_reader_new("x", note, seen);
	AUTO(err) err = ERR_INIT;

	for (size_t at = 0; at < size; at += piece)
		if (rpmmd_reader_feed(reader, data + at, size - at < piece ? size - at : piece, &err) < 0)
			return false;
	return rpmmd_reader_end(reader, &err) == 0;
}

static void choose(struct rpmpick *pick)
{
	AUTO(err) err = ERR_INIT;

	if (rpmpick_choose(pick, &err) < 0)
		return;
	assert(pick->n_kernels);
	for (size_t i = 0; i < pick->n_kernels; i++) {
		assert(pick->kernels[i].n && str_eq(pick->kernels[i].parts[0]->name, pick->name));
		assert(!i || version_rpm(pick->kernels[i - 1].parts[0]->version,
					 pick->kernels[i].parts[0]->version) <= 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(rpmmd_file) file = { 0 };
	AUTO(rpmpick) pick = RPMPICK_INIT;
	struct seen whole = { &pick, BUF_INIT }, pieces = { NULL, BUF_INIT };
	AUTO(err) err = ERR_INIT;
	const char *text = (const char *)data;

	if (!size)
		return 0;
	if (rpmmd_primary("x", text, size, &file, &err) == 0)
		check_file(&file);
	assert(rpmpick_parse("kernel-default", "*", &pick, &err) == 0);
	if (read_all(text, size, size, &whole)) {
		assert(read_all(text, size, 1u + data[size - 1], &pieces));
		assert(str_eq(whole.text.s, pieces.text.s));
		choose(&pick);
	}
	buf_release(&whole.text);
	buf_release(&pieces.text);
	return 0;
}
