/*
 * LTP's runtest files: a test a line, "TAG COMMAND [OPTION]...", `#` begins a comment line. Pure.
 *
 * A command that the guest binary has a workload for becomes that workload's settings, with LTP's defaults
 * (testcases/kernel/io/ltp-aiodio). Any other is workload exec, and the program is to be injected. Words are
 * split as a shell splits them, quotes and backslashes included. A command that needs more of a shell than
 * that (pipes, variables, patterns) is kept too, and refused when it is chosen: LTP's own files have some. So is
 * one with an option or value that the workload does not have, but LTP's own program may: it can be injected.
 */
#ifndef QB_RUNTEST_H
#define QB_RUNTEST_H

#include "config/scenario.h"

/*
 * Appends the tests of a runtest file's text; `name` is the file's path for errors, its base name becomes
 * their `file`. ERR_USAGE with file:line:column (in bytes, from 1): a tag without a command, a quote that
 * does not end, a control character.
 */
int runtest_parse(const char *name, const char *text, size_t len, struct scenario_list *list,
		  struct err *err);

/*
 * Sets what one command means in *scenario: `set` and `command`, or `refusal`. ERR_USAGE, and *column is where in the
 * command: -1 when it cannot be read; 1, with its words in `command`, when the workload lacks an option or value.
 */
int runtest_command(const char *command, struct scenario *scenario, size_t *column, struct err *err);

#endif
