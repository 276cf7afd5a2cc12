/* rpm packages that are not trusted: the same looks as at Debian's, and what is peculiar to their cpio. */
#include "tests/unit/kernel_fixture.h"

#include "kernel/intake.h"

static const struct intake_limits small = { 100, 50, 4 };

/* Takes every regular file below boot/ to out/PATH. */
static int want_boot(void *arg, const char *member, struct buf *target, struct err *err)
{
	(void)err;
	if (str_starts(member, "boot/"))
		buf_addf(target, "%s/%s", (const char *)arg, member);
	return 0;
}

static int take(const struct buf *rpm, const struct intake_limits *limits, struct err *err)
{
	AUTO_FREE char *path = fixture_path("x.rpm"), *out = fixture_path("out");
	struct intake intake = { "x.rpm", limits, want_boot, NULL, out };

	fixture_write(path, rpm->s, rpm->len);
	return intake_rpm(path, &intake, err);
}

/* Takes the package; the error must hold `expected` (NULL: it must be taken). Nothing leaves the folder. */
static void check(const struct buf *rpm, const struct intake_limits *limits, const char *expected)
{
	AUTO_FREE char *out = fixture_path("out"), *outside = fixture_path("evil");
	AUTO(err) err = ERR_INIT, ignored = ERR_INIT;

	if (take(rpm, limits, &err) < 0) {
		if (!expected || !strstr(err.text, expected) || !str_starts(err.text, "x.rpm"))
			fail_msg("'%s' lacks '%s'", err.text, expected);
		assert_int_equal(err.kind, ERR_USAGE);
	} else if (expected) {
		fail_msg("taken, not refused with '%s'", expected);
	}
	assert_false(fs_exists(outside));
	assert_int_equal(fs_remove_tree(out, &ignored), 0);
}

static void check_member(struct fixture_member member, const char *expected)
{
	AUTO(buf) rpm = BUF_INIT;

	fixture_rpm_bytes(&rpm, ARCHIVE_FILTER_ZSTD, &member, 1);
	check(&rpm, &intake_limits, expected);
}

static void all_payloads_are_read(void **state)
{
	static const int filters[] = { ARCHIVE_FILTER_NONE, ARCHIVE_FILTER_GZIP, ARCHIVE_FILTER_BZIP2,
				       ARCHIVE_FILTER_XZ, ARCHIVE_FILTER_ZSTD };
	static const struct fixture_member members[] = {
		{ .path = "./boot", .type = S_IFDIR },
		{ .path = "./boot/a", .data = "hello", .len = 5 },
		{ .path = "./usr/share/b", .data = "not wanted", .len = 10 },
	};
	AUTO_FREE char *a = fixture_path("out/boot/a"), *b = fixture_path("out/usr"),
		       *out = fixture_path("out");
	AUTO(buf) rpm = BUF_INIT, text = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++) {
		AUTO(err) err = ERR_INIT;

		fixture_rpm_bytes(&rpm, filters[i], members, ARRAY_SIZE(members));
		assert_int_equal(take(&rpm, &small, &err), 0);
		assert_int_equal(fs_read(a, 100, &text, &err), 0);
		assert_string_equal(text.s, "hello");
		assert_false(fs_exists(b));
		assert_int_equal(fs_remove_tree(out, &err), 0);
	}
}

static void hostile_members_are_refused(void **state)
{
	static const mode_t types[] = { S_IFCHR, S_IFBLK, S_IFIFO, S_IFSOCK };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		check_member((struct fixture_member){ .path = "dev/x", .type = types[i] }, "dev/x: a device");
	check_member((struct fixture_member){ .path = "../evil", .data = "x", .len = 1 }, "'..'");
	check_member((struct fixture_member){ .path = "boot/../../evil", .data = "x", .len = 1 }, "'..'");
	check_member((struct fixture_member){ .path = "/evil", .data = "x", .len = 1 }, "absolute");
	check_member((struct fixture_member){ .path = "a\033b", .data = "x", .len = 1 }, "control");
}

/* An absolute link begins at the package's root: it cannot leave but by "..". */
static void links(void **state)
{
	static const struct {
		const char *path, *target, *expected;
	} rows[] = {
		{ "usr/lib/modules/1/build", "/usr/src/linux-1-obj", NULL },
		{ "boot/vmlinux", "vmlinux-1", NULL },
		{ "usr/lib/a", "../share/b", NULL },
		{ "boot/a", "../../etc/passwd", "boot/a: a link that leaves" },
		{ "boot/a", "/../etc/passwd", "boot/a: a link that leaves" },
		{ "boot/a", "/usr/../../etc", "boot/a: a link that leaves" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check_member((struct fixture_member){ .path = rows[i].path,
						      .type = S_IFLNK,
						      .link = rows[i].target,
						      .data = rows[i].target,
						      .len = strlen(rows[i].target) },
			     rows[i].expected);
}

static void the_same_file_again(void **state)
{
	static const struct fixture_member same[] = {
		{ .path = "boot/a", .data = "x", .len = 1 },
		{ .path = "boot/a", .data = "x", .len = 1 },
	};
	static const struct fixture_member other[] = {
		{ .path = "boot/a", .data = "x", .len = 1 },
		{ .path = "boot/a", .data = "y", .len = 1 },
	};
	AUTO_FREE char *again = fixture_path("out/boot/a.again"), *out = fixture_path("out");
	AUTO(buf) rpm = BUF_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	fixture_rpm_bytes(&rpm, ARCHIVE_FILTER_XZ, same, 2);
	assert_int_equal(take(&rpm, &small, &err), 0);
	assert_false(fs_exists(again));
	assert_int_equal(fs_remove_tree(out, &err), 0);
	fixture_rpm_bytes(&rpm, ARCHIVE_FILTER_XZ, other, 2);
	check(&rpm, &small, "boot/a: is there twice, and differs");
}

static void limits_hold(void **state)
{
	static char zeros[51];
	static const struct fixture_member large = { .path = "boot/a", .data = zeros, .len = 51 };
	static const struct fixture_member many[] = {
		{ .path = "boot/a", .data = zeros, .len = 50 },
		{ .path = "doc/b", .data = zeros, .len = 50 },
		{ .path = "doc/c", .data = zeros, .len = 1 },
	};
	AUTO(buf) rpm = BUF_INIT, cpio = BUF_INIT, packed = BUF_INIT;
	AUTO_FREE char *behind = xcalloc(1, 1 << 20);

	(void)state;
	fixture_rpm_bytes(&rpm, ARCHIVE_FILTER_ZSTD, &large, 1);
	check(&rpm, &small, "boot/a: larger than");
	fixture_rpm_bytes(&rpm, ARCHIVE_FILTER_ZSTD, many, 2);
	check(&rpm, &small, NULL);
	fixture_rpm_bytes(&rpm, ARCHIVE_FILTER_ZSTD, many, 3);
	check(&rpm, &small, "doc/c: brings the package over");
	fixture_archive(&cpio, ARCHIVE_FORMAT_CPIO_SVR4_NOCRC, ARCHIVE_FILTER_NONE, many, 1);
	buf_add(&cpio, behind, 1 << 20);
	fixture_pack(&packed, ARCHIVE_FILTER_ZSTD, cpio.s, cpio.len);
	fixture_rpm_front(&rpm);
	buf_add(&rpm, packed.s, packed.len);
	check(&rpm, &small, "more data behind its last file");
}

/* A name of 3.5 GiB, of which 16 MiB are there: not so much is taken into memory. */
static void a_name_is_not_endless(void **state)
{
	static const struct fixture_member member = { .path = "boot/a", .data = "x", .len = 1 };
	AUTO_FREE char *zeros = xcalloc(1, 16 << 20);
	AUTO(buf) rpm = BUF_INIT, cpio = BUF_INIT, packed = BUF_INIT;

	(void)state;
	fixture_archive(&cpio, ARCHIVE_FORMAT_CPIO_SVR4_NOCRC, ARCHIVE_FILTER_NONE, &member, 1);
	memcpy(cpio.s + 94, "E0000000", 8); /* c_namesize */
	buf_add(&cpio, zeros, 16 << 20);
	fixture_pack(&packed, ARCHIVE_FILTER_ZSTD, cpio.s, cpio.len);
	fixture_rpm_front(&rpm);
	buf_add(&rpm, packed.s, packed.len);
	check(&rpm, &intake_limits, "that belong to no file");
}

static void every_truncation_is_noticed(void **state)
{
	static const struct fixture_member member = { .path = "boot/a", .data = "some text", .len = 9 };
	static const int filters[] = { ARCHIVE_FILTER_XZ, ARCHIVE_FILTER_ZSTD, ARCHIVE_FILTER_GZIP };
	AUTO(buf) rpm = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++) {
		fixture_rpm_bytes(&rpm, filters[i], &member, 1);
		while (rpm.len > 4) {
			rpm.len--;
			check(&rpm, &intake_limits, "x.rpm");
		}
	}
}

static void the_end_of_the_stream_counts(void **state)
{
	static const struct fixture_member member = { .path = "boot/a", .data = "some text", .len = 9 };
	AUTO(buf) rpm = BUF_INIT;

	(void)state;
	fixture_rpm_bytes(&rpm, ARCHIVE_FILTER_XZ, &member, 1);
	rpm.s[rpm.len - 20] ^= 1;
	check(&rpm, &intake_limits, "truncated or damaged");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_payloads_are_read),
		cmocka_unit_test(hostile_members_are_refused),
		cmocka_unit_test(links),
		cmocka_unit_test(the_same_file_again),
		cmocka_unit_test(limits_hold),
		cmocka_unit_test(a_name_is_not_endless),
		cmocka_unit_test(every_truncation_is_noticed),
		cmocka_unit_test(the_end_of_the_stream_counts),
	};

	return cmocka_run_group_tests(tests, fixture_set_up, fixture_tear_down);
}
