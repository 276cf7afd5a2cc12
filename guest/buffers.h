/* Where I/O buffers start: the plan asks for it, malloc() does not decide it. */
#ifndef GUEST_BUFFERS_H
#define GUEST_BUFFERS_H

#include "plan.h"

#define BUFFERS_ALIGNMENT 4096
#define BUFFERS_SHIFT	  512 /* of a buffer that is off such a boundary */

/* What a buffer of `size` bytes occupies, wherever it starts. `alignment` is a power of two. */
size_t buffers_room(size_t size, size_t alignment);

/* Memory for n buffers, one behind the other, on boundaries of `alignment`; the caller's to free(). Out of
 * memory is `broken`. */
char *buffers_make(unsigned n, size_t size, size_t alignment);

/* How far buffer or write `n` of iteration `i` starts behind its boundary: 0 or BUFFERS_SHIFT. */
size_t buffers_shift(const struct plan *plan, uint64_t i, uint64_t n);

#endif
