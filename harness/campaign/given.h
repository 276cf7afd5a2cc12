/* Trials that are known before a search begins: another's, or of `git bisect`. */
#ifndef QB_GIVEN_H
#define QB_GIVEN_H

#include "store/campaign.h"

/*
 * Reads a file in either form of bisect/evidence.h (it is git's when a line begins with "git bisect") into
 * campaign->given, for campaign->candidates. ERR_USAGE with file and line.
 */
int given_read(const char *path, struct campaign *campaign, struct err *err);

#endif
