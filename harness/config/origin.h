/*
 * Where a campaign's file says that a kernel comes from. Pure.
 *
 *	"ID|PATH"						of the catalog, or a package, folder or image,
 *								from where qbisect runs
 *	{ "id": "ID|PATH" }					the same
 *	{ "suite": "trixie", "package": "linux-image-amd64" }	fetched from Debian, the newest there is
 */
#ifndef QB_ORIGIN_H
#define QB_ORIGIN_H

#include "config/json.h"

struct origin {
	char *id;
	char *suite, *package; /* id NULL: fetched */
};
#define ORIGIN_INIT                                                                                          \
	{                                                                                                    \
		.id = NULL                                                                                   \
	}

/* ERR_USAGE: none of the three. Other keys of an object are the caller's to check. */
int origin_read(const struct json_node *node, struct origin *origin, struct err *err);

/* "ID", the last part of a path, or "SUITE PACKAGE". The caller's to free(). */
char *origin_text(const struct origin *origin);

void origin_release(struct origin *origin);

#endif
