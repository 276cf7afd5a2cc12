/*
 * A runtest file of any bytes. What must hold: it is read or refused with one message that names line and
 * column; every test that was read has a tag, and is refused with a reason, or can be set in an environment; one that
 * has the words of a program can be, once that is injected; every tag selects at least one test unless its characters mean something else
 * in a selection.
 */
#include <assert.h>

#include "config/runtest.h"

static void check_one(const struct scenario_list *list, const struct scenario *s)
{
	AUTO(scenario_choice) choice = SCENARIO_CHOICE_INIT;
	AUTO_FREE char *full = xasprintf("%s:%s", s->file, s->name);
	AUTO(err) err = ERR_INIT;
	struct environment env;
	int status;

	assert(*s->name && str_eq(s->file, "fuzz") && !strpbrk(s->name, " \t\n"));
	environment_init(&env);
	status = scenario_apply(s, false, &env, &err);
	assert((status == 0) == !s->refusal);
	assert(s->refusal || s->command.n);
	status = scenario_apply(s, true, &env, &err);
	assert((status == 0) == (s->command.n > 0));
	if (!strpbrk(s->name, "*?[]\\,-") && scenario_select(list, full, &choice, &err) == 0)
		assert(choice.n == 1 && str_eq(choice.v[0]->name, s->name));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(scenario_list) list = SCENARIO_LIST_INIT;
	AUTO(err) err = ERR_INIT;

	if (runtest_parse("some/fuzz", (const char *)data, size, &list, &err) < 0) {
		assert(err.kind == ERR_USAGE && str_starts(err.text, "some/fuzz:") &&
		       !strchr(err.text, '\n'));
		return 0;
	}
	for (size_t i = 0; i < list.n && i < 4; i++)
		check_one(&list, &list.v[i]);
	return 0;
}
