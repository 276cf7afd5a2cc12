/*
 * Writes HTML, escaped by construction: what is given as text or as the value of an attribute can be anything, and
 * comes out as harmless text. Pure.
 *
 *	html_open(&html, "td", "class", "bad");		name and value, name and value, ...
 *	html_textf(&html, "%u/%u", failures, trials);
 *	html_close(&html, "td");
 *
 * Every text passes outward.h first: controls and marks that turn text are shown as \x1b, \u202e, and absolute paths
 * lose their folders, unless `folders`. Only html_raw() writes what it is given.
 */
#ifndef QB_HTML_WRITER_H
#define QB_HTML_WRITER_H

#include "base/buf.h"

struct html {
	struct buf out;
	bool folders; /* absolute paths stay whole */
};
#define HTML_INIT                                                                                            \
	{                                                                                                    \
		BUF_INIT, false                                                                              \
	}

/* The tag's and the attributes' names are the caller's own words; a value is any text. "" for an attribute that has
 * none ("hidden"). A value of NULL leaves its attribute out, so that it can depend on something. */
#define html_open(html, ...) html_open_(html, __VA_ARGS__, (const char *)NULL)
void html_open_(struct html *html, const char *tag, ...) __attribute__((sentinel));
/* A line ends behind tables' rows and blocks, so that the source can be read. */
void html_close(struct html *html, const char *tag);
/* A tag with nothing in it but text. */
#define html_element(html, tag, ...) html_element_(html, tag, __VA_ARGS__, (const char *)NULL)
void html_element_(struct html *html, const char *tag, const char *text, ...) __attribute__((sentinel));

/* One line of text, cut to OUTWARD_TEXT_MAX. */
void html_text(struct html *html, const char *text);
void html_textf(struct html *html, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same of bytes, NUL among them. */
void html_bytes(struct html *html, const char *data, size_t len);

/* For assets of ours, and for JSON that html_json() made safe. */
void html_raw(struct html *html, const char *text);

/* Appends JSON so that it can stand in a <script>: "<", ">" and "&", which JSON has in strings alone, become \u003c
 * and so on. It stays the same JSON. */
void html_json(struct buf *out, const char *json);

void html_release(struct html *html);
AUTO_DEFINE(html, struct html, html_release);

#endif
