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

char *capabilities_emulator(const char *xml, struct err *err)
{
	AUTO_FREE char *path = NULL;
	const struct xml_events events = { no_matter, take_path, &path };
	AUTO(xml) reader = xml_new("the capabilities of domains", &events);

	if (xml_feed(reader, xml, strlen(xml), true, err) < 0)
		return NULL;
	if (!path || *path != '/') {
		err_set(err, ERR_HOST, "libvirt names no emulator");
		return NULL;
	}
	return steal_pointer(&path);
}
