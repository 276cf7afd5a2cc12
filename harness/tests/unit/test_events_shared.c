/* The report of a boot that several scenarios share: each is proven alone. */
#include "events_shapes.h"

#define ONE(end) NOCOW "1..1\n" START "ok 1 aiocp # ms=5\n" end
#define END_ONE	 "# end " NONCE " iterations=1 failed=0\n"

/* A report of `n` scenarios as proto.h wants it: which of them are proven. */
static void check_proven(const char *text, size_t n, const char *proven)
{
	fresh_of(n, text);
	for (size_t i = 0; i < n; i++)
		if (guest_report_is_complete(guest_events_report(&events, i)) != (proven[i] == '+'))
			fail_msg("scenario %zu is not '%c' in: %s", i + 1, proven[i], text);
}

static void test_several_scenarios(void **state)
{
	const struct guest_report *r;

	(void)state;
	check_proven(HEADER BOOT TURN(1) ONE(END_ONE) TURN(2) NOCOW PLAN START RUN END TURN(3) ONE(END_ONE)
			 OFF,
		     3, "+++");
	for (size_t i = 0; i < 3; i++) {
		r = guest_events_report(&events, i);
		assert_int_equal(r->error_line, 0);
		assert_int_equal(r->state, GUEST_LEFT);
		assert_int_equal(r->number[GUEST_FACT_PAGESIZE], 65536);
		assert_int_equal(r->failed, i == 1);
		assert_int_equal(r->passed, i == 1 ? 2 : 1);
		assert_int_equal(r->planned, i == 1 ? 3 : 1);
	}
	assert_int_equal(r->phases >> GUEST_PHASE_UMOUNT & 1, 1);
}

/* A scenario is left in order when the next one's turn comes; what happens then is not its matter. */
static void test_each_is_proven_alone(void **state)
{
	static const struct {
		const char *rest, *proven;
	} cases[] = {
		{ "", "---" },
		{ TURN(2), "+--" },
		{ TURN(2) NOCOW START, "+--" },
		{ TURN(2) "rubbish\n" ONE(END_ONE) TURN(3) ONE(END_ONE) OFF, "+-+" },
		{ TURN(2) ONE("# broken scenario - it died\n") TURN(3) ONE(END_ONE) OFF, "+-+" },
		{ TURN(2) ONE("# broken scenario - it died\n" END_ONE) TURN(3) ONE(END_ONE) OFF, "+-+" },
		{ TURN(2) ONE(END_ONE) TURN(3) ONE("# broken scenario - it died\n") OFF, "++-" },
		{ TURN(2) "# broken scenario EIO nocow\n" TURN(3) ONE(END_ONE) OFF, "+--" },
		{ TURN(2) ONE(END_ONE) OFF, "+--" },
		{ TURN(2) ONE(END_ONE) TURN(2) ONE(END_ONE) OFF, "+--" },
		{ TURN(3) ONE(END_ONE) OFF, "---" },
		{ TURN(2) ONE("") TURN(3) ONE(END_ONE) OFF, "+--" },
		{ TURN(2) ONE("") OFF, "+--" },
		{ "# scenario fedcba9876543210 2 a\n" ONE(END_ONE) TURN(3) ONE(END_ONE) OFF, "---" },
		{ "# scenario 2 a\n" TURN(2) ONE(END_ONE) TURN(3) ONE(END_ONE) OFF, "-++" },
		{ TURN(2) ONE(END_ONE) TURN(3) ONE(END_ONE) OFF TURN(4), "++-" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_FREE char *text = xasprintf("%s%s", HEADER BOOT TURN(1) ONE(END_ONE), cases[i].rest);

		check_proven(text, 3, cases[i].proven);
	}
	check_proven(HEADER "rubbish\n" BOOT TURN(1) ONE(END_ONE) TURN(2) ONE(END_ONE) OFF, 2, "--");
}

/* What is known of a scenario whose turn did not come is what is known of the boot. */
static void test_a_turn_that_did_not_come(void **state)
{
	const struct guest_report *r = guest_events_report(&events, 2);

	(void)state;
	fresh_of(3, HEADER BOOT TURN(1) NOCOW PLAN START FAILED);
	r = guest_events_report(&events, 2);
	assert_int_equal(r->state, GUEST_FACTS);
	assert_int_equal(guest_report_done(r), 0);
	assert_string_equal(r->fact[GUEST_FACT_RELEASE], "6.12.107+deb13-powerpc64le-64k");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_several_scenarios),
		cmocka_unit_test(test_each_is_proven_alone),
		cmocka_unit_test(test_a_turn_that_did_not_come),
	};

	return cmocka_run_group_tests_name("events: shared boots", tests, NULL, NULL);
}
