/*
 * Files that must read as zeros, whoever writes zeros to them at the same time: what LTP's sparse, append,
 * truncate and read tests look for is what the disk held before (JUNK), let through by a hole or a page that
 * was not cleared.
 */
#ifndef GUEST_ZEROS_H
#define GUEST_ZEROS_H

#include "crowd.h"

#define ZEROS_JUNK 0xaa

/* Data at `offset` of `file`, just read. False: it is not all zeros, and the outcome says what is there. */
bool zeros_check(const char *data, size_t len, const char *file, uint64_t offset, struct outcome *outcome);

/* Writes `size` bytes of junk through a mapping and removes the file again, so that free blocks hold junk.
 * False: that failed, and the outcome says so. */
bool zeros_dirty_free_blocks(uint64_t size, struct outcome *outcome);

/* The file's size, and all of its content through the page cache. Counts as checked. */
void zeros_verify(struct crowd *crowd, const char *file, uint64_t size, struct outcome *outcome);

/*
 * What children do with the file that `arg` (a const char *) names, until crowd_goes_on() says no. They wait
 * for the file to appear.
 */

/* Buffered reads of 4 KiB from begin to end, and from the begin again. */
void zeros_read_all(struct crowd *crowd, const void *arg);

/* Buffered reads of 4 KiB, in turn at the file's end, as LTP's documentation has it, and near its begin, as
 * its code has it (io_read_eof() in common.h swaps lseek()'s arguments, so that it reads at offset 2). */
void zeros_read_end(struct crowd *crowd, const void *arg);

/* O_DIRECT reads of a block from begin to end, and from the begin again. */
void zeros_read_direct(struct crowd *crowd, const void *arg);

#endif
