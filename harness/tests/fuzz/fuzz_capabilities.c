/*
 * Any text as what libvirt tells in XML: of a host, an emulator's absolute path or an error that says why not; of a volume,
 * a time that is not before 1970.
 */
#include <assert.h>

#include "guest/capabilities.h"
#include "valid.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE char *emulator = NULL;
	AUTO(buf) text = BUF_INIT;
	AUTO(err) err = ERR_INIT;

	buf_add(&text, data, size);
	emulator = capabilities_emulator(text.s, &err);
	fuzz_must_read(emulator != NULL);
	if (emulator)
		assert(*emulator == '/' && !err.text);
	else
		assert(err.kind == ERR_HOST && err.text);
	assert(capabilities_volume_written(text.s) >= 0);
	return 0;
}
