/* An order of two questions in a campaign of its own, in the folder of folder_fixture.h. */
#ifndef QB_TEST_ORDER_FIXTURE_H
#define QB_TEST_ORDER_FIXTURE_H

#include "campaign/booth.h"
#include "campaign/unit.h"
#include "campaign/units.h"
#include "tests/unit/folder_fixture.h"

static const struct strv nobody = STRV_INIT; /* waits for a unit */

struct asked {
	struct campaign campaign;
	struct candidate candidate;
	struct booth booth;
	struct question questions[2];
	const struct question *each[2];
	struct record records[2];
	struct strv avoid;
	struct boot_order order;
};

static inline void make(struct asked *asked)
{
	static const char *const words[] = { "-x", "two words", NULL };
	AUTO(err) err = ERR_INIT;

	memset(asked, 0, sizeof(*asked));
	asked->campaign.folder = folder;
	asked->campaign.name = (char *)"night";
	asked->candidate = (struct candidate){ .id = (char *)"6.12", .arch = (char *)"ppc64le" };
	asked->booth = (struct booth){ .spec = { .candidate = &asked->candidate }, .commit = "abc" };
	for (int i = 0; i < 2; i++) {
		struct question *q = &asked->questions[i];

		*q = (struct question){ .scenario = i ? "AD029" : "AD033", .candidate_name = "64k" };
		environment_init(&q->env);
		assert_int_equal(environment_set(&q->env, "depth", i ? "4" : "8", &err), 0);
		assert_int_equal(environment_set(&q->env, "pattern", "a\"|\\b", &err), 0);
		asked->each[i] = q;
	}
	asked->questions[0].program = (struct plan_program){ "/bin/test", words };
	asked->order =
	    (struct boot_order){ .base = { &boot_order_kind, &asked->campaign, "6.12", &asked->avoid, false },
				 .booth = &asked->booth,
				 .questions = asked->each,
				 .n = 2,
				 .records = asked->records };
}

/* What a worker leaves, in its unit's folder. */
static inline void leave(const char *unit, struct unit_result *result)
{
	AUTO_FREE char *done = path_join(unit, UNIT_DONE), *file = path_join(done, UNIT_RESULT);
	AUTO(buf) text = BUF_INIT;
	AUTO(err) err = ERR_INIT;

	unit_result_write(result, &text);
	assert_int_equal(fs_mkdirs(done, &err), 0);
	assert_int_equal(fs_write_atomic(file, text.s, text.len, &err), 0);
}

static inline void refuses_unit(const char *text, const char *wrong)
{
	AUTO(unit) unit = UNIT_INIT;
	AUTO(err) err = ERR_INIT;

	assert_int_equal(unit_parse("u", text, strlen(text), &unit, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	if (!strstr(err.text, wrong))
		fail_msg("'%s' is not in: %s", wrong, err.text);
}

#endif
