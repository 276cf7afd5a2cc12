#include "buffers.h"

#include "emit.h"

size_t buffers_room(size_t size, size_t alignment)
{
	return (size + BUFFERS_SHIFT + alignment - 1) / alignment * alignment;
}

char *buffers_make(unsigned n, size_t size, size_t alignment)
{
	size_t room = buffers_room(size, alignment);
	char *memory = aligned_alloc(alignment, room * n);

	if (!memory)
		broken(ENOMEM, "%u buffers of %zu bytes", n, room);
	return memory;
}

size_t buffers_shift(const struct plan *plan, uint64_t i, uint64_t n)
{
	unsigned period = i % 2 ? 2 : 3;

	if (plan->buffers == BUFFERS_MIXED)
		return n % period == period - 1 ? BUFFERS_SHIFT : 0;
	return plan->buffers == BUFFERS_512 ? BUFFERS_SHIFT : 0;
}
