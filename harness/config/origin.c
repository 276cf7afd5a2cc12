#include "config/origin.h"

static int read_object(const struct json_node *node, const char **id, const char **suite,
		       const char **package, struct err *err)
{
	if (json_get_string(node, "id", JSON_OPTIONAL, id, err) < 0 ||
	    json_get_string(node, "suite", JSON_OPTIONAL, suite, err) < 0 ||
	    json_get_string(node, "package", JSON_OPTIONAL, package, err) < 0)
		return -1;
	if (*id ? *suite || *package : !*suite || !*package)
		return json_error(node, err, "expected either \"id\" or both of \"suite\" and \"package\"");
	return 0;
}

int origin_read(const struct json_node *node, struct origin *origin, struct err *err)
{
	const char *id = NULL, *suite = NULL, *package = NULL;

	if ((json_is_string(node) ? json_as_string(node, &id, err)
				  : read_object(node, &id, &suite, &package, err)) < 0)
		return -1;
	origin->id = id ? xstrdup(id) : NULL;
	origin->suite = suite ? xstrdup(suite) : NULL;
	origin->package = package ? xstrdup(package) : NULL;
	return 0;
}

char *origin_text(const struct origin *origin)
{
	const char *slash = origin->id ? strrchr(origin->id, '/') : NULL;

	if (slash && slash[1])
		return xstrdup(slash + 1);
	return origin->id ? xstrdup(origin->id) : xasprintf("%s %s", origin->suite, origin->package);
}

void origin_release(struct origin *origin)
{
	free(origin->id);
	free(origin->suite);
	free(origin->package);
	*origin = (struct origin)ORIGIN_INIT;
}
