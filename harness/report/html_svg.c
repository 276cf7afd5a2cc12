#include "report/html_svg.h"

#include "bisect/rate.h"

#define INTERVAL_W 120.0
#define INTERVAL_H 14.0

static void svg_begin(struct html *html, const char *class, double width, double height)
{
	buf_addf(&html->out,
		 "<svg class=\"%s\" viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" height=\"%.0f\" "
		 "aria-hidden=\"true\" focusable=\"false\">",
		 class, width, height, width, height);
}

static void add_line(struct html *html, const char *class, double x1, double y1, double x2, double y2)
{
	buf_addf(&html->out, "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>", class,
		 x1, y1, x2, y2);
}

static void add_dot(struct html *html, const char *class, double x, double y, double radius)
{
	buf_addf(&html->out, "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"/>", class, x, y,
		 radius);
}

static void add_label(struct html *html, const char *anchor, double x, double y, const char *text)
{
	buf_addf(&html->out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y, anchor);
	html_text(html, text);
	html_raw(html, "</text>");
}

static const char *class_of(unsigned failures, unsigned trials)
{
	return !failures ? "good" : failures < trials ? "flaky" : "bad";
}

void svg_interval(struct html *html, unsigned failures, unsigned trials)
{
	struct rate rate = rate_interval(failures, trials);
	double from = 6, width = INTERVAL_W - 12, middle = INTERVAL_H / 2;

	if (!trials)
		return;
	svg_begin(html, "interval", INTERVAL_W, INTERVAL_H);
	add_line(html, "axis", from, middle, from + width, middle);
	add_line(html, class_of(failures, trials), from + width * rate.low, middle, from + width * rate.high,
		 middle);
	add_dot(html, class_of(failures, trials), from + width * failures / trials, middle, 4);
	html_close(html, "svg");
}

/* The lines of 0, 50 and 100 %, named. */
static void add_percents(struct html *html, double left, double right, double top, double height)
{
	static const char *const names[] = { "100 %", "50 %", "0 %" };

	for (int i = 0; i < 3; i++) {
		double y = top + height * i / 2;

		add_line(html, "axis", left, y, right, y);
		add_label(html, "end", left - 6, y + 4, names[i]);
	}
}

void svg_history(struct html *html, const struct svg_rate *rates, size_t n)
{
	double left = 48, top = 10, height = 80, step = n > 20 ? 18 : 28;
	double width = left + step * (double)n + 8;

	svg_begin(html, "history", width, top + height + 24);
	add_percents(html, left, width, top, height);
	for (size_t i = 0; i < n; i++) {
		double x = left + step * ((double)i + 0.5);
		struct rate rate = rate_interval(rates[i].failures, rates[i].trials);
		const char *class = class_of(rates[i].failures, rates[i].trials);

		if (!rates[i].trials)
			continue;
		add_line(html, class, x, top + height * (1 - rate.low), x, top + height * (1 - rate.high));
		add_dot(html, class, x, top + height * (1 - (double)rates[i].failures / rates[i].trials),
			4.5);
	}
	add_label(html, "start", left, top + height + 20, "older");
	add_label(html, "end", width, top + height + 20, "this run");
	html_close(html, "svg");
}

void svg_phases(struct html *html, const int64_t ms[TRIAL_PHASE_N])
{
	double width = 720, x = 0, all = 0;

	for (int p = 0; p < TRIAL_PHASE_N; p++)
		all += (double)ms[p];
	if (all <= 0)
		return;
	svg_begin(html, "phases", width, 46);
	for (int p = 0; p < TRIAL_PHASE_N; p++) {
		double wide = width * (double)ms[p] / all;
		const char *name = trial_phase_name((enum trial_phase)p);

		buf_addf(&html->out, "<rect class=\"p%d\" x=\"%.1f\" y=\"0\" width=\"%.1f\" height=\"26\"/>",
			 p, x, wide);
		/* A name that does not fit is in the table. */
		if (wide > 8.0 * (double)strlen(name))
			add_label(html, "start", x + 2, 42, name);
		x += wide;
	}
	html_close(html, "svg");
}

static double candidate_y(unsigned place, unsigned candidates, double top, double height)
{
	return top + height * (place + 0.5) / (candidates + 1);
}

/* Up to 30 candidates are lines to be counted, more are an area. */
static void add_lanes(struct html *html, unsigned candidates, double left, double right, double top,
		      double height)
{
	for (unsigned i = 0; candidates <= 30 && i < candidates; i++) {
		double y = candidate_y(i, candidates, top, height);

		add_line(html, "axis", left, y, right, y);
	}
	add_label(html, "end", left - 6, candidate_y(0, candidates, top, height) + 4, "first");
	add_label(html, "end", left - 6, candidate_y(candidates - 1, candidates, top, height) + 4, "last");
}

static void add_path(struct html *html, const char *class, const struct buf *points)
{
	buf_addf(&html->out, "<polyline class=\"%s\" points=\"%s\"/>", class, points->s);
}

static const char *step_class(char mark)
{
	return mark == 'b' ? "bad" : mark == 'g' ? "good" : mark == 'f' ? "flaky" : "skip";
}

/* Above: how sure of the likeliest. Below: which candidate was tried, and which was likeliest then. */
void svg_search(struct html *html, const struct svg_step *steps, size_t n, unsigned candidates)
{
	double left = 56, top = 10, height = 110, below = top + height + 34;
	double lanes = 14.0 * (candidates < 4 ? 4 : candidates > 20 ? 20 : candidates) + 14;
	double step = n > 60 ? 10 : n > 25 ? 18 : n > 12 ? 26 : 40;
	double right = left + (n > 10 ? step * (double)n : 400) + 8;
	AUTO(buf) mass = BUF_INIT;
	AUTO(buf) likeliest = BUF_INIT;

	svg_begin(html, "search", right, below + lanes + 22);
	add_percents(html, left, right, top, height);
	add_label(html, "start", left, top + height + 20,
		  "how probable the likeliest is, decision by decision");
	add_lanes(html, candidates, left, right, below, lanes);
	for (size_t i = 0; i < n; i++) {
		double x = left + step * ((double)i + 0.5);

		buf_addf(&mass, "%.1f,%.1f ", x, top + height * (1 - steps[i].mass));
		if (steps[i].likeliest < candidates)
			buf_addf(&likeliest, "%.1f,%.1f ", x,
				 candidate_y(steps[i].likeliest, candidates, below, lanes));
	}
	add_path(html, "mass", &mass);
	add_path(html, "likeliest", &likeliest);
	for (size_t i = 0; i < n; i++) {
		double x = left + step * ((double)i + 0.5);

		add_dot(html, step_class(steps[i].mark), x,
			candidate_y(steps[i].candidate, candidates, below, lanes), 4.5);
	}
	add_label(html, "start", left, below + lanes + 16,
		  "dots: the candidate tried; line: the likeliest then");
	html_close(html, "svg");
}
