#include "report/html_svg.h"

#include "bisect/rate.h"

#define INTERVAL_W 120.0
#define INTERVAL_H 14.0

#define LANES_NAMED  30
#define LANE_LETTERS 34

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

static double lane_y(size_t place, size_t lanes, double top, double height)
{
	return top + height * ((double)place + 0.5) / (double)(lanes + 1);
}

/* "6.12.107+deb13-powerpc64le-64k"; of a commit what git shows of one, of a longer name what there is room for. */
static char *lane_name(const char *name)
{
	bool commit = strlen(name) == 40 && strspn(name, "0123456789abcdef") == 40;

	if (commit || strlen(name) <= LANE_LETTERS)
		return xasprintf("%.*s", commit ? 12 : LANE_LETTERS, name);
	return xasprintf("%.*s…", LANE_LETTERS - 1, name);
}

static double names_width(const struct strv *lanes)
{
	size_t most = 0;

	for (size_t i = 0; i < lanes->n; i++) {
		AUTO_FREE char *name = lane_name(lanes->v[i]);

		most = strlen(name) > most ? strlen(name) : most;
	}
	return 7.0 * (double)most + 8;
}

/* Up to LANES_NAMED are lines with their names, more are an area of which the ends are named. */
static void add_lanes(struct html *html, const struct strv *lanes, double left, double right, double top,
		      double height)
{
	for (size_t i = 0; i < lanes->n; i++) {
		double y = lane_y(i, lanes->n, top, height);
		AUTO_FREE char *name = lane_name(lanes->v[i]);

		if (lanes->n > LANES_NAMED && i > 0 && i < lanes->n - 1)
			continue;
		add_line(html, "axis", left, y, right, y);
		add_label(html, "start", right + 6, y + 4, name);
	}
}

/* The numbers that the table has. */
static void add_numbers(struct html *html, size_t n, double left, double step, double y)
{
	for (size_t i = 0; i < n; i++) {
		AUTO_FREE char *number = xasprintf("%zu", i + 1);

		if (step >= 18 || i == 0 || (i + 1) % 5 == 0)
			add_label(html, "middle", left + step * ((double)i + 0.5), y, number);
	}
}

static void add_path(struct html *html, const char *class, const struct buf *points)
{
	if (points->len)
		buf_addf(&html->out, "<polyline class=\"%s\" points=\"%s\"/>", class, points->s);
}

static const char *step_class(char mark)
{
	return mark == 'b' ? "bad" : mark == 'g' ? "good" : mark == 'f' ? "flaky" : "skip";
}

/* Above: how sure of the likeliest. Below: what was tried, and what was likeliest then. */
void svg_search(struct html *html, const struct svg_step *steps, size_t n, const struct strv *lanes)
{
	double left = 56, top = 10, height = 110, below = top + height + 34;
	double tall = 16.0 * (double)(lanes->n < 4	       ? 4
				      : lanes->n > LANES_NAMED ? LANES_NAMED
							       : lanes->n) +
		      16;
	double step = n > 60 ? 10 : n > 25 ? 18 : n > 12 ? 26 : 40;
	double right = left + (n > 10 ? step * (double)n : 400) + 8;
	AUTO(buf) mass = BUF_INIT;
	AUTO(buf) likeliest = BUF_INIT;

	svg_begin(html, "search", right + names_width(lanes), below + tall + 40);
	add_percents(html, left, right, top, height);
	add_label(html, "start", left, top + height + 20,
		  "how probable the likeliest is, decision by decision");
	add_lanes(html, lanes, left, right, below, tall);
	for (size_t i = 0; i < n; i++) {
		double x = left + step * ((double)i + 0.5);

		buf_addf(&mass, "%.1f,%.1f ", x, top + height * (1 - steps[i].mass));
		if (steps[i].likeliest < lanes->n)
			buf_addf(&likeliest, "%.1f,%.1f ", x,
				 lane_y(steps[i].likeliest, lanes->n, below, tall));
	}
	add_path(html, "mass", &mass);
	add_path(html, "likeliest", &likeliest);
	for (size_t i = 0; i < n; i++)
		add_dot(html, step_class(steps[i].mark), left + step * ((double)i + 0.5),
			lane_y(steps[i].tried, lanes->n, below, tall), 4.5);
	add_numbers(html, n, left, step, below + tall + 10);
	add_label(html, "start", left, below + tall + 32,
		  likeliest.len ? "dots: what was tried, filled: it failed; dashed: the likeliest then"
				: "dots: what was tried, filled: it failed");
	html_close(html, "svg");
}
