/*
 * Workload aiocp: copies files by asynchronous I/O as LTP's aiocp does
 * (testcases/kernel/io/ltp-aiodio/aiocp.c), and goes on after a failure.
 *
 * One iteration, for each pair of files: fill a fresh source through the page cache and fsync it; open source
 * and copy, with O_DIRECT (flags DIRECT) or the copy with O_SYNC (flags SYNC); keep `depth` blocks in flight,
 * where each finished read becomes a write at the same offset from the same buffer, and, with DIRECT, each
 * finished write is followed by fsync of the copy; then compare size and content through the page cache.
 *
 * What differs from LTP: the content is known, so source and copy are both compared with it; an fsync that
 * fails does not end the copy, other failures do; where buffers start is asked for (proto.h, `buffers`), not
 * malloc's.
 */
#ifndef GUEST_AIOCP_H
#define GUEST_AIOCP_H

#include "emit.h"
#include "plan.h"

/* Why the plan makes no sense on a disk with this logical block size (0: not known), or NULL. */
const char *aiocp_unfit(const struct plan *plan, uint64_t logical_block);

/* Runs iteration `i`, counted from 1, in the current folder. */
void aiocp_iteration(const struct plan *plan, uint64_t i, struct outcome *outcome);

#endif
