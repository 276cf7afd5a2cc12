/*
 * XML that is not trusted, as a stream. Pure; expat reads it.
 *
 * A document type is refused, and with it entities; so is nesting deeper than XML_DEPTH_MAX. What the parser
 * keeps in memory is limited however long the document, a name or a value is. Names are given without their
 * namespace.
 */
#ifndef QB_XML_H
#define QB_XML_H

#include "base/buf.h"
#include "base/err.h"

#define XML_DEPTH_MAX 32
#define XML_TEXT_MAX  65536

/* What the document holds, in order. Depth 1 is the root. -1 with *err set ends the reading. */
struct xml_events {
	/* attributes: names and values in turn, for xml_attribute() */
	int (*open)(void *arg, unsigned depth, const char *name, const char *const *attributes,
		    struct err *err);
	/* text: what stood in it behind the last tag; of more than XML_TEXT_MAX bytes the beginning */
	int (*close)(void *arg, unsigned depth, const char *name, const char *text, struct err *err);
	void *arg;
};

/* NULL: there is none. */
const char *xml_attribute(const char *const *attributes, const char *name);

struct xml;

/* `name` is the document's, for errors (ERR_HOST: name, line, what is wrong); borrowed, as the events are. */
struct xml *xml_new(const char *name, const struct xml_events *events);

/* The next piece; `last`: none comes after it (it may be empty). After an error only xml_free() makes sense.
 */
int xml_feed(struct xml *xml, const void *data, size_t len, bool last, struct err *err);

void xml_free(struct xml *xml);

static inline void xml_release(struct xml **xml)
{
	xml_free(*xml);
}
AUTO_DEFINE(xml, struct xml *, xml_release);

#endif
