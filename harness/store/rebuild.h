/* A database made anew from the folders. */
#ifndef QB_REBUILD_H
#define QB_REBUILD_H

#include "base/buf.h"
#include "base/err.h"

#define REBUILD_OLD "qbisect.db.old"

struct rebuild {
	unsigned campaigns, trials;
	bool had;	  /* there was a database, which is called REBUILD_OLD now */
	char *unreadable; /* why it could not be read, so that what only it had cannot be told; NULL */
	struct strv lost; /* what cannot be recovered: "CAMPAIGN/TRIAL: why" */
};
#define REBUILD_INIT                                                                                         \
	{                                                                                                    \
		0, 0, false, NULL, STRV_INIT                                                                 \
	}

/* The new one takes the place of the old when it is complete; before, nothing has changed. Folders are only read. -1:
 * ERR_HOST, another process works with the database, or there is no space. */
int rebuild_store(const char *results, struct rebuild *rebuild, struct err *err);

void rebuild_release(struct rebuild *rebuild);
AUTO_DEFINE(rebuild, struct rebuild, rebuild_release);

#endif
