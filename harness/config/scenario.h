/*
 * Scenarios: a workload with its options, named as LTP names it. Pure.
 *
 * A file (configs/scenarios/<file>.json) is {"scenarios": [{"name": "AD033", "set": {"blocksize": "4k",
 * ...}}, ...]}; the keys of "set" are those of the environment. Tags of LTP may stand in two files: then
 * "file:tag" names one.
 */
#ifndef QB_SCENARIO_H
#define QB_SCENARIO_H

#include "config/environment.h"

struct scenario {
	char *name;	 /* "AD033" */
	char *file;	 /* "ltp-aiodio.part1" */
	struct strv set; /* "blocksize=4k" */
};

struct scenario_list {
	struct scenario *v;
	size_t n, cap;
};
#define SCENARIO_LIST_INIT                                                                                   \
	{                                                                                                    \
		NULL, 0, 0                                                                                   \
	}

/*
 * Appends the scenarios of a file's text; `name` is the file's path for errors, its base name without ".json"
 * becomes their `file`. Every value is checked. ERR_USAGE.
 */
int scenario_parse(const char *name, const char *text, size_t len, struct scenario_list *list,
		   struct err *err);

/* Finds "AD033" or "ltp-aiodio.part1:AD033". NULL and ERR_USAGE: there is none, or there are several. */
const struct scenario *scenario_find(const struct scenario_list *list, const char *name, struct err *err);

/* Sets the scenario's options in *env. */
int scenario_apply(const struct scenario *scenario, struct environment *env, struct err *err);

void scenario_list_release(struct scenario_list *list);
AUTO_DEFINE(scenario_list, struct scenario_list, scenario_list_release);

/* Adds the keys of a JSON object to `set` as "key=value" pairs, each checked against the environment's table.
 */
struct json_node;
int scenario_read_set(const struct json_node *object, struct strv *set, struct err *err);

#endif
