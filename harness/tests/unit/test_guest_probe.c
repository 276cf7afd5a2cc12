/* The page-size probes on the host's own file system: they pass there, and damage that is planted is
 * found. */
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
#include "probe.c"
#include "util.c"
/* NOLINTEND(bugprone-suspicious-include) */

static struct plan plan;
static struct outcome outcome;

static int setup(void **state)
{
	AUTO(err) err = ERR_INIT;
	char *dir = fs_temp_dir(BUILD "/test-probe-", &err);

	*state = dir;
	memset(&outcome, 0, sizeof(outcome));
	plan = (struct plan){
		.children = 1, .blocksize = 4096, .filesize = 8 * 4096, .rounds = 3, .runtime = 20, .seed = 1
	};
	return dir ? chdir(dir) : -1;
}

static int teardown(void **state)
{
	AUTO_FREE char *dir = *state;
	AUTO(err) err = ERR_INIT;

	return chdir("/") < 0 ? -1 : fs_remove_tree(dir, &err);
}

static void test_all_pass(void **state)
{
	(void)state;
	for (plan.probe = PROBE_MIXED; plan.probe <= PROBE_APPEND; plan.probe++) {
		memset(&outcome, 0, sizeof(outcome));
		probe_iteration(&plan, 1, &outcome);
		assert_false(outcome_failed(&outcome));
		assert_true(outcome.value[GUEST_DETAIL_WRITTEN] ==
			    (plan.probe == PROBE_APPEND ? 1 : plan.rounds) * 9 * 4096);
		assert_true(outcome.value[GUEST_DETAIL_CHECKED] == 2 * 9 * 4096);
		assert_int_equal(access(FILE_NAME, F_OK), -1);
	}
}

/* One hand after the other, then damage at `offset`, then the comparison. */
static void damaged(enum probe_type type, off_t offset, const char *bytes)
{
	struct probe p = { .plan = &plan, .iteration = 1, .blocks = 9, .cached = -1, .direct = -1 };

	memset(&outcome, 0, sizeof(outcome));
	plan.probe = type;
	p.crowd = crowd_new(&plan);
	assert_true(make_file(&p, &outcome));
	work(&p, LEFT, &outcome);
	work(&p, RIGHT, &outcome);
	if (bytes) {
		AUTO_CLOSE int fd = open(FILE_NAME, O_WRONLY);

		assert_int_equal(pwrite(fd, bytes, 1, offset), 1);
	}
	verify_all(&p, &outcome);
	crowd_end(p.crowd, &outcome);
	close(p.cached);
	close(p.direct);
	unlink(FILE_NAME);
}

static void test_damage_is_found_and_named(void **state)
{
	static const off_t places[] = { 0, 4096, 5000, 8 * 4096 + 4095 };

	(void)state;
	for (enum probe_type type = PROBE_MIXED; type <= PROBE_APPEND; type++) {
		damaged(type, 0, NULL);
		assert_false(outcome_failed(&outcome));
		for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
			damaged(type, places[i], "\x5a");
			assert_int_equal(outcome.kind, GUEST_KIND_CONTENT);
			assert_true(type == PROBE_APPEND ||
				    outcome.value[GUEST_DETAIL_OFFSET] == (uint64_t)places[i]);
			assert_true(outcome.value[GUEST_DETAIL_EXPECTED] !=
				    outcome.value[GUEST_DETAIL_ACTUAL]);
		}
		damaged(type, 10 * 4096, "\x5a");
		assert_int_equal(outcome.kind, GUEST_KIND_SIZE);
		assert_true(outcome.value[GUEST_DETAIL_GOT] == 10 * 4096 + 1);
	}
}

/* Blocks of one hand keep their order, and none comes twice. */
static void test_lost_and_repeated_appends(void **state)
{
	char block[4096];
	int fd;
	struct probe p = { .plan = &plan, .iteration = 1, .blocks = 9 };

	(void)state;
	plan.probe = PROBE_APPEND;
	p.crowd = crowd_new(&plan);
	for (int i = 0; i < 3; i++) {
		static const uint64_t orders[][9] = {
			{ 0, 2, 4, 6, 8, 1, 3, 5, 7 },
			{ 1, 0, 3, 5, 2, 4, 7, 6, 8 },
			{ 0, 1, 3, 2, 2, 4, 5, 6, 7 },
		};

		fd = open(FILE_NAME, O_RDWR | O_CREAT | O_TRUNC, 0666);
		for (size_t j = 0; j < 9; j++) {
			expect(&p, orders[i][j], block, sizeof(block));
			assert_int_equal(write(fd, block, sizeof(block)), sizeof(block));
		}
		memset(&outcome, 0, sizeof(outcome));
		verify(&p, fd, FILE_NAME, &outcome);
		assert_int_equal(outcome_failed(&outcome), i == 2);
		assert_true(i < 2 || outcome.value[GUEST_DETAIL_OFFSET] / 4096 == 4);
		close(fd);
	}
	crowd_end(p.crowd, &outcome);
}

static void test_unfit(void **state)
{
	(void)state;
	assert_null(probe_unfit(&plan, 512));
	assert_non_null(strstr(probe_unfit(&plan, 8192), "no multiple"));
	plan.filesize = 4096;
	assert_non_null(strstr(probe_unfit(&plan, 512), "fewer than two"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_all_pass, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damage_is_found_and_named, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lost_and_repeated_appends, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unfit, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
