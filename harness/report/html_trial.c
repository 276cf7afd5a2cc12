/* A trial: what was seen and why that decides, how the boot went, and how to have it again. */
#include "base/fs.h"
#include "base/host.h"
#include "config/environment.h"
#include "report/html_dump.h"
#include "report/html_svg.h"

#define REPEAT_LIMIT (1u << 20)

static void add_pre_lines(struct html *html, const char *text)
{
	text += *text == '\n';
	for (const char *line = text, *end; *line; line = *end ? end + 1 : end) {
		end = line + strcspn(line, "\n");
		html_bytes(html, line, (size_t)(end - line));
		html_raw(html, "\n");
	}
}

void add_copy(struct html *html, const char *id, const char *text)
{
	html_raw(html, "<div class=\"copy\">");
	html_element(html, "button", "Copy", "type", "button", "data-copy", id, "hidden", "");
	html_open(html, "pre", "id", id, "tabindex", "0");
	add_pre_lines(html, text);
	html_raw(html, "</pre></div>\n");
}

static void add_list(struct html *html, const struct strv *items)
{
	if (!items->n)
		return;
	html_raw(html, "<ul>");
	for (size_t i = 0; i < items->n; i++)
		html_element(html, "li", items->v[i]);
	html_close(html, "ul");
}

static void add_why(const struct record *record, bool console, struct html *html)
{
	html_raw(html, "<section id=\"why\"><h2>Why</h2>\n");
	add_list(html, &record->reasons);
	if (*record->evidence) {
		html_raw(html, "<p>");
		html_open(html, "a", "href", console ? "#evidence" : NULL);
		html_textf(html, "Line %u of the console:", record->evidence_line);
		html_raw(html, "</a></p><pre class=\"quote\" tabindex=\"0\">");
		html_text(html, record->evidence);
		html_raw(html, "</pre>\n");
	}
	if (record->failures.n) {
		html_raw(html, "<h3>Failed iterations</h3>\n");
		add_list(html, &record->failures);
	}
	html_close(html, "section");
}

static void add_phase(const struct record *record, int p, double sum, struct html *html)
{
	AUTO_FREE char *key = xasprintf("key p%d", p);

	html_raw(html, "<tr><th scope=\"row\">");
	html_element(html, "span", "", "class", key, "aria-hidden", "true");
	html_textf(html, " %s", trial_phase_name((enum trial_phase)p));
	html_raw(html, "</th><td class=\"number\">");
	html_textf(html, "%.3f", (double)record->ms[p] / 1000);
	html_raw(html, "</td><td class=\"number\">");
	html_textf(html, "%.3f", sum);
	html_raw(html, "</td></tr>\n");
}

static void add_phases(const struct record *record, struct html *html)
{
	static const char *const columns[] = { "phase", "seconds", "until", NULL };
	double sum = 0;

	html_raw(html, "<section id=\"phases\"><h2>Phases</h2>\n");
	if (*record->boot && !record->ms[TRIAL_KERNEL])
		html_raw(html, "<p>The phases of a boot that several share are with its first trial.</p>\n");
	html_raw(html, "<div class=\"beside\"><div class=\"scroll\" tabindex=\"0\" role=\"region\" "
		       "aria-label=\"Time line\">");
	svg_phases(html, record->ms);
	html_raw(html, "</div>");
	table_begin(html, "The phases of the boot, in seconds", columns);
	for (int p = 0; p < TRIAL_PHASE_N; p++) {
		sum += (double)record->ms[p] / 1000;
		if (record->ms[p])
			add_phase(record, p, sum, html);
	}
	table_end(html);
	html_raw(html, "</div></section>\n");
}

/* "key=value" */
static void add_pair(struct html *html, const char *pair)
{
	const char *equals = strchr(pair, '=');
	AUTO_FREE char *key = equals ? xasprintf("%.*s", (int)(equals - pair), pair) : xstrdup(pair);

	add_fact(html, key, equals ? equals + 1 : "");
}

static void add_environment(const struct record *record, struct html *html)
{
	AUTO(strv) usual = STRV_INIT;
	struct environment env;

	environment_init(&env);
	environment_list(&env, &usual);
	html_raw(html, "<section id=\"environment\"><h2>Environment</h2>\n<dl class=\"facts\">");
	add_fact(html, "scenario", record->scenario);
	add_fact(html, "environment", record->environment_name);
	for (size_t i = 0; i < record->environment.n; i++)
		if (!strv_has(&usual, record->environment.v[i]))
			add_pair(html, record->environment.v[i]);
	add_fact(html, "machine", record->machine);
	add_fact(html, "accelerator", record->accelerator);
	add_fact(html, "firmware", record->firmware);
	add_fact(html, "file system made by", record->disk_tool);
	add_fact(html, "host", host_without_name(record->host));
	html_close(html, "dl");
	html_raw(
	    html,
	    "<details class=\"fold\"><summary>All settings, those as usual too</summary><dl class=\"facts\">");
	for (size_t i = 0; i < record->environment.n; i++)
		add_pair(html, record->environment.v[i]);
	html_raw(html, "</dl></details></section>\n");
}

static void add_guest(const struct record *record, struct html *html)
{
	AUTO_FREE char *page = pagesize_text(record->guest_pagesize);

	html_raw(html, "<section id=\"guest\"><h2>Kernel and guest</h2>\n<dl class=\"facts\">");
	add_fact(html, "kernel asked for", record->candidate);
	add_fact(html, "commit", record->commit);
	add_fact(html, "page size in the guest", page);
	for (size_t i = 0; i < record->facts.n; i++)
		add_pair(html, record->facts.v[i]);
	html_raw(html, "</dl></section>\n");
}

static void add_repeat(const char *folder, struct html *html)
{
	AUTO_FREE char *path = path_join(folder, "repeat.sh");
	AUTO(buf) text = BUF_INIT;
	AUTO(err) why = ERR_INIT;

	html_raw(html, "<section id=\"repeat\"><h2>To have this boot again</h2>\n");
	if (!fs_exists(path))
		html_raw(html, "<p>It was not booted by QEMU here.</p>");
	else if (fs_read(path, REPEAT_LIMIT, &text, &why) < 0)
		html_element(html, "p", why.text);
	else
		add_copy(html, "repeat-text",
			 text.s + (str_starts(text.s, "#!") ? strcspn(text.s, "\n") : 0));
	html_close(html, "section");
}

static bool shares_boot(const struct record *a, const struct record *b)
{
	return *a->boot && str_eq(a->boot, b->boot);
}

static void add_company(const struct dump_run *run, const struct record_list *trials,
			const struct record *record, struct html *html)
{
	if (!*record->boot)
		return;
	html_raw(html, "<section id=\"boot\"><h2>In the same boot</h2>\n<ol class=\"company\">");
	for (size_t i = 0; i < trials->n; i++) {
		const struct record *other = &trials->v[i];
		AUTO_FREE char *href = xasprintf("%u.html", other->number);

		if (!shares_boot(record, other))
			continue;
		html_raw(html, "<li>");
		add_verdict(html, verdict_name(other->verdict), verdict_name(other->verdict));
		html_raw(html, " ");
		if (other == record)
			html_element(html, "b", other->scenario);
		else if (!dump_has_page(run, other))
			html_text(html, other->scenario);
		else
			html_element(html, "a", other->scenario, "href", href);
		html_close(html, "li");
	}
	html_raw(html, "</ol></section>\n");
}

/* The next one that way that has a page, or NULL. */
static const struct record *neighbour(const struct dump_run *run, const struct record_list *trials,
				      size_t trial, int way)
{
	for (size_t i = trial + (size_t)way; i < trials->n; i += (size_t)way)
		if (dump_has_page(run, &trials->v[i]))
			return &trials->v[i];
	return NULL;
}

static void add_neighbours(const struct dump_run *run, const struct record_list *trials, size_t trial,
			   struct html *html)
{
	html_raw(html, "<nav class=\"turn\" aria-label=\"Trials\">");
	for (int way = -1; way <= 1; way += 2) {
		const struct record *other = neighbour(run, trials, trial, way);
		AUTO_FREE char *href = other ? xasprintf("%u.html", other->number) : NULL;

		if (href)
			html_element(html, "a", way < 0 ? "← trial before" : "next trial →", "href", href,
				     "rel", way < 0 ? "prev" : "next");
	}
	html_close(html, "nav");
}

static void add_answer(const struct record *record, struct html *html)
{
	AUTO_FREE char *page =
	    pagesize_text(record->guest_pagesize ? record->guest_pagesize : record->pagesize);
	AUTO_FREE char *took = seconds_text(record_seconds(record));

	html_raw(html, "<h1>");
	html_textf(html, "%s on %s", record->scenario, record->release);
	html_raw(html, "</h1>\n<p class=\"lead\">");
	add_verdict(html, verdict_name(record->verdict), verdict_name(record->verdict));
	html_textf(html, " %s", record->title);
	html_raw(html, "</p>\n<dl class=\"facts\">");
	add_fact(html, "class", record->class);
	add_fact(html, "seen by", record->agreement);
	add_fact(html, "architecture", record->arch);
	add_fact(html, "page size", page);
	add_fact(html, "took", took);
	html_raw(html, "<div><dt>started</dt><dd>");
	add_time(html, record->started);
	html_raw(html, "</dd></div><div><dt>iterations</dt><dd>");
	html_textf(html, "%u failed, %u passed", record->failed, record->passed);
	html_raw(html, "</dd></div></dl>\n");
}

void page_trial(const struct dump *dump, const struct dump_run *run, const struct record_list *trials,
		size_t trial, struct html *html)
{
	const struct record *record = &trials->v[trial];
	AUTO_FREE char *number = xasprintf("trial %u", record->number);
	AUTO_FREE char *title = xasprintf("%s, %s", run->campaign.name, number);
	AUTO_FREE char *folder = campaign_boot_folder(&run->campaign, record);
	AUTO_FREE char *console = path_join(folder, "console.log");
	struct page_place place = { "../../", run->campaign.name, number };

	page_begin(dump, &place, title, html);
	add_answer(record, html);
	add_why(record, fs_exists(console), html);
	add_company(run, trials, record, html);
	add_phases(record, html);
	html_raw(html, "<section id=\"console\"><h2>Console</h2>\n");
	part_console(folder, "console.log", record->evidence_line, html);
	part_console(folder, "events.ktap", 0, html);
	html_close(html, "section");
	add_guest(record, html);
	add_environment(record, html);
	add_repeat(folder, html);
	add_neighbours(run, trials, trial, html);
	page_end(dump, html);
}
