/* Disks, with the real mkfs tools: made once, copied, and what is refused. */
#include "tests/unit/kernel_fixture.h"

#include "base/child.h"
#include "image/disk.h"

static char *cache;

static int set_up(void **state)
{
	int failed = fixture_set_up(state);

	cache = fixture_path("disks");
	return failed;
}

static int tear_down(void **state)
{
	free(cache);
	return fixture_tear_down(state);
}

static bool installed(const char *program)
{
	AUTO_FREE char *path = child_program(program);

	return path != NULL;
}

static uint32_t read_u32(const char *path, off_t at)
{
	FILE *f = fopen(path, "rb");
	unsigned char b[4] = { 0 };

	assert_non_null(f);
	fseeko(f, at, SEEK_SET);
	assert_int_equal(fread(b, 1, 4, f), 4);
	fclose(f);
	return b[0] | b[1] << 8 | b[2] << 16 | (uint32_t)b[3] << 24;
}

/* Its path is the caller's to free(). */
static char *make_disk(const char *filesystem, unsigned sectorsize)
{
	struct disk_spec spec = { filesystem, sectorsize, 320, NULL };
	AUTO_FREE char *tool = NULL;
	AUTO(err) err = ERR_INIT;
	char *path = NULL;
	struct stat st;

	if (disk_make(&spec, cache, &path, &tool, &err) < 0)
		fail_msg("%s", err.text);
	assert_true(strpbrk(tool, "0123456789") && !strchr(tool, '\n'));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 320 << 20);
	assert_true(st.st_blocks * 512 < 160 << 20);
	return path;
}

static void btrfs_has_the_sector_size_asked_for(void **state)
{
	AUTO_FREE char *small = NULL, *large = NULL;

	(void)state;
	if (!installed("mkfs.btrfs"))
		skip();
	small = make_disk("btrfs", 4096);
	large = make_disk("btrfs", 65536);
	/* super block at 64 KiB; btrfs_super_block.sectorsize is 0x90 bytes into it */
	assert_int_equal(read_u32(small, 65536 + 0x90), 4096);
	assert_int_equal(read_u32(large, 65536 + 0x90), 65536);
}

static void ext4_and_xfs(void **state)
{
	AUTO_FREE char *ext4 = NULL, *xfs = NULL;

	(void)state;
	if (!installed("mkfs.ext4") || !installed("mkfs.xfs"))
		skip();
	ext4 = make_disk("ext4", 4096);
	xfs = make_disk("xfs", 4096);
	assert_int_equal(read_u32(ext4, 1024 + 0x18), 2); /* log2 of the block size, less 10 */
	assert_int_equal(read_u32(xfs, 0), 0x42534658);	  /* "XFSB" */
	assert_int_equal(read_u32(xfs, 4), 0x00100000);	  /* 4096, big-endian */
}

static size_t images(void)
{
	AUTO(strv) names = STRV_INIT;
	AUTO(err) err = ERR_INIT;
	size_t n = 0;

	assert_int_equal(fs_list(cache, &names, &err), 0);
	for (size_t i = 0; i < names.n; i++) {
		n += str_ends(names.v[i], ".img");
		assert_false(str_ends(names.v[i], ".part"));
	}
	return n;
}

static void an_image_is_made_once(void **state)
{
	struct disk_spec spec = { "ext4", 1024, 32, NULL };
	AUTO_FREE char *a = NULL, *b = NULL, *c = NULL;
	AUTO(strv) options = STRV_INIT;
	struct stat before, after;
	AUTO(err) err = ERR_INIT;

	(void)state;
	if (!installed("mkfs.ext4"))
		skip();
	assert_int_equal(disk_make(&spec, cache, &a, NULL, &err), 0);
	assert_int_equal(stat(a, &before), 0);
	assert_int_equal(disk_make(&spec, cache, &b, NULL, &err), 0);
	assert_string_equal(a, b);
	assert_int_equal(stat(b, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	strv_add(&options, "-O");
	strv_add(&options, "^has_journal");
	spec.options = &options;
	assert_int_equal(disk_make(&spec, cache, &c, NULL, &err), 0);
	assert_string_not_equal(a, c);
}

static void what_is_refused(void **state)
{
	static const struct {
		struct disk_spec spec;
		const char *expected;
	} rows[] = {
		{ { "zfs", 4096, 512, NULL }, "expected btrfs, ext4 or xfs" },
		{ { "btrfs", 5000, 512, NULL },
		  "sectorsize 5000: expected a power of two from 4096 to 65536" },
		{ { "btrfs", 0, 512, NULL }, "sectorsize 0" },
		{ { "btrfs", 2048, 512, NULL }, "sectorsize 2048" },
		{ { "btrfs", 131072, 512, NULL }, "sectorsize 131072" },
		{ { "xfs", 4096, 100, NULL }, "at least 300" },
	};
	char *path = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(err) err = ERR_INIT;

		assert_int_equal(disk_make(&rows[i].spec, cache, &path, NULL, &err), -1);
		assert_int_equal(err.kind, ERR_USAGE);
		if (!strstr(err.text, rows[i].expected))
			fail_msg("'%s' lacks '%s'", err.text, rows[i].expected);
		assert_null(path);
	}
}

static void mkfs_words_are_passed_on(void **state)
{
	AUTO(strv) options = STRV_INIT;
	struct disk_spec spec = { "ext4", 4096, 32, &options };
	AUTO(err) err = ERR_INIT;
	char *path = NULL;
	size_t before;

	(void)state;
	if (!installed("mkfs.ext4"))
		skip();
	before = images();
	strv_add(&options, "-O");
	strv_add(&options, "no_such_feature");
	assert_int_equal(disk_make(&spec, cache, &path, NULL, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_non_null(strstr(err.text, "no_such_feature"));
	assert_int_equal(images(), before);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(btrfs_has_the_sector_size_asked_for),
		cmocka_unit_test(ext4_and_xfs),
		cmocka_unit_test(an_image_is_made_once),
		cmocka_unit_test(what_is_refused),
		cmocka_unit_test(mkfs_words_are_passed_on),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
