#include "report/html_writer.h"

#include "report/outward.h"

static const char *entity_of(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	default: /* an apostrophe */
		return "&#39;";
	}
}

void html_bytes(struct html *html, const char *data, size_t len)
{
	AUTO(buf) seen = BUF_INIT;

	outward_add_bytes(&seen, data, len, html->folders);
	for (const char *p = seen.s; *p; p++) {
		size_t plain = strcspn(p, "&<>\"'");

		buf_add(&html->out, p, plain);
		p += plain;
		if (!*p)
			return;
		buf_adds(&html->out, entity_of(*p));
	}
}

void html_text(struct html *html, const char *text)
{
	html_bytes(html, text, strlen(text));
}

void html_textf(struct html *html, const char *fmt, ...)
{
	AUTO(buf) text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	html_bytes(html, text.s, text.len);
}

static void add_tag(struct html *html, const char *tag, va_list ap)
{
	const char *name;

	buf_addc(&html->out, '<');
	buf_adds(&html->out, tag);
	while ((name = va_arg(ap, const char *))) {
		const char *value = va_arg(ap, const char *);

		if (!value)
			continue;
		buf_addc(&html->out, ' ');
		buf_adds(&html->out, name);
		if (!*value)
			continue;
		buf_adds(&html->out, "=\"");
		html_text(html, value);
		buf_addc(&html->out, '"');
	}
	buf_addc(&html->out, '>');
}

void html_open_(struct html *html, const char *tag, ...)
{
	va_list ap;

	va_start(ap, tag);
	add_tag(html, tag, ap);
	va_end(ap);
}

void html_close(struct html *html, const char *tag)
{
	static const char *const blocks[] = { "tr",	 "p",	  "h1",	 "h2",	"h3",  "li",	  "ul",
					      "table",	 "thead", "div", "dl",	"dd",  "tbody",	  "section",
					      "summary", "head",  "svg", "nav", "svg", "caption", "option" };

	buf_adds(&html->out, "</");
	buf_adds(&html->out, tag);
	buf_addc(&html->out, '>');
	for (size_t i = 0; i < ARRAY_SIZE(blocks); i++)
		if (*blocks[i] == *tag && str_eq(blocks[i], tag)) {
			buf_addc(&html->out, '\n');
			return;
		}
}

void html_element_(struct html *html, const char *tag, const char *text, ...)
{
	va_list ap;

	va_start(ap, text);
	add_tag(html, tag, ap);
	va_end(ap);
	html_text(html, text);
	html_close(html, tag);
}

void html_raw(struct html *html, const char *text)
{
	buf_adds(&html->out, text);
}

void html_json(struct buf *out, const char *json)
{
	for (const char *p = json; *p; p++) {
		if (strchr("<>&", *p))
			buf_addf(out, "\\u%04x", (unsigned)*p);
		else
			buf_addc(out, *p);
	}
}

void html_release(struct html *html)
{
	buf_release(&html->out);
}
