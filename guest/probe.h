/*
 * Workload probe: two hands that work at the same time on neighbouring blocks, which share a page where pages
 * are larger than blocks. Neither touches a block of the other's, so in the end each must hold what its owner
 * put there last. The plan's `probe` says what the hands do; the left one has the blocks 0, 2, 4, ... of the
 * file, and the last one.
 *
 *	mixed	left writes with O_DIRECT, all its blocks of a round in flight, right through the page cache
 *	mmap	left writes with O_DIRECT, right through a shared mapping, with msync
 *	punch	left writes and punches a hole, right writes through the page cache
 *	cut	left cuts the file in the middle of its last block and makes it as long as before, right
 *		writes with O_DIRECT
 *	append	both append blocks to one file with O_APPEND, left with O_DIRECT
 *
 * An iteration: a file of `filesize` in blocks of `blocksize` is filled and synced, both hands go over their
 * blocks `rounds` times (append: once, and each block is put at the file's end); then fsync, and the file is
 * compared as it reads through the page cache and, behind that, with O_DIRECT ("file-direct").
 */
#ifndef GUEST_PROBE_H
#define GUEST_PROBE_H

#include "emit.h"
#include "plan.h"

/* Why the plan makes no sense on a disk with this logical block size (0: not known), or NULL. */
const char *probe_unfit(const struct plan *plan, uint64_t logical_block);

/* Runs iteration `i`, counted from 1, in the current folder. */
void probe_iteration(const struct plan *plan, uint64_t i, struct outcome *outcome);

#endif
