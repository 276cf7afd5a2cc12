/*
 * Takes files out of packages and folders that are not trusted.
 *
 * Every member is looked at, wanted or not: a path or a link that leaves the package, a device, a FIFO or a
 * socket, or more than the limits is an error that names package and member. Only regular files are ever
 * written, only where the caller says, never over one that is there (the same content again is no error);
 * links are not followed and not made.
 */
#ifndef QB_INTAKE_H
#define QB_INTAKE_H

#include "base/buf.h"
#include "base/err.h"

struct intake_limits {
	uint64_t total, member; /* bytes, unpacked: of all members, of one */
	unsigned entries;
};

/* Generous for a kernel: 4 GiB, 1 GiB, 200,000. */
extern const struct intake_limits intake_limits;

struct intake {
	const char *name; /* of the package, for errors */
	const struct intake_limits *limits;
	/* Appends the path to write the regular file `member` (in plain form) to; nothing: it is not
	 * wanted. */
	int (*want)(void *arg, const char *member, struct buf *target, struct err *err);
	/* Of a folder: whether to enter this one. */
	bool (*descend)(void *arg, const char *member);
	void *arg;
};

/* A Debian package: an ar archive that holds data.tar, packed or not. Errors are ERR_USAGE. */
int intake_deb(const char *path, const struct intake *intake, struct err *err);

/* An rpm package: its cpio payload, packed or not. Signatures and digests in its headers are not looked at.
 */
int intake_rpm(const char *path, const struct intake *intake, struct err *err);

/* A folder; links in it are left out. */
int intake_dir(const char *path, const struct intake *intake, struct err *err);

#endif
