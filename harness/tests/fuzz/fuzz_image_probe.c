/*
 * Any bytes are either refused with an error that begins with their name, or taken for a kernel, and then:
 * its architecture and file name are ones we know, its release is empty or valid, and the config lies in the
 * bytes.
 */
#include <assert.h>

#include "config/arch.h"
#include "kernel/probe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(err) err = ERR_INIT;
	struct probe probe;

	if (probe_image("name", data, size, &probe, &err) < 0) {
		assert(err.kind == ERR_USAGE && str_starts(err.text, "name:"));
		return 0;
	}
	assert(arch_find(probe.arch, &err));
	assert(str_eq(probe.name, "vmlinux") || str_eq(probe.name, "bzImage") || str_eq(probe.name, "Image"));
	assert(!probe.release[0] || candidate_release_valid(probe.release));
	assert(probe.config_at <= size && probe.config_n <= size - probe.config_at);
	return 0;
}
