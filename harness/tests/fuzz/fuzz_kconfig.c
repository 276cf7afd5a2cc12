/*
 * Any text is either refused with an error that begins with its name, or read, and then: a symbol is y, m or
 * n, the page size is one that kernels have, and a state that is not n stands in the text.
 */
#include <assert.h>

#include "kernel/kconfig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_symbol(const struct kconfig *config, const char *symbol)
{
	AUTO_FREE char *line = xasprintf("CONFIG_%s=", symbol);
	char state = kconfig_state(config, symbol);

	assert(state == 'y' || state == 'm' || state == 'n');
	assert(state == 'n' || memmem(config->text, config->len, line, strlen(line)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const symbols[] = { "BTRFS_FS", "PPC_64K_PAGES", "A", "" };
	AUTO(err) err = ERR_INIT;
	struct kconfig config;
	unsigned pagesize;

	if (kconfig_open("name", (const char *)data, size, &config, &err) < 0) {
		assert(err.kind == ERR_USAGE && str_starts(err.text, "name:"));
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(symbols); i++)
		check_symbol(&config, symbols[i]);
	pagesize = kconfig_pagesize(&config);
	assert(pagesize == 0 || (pagesize >= 4096 && pagesize <= 1 << 18 && !(pagesize & (pagesize - 1))));
	kconfig_arch(&config);
	return 0;
}
