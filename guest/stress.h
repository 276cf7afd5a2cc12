/*
 * LTP's stress tests of direct and asynchronous I/O against other processes that read or write the same file
 * (testcases/kernel/io/ltp-aiodio): a file to which only zeros are written must never read as anything else.
 * An iteration is one run of LTP's test, in the current folder:
 *
 *	aiodio_sparse	`children` processes read a sparse file of `filesize` while blocks of zeros are
 *			written to it with O_DIRECT, `depth` of them in flight
 *	dio_sparse	the same, one write after the other, from `offset` on
 *	aiodio_append	they read the end of a file to which `appends` blocks are appended, `depth` in
 *			flight
 *	dio_append	the same, one write after the other
 *	dio_truncate	they read with O_DIRECT while, `rounds` times, `appends` blocks are written and the
 *			file is cut to nothing, then the same with a file of junk
 *	dio_read	`children` processes each write the whole file, `blocksize` by `blocksize`, each
 *			followed by fsync, while `readsize` by `readsize` is read with O_DIRECT
 *
 * An iteration ends early, and well, when `runtime` is over: as LTP's.
 *
 * What differs from LTP: every write's result is checked, and at the end the file's size and content, through
 * the page cache; each iteration starts with a new file; a finding says where and what; that nobody found
 * anything is believed only of children that ended well.
 */
#ifndef GUEST_STRESS_H
#define GUEST_STRESS_H

#include "emit.h"
#include "plan.h"

/* Why the plan makes no sense in the current folder, on a disk with this logical block size (0: not known),
 * or NULL. */
const char *stress_unfit(const struct plan *plan, uint64_t logical_block);

/* Runs iteration `i`, counted from 1, of the plan's workload. */
void stress_iteration(const struct plan *plan, uint64_t i, struct outcome *outcome);

#endif
