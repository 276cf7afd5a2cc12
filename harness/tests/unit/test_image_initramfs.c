/* The initramfs: read back by libarchive, the same bytes for the same input, made once. */
#include "tests/unit/kernel_fixture.h"

#include "image/initramfs.h"
#include "kernel/filters.h"

static char *init, *plain, *packed, *program;

static int set_up(void **state)
{
	AUTO(buf) xz = BUF_INIT;

	if (fixture_set_up(state) < 0)
		return -1;
	init = fixture_path("init");
	plain = fixture_path("kernel/a.ko");
	packed = fixture_path("kernel/crc32c-vpmsum.ko.xz");
	program = fixture_path("aiocp");
	fixture_pack(&xz, ARCHIVE_FILTER_XZ, "unpacked", 8);
	fixture_write(init, "binary", 6);
	fixture_write(plain, "plain", 5);
	fixture_write(packed, xz.s, xz.len);
	fixture_write(program, "program", 7);
	return 0;
}

static int tear_down(void **state)
{
	free(init);
	free(plain);
	free(packed);
	free(program);
	return fixture_tear_down(state);
}

static char *make(const char *cache_name, const char *plan)
{
	AUTO_FREE char *cache = fixture_path(cache_name);
	AUTO(strv) modules = STRV_INIT, inject = STRV_INIT;
	struct initramfs spec = { init, plan, &modules, &inject, INITRAMFS_LIMIT };
	AUTO(err) err = ERR_INIT;
	char *path = NULL;

	strv_add(&modules, packed);
	strv_add(&modules, plain);
	strv_add(&inject, program);
	if (initramfs_make(&spec, cache, &path, &err) < 0)
		fail_msg("%s", err.text);
	return path;
}

static void module_paths(void **state)
{
	static const char *const rows[][2] = {
		{ "/x/btrfs.ko", "/modules/btrfs.ko" },
		{ "/x/btrfs.ko.xz", "/modules/btrfs.ko" },
		{ "crc32c-vpmsum.ko.zst", "/modules/crc32c-vpmsum.ko" },
		{ "/a.ko.d/b.ko.gz", "/modules/b.ko" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO_FREE char *path = initramfs_module_path(rows[i][0]);

		assert_string_equal(path, rows[i][1]);
	}
}

static void content(void **state)
{
	static const struct {
		const char *path;
		unsigned mode;
		const char *data;
	} rows[] = {
		{ "dev", S_IFDIR | 0755, "" },
		{ "inject", S_IFDIR | 0755, "" },
		{ "mnt", S_IFDIR | 0755, "" },
		{ "modules", S_IFDIR | 0755, "" },
		{ "proc", S_IFDIR | 0755, "" },
		{ "sys", S_IFDIR | 0755, "" },
		{ "tmp", S_IFDIR | 0755, "" },
		{ "dev/console", S_IFCHR | 0600, "" },
		{ "init", S_IFREG | 0755, "binary" },
		{ "inject/aiocp", S_IFREG | 0755, "program" },
		{ "modules/crc32c-vpmsum.ko", S_IFREG | 0644, "unpacked" },
		{ "modules/a.ko", S_IFREG | 0644, "plain" },
		{ "plan", S_IFREG | 0644, "do this\n" },
	};
	AUTO_FREE char *path = make("cache", "do this\n");
	AUTO(reader) a = archive_read_new();
	struct archive_entry *entry;

	(void)state;
	archive_read_support_format_cpio(a);
	assert_int_equal(archive_read_open_filename(a, path, 4096), ARCHIVE_OK);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char data[64] = "";

		assert_int_equal(archive_read_next_header(a, &entry), ARCHIVE_OK);
		assert_string_equal(archive_entry_pathname(entry), rows[i].path);
		assert_int_equal(archive_entry_mode(entry), rows[i].mode);
		assert_int_equal(archive_entry_mtime(entry), 0);
		assert_int_equal(archive_entry_uid(entry), 0);
		assert_int_equal(archive_entry_ino(entry), i + 1);
		assert_int_equal(archive_read_data(a, data, sizeof(data) - 1), strlen(rows[i].data));
		assert_string_equal(data, rows[i].data);
		if (S_ISCHR(rows[i].mode))
			assert_int_equal(
			    archive_entry_rdevmajor(entry) * 100 + archive_entry_rdevminor(entry), 501);
	}
	assert_int_equal(archive_read_next_header(a, &entry), ARCHIVE_EOF);
	assert_int_equal(archive_format(a), ARCHIVE_FORMAT_CPIO_SVR4_NOCRC);
}

static void same_input_same_bytes(void **state)
{
	AUTO_FREE char *a = make("cache-a", "plan"), *b = make("cache-b", "plan"),
		       *c = make("cache-a", "other");
	AUTO(buf) text_a = BUF_INIT, text_b = BUF_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	assert_string_equal(path_base(a), path_base(b));
	assert_string_not_equal(a, c);
	assert_int_equal(fs_read(a, 1 << 20, &text_a, &err), 0);
	assert_int_equal(fs_read(b, 1 << 20, &text_b, &err), 0);
	assert_int_equal(text_a.len, text_b.len);
	assert_memory_equal(text_a.s, text_b.s, text_a.len);
}

static void every_input_counts(void **state)
{
	AUTO_FREE char *before = make("cache", "plan"), *with_init = NULL, *with_module = NULL,
		       *with_program = NULL;

	(void)state;
	fixture_write(init, "BINARY", 6);
	with_init = make("cache", "plan");
	assert_string_not_equal(before, with_init);
	fixture_write(plain, "PLAIN", 5);
	with_module = make("cache", "plan");
	assert_string_not_equal(with_init, with_module);
	fixture_write(program, "PROGRAM", 7);
	with_program = make("cache", "plan");
	assert_string_not_equal(with_module, with_program);
	fixture_write(init, "binary", 6);
	fixture_write(plain, "plain", 5);
	fixture_write(program, "program", 7);
}

static void is_made_once(void **state)
{
	AUTO_FREE char *path = make("cache-once", "plan"), *again = NULL;
	struct stat before, after;

	(void)state;
	assert_int_equal(stat(path, &before), 0);
	again = make("cache-once", "plan");
	assert_string_equal(path, again);
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
}

static void errors(void **state)
{
	AUTO_FREE char *cache = fixture_path("cache"), *other = fixture_path("other/aiocp"),
		       *none = fixture_path("none");
	AUTO_FREE char *broken = fixture_path("broken.ko.xz");
	AUTO(strv) twice = STRV_INIT, missing = STRV_INIT, damaged = STRV_INIT;
	struct initramfs spec = { init, "", NULL, &twice, INITRAMFS_LIMIT };
	AUTO(err) err = ERR_INIT;
	char *path = NULL;

	(void)state;
	fixture_write(other, "x", 1);
	fixture_write(broken,
		      "\xfd"
		      "7zXZ\0damaged",
		      13);
	strv_add(&twice, program);
	strv_add(&twice, other);
	assert_int_equal(initramfs_make(&spec, cache, &path, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_non_null(strstr(err.text, "/inject/aiocp"));
	strv_add(&missing, none);
	spec = (struct initramfs){ init, "", &missing, NULL, INITRAMFS_LIMIT };
	assert_int_equal(initramfs_make(&spec, cache, &path, &err), -1);
	assert_non_null(strstr(err.text, none));
	strv_add(&damaged, broken);
	spec.modules = &damaged;
	assert_int_equal(initramfs_make(&spec, cache, &path, &err), -1);
	assert_non_null(strstr(err.text, broken));
	assert_null(path);
}

static void write_zeros(const char *path, off_t size)
{
	fixture_write(path, "", 0);
	assert_int_equal(truncate(path, size), 0);
}

/* Files that each, or together, are more than they may be. */
static void limit(void **state)
{
	AUTO_FREE char *cache = fixture_path("cache"), *half = fixture_path("half"),
		       *most = fixture_path("b.ko"), *large = fixture_path("large"),
		       *bomb = fixture_path("bomb.ko.xz");
	AUTO_FREE char *zeros = xcalloc(1, 3 << 20);
	const struct {
		const char *module, *inject, *words; /* NULL: it is made */
	} rows[] = {
		{ plain, half, NULL },
		{ most, half, "b.ko brings it over the 1 MiB that it may have: leave files out" },
		{ plain, large, "large: larger than 1048576 bytes" },
		{ large, program, "large: larger than 1048576 bytes" },
		{ bomb, program, "bomb.ko.xz: larger than 1048576 bytes" },
	};
	AUTO(buf) xz = BUF_INIT;

	(void)state;
	write_zeros(half, 600 << 10);
	write_zeros(most, 600 << 10);
	write_zeros(large, 2 << 20);
	fixture_pack(&xz, ARCHIVE_FILTER_XZ, zeros, 3 << 20);
	fixture_write(bomb, xz.s, xz.len);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(strv) modules = STRV_INIT, inject = STRV_INIT;
		struct initramfs spec = { init, "", &modules, &inject, 1 << 20 };
		AUTO_FREE char *path = NULL;
		AUTO(err) err = ERR_INIT;

		strv_add(&modules, rows[i].module);
		strv_add(&inject, rows[i].inject);
		assert_int_equal(initramfs_make(&spec, cache, &path, &err), rows[i].words ? -1 : 0);
		if (rows[i].words && !strstr(err.text, rows[i].words))
			fail_msg("%s", err.text);
		assert_int_equal(err.kind == ERR_HOST, rows[i].words != NULL);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(module_paths),
		cmocka_unit_test(content),
		cmocka_unit_test(same_input_same_bytes),
		cmocka_unit_test(every_input_counts),
		cmocka_unit_test(is_made_once),
		cmocka_unit_test(errors),
		cmocka_unit_test(limit),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
