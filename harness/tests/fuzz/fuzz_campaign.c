/*
 * Any text as a bisection's file, as a file of scenarios, and each of its lines as a KEY=VALUE: refused with an error
 * that names the place, or what comes of it is within the ranges that the files' headers state.
 */
#include <assert.h>

#include "config/campaign.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_refused(const struct err *err)
{
	unsigned line = 0, column = 0;

	assert(err->kind == ERR_USAGE);
	assert(sscanf(err->text, "fuzz:%u:%u: ", &line, &column) == 2 && line && column);
}

static void check_pairs(const struct strv *set)
{
	struct environment env;
	AUTO(err) err = ERR_INIT;

	environment_init(&env);
	for (size_t i = 0; i < set->n; i++)
		assert(environment_set_pair(&env, set->v[i], &err) == 0);
	environment_check(&env, "ppc64le", &err);
}

static void check_campaign(const struct buf *text)
{
	AUTO(campaign_config) config = CAMPAIGN_CONFIG_INIT;
	AUTO(err) err = ERR_INIT;

	if (campaign_config_parse("fuzz", text->s, text->len, &config, &err) < 0) {
		check_refused(&err);
		return;
	}
	assert(!config.name || campaign_name_valid(config.name));
	assert(config.confidence >= 0.5 && config.confidence <= 0.9999 && config.end_trials);
	check_pairs(&config.set);
}

static void check_scenarios(const struct buf *text)
{
	AUTO(scenario_list) list = SCENARIO_LIST_INIT;
	AUTO(err) err = ERR_INIT;

	if (scenario_parse("fuzz", text->s, text->len, &list, &err) < 0) {
		check_refused(&err);
		return;
	}
	for (size_t i = 0; i < list.n; i++) {
		struct environment env;
		AUTO(err) refused = ERR_INIT;

		environment_init(&env);
		assert((scenario_apply(&list.v[i], false, &env, &refused) == 0) == !list.v[i].refusal);
	}
}

/* All of them after each other in one environment. */
static void check_lines(const struct buf *text)
{
	AUTO_FREE char *copy = xstrdup(text->s);
	char *rest = copy, *line;
	struct environment env;
	AUTO(buf) before = BUF_INIT, after = BUF_INIT;

	environment_init(&env);
	while ((line = strsep(&rest, "\n"))) {
		AUTO(err) err = ERR_INIT;

		if (environment_set_pair(&env, line, &err) < 0)
			assert(err.kind == ERR_USAGE && err.text);
	}
	for (const struct environment_key *key = environment_keys; key->name; key++) {
		AUTO(err) err = ERR_INIT;

		buf_reset(&before);
		buf_reset(&after);
		environment_get(&env, key, &before);
		if (key->type != KEY_TEXT || before.len)
			assert(environment_set(&env, key->name, before.s, &err) == 0);
		environment_get(&env, key, &after);
		assert(str_eq(before.s, after.s));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(buf) text = BUF_INIT;

	buf_add(&text, data, size);
	check_campaign(&text);
	check_scenarios(&text);
	check_lines(&text);
	return 0;
}
