/*
 * Scenarios: a workload with its options, named as LTP names it. Pure.
 *
 * A file (configs/scenarios/<file>.json) is {"scenarios": [{"name": "AD033", "command": "aiocp -b 4k", "set":
 * {"disksize": 512, ...}}, ...]}: "command" is LTP's, see runtest.h, and the keys of "set" are those of the
 * environment; one of the two may be missing. Tags of LTP may stand in two files: then "file:tag" names one.
 */
#ifndef QB_SCENARIO_H
#define QB_SCENARIO_H

#include "config/environment.h"

struct scenario {
	char *name;	     /* "AD033" */
	char *file;	     /* "ltp-aiodio.part1" */
	struct strv set;     /* "blocksize=4k" */
	struct strv command; /* LTP's words: the program's name and its options; empty: not said */
	char *refusal;	     /* why our workloads cannot run it; NULL: they can */
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

/* Appends a scenario that sets nothing yet. It is the list's, and stays in place until the next. */
struct scenario *scenario_list_add(struct scenario_list *list, const char *name, const char *file);

/* Finds "AD033" or "ltp-aiodio.part1:AD033". NULL and ERR_USAGE: there is none, or there are several. */
const struct scenario *scenario_find(const struct scenario_list *list, const char *name, struct err *err);

/* Scenarios of a list, in the order they were chosen. */
struct scenario_choice {
	const struct scenario **v;
	size_t n, cap;
};
#define SCENARIO_CHOICE_INIT                                                                                 \
	{                                                                                                    \
		NULL, 0, 0                                                                                   \
	}

/*
 * Expands a selection and appends what it names, each once: "AD033"; a range in the order of one file,
 * "AD029-AD041"; a pattern as in a shell, "ADSP*"; any of these behind "file:"; several with commas between
 * them. ERR_USAGE: a part that names nothing, or of two files at once (a pattern may).
 */
int scenario_select(const struct scenario_list *list, const char *selection, struct scenario_choice *choice,
		    struct err *err);

void scenario_choice_release(struct scenario_choice *choice);
AUTO_DEFINE(scenario_choice, struct scenario_choice, scenario_choice_release);

/* Appends what scenario_find() finds it by: its name, or file:name where the name alone is not enough. */
void scenario_label(const struct scenario_list *list, const struct scenario *scenario, struct buf *out);

/* Sets the scenario's options in *env. ERR_USAGE: it cannot be run. One that has its words can by an `injected`
 * program, which understands its own options. */
int scenario_apply(const struct scenario *scenario, bool injected, struct environment *env, struct err *err);

void scenario_list_release(struct scenario_list *list);
AUTO_DEFINE(scenario_list, struct scenario_list, scenario_list_release);

/* Adds the keys of a JSON object to `set` as "key=value" pairs, each checked against the environment's
 * table. */
struct json_node;
int scenario_read_set(const struct json_node *object, struct strv *set, struct err *err);

#endif
