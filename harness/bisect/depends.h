/*
 * Does a failure rate depend on what should not matter, as the host that a trial ran on? Pure.
 *
 * The trials of one cell (the same kernel, environment and scenario) have one rate if it does not, and else one
 * for each value. With Jeffreys' prior f failures and p passes have the evidence E(f, p) = B(f + 1/2, p + 1/2) /
 * B(1/2, 1/2), and the log odds for "it does" are
 *
 *	sum over cells of (sum over values of log E(f, p)) - log E(all f, all p)
 *
 * so that a cell whose trials have all one value tells nothing, and many values with a trial each tell little.
 */
#ifndef QB_DEPENDS_H
#define QB_DEPENDS_H

#include <stdbool.h>
#include <stddef.h>

#define DEPENDS_ODDS 20 /* from here on it is said */

struct depends_trial {
	const char *cell, *value;
	bool failed;
};

/* Sorts the trials. */
double depends_log_odds(struct depends_trial *trials, size_t n);

#endif
