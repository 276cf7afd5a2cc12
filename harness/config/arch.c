#include "config/arch.h"

#include "config/json.h"

static int get_text(const struct json_node *root, const char *key, char **out, struct err *err)
{
	const char *text;

	if (json_get_string(root, key, JSON_REQUIRED, &text, err) < 0)
		return -1;
	free(*out);
	*out = xstrdup(text);
	return 0;
}

int arch_parse(const char *name, const char *text, size_t len, struct arch *arch, struct err *err)
{
	static const char *const keys[] = { "name",	 "domain_arch", "machine", "emulator",	  "package",
					    "cpu_tcg",	 "console",	"events",  "events_port", "panic",
					    "firmwares", "features",	NULL };
	char **const texts[] = { &arch->name,	     &arch->domain_arch, &arch->machine, &arch->emulator,
				 &arch->package,     &arch->cpu_tcg,	 &arch->console, &arch->events,
				 &arch->events_port, &arch->panic };
	AUTO(json_doc) doc = JSON_DOC_INIT;
	const struct json_node *root;

	if (json_parse(name, text, len, &doc, err) < 0)
		return -1;
	root = json_root(&doc);
	if (json_check_keys(root, keys, err) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (get_text(root, keys[i], texts[i], err) < 0)
			return -1;
	if (json_get_strv(root, "firmwares", JSON_REQUIRED, &arch->firmwares, err) < 0 ||
	    json_get_strv(root, "features", JSON_REQUIRED, &arch->features, err) < 0)
		return -1;
	if (!arch->firmwares.n)
		return json_error(json_find(root, "firmwares"), err,
				  "expected at least one word, \"\" for no choice");
	return 0;
}

void arch_release(struct arch *arch)
{
	free(arch->name);
	free(arch->domain_arch);
	free(arch->machine);
	free(arch->emulator);
	free(arch->package);
	free(arch->cpu_tcg);
	free(arch->console);
	free(arch->events);
	free(arch->events_port);
	free(arch->panic);
	strv_release(&arch->firmwares);
	strv_release(&arch->features);
	memset(arch, 0, sizeof(*arch));
}
