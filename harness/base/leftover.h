/*
 * Temporary files and folders of this process, by name, where its supervisor sees them: so that they go when the
 * process is killed.
 *
 *	LEFTOVER("a.part");	before it is made, or right behind
 *	...			at the scope's end it is none any more: renamed, or removed
 *
 * Without a supervisor, and when too many are noted at once, nothing is noted, and what comes next sweeps
 * (fs_lock_folder()).
 */
#ifndef QB_LEFTOVER_H
#define QB_LEFTOVER_H

#include "base/buf.h"

struct leftover {
	int slot; /* -1: not noted */
};
#define LEFTOVER_INIT                                                                                        \
	{                                                                                                    \
		-1                                                                                           \
	}

/* For the supervisor, before it forks: from now on is noted. */
void leftover_share(void);

/* `path` as the supervisor can use it: absolute, or from the working folder that both have. */
struct leftover leftover_note(const char *path);

void leftover_forget(struct leftover *leftover);
AUTO_DEFINE(leftover, struct leftover, leftover_forget);

/* Notes the path until the scope ends. */
#define LEFTOVER(path) AUTO(leftover) noted __attribute__((unused)) = leftover_note(path)

/* For the supervisor, when the process is gone: removes what is noted. */
void leftover_remove(void);

#endif
