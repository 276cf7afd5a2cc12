/* What all pages have: head, policy, the way back, and the small parts that many use. */
#include <math.h>

#include "base/clock.h"
#include "base/datadir.h"
#include "base/fs.h"
#include "base/hash.h"
#include "bisect/rate.h"
#include "report/html_dump.h"

#define ASSET_LIMIT (256u << 10)

static char *read_asset(const char *name, struct err *err)
{
	AUTO_FREE char *relative = xasprintf("configs/dashboard/%s", name);
	AUTO_FREE char *path = datadir_path(relative, err);
	AUTO(buf) text = BUF_INIT;

	if (!path || fs_read(path, ASSET_LIMIT, &text, err) < 0)
		return NULL;
	return buf_steal(&text);
}

int dump_init(struct dump *dump, const char *results, bool folders, struct err *err)
{
	AUTO_FREE char *style = NULL, *script = NULL;

	dump->results = results;
	dump->folders = folders;
	dump->generated = clock_utc_now();
	if (!(dump->style = read_asset("style.css", err)) || !(dump->script = read_asset("script.js", err)))
		return -1;
	style = hash_bytes_base64(dump->style, strlen(dump->style));
	script = hash_bytes_base64(dump->script, strlen(dump->script));
	dump->policy = xasprintf("default-src 'none'; style-src 'sha256-%s'; script-src 'sha256-%s'; "
				 "img-src data:; base-uri 'none'; form-action 'none'",
				 style, script);
	return 0;
}

static void release_run(struct dump_run *run)
{
	campaign_release(&run->campaign);
	cells_release(&run->cells);
	strv_release(&run->arches);
	strv_release(&run->pages);
	strv_release(&run->kernels);
	strv_release(&run->scenarios);
}

void dump_release(struct dump *dump)
{
	for (size_t i = 0; i < dump->n; i++)
		release_run(&dump->v[i]);
	free(dump->v);
	free(dump->style);
	free(dump->script);
	free(dump->policy);
	free(dump->generated);
	health_release(&dump->health);
	strv_release(&dump->damaged);
}

const struct dump_run *dump_find(const struct dump *dump, const char *name)
{
	for (size_t i = 0; i < dump->n; i++)
		if (str_eq(dump->v[i].campaign.name, name))
			return &dump->v[i];
	return NULL;
}

bool dump_is_newest(const struct dump *dump, const struct dump_run *run)
{
	if (!run->shown || !str_eq(run->campaign.kind, "matrix"))
		return false;
	for (const struct dump_run *later = run + 1; later < dump->v + dump->n; later++)
		if (str_eq(later->campaign.kind, "matrix") &&
		    str_eq(later->campaign.matrix, run->campaign.matrix))
			return false;
	return true;
}

enum cell_change dump_change(const struct dump_run *before, const struct cell *cell)
{
	return cell_change(
	    before ? cells_find(&before->cells, cell->candidate, cell->environment, cell->scenario) : NULL,
	    cell);
}

void dump_run_add(struct dump_run *run, const struct record *record)
{
	AUTO_FREE char *page =
	    pagesize_text(record->guest_pagesize ? record->guest_pagesize : record->pagesize);

	run->trials++;
	run->verdicts[record->verdict]++;
	run->seconds += record_seconds(record);
	strv_add_once(&run->arches, record->arch);
	strv_add_once(&run->pages, page);
	strv_add_once(&run->kernels, record->release);
	strv_add_once(&run->scenarios, record->scenario);
	if (str_eq(run->campaign.kind, "matrix"))
		cells_add(&run->cells, record);
}

static void add_asset(struct html *html, const char *tag, const char *text)
{
	html_open(html, tag);
	html_raw(html, text);
	html_close(html, tag);
	html_raw(html, "\n");
}

static void add_head(const struct dump *dump, const char *title, struct html *html)
{
	html_raw(html, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
		       "<meta http-equiv=\"Content-Security-Policy\" content=\"");
	html_raw(html, dump->policy);
	html_raw(html, "\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		       "<meta name=\"color-scheme\" content=\"light dark\">\n"
		       "<meta name=\"referrer\" content=\"no-referrer\">\n"
		       "<link rel=\"icon\" href=\"data:,\">\n<title>");
	html_text(html, title);
	html_raw(html, "</title>\n");
	add_asset(html, "style", dump->style);
	html_close(html, "head");
}

static void add_crumb(struct html *html, const char *href, const char *text)
{
	html_open(html, "li");
	if (href)
		html_element(html, "a", text, "href", href);
	else
		html_element(html, "span", text, "aria-current", "page");
	html_close(html, "li");
}

static void add_way(const struct page_place *place, struct html *html)
{
	AUTO_FREE char *index = xasprintf("%sindex.html", place->up);
	AUTO_FREE char *campaign =
	    place->campaign ? xasprintf("%scampaign/%s.html", place->up, place->campaign) : NULL;

	html_raw(html, "<header class=\"bar\"><nav aria-label=\"You are here\"><ol>");
	add_crumb(html, place->campaign ? index : NULL, "qbisect");
	if (place->campaign)
		add_crumb(html, place->trial ? campaign : NULL, place->campaign);
	if (place->trial)
		add_crumb(html, NULL, place->trial);
	html_raw(html, "</ol></nav></header>\n");
}

void page_begin(const struct dump *dump, const struct page_place *place, const char *title, struct html *html)
{
	html->folders = dump->folders;
	add_head(dump, title, html);
	html_raw(html, "<body>\n<a class=\"jump\" href=\"#main\">Skip to the content</a>\n");
	add_way(place, html);
	html_raw(html, "<main id=\"main\">\n");
}

void page_end(const struct dump *dump, struct html *html)
{
	html_raw(html, "</main>\n<footer><p>Generated ");
	add_time(html, dump->generated);
	html_raw(html, " by qbisect. A failure is a rate: each is shown with the number of its boots and "
		       "its 95&nbsp;% interval.</p></footer>\n");
	add_asset(html, "script", dump->script);
	html_raw(html, "</body></html>\n");
}

/* A mark for who looks, the word for who cannot tell marks or colours apart. */
static const char *mark_of(const char *word)
{
	static const struct {
		const char *word, *mark;
	} marks[] = {
		{ "good", "✓" },      { "passed", "✓" },      { "found", "✓" },		{ "bad", "✗" },
		{ "regressed", "✗" }, { "swapped", "✗" },     { "flaky", "◐" },		{ "skip", "–" },
		{ "same", "=" },      { "broken", "!" },      { "undecided", "?" },	{ "incomplete", "?" },
		{ "fixed", "✓" },     { "new failure", "✗" }, { "still failing", "✗" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(marks); i++)
		if (str_eq(marks[i].word, word))
			return marks[i].mark;
	return "·";
}

void add_verdict(struct html *html, const char *word, const char *text)
{
	AUTO(buf) class = BUF_INIT;

	buf_adds(&class, "verdict ");
	for (const char *p = word; *p; p++)
		buf_addc(&class, *p == ' ' ? '-' : *p);
	html_open(html, "span", "class", class.s);
	html_element(html, "span", mark_of(word), "class", "mark", "aria-hidden", "true");
	html_raw(html, " ");
	html_text(html, text);
	html_close(html, "span");
}

void add_rate(struct html *html, unsigned failures, unsigned trials)
{
	struct rate rate = rate_interval(failures, trials);

	if (!trials) {
		html_text(html, "–");
		return;
	}
	html_open(html, "span", "class", "rate");
	html_textf(html, "%u/%u", failures, trials);
	html_raw(html, " <small>");
	html_textf(html, "%.0f–%.0f %%", 100 * rate.low, 100 * rate.high);
	html_raw(html, "</small></span>");
}

void add_fact(struct html *html, const char *name, const char *value)
{
	if (!*value)
		return;
	html_raw(html, "<div>");
	html_element(html, "dt", name);
	html_element(html, "dd", value);
	html_close(html, "div");
}

void add_time(struct html *html, const char *utc)
{
	AUTO_FREE char *shown = xstrdup(utc);

	/* "2026-11-22T19:00:00Z" */
	if (strlen(shown) == 20) {
		shown[10] = ' ';
		shown[16] = '\0';
	}
	html_open(html, "time", "datetime", utc);
	html_textf(html, "%s%s", shown, strlen(utc) == 20 ? " UTC" : "");
	html_close(html, "time");
}

void add_cause(struct html *html, const char *comparison)
{
	if (!*comparison)
		return;
	html_raw(html, "<p class=\"cause\"><strong>In common:</strong> ");
	html_text(html, comparison);
	html_close(html, "p");
}

void table_begin(struct html *html, const char *caption, const char *const *columns)
{
	html_open(html, "div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", caption);
	html_open(html, "table");
	html_element(html, "caption", caption);
	html_raw(html, "<thead><tr>");
	for (; *columns; columns++)
		html_element(html, "th", *columns, "scope", "col");
	html_raw(html, "</tr></thead>\n<tbody>");
}

void table_end(struct html *html)
{
	html_raw(html, "</tbody></table></div>\n");
}

char *pagesize_text(unsigned bytes)
{
	return bytes ? xasprintf("%uk", bytes / 1024) : xstrdup("?");
}

char *seconds_text(double seconds)
{
	long whole = lround(seconds);

	if (seconds < 10)
		return xasprintf("%.1f s", seconds);
	if (whole < 120)
		return xasprintf("%ld s", whole);
	if (whole < 7200)
		return xasprintf("%ld min %ld s", whole / 60, whole % 60);
	return xasprintf("%ld h %ld min", whole / 3600, whole / 60 % 60);
}
