/* What the guest's files hold, and what it says when they hold something else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/fs.h"

/* NOLINTBEGIN(bugprone-suspicious-include): the guest is a program, there is no library to link */
#include "content.c"
#include "emit.c"
#include "util.c"
#include "verify.c"
/* NOLINTEND(bugprone-suspicious-include) */

#define SIZE (5 * 65536 + 512) /* the last page is not whole */

static struct pair pair;
static struct outcome outcome;

static int setup(void **state)
{
	AUTO(err) err = ERR_INIT;
	char *dir = fs_temp_dir("/tmp/qbisect-content-", &err);

	*state = dir;
	memset(&outcome, 0, sizeof(outcome));
	pair = (struct pair){ "src0", "dst0", SIZE, content_key(7, 2, 0), content_key(7, 1, 0) };
	return dir ? chdir(dir) : -1;
}

static int teardown(void **state)
{
	AUTO_FREE char *dir = *state;
	AUTO(err) err = ERR_INIT;

	return chdir("/") < 0 ? -1 : fs_remove_tree(dir, &err);
}

/* A source, and a copy of it as it should be. */
static void make_files(void)
{
	struct pair copy = pair;

	assert_true(pair_fill(&pair, &outcome));
	snprintf(copy.source, sizeof(copy.source), "%s", pair.copy);
	assert_true(pair_fill(&copy, &outcome));
	assert_false(outcome_failed(&outcome));
}

static void overwrite(const char *file, off_t offset, const void *data, size_t len)
{
	AUTO_CLOSE int fd = open(file, O_WRONLY);

	assert_int_equal(pwrite(fd, data, len, offset), len);
}

static void test_hash_is_fnv1a(void **state)
{
	(void)state;
	assert_true(content_hash("", 0) == 0xcbf29ce484222325U);
	assert_true(content_hash("a", 1) == 0xaf63dc4c8601ec8cU);
	assert_true(content_hash("foobar", 6) == 0x85944171f73967e8U);
}

static void test_content_depends_on_all_of_its_name(void **state)
{
	uint64_t a[8], b[8];

	(void)state;
	assert_true(content_key(1, 1, 0) != content_key(1, 2, 0));
	assert_true(content_key(1, 1, 0) != content_key(1, 1, 1));
	assert_true(content_key(1, 1, 0) != content_key(2, 1, 0));
	assert_true(content_key(1, 1, 2) != content_key(1, 2, 1));
	content_fill(a, sizeof(a), 5, 4096);
	content_fill(b, sizeof(b), 5, 4096 + 32);
	assert_memory_equal(a + 4, b, 32);
	content_fill(b, sizeof(b), 6, 4096);
	assert_memory_not_equal(a, b, sizeof(a));
	content_fill(b, sizeof(b), 5, 8192);
	assert_memory_not_equal(a, b, sizeof(a));
}

static void test_equal_files_pass(void **state)
{
	(void)state;
	make_files();
	pair_verify(&pair, &outcome);
	assert_int_equal(outcome.has, 0);
}

static void test_old_content_is_stale(void **state)
{
	char old[4096];
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	(void)state;
	make_files();
	content_fill(old, sizeof(old), pair.old_key, 135168);
	overwrite("dst0", 135168, old, sizeof(old));
	pair_verify(&pair, &outcome);
	assert_int_equal(outcome.kind, GUEST_KIND_CONTENT);
	assert_string_equal(outcome.name[GUEST_DETAIL_FILE], "dst0");
	assert_int_equal(outcome.value[GUEST_DETAIL_OFFSET], 135168);
	assert_int_equal(outcome.value[GUEST_DETAIL_PAGE], 135168 / page);
	assert_string_equal(outcome.name[GUEST_DETAIL_LIKE], "stale");
	assert_true(outcome.value[GUEST_DETAIL_EXPECTED] != outcome.value[GUEST_DETAIL_ACTUAL]);
}

static void test_lost_content_is_zeros(void **state)
{
	static const char zeros[1024];

	(void)state;
	make_files();
	overwrite("dst0", SIZE - 512, zeros, 512);
	pair_verify(&pair, &outcome);
	assert_int_equal(outcome.value[GUEST_DETAIL_OFFSET], SIZE - 512);
	assert_string_equal(outcome.name[GUEST_DETAIL_LIKE], "zeros");
	assert_int_equal(outcome.value[GUEST_DETAIL_ERRORS], 1);
}

static void test_any_byte_counts(void **state)
{
	(void)state;
	make_files();
	overwrite("src0", 4097, "\x01\x02\x03\x04\x05\x06\x07\x08\x09", 9);
	pair_verify(&pair, &outcome);
	assert_string_equal(outcome.name[GUEST_DETAIL_FILE], "src0");
	assert_in_range(outcome.value[GUEST_DETAIL_OFFSET], 4097, 4098);
	assert_string_equal(outcome.name[GUEST_DETAIL_LIKE], "other");
}

static void test_a_failure_before_gets_the_difference_as_detail(void **state)
{
	(void)state;
	make_files();
	outcome_fail(&outcome, GUEST_KIND_FSYNC, EIO, "dst0");
	pair_verify(&pair, &outcome);
	assert_string_equal(outcome.name[GUEST_DETAIL_DIFFERS], "no");
	overwrite("dst0", 0, "\x01\x02\x03\x04\x05\x06\x07\x08", 8);
	pair_verify(&pair, &outcome);
	assert_int_equal(outcome.kind, GUEST_KIND_FSYNC);
	assert_string_equal(outcome.name[GUEST_DETAIL_ERRNO], "EIO");
	assert_string_equal(outcome.name[GUEST_DETAIL_DIFFERS], "dst0");
	assert_int_equal(outcome.value[GUEST_DETAIL_ERRORS], 2);
	assert_false(outcome.has & 1U << GUEST_DETAIL_OFFSET);
}

static void test_size(void **state)
{
	(void)state;
	make_files();
	assert_int_equal(truncate("dst0", 4096), 0);
	pair_verify(&pair, &outcome);
	assert_int_equal(outcome.kind, GUEST_KIND_SIZE);
	assert_int_equal(outcome.value[GUEST_DETAIL_GOT], 4096);
	pair_verify(&pair, &outcome);
	assert_int_equal(outcome.value[GUEST_DETAIL_ERRORS], 2);
}

static void test_missing_files(void **state)
{
	(void)state;
	pair_verify(&pair, &outcome);
	assert_int_equal(outcome.kind, GUEST_KIND_SIZE);
	assert_string_equal(outcome.name[GUEST_DETAIL_ERRNO], "ENOENT");
	memset(&outcome, 0, sizeof(outcome));
	make_files();
	assert_int_equal(unlink("src0"), 0);
	pair_verify(&pair, &outcome);
	assert_int_equal(outcome.kind, GUEST_KIND_OPEN);
}

static void test_source_that_is_shorter(void **state)
{
	(void)state;
	make_files();
	assert_int_equal(truncate("src0", 70000), 0);
	pair_verify(&pair, &outcome);
	assert_int_equal(outcome.kind, GUEST_KIND_VERIFY);
	assert_false(outcome.has & 1U << GUEST_DETAIL_ERRNO);
}

static void test_fill_wants_a_fresh_file(void **state)
{
	(void)state;
	make_files();
	assert_false(pair_fill(&pair, &outcome));
	assert_int_equal(outcome.kind, GUEST_KIND_OPEN);
	assert_string_equal(outcome.name[GUEST_DETAIL_ERRNO], "EEXIST");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hash_is_fnv1a),
		cmocka_unit_test(test_content_depends_on_all_of_its_name),
		TEST(test_equal_files_pass),
		TEST(test_old_content_is_stale),
		TEST(test_lost_content_is_zeros),
		TEST(test_any_byte_counts),
		TEST(test_a_failure_before_gets_the_difference_as_detail),
		TEST(test_size),
		TEST(test_missing_files),
		TEST(test_source_that_is_shorter),
		TEST(test_fill_wants_a_fresh_file),
	};

	return cmocka_run_group_tests_name("guest content", tests, NULL, NULL);
}
