/* Unpacking by content: every packer, what is not packed, limits and damage. */
#include "tests/unit/kernel_fixture.h"

#include "kernel/unpack.h"

static void every_packer(void **state)
{
	static const int filters[] = { ARCHIVE_FILTER_GZIP, ARCHIVE_FILTER_BZIP2, ARCHIVE_FILTER_XZ,
				       ARCHIVE_FILTER_ZSTD, ARCHIVE_FILTER_NONE };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++) {
		AUTO(buf) packed = BUF_INIT, out = BUF_INIT;
		AUTO(err) err = ERR_INIT;

		fixture_pack(&packed, filters[i], "content", 7);
		buf_adds(&out, "old");
		assert_int_equal(unpack_bytes("x", packed.s, packed.len, 7, &out, &err), 0);
		assert_string_equal(out.s, "content");
		assert_int_equal(unpack_bytes("x", packed.s, packed.len, 6, &out, &err), -1);
		assert_string_equal(err.text, "cannot unpack x: larger than 6 bytes");
	}
}

static void damage(void **state)
{
	AUTO(buf) packed = BUF_INIT, out = BUF_INIT;

	(void)state;
	fixture_pack(&packed, ARCHIVE_FILTER_XZ, "content", 7);
	for (size_t len = 7; len < packed.len; len++) {
		AUTO(err) err = ERR_INIT;

		assert_int_equal(unpack_bytes("x", packed.s, len, 100, &out, &err), -1);
		assert_int_equal(err.kind, ERR_HOST);
		assert_true(str_starts(err.text, "cannot unpack x: "));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_packer),
		cmocka_unit_test(damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
