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

static int collect(void *arg, const void *data, size_t len, struct err *err)
{
	(void)err;
	buf_add(arg, data, len);
	return 0;
}

static int refuse(void *arg, const void *data, size_t len, struct err *err)
{
	(void)arg;
	(void)data;
	(void)len;
	return err_set(err, ERR_USAGE, "refused");
}

static void files_in_pieces(void **state)
{
	AUTO_FREE char *path = fixture_path("packed"), *text = xcalloc(1, 200001),
		       *none = fixture_path("none");
	AUTO(buf) packed = BUF_INIT, out = BUF_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	memset(text, 'x', 200000);
	fixture_pack(&packed, ARCHIVE_FILTER_ZSTD, text, 200000);
	fixture_write(path, packed.s, packed.len);
	assert_int_equal(unpack_file(path, 200000, collect, &out, &err), 0);
	assert_string_equal(out.s, text);
	buf_reset(&out);
	assert_int_equal(unpack_file(path, 199999, collect, &out, &err), -1);
	assert_non_null(strstr(err.text, "larger than 199999 bytes"));
	assert_true(out.len < 199999);
	assert_int_equal(unpack_file(path, 200000, refuse, NULL, &err), -1);
	assert_string_equal(err.text, "refused");
	fixture_write(path, packed.s, packed.len - 1);
	assert_int_equal(unpack_file(path, 200000, collect, &out, &err), -1);
	assert_int_equal(unpack_file(none, 200000, collect, &out, &err), -1);
	assert_int_equal(err.kind, ERR_HOST);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_packer),
		cmocka_unit_test(damage),
		cmocka_unit_test(files_in_pieces),
	};

	return cmocka_run_group_tests(tests, fixture_set_up, fixture_tear_down);
}
