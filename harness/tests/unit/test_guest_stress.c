/* LTP's stress tests on the host's own file system: what they do, and that they find what is planted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/fs.h"

#define QB_RAW_AIO /* the host may have no libaio */

/* NOLINTBEGIN(bugprone-suspicious-include): the guest is a program, there is no library to link */
#include "aio.c"
#include "buffers.c"
#include "content.c"
#include "crowd.c"
#include "emit.c"
#include "stress.c"
#include "util.c"
#include "writer.c"
#include "zeros.c"
/* NOLINTEND(bugprone-suspicious-include) */

static struct plan plan;
static struct outcome outcome;
static bool early; /* whether the runtime is to end what passes */

static int setup(void **state)
{
	AUTO(err) err = ERR_INIT;
	char *dir = fs_temp_dir(BUILD "/test-stress-", &err);

	*state = dir;
	memset(&outcome, 0, sizeof(outcome));
	early = false;
	plan = (struct plan){ .children = 3,
			      .blocksize = 4096,
			      .filesize = 10 * 4096,
			      .readsize = 4096,
			      .depth = 4,
			      .appends = 10,
			      .rounds = 2,
			      .runtime = 20 };
	return dir ? chdir(dir) : -1;
}

static int teardown(void **state)
{
	AUTO_FREE char *dir = *state;
	AUTO(err) err = ERR_INIT;

	return chdir("/") < 0 ? -1 : fs_remove_tree(dir, &err);
}

/* Runs an iteration that finds nothing and writes so many bytes. */
static void passes(enum workload workload, uint64_t written)
{
	memset(&outcome, 0, sizeof(outcome));
	plan.workload = workload;
	assert_null(stress_unfit(&plan, 512));
	stress_iteration(&plan, 1, &outcome);
	assert_false(outcome_failed(&outcome));
	assert_true(outcome.value[GUEST_DETAIL_WRITTEN] == written);
	assert_true(outcome.value[GUEST_DETAIL_EARLY] == early);
	assert_int_equal(access(FILE_NAME, F_OK), -1);
}

static void test_sparse(void **state)
{
	(void)state;
	passes(WORKLOAD_AIODIO_SPARSE, plan.filesize);
	assert_true(outcome.value[GUEST_DETAIL_CHECKED] >= plan.filesize);
	passes(WORKLOAD_DIO_SPARSE, plan.filesize);
	plan.filesize += 512; /* the last block goes beyond */
	passes(WORKLOAD_AIODIO_SPARSE, 11 * plan.blocksize);
	plan.offset = 3 * 4096;
	passes(WORKLOAD_DIO_SPARSE, 8 * plan.blocksize);
	plan.offset = plan.filesize + 512; /* ADSP078: nothing is written */
	passes(WORKLOAD_DIO_SPARSE, 0);
}

static void test_append(void **state)
{
	(void)state;
	passes(WORKLOAD_AIODIO_APPEND, 10 * plan.blocksize);
	passes(WORKLOAD_DIO_APPEND, 10 * plan.blocksize);
	plan.depth = 16; /* the queue is filled in any case */
	passes(WORKLOAD_AIODIO_APPEND, 16 * plan.blocksize);
}

static void test_truncate_and_read(void **state)
{
	(void)state;
	passes(WORKLOAD_DIO_TRUNCATE, 2 * 2 * 10 * plan.blocksize);
	passes(WORKLOAD_DIO_READ, (1 + plan.children) * plan.filesize);
}

static void test_every_alignment(void **state)
{
	(void)state;
	for (plan.buffers = BUFFERS_ALIGNED; plan.buffers <= BUFFERS_512; plan.buffers++) {
		passes(WORKLOAD_AIODIO_SPARSE, plan.filesize);
		passes(WORKLOAD_DIO_APPEND, 10 * plan.blocksize);
	}
}

static void test_runtime_ends_an_iteration_well(void **state)
{
	(void)state;
	plan.runtime = 0;
	early = true;
	passes(WORKLOAD_DIO_SPARSE, 0);
	passes(WORKLOAD_AIODIO_APPEND, 4 * plan.blocksize);
	plan.depth = 10; /* all that is to be written is in flight at once: nothing is left to be cut */
	early = false;
	passes(WORKLOAD_AIODIO_APPEND, 10 * plan.blocksize);
}

static void test_unfit(void **state)
{
	(void)state;
	plan.workload = WORKLOAD_DIO_APPEND;
	assert_non_null(strstr(stress_unfit(&plan, 8192), "no multiple"));
	plan.buffers = BUFFERS_MIXED;
	assert_non_null(strstr(stress_unfit(&plan, 4096), "512 bytes"));
	plan.appends = 1ULL << 40;
	assert_non_null(strstr(stress_unfit(&plan, 512), "raise disksize"));
	plan.workload = WORKLOAD_AIODIO_SPARSE;
	plan.filesize = 512;
	assert_non_null(strstr(stress_unfit(&plan, 512), "larger than the file"));
}

/* --- what is planted is found --- */

static void put(const char *file, off_t offset, const void *data, size_t len)
{
	AUTO_CLOSE int fd = open(file, O_WRONLY | O_CREAT, 0666);

	assert_int_equal(pwrite(fd, data, len, offset), len);
}

static void test_zeros_check_says_where_and_what(void **state)
{
	char data[3 * CHUNK] = { 0 };

	(void)state;
	assert_true(zeros_check(data, sizeof(data), "f", 0, &outcome));
	assert_true(zeros_check(data, 0, "f", 0, &outcome));
	memset(data + 5000, ZEROS_JUNK, 600);
	assert_false(zeros_check(data, sizeof(data), "f", 1 << 20, &outcome));
	assert_int_equal(outcome.kind, GUEST_KIND_CONTENT);
	assert_string_equal(outcome.name[GUEST_DETAIL_FILE], "f");
	assert_true(outcome.value[GUEST_DETAIL_OFFSET] == (1 << 20) + 5000);
	assert_string_equal(outcome.name[GUEST_DETAIL_LIKE], "junk");
	assert_true(outcome.value[GUEST_DETAIL_EXPECTED] == hash_of_zeros(CHUNK));
	assert_true(outcome.value[GUEST_DETAIL_ACTUAL] == content_hash(data + 5000, CHUNK));
	data[5000] = 1;
	memset(&outcome, 0, sizeof(outcome));
	assert_false(zeros_check(data, sizeof(data), "f", 0, &outcome));
	assert_string_equal(outcome.name[GUEST_DETAIL_LIKE], "other");
}

static void test_verify_looks_at_size_and_content(void **state)
{
	char zeros[8192] = { 0 };

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct crowd *crowd = crowd_new(&plan);

		memset(&outcome, 0, sizeof(outcome));
		put("f", 0, zeros, sizeof(zeros));
		if (i == 2)
			put("f", 8191, "x", 1);
		zeros_verify(crowd, "f", i == 1 ? 4096 : 8192, &outcome);
		crowd_end(crowd, &outcome);
		assert_int_equal(outcome_failed(&outcome), i > 0);
		assert_true(outcome.value[GUEST_DETAIL_CHECKED] == 8192);
		assert_true(i != 1 ||
			    (outcome.kind == GUEST_KIND_SIZE && outcome.value[GUEST_DETAIL_GOT] == 8192));
		assert_true(i != 2 || outcome.value[GUEST_DETAIL_OFFSET] == 8191);
	}
}

/* Each kind of reader finds a byte where it looks. */
static void test_readers_find_junk(void **state)
{
	static void (*const readers[])(struct crowd *, const void *) = { zeros_read_all, zeros_read_end,
									 zeros_read_direct };
	static const off_t places[] = { 9000, 5, 4096 };
	char zeros[12288] = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(readers); i++) {
		struct crowd *crowd = crowd_new(&plan);

		memset(&outcome, 0, sizeof(outcome));
		put("f", 0, zeros, sizeof(zeros));
		crowd_start(crowd, readers[i], "f");
		put("f", places[i], "x", 1);
		while (crowd_goes_on(crowd))
			poll(NULL, 0, 1);
		crowd_end(crowd, &outcome);
		assert_int_equal(outcome.kind, GUEST_KIND_CONTENT);
		assert_true(outcome.value[GUEST_DETAIL_OFFSET] == (uint64_t)places[i]);
	}
}

static void die(struct crowd *crowd, const void *arg)
{
	(void)crowd;
	raise(arg ? SIGKILL : SIGUSR1);
}

static void test_a_child_that_dies_is_a_failure(void **state)
{
	struct crowd *crowd = crowd_new(&plan);

	(void)state;
	crowd_start(crowd, die, &plan);
	crowd_end(crowd, &outcome);
	assert_int_equal(outcome.kind, GUEST_KIND_SIGNAL);
	assert_string_equal(outcome.name[GUEST_DETAIL_SIGNAL], "KILL");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_sparse, setup, teardown),
		cmocka_unit_test_setup_teardown(test_append, setup, teardown),
		cmocka_unit_test_setup_teardown(test_truncate_and_read, setup, teardown),
		cmocka_unit_test_setup_teardown(test_every_alignment, setup, teardown),
		cmocka_unit_test_setup_teardown(test_runtime_ends_an_iteration_well, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unfit, setup, teardown),
		cmocka_unit_test_setup_teardown(test_zeros_check_says_where_and_what, setup, teardown),
		cmocka_unit_test_setup_teardown(test_verify_looks_at_size_and_content, setup, teardown),
		cmocka_unit_test_setup_teardown(test_readers_find_junk, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_child_that_dies_is_a_failure, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
