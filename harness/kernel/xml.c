#include "kernel/xml.h"

#include <expat.h>

#define SEPARATOR    '|'
#define MEMORY_LIMIT (4 << 20) /* bytes of expat's own: a name, a value or a table of them */
#define FEED_MAX     65536

struct xml {
	const char *name;
	const struct xml_events *events;
	XML_Parser parser;
	unsigned depth;
	struct buf text;
	struct err *err; /* of the call that is running */
	bool refused;	 /* *err is set */
};

/* --- memory: expat tells us of every block, but not for whom, so it is counted by thread --------- */

union header {
	size_t size;
	max_align_t align;
};

static _Thread_local size_t used;

static void *limited_realloc(void *block, size_t size)
{
	union header *old = block ? (union header *)block - 1 : NULL, *made;
	size_t before = old ? old->size : 0;

	if (size > MEMORY_LIMIT || used - before > MEMORY_LIMIT - size)
		return NULL;
	made = realloc(old, sizeof(*made) + size);
	if (!made)
		return NULL;
	used = used - before + size;
	made->size = size;
	return made + 1;
}

static void *limited_malloc(size_t size)
{
	return limited_realloc(NULL, size);
}

static void limited_free(void *block)
{
	union header *header = block ? (union header *)block - 1 : NULL;

	if (header)
		used -= header->size;
	free(header);
}

static const XML_Memory_Handling_Suite limited = { limited_malloc, limited_realloc, limited_free };

/* --- events -------------------------------------------------------------------------------------- */

static const char *local_name(const char *name)
{
	const char *at = strrchr(name, SEPARATOR);

	return at ? at + 1 : name;
}

const char *xml_attribute(const char *const *attributes, const char *name)
{
	for (; *attributes; attributes += 2)
		if (str_eq(local_name(attributes[0]), name))
			return attributes[1];
	return NULL;
}

static void stop(struct xml *xml)
{
	xml->refused = true;
	XML_StopParser(xml->parser, XML_FALSE);
}

static void refuse(struct xml *xml, const char *what)
{
	err_set(xml->err, ERR_HOST, "%s, line %lu: %s", xml->name,
		(unsigned long)XML_GetCurrentLineNumber(xml->parser), what);
	stop(xml);
}

static void XMLCALL on_open(void *arg, const XML_Char *name, const XML_Char **attributes)
{
	struct xml *xml = arg;

	if (xml->refused)
		return;
	buf_reset(&xml->text);
	if (++xml->depth > XML_DEPTH_MAX)
		refuse(xml, "elements stand in each other too deep");
	else if (xml->events->open(xml->events->arg, xml->depth, local_name(name),
				   (const char *const *)attributes, xml->err) < 0)
		stop(xml);
}

static void XMLCALL on_close(void *arg, const XML_Char *name)
{
	struct xml *xml = arg;

	if (xml->refused) /* expat still ends the empty element that was refused */
		return;
	if (xml->events->close(xml->events->arg, xml->depth, local_name(name), xml->text.s, xml->err) < 0)
		stop(xml);
	buf_reset(&xml->text);
	xml->depth--;
}

static void XMLCALL on_text(void *arg, const XML_Char *text, int len)
{
	struct xml *xml = arg;
	size_t room = XML_TEXT_MAX - xml->text.len;

	buf_add(&xml->text, text, (size_t)len < room ? (size_t)len : room);
}

static void XMLCALL on_doctype(void *arg, const XML_Char *name, const XML_Char *system,
			       const XML_Char *public, int internal)
{
	(void)name;
	(void)system;
	(void)public;
	(void)internal;
	refuse(arg, "a document type, which has no place here");
}

struct xml *xml_new(const char *name, const struct xml_events *events)
{
	const XML_Char separator[] = { SEPARATOR, '\0' };
	struct xml *xml = xcalloc(1, sizeof(*xml));

	xml->name = name;
	xml->events = events;
	xml->text = (struct buf)BUF_INIT;
	xml->parser = XML_ParserCreate_MM(NULL, &limited, separator);
	if (!xml->parser)
		return xml;
	XML_SetUserData(xml->parser, xml);
	XML_SetElementHandler(xml->parser, on_open, on_close);
	XML_SetCharacterDataHandler(xml->parser, on_text);
	XML_SetStartDoctypeDeclHandler(xml->parser, on_doctype);
	return xml;
}

static int feed(struct xml *xml, const char *data, size_t len, bool last, struct err *err)
{
	enum XML_Error code;

	if (XML_Parse(xml->parser, data, (int)len, last) == XML_STATUS_OK)
		return 0;
	if (xml->refused)
		return -1;
	code = XML_GetErrorCode(xml->parser);
	return err_set(err, ERR_HOST, "%s, line %lu: %s", xml->name,
		       (unsigned long)XML_GetCurrentLineNumber(xml->parser),
		       code == XML_ERROR_NO_MEMORY ? "a name or value that is too long, or too many of them"
						   : XML_ErrorString(code));
}

int xml_feed(struct xml *xml, const void *data, size_t len, bool last, struct err *err)
{
	const char *at = data;

	if (!xml->parser)
		return err_set(err, ERR_HOST, "%s: no memory for an XML parser", xml->name);
	xml->err = err;
	for (; len > FEED_MAX; at += FEED_MAX, len -= FEED_MAX)
		if (feed(xml, at, FEED_MAX, false, err) < 0)
			return -1;
	return feed(xml, at, len, last, err);
}

void xml_free(struct xml *xml)
{
	if (!xml)
		return;
	if (xml->parser)
		XML_ParserFree(xml->parser);
	buf_release(&xml->text);
	free(xml);
}
