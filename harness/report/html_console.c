/* What a boot wrote, line by line as it came: escaped, cut where it is long, the evidence marked. */
#include "base/fs.h"
#include "report/html_dump.h"

#define FILE_LIMIT  (64u << 20) /* the harness itself stops a guest that writes more than 16 MiB */
#define CHUNK_LINES 400		/* that the browser lays out together */

/* Bytes of the file, whole lines where there are lines. */
struct part {
	size_t from, to;
};

static size_t line_begin(const struct buf *text, size_t at)
{
	while (at > 0 && text->s[at - 1] != '\n')
		at--;
	return at;
}

/* Where line `number`, counted from 1, begins; the file's begin when it has no such line. */
static size_t line_offset(const struct buf *text, unsigned number)
{
	const char *p = text->s, *end = text->s + text->len;

	for (unsigned n = 1; n < number; n++) {
		p = memchr(p, '\n', (size_t)(end - p));
		if (!p)
			return 0;
		p++;
	}
	return (size_t)(p - text->s);
}

static unsigned line_number(const struct buf *text, size_t at)
{
	unsigned n = 1;

	for (size_t i = 0; i < at; i++)
		n += text->s[i] == '\n';
	return n;
}

/* Half of what is shown goes around the evidence (or to the begin), half to the end. Returns how many parts. */
static size_t choose(const struct buf *text, unsigned evidence, struct part parts[2])
{
	size_t at = evidence ? line_offset(text, evidence) : 0, quarter = CONSOLE_SHOWN / 4, tail;

	parts[0] = (struct part){ 0, text->len };
	if (text->len <= CONSOLE_SHOWN)
		return 1;
	tail = text->len - 2 * quarter;
	parts[0].from = at > quarter ? at - quarter : 0;
	parts[0].to = parts[0].from + 2 * quarter;
	if (parts[0].to >= tail) {
		parts[0].from = parts[0].from < tail ? parts[0].from : tail;
		parts[0].to = text->len;
		return 1;
	}
	/* The line that is cut is left to what is not shown, unless it is all that there is. */
	if (line_begin(text, parts[0].to) > parts[0].from)
		parts[0].to = line_begin(text, parts[0].to);
	parts[1] = (struct part){ tail, text->len };
	return 2;
}

static void add_line(const char *line, size_t len, unsigned number, bool marked, struct html *html)
{
	AUTO_FREE char *text = xasprintf("%u", number);

	while (len && line[len - 1] == '\r')
		len--;
	html_open(html, marked ? "mark" : "span", "data-n", text, "id", marked ? "evidence" : NULL);
	html_bytes(html, line, len);
	html_close(html, marked ? "mark" : "span");
	html_raw(html, "\n");
}

static void add_lines(const struct buf *text, const struct part *part, unsigned evidence, struct html *html)
{
	unsigned number = line_number(text, part->from);
	const char *p = text->s + part->from, *end = text->s + part->to;

	html_raw(html, "<span class=\"chunk\">");
	for (unsigned n = 0; p < end; n++, number++) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		const char *until = newline ? newline : end;

		if (n && n % CHUNK_LINES == 0)
			html_raw(html, "</span><span class=\"chunk\">");
		add_line(p, (size_t)(until - p), number, evidence && number == evidence, html);
		p = newline ? newline + 1 : end;
	}
	html_raw(html, "</span>");
}

static void add_gap(size_t bytes, struct html *html)
{
	if (!bytes)
		return;
	html_raw(html, "<span class=\"gap\">");
	html_textf(html, "... %zu bytes are left out here; the file in the trial's folder has them", bytes);
	html_raw(html, "</span>\n");
}

static void add_text(const struct buf *text, unsigned evidence, struct html *html)
{
	struct part parts[2];
	size_t n = choose(text, evidence, parts), shown = 0;

	/* The script makes it searchable. */
	html_raw(html,
		 "<div class=\"search\" hidden><label>Search <input type=\"search\" spellcheck=\"false\">"
		 "</label> <button type=\"button\">Next</button> <output role=\"status\"></output></div>"
		 "<pre class=\"console\" tabindex=\"0\">");
	for (size_t i = 0; i < n; i++) {
		add_gap(parts[i].from - shown, html);
		add_lines(text, &parts[i], evidence, html);
		shown = parts[i].to;
	}
	html_raw(html, "</pre>");
}

void part_console(const char *folder, const char *file, unsigned evidence, struct html *html)
{
	AUTO_FREE char *path = path_join(folder, file);
	AUTO(buf) text = BUF_INIT;
	AUTO(err) why = ERR_INIT; /* a trial that could not begin has none */

	if (!fs_exists(path)) {
		html_raw(html, "<p>");
		html_textf(html, "There is no %s.", file);
		html_close(html, "p");
		return;
	}
	if (fs_read(path, FILE_LIMIT, &text, &why) < 0) {
		html_element(html, "p", why.text);
		return;
	}
	html_raw(html, "<details class=\"fold\"><summary>");
	html_textf(html, "%s, %u lines", file, text.len ? line_number(&text, text.len - 1) : 0);
	if (text.len > CONSOLE_SHOWN)
		html_textf(html,
			   " (%.1f MiB, of which %u MiB are shown: what is around the evidence, and the end)",
			   (double)text.len / (1 << 20), CONSOLE_SHOWN >> 20);
	html_close(html, "summary");
	add_text(&text, evidence, html);
	html_raw(html, "</details>\n");
}
