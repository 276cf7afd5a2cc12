/* Plots, each beside a table that says the same: so they are hidden from screen readers. Of texts
 * only names of candidates and settings go in. */
#ifndef QB_HTML_SVG_H
#define QB_HTML_SVG_H

#include "report/html_writer.h"
#include "store/record.h"

/* A rate as a dot on its interval, from 0 to 100 %. Nothing without trials. */
void svg_interval(struct html *html, unsigned failures, unsigned trials);

/* A rate for each run, oldest first; a run without trials leaves a gap. */
struct svg_rate {
	unsigned failures, trials;
};
void svg_history(struct html *html, const struct svg_rate *rates, size_t n);

/* The phases of a boot, one behind the other. */
void svg_phases(struct html *html, const int64_t ms[TRIAL_PHASE_N]);

/* A step of a search, in lanes that have names: candidates, or the settings of a study. */
struct svg_step {
	size_t tried;	  /* a lane; their number: one behind them */
	size_t likeliest; /* the same */
	double mass;	  /* 0 to 1 */
	char mark;	  /* 'b' bad, 'g' good, 's' skip, 'f' both bad and good */
};
void svg_search(struct html *html, const struct svg_step *steps, size_t n, const struct strv *lanes);

#endif
