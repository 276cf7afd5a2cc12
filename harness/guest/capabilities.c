#include "guest/capabilities.h"

#include "kernel/xml.h"

static int take_path(void *arg, unsigned depth, const char *name, const char *text, struct err *err)
{
	char **path = arg;

	(void)err;
	if (depth == 2 && str_eq(name, "path") && !*path)
		*path = xstrdup(text);
	return 0;
}

static int no_matter(void *arg, unsigned depth, const char *name, const char *const *attributes,
		     struct err *err)
{
	(void)arg, (void)depth, (void)name, (void)attributes, (void)err;
	return 0;
}

/* Reads the document and what `take` looks for in it. */
static int read_all(const char *what, const char *xml,
		    int (*take)(void *, unsigned, const char *, const char *, struct err *), void *arg,
		    struct err *err)
{
	const struct xml_events events = { no_matter, take, arg };
	AUTO(xml) reader = xml_new(what, &events);

	return xml_feed(reader, xml, strlen(xml), true, err);
}

char *capabilities_emulator(const char *xml, struct err *err)
{
	AUTO_FREE char *path = NULL;

	if (read_all("the capabilities of domains", xml, take_path, &path, err) < 0)
		return NULL;
	if (!path || *path != '/') {
		err_set(err, ERR_HOST, "libvirt names no emulator");
		return NULL;
	}
	return steal_pointer(&path);
}

/* "1700000000.123456789" */
static int take_time(void *arg, unsigned depth, const char *name, const char *text, struct err *err)
{
	int64_t *written = arg;

	(void)depth, (void)err;
	if (str_eq(name, "mtime"))
		*written = strtoll(text, NULL, 10);
	return 0;
}

int64_t capabilities_volume_written(const char *xml)
{
	AUTO(err) ignored = ERR_INIT;
	int64_t written = 0;

	if (read_all("a volume", xml, take_time, &written, &ignored) < 0 || written < 0)
		return 0;
	return written;
}
