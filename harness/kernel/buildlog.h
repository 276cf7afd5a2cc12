/* Why a kernel did not build, from what make and the tools it ran wrote. Pure. */
#ifndef QB_BUILDLOG_H
#define QB_BUILDLOG_H

#include "base/buf.h"

struct buildlog {
	bool host; /* not the tree's fault: the disk is full, memory is out, a program or header is missing */
	const char *advice; /* what to do about it; NULL: nothing known */
	struct buf line; /* the first line that says what is wrong, plain ASCII, without the tree's folder */
};
#define BUILDLOG_INIT                                                                                        \
	{                                                                                                    \
		false, NULL, BUF_INIT                                                                        \
	}

/*
 * Reads the output of a build that failed. `tree` is the folder of the source, which is taken off the names
 * of files. With several jobs the lines of several programs are mixed, but whole. An empty output gives an
 * empty line.
 */
void buildlog_read(const char *text, size_t len, const char *tree, struct buildlog *out);

void buildlog_release(struct buildlog *log);
AUTO_DEFINE(buildlog, struct buildlog, buildlog_release);

#endif
