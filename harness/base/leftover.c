#include "base/leftover.h"

#include <sys/mman.h>

#include "base/fs.h"

#define SLOTS	  64 /* a guest has two at most, and there are as many guests as cores */
#define PATH_MOST 1020

enum state { FREE, TAKEN, NOTED };

static struct slot {
	int state;
	char path[PATH_MOST];
} * slots; /* shared between supervisor and worker */

void leftover_share(void)
{
	void *memory =
	    mmap(NULL, SLOTS * sizeof(*slots), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	slots = memory == MAP_FAILED ? NULL : memory;
}

/* The state comes behind the path: who is killed between leaves no half of one. */
struct leftover leftover_note(const char *path)
{
	size_t n = strlen(path) + 1;

	for (int i = 0; slots && i < SLOTS && n <= PATH_MOST; i++) {
		int expected = FREE;

		if (!__atomic_compare_exchange_n(&slots[i].state, &expected, TAKEN, false, __ATOMIC_ACQUIRE,
						 __ATOMIC_RELAXED))
			continue;
		memcpy(slots[i].path, path, n);
		__atomic_store_n(&slots[i].state, NOTED, __ATOMIC_RELEASE);
		return (struct leftover){ i };
	}
	return (struct leftover)LEFTOVER_INIT;
}

void leftover_forget(struct leftover *leftover)
{
	if (leftover->slot >= 0)
		__atomic_store_n(&slots[leftover->slot].state, FREE, __ATOMIC_RELEASE);
	leftover->slot = -1;
}

void leftover_remove(void)
{
	AUTO(err) ignored = ERR_INIT; /* whoever comes next sweeps */

	for (int i = 0; slots && i < SLOTS; i++)
		if (__atomic_load_n(&slots[i].state, __ATOMIC_ACQUIRE) == NOTED)
			fs_remove_tree(slots[i].path, &ignored);
}
