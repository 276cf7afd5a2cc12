/* Packages and folders that are not trusted: what is taken, and that all else is refused with clear words. */
#include "tests/unit/kernel_fixture.h"

#include "kernel/intake.h"

/* Takes every regular file to out/PATH. */
static int want_all(void *arg, const char *member, struct buf *target, struct err *err)
{
	(void)err;
	buf_addf(target, "%s/%s", (const char *)arg, member);
	return 0;
}

static bool enter_all(void *arg, const char *member)
{
	(void)arg;
	(void)member;
	return true;
}

static struct intake intake_all(char *out, const struct intake_limits *limits)
{
	return (struct intake){ "x.deb", limits, want_all, enter_all, out };
}

/* Takes the package; the error must hold `expected` (NULL: it must be taken). Nothing leaves the folder. */
static void take(const char *deb, const struct intake_limits *limits, const char *expected)
{
	AUTO_FREE char *out = fixture_path("out"), *outside = fixture_path("evil");
	struct intake intake = intake_all(out, limits);
	AUTO(err) err = ERR_INIT;
	int status = intake_deb(deb, &intake, &err);

	if (expected) {
		assert_int_equal(status, -1);
		assert_int_equal(err.kind, ERR_USAGE);
		assert_non_null(strstr(err.text, "x.deb"));
		if (!strstr(err.text, expected))
			fail_msg("'%s' lacks '%s'", err.text, expected);
	} else if (status != 0) {
		fail_msg("%s", err.text);
	}
	assert_false(fs_exists(outside));
	assert_int_equal(fs_remove_tree(out, &err), 0);
}

static void take_members(const struct fixture_member *members, size_t n, const char *expected)
{
	AUTO_FREE char *deb = fixture_deb("x.deb", members, n);

	take(deb, &intake_limits, expected);
}

static void take_member(struct fixture_member member, const char *expected)
{
	take_members(&member, 1, expected);
}

static void takes_regular_files(void **state)
{
	static const struct fixture_member members[] = {
		{ .path = "./", .type = S_IFDIR },
		{ .path = "./boot/", .type = S_IFDIR },
		{ .path = "./boot/a", .data = "hello", .len = 5 },
		{ .path = "usr//lib/./b", .data = "", .len = 0 },
	};
	AUTO_FREE char *deb = fixture_deb("x.deb", members, ARRAY_SIZE(members));
	AUTO_FREE char *out = fixture_path("out"), *a = fixture_path("out/boot/a"),
		       *b = fixture_path("out/usr/lib/b");
	struct intake intake = intake_all(out, &intake_limits);
	AUTO(buf) text = BUF_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	assert_int_equal(intake_deb(deb, &intake, &err), 0);
	assert_int_equal(fs_read(a, 100, &text, &err), 0);
	assert_string_equal(text.s, "hello");
	assert_true(fs_exists(b));
	assert_int_equal(fs_remove_tree(out, &err), 0);
}

static void hostile_paths_are_refused(void **state)
{
	AUTO(buf) lengthy = BUF_INIT;

	(void)state;
	for (int i = 0; i < 300; i++)
		buf_adds(&lengthy, "long/");
	buf_adds(&lengthy, "x");
	take_member((struct fixture_member){ .path = "../evil", .data = "x", .len = 1 }, "'..'");
	take_member((struct fixture_member){ .path = "boot/../../evil", .data = "x", .len = 1 },
		    "boot/../../evil");
	take_member((struct fixture_member){ .path = "/etc/evil", .data = "x", .len = 1 }, "absolute");
	take_member((struct fixture_member){ .path = "//evil", .data = "x", .len = 1 }, "absolute");
	take_member((struct fixture_member){ .path = "..", .type = S_IFDIR }, "'..'");
	take_member((struct fixture_member){ .path = "boot/a\033[31mb", .data = "x", .len = 1 },
		    "control characters");
	take_member((struct fixture_member){ .path = lengthy.s, .data = "x", .len = 1 }, "too long");
}

static void special_files_are_refused(void **state)
{
	static const mode_t types[] = { S_IFCHR, S_IFBLK, S_IFIFO };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		take_member((struct fixture_member){ .path = "dev/x", .type = types[i] }, "dev/x: a device");
}

static void links_must_stay_inside(void **state)
{
	static const struct fixture_member through[] = {
		{ .path = "boot", .type = S_IFLNK, .link = ".." },
		{ .path = "boot/evil", .data = "x", .len = 1 },
	};

	(void)state;
	take_member((struct fixture_member){ .path = "a/b", .type = S_IFLNK, .link = "../../etc/passwd" },
		    "a/b: a link that leaves");
	take_member((struct fixture_member){ .path = "a", .type = S_IFLNK, .link = "/etc/passwd" },
		    "link that leaves");
	take_member((struct fixture_member){ .path = "a", .link = "../evil" }, "link that leaves");
	take_member((struct fixture_member){ .path = "a", .link = "/etc/passwd" }, "link that leaves");
	take_members(through, ARRAY_SIZE(through), "link that leaves");
	take_member((struct fixture_member){ .path = "a/b", .type = S_IFLNK, .link = "../c/./d" }, NULL);
	take_member((struct fixture_member){ .path = "a", .link = "./b" }, NULL);
}

/* A link that stays inside is not made, so that nothing can be written through it. */
static void links_are_not_made(void **state)
{
	static const struct fixture_member members[] = {
		{ .path = "a", .type = S_IFLNK, .link = "b" },
		{ .path = "a/file", .data = "x", .len = 1 },
	};
	AUTO_FREE char *deb = fixture_deb("x.deb", members, ARRAY_SIZE(members));
	AUTO_FREE char *out = fixture_path("out"), *a = fixture_path("out/a");
	struct intake intake = intake_all(out, &intake_limits);
	AUTO(err) err = ERR_INIT;
	struct stat st;

	(void)state;
	assert_int_equal(intake_deb(deb, &intake, &err), 0);
	assert_int_equal(lstat(a, &st), 0);
	assert_true(S_ISDIR(st.st_mode));
	assert_int_equal(fs_remove_tree(out, &err), 0);
}

static void a_member_twice_is_refused(void **state)
{
	static const struct fixture_member members[] = {
		{ .path = "a", .data = "x", .len = 1 },
		{ .path = "./a", .data = "y", .len = 1 },
	};
	static const struct fixture_member file_as_folder[] = {
		{ .path = "a", .data = "x", .len = 1 },
		{ .path = "a/b", .data = "y", .len = 1 },
	};
	AUTO_FREE char *deb = fixture_deb("folder.deb", file_as_folder, ARRAY_SIZE(file_as_folder));
	AUTO_FREE char *out = fixture_path("out");
	struct intake intake = intake_all(out, &intake_limits);
	AUTO(err) err = ERR_INIT;

	(void)state;
	take_members(members, ARRAY_SIZE(members), "a: is there twice");
	assert_int_equal(intake_deb(deb, &intake, &err), -1);
	assert_non_null(strstr(err.text, "x.deb: a/b"));
	assert_int_equal(fs_remove_tree(out, &err), 0);
}

static void limits_hold(void **state)
{
	static const struct fixture_member members[] = {
		{ .path = "a", .data = "0123456789", .len = 10 },
		{ .path = "b", .data = "0123456789", .len = 10 },
	};
	static const struct intake_limits enough = { 20, 10, 2 }, total = { 19, 10, 2 }, one = { 20, 9, 2 },
					  entries = { 20, 10, 1 };
	AUTO_FREE char *deb = fixture_deb("x.deb", members, ARRAY_SIZE(members));

	(void)state;
	take(deb, &enough, NULL);
	take(deb, &total, "b: brings the package over");
	take(deb, &one, "a: larger than");
	take(deb, &entries, "b: is one more than");
	/* the size in the header counts, before a byte is read */
	take_member((struct fixture_member){ .path = "bomb", .data = "x", .len = 1, .size = 2LL << 30 },
		    "bomb: larger than");
}

/* Whatever is missing at the end, the package is not taken for a whole one. */
static void every_truncation_is_noticed(void **state)
{
	static const struct fixture_member members[] = {
		{ .path = "boot/a", .data = "some text that fills the file", .len = 29 },
	};
	AUTO(buf) deb = BUF_INIT;
	AUTO_FREE char *path = fixture_path("x.deb");
	AUTO_FREE char *out = fixture_path("out");

	(void)state;
	fixture_deb_bytes(&deb, members, ARRAY_SIZE(members));
	for (size_t len = 8; len < deb.len; len++) {
		struct intake intake = intake_all(out, &intake_limits);
		AUTO(err) err = ERR_INIT;

		if (len == deb.len - 1 && deb.s[len] == '\n')
			continue; /* the padding alone is missing */
		fixture_write(path, deb.s, len);
		if (intake_deb(path, &intake, &err) == 0)
			fail_msg("taken with %zu of %zu bytes", len, deb.len);
		assert_non_null(strstr(err.text, "x.deb"));
		assert_int_equal(fs_remove_tree(out, &err), 0);
	}
}

/*
 * A tar that fills a reader's buffer to the last byte: all files have been read before the end of the
 * compressed stream, with its checksums, is looked at.
 */
static void the_end_of_the_stream_counts(void **state)
{
	static char noise[65536 - 3 * 512];
	struct fixture_member member = { .path = "boot/a", .data = noise, .len = sizeof(noise) };
	AUTO(buf) deb = BUF_INIT;
	AUTO_FREE char *path = fixture_path("x.deb");
	size_t whole;

	(void)state;
	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = (char)(i * i >> 3);
	fixture_deb_bytes(&deb, &member, 1);
	whole = deb.len;
	deb.s[whole - 20] ^= 1;
	fixture_write(path, deb.s, whole);
	take(path, &intake_limits, "truncated or damaged");
	deb.s[whole - 20] ^= 1;
	fixture_write(path, deb.s, whole - 12);
	take(path, &intake_limits, "truncated or damaged");
}

static void damaged_data_is_noticed(void **state)
{
	static char noise[20000];
	struct fixture_member member = { .path = "boot/a", .data = noise, .len = sizeof(noise) };
	AUTO(buf) deb = BUF_INIT;
	AUTO_FREE char *path = fixture_path("x.deb");

	(void)state;
	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = (char)(i * i >> 3);
	fixture_deb_bytes(&deb, &member, 1);
	deb.s[deb.len - 1000] ^= 1;
	fixture_write(path, deb.s, deb.len);
	take(path, &intake_limits, "truncated or damaged");
}

static void what_is_no_package_is_refused(void **state)
{
	AUTO_FREE char *path = fixture_path("x.deb");

	(void)state;
	fixture_write(path, "", 0);
	take(path, &intake_limits, "x.deb");
	fixture_write(path, "!<arch>\n", 8);
	take(path, &intake_limits, "no data.tar");
	fixture_write(path, "this is text", 12);
	take(path, &intake_limits, "x.deb");
}

static void all_compressions_are_read(void **state)
{
	static const struct {
		const char *name;
		int filter;
	} rows[] = {
		{ "data.tar", ARCHIVE_FILTER_NONE },
		{ "data.tar.gz", ARCHIVE_FILTER_GZIP },
		{ "data.tar.xz", ARCHIVE_FILTER_XZ },
		{ "data.tar.zst", ARCHIVE_FILTER_ZSTD },
	};
	static const struct fixture_member member = { .path = "a", .data = "x", .len = 1 };
	AUTO_FREE char *path = fixture_path("x.deb");

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(buf) deb = BUF_INIT, data = BUF_INIT, version = BUF_INIT;

		fixture_tar(&data, rows[i].filter, &member, 1);
		buf_adds(&version, "2.0\n");
		buf_adds(&deb, "!<arch>\n");
		fixture_ar_member(&deb, "debian-binary", &version);
		fixture_ar_member(&deb, rows[i].name, &data);
		fixture_write(path, deb.s, deb.len);
		take(path, &intake_limits, NULL);
		fixture_ar_member(&deb, "data.tar", &data);
		fixture_write(path, deb.s, deb.len);
		take(path, &intake_limits, "a second data.tar");
	}
}

static void a_folder_is_walked_without_its_links(void **state)
{
	AUTO_FREE char *tree = fixture_path("tree"), *file = fixture_path("tree/boot/a"),
		       *link = fixture_path("tree/l");
	AUTO_FREE char *out = fixture_path("out"), *copy = fixture_path("out/boot/a"),
		       *through = fixture_path("out/l");
	struct intake intake = intake_all(out, &intake_limits);
	AUTO(err) err = ERR_INIT;

	(void)state;
	fixture_write(file, "x", 1);
	assert_int_equal(symlink("/etc", link), 0);
	assert_int_equal(intake_dir(tree, &intake, &err), 0);
	assert_true(fs_exists(copy));
	assert_false(fs_exists(through));
	assert_int_equal(fs_remove_tree(out, &err), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_regular_files),
		cmocka_unit_test(hostile_paths_are_refused),
		cmocka_unit_test(special_files_are_refused),
		cmocka_unit_test(links_must_stay_inside),
		cmocka_unit_test(links_are_not_made),
		cmocka_unit_test(a_member_twice_is_refused),
		cmocka_unit_test(limits_hold),
		cmocka_unit_test(every_truncation_is_noticed),
		cmocka_unit_test(the_end_of_the_stream_counts),
		cmocka_unit_test(damaged_data_is_noticed),
		cmocka_unit_test(what_is_no_package_is_refused),
		cmocka_unit_test(all_compressions_are_read),
		cmocka_unit_test(a_folder_is_walked_without_its_links),
	};

	return cmocka_run_group_tests(tests, fixture_set_up, fixture_tear_down);
}
