/* How the scenario's own process writes while a crowd reads: one write after the other, or a queue of
 * asynchronous ones. */
#ifndef GUEST_WRITER_H
#define GUEST_WRITER_H

#include "crowd.h"

struct writer {
	const struct plan *plan;
	struct crowd *crowd; /* its runtime and findings end the writing */
	const char *file;
	uint64_t iteration;
	int byte;	 /* all that is written */
	uint64_t offset; /* of the first write */
	uint64_t blocks; /* how many to write, each of the plan's blocksize */
	struct outcome *outcome;

	uint64_t end; /* out: where the last write ended; 0 while there was none */
};

/* Opens with O_DIRECT for writing, creates, and makes the file `size` bytes long. -1: the outcome says
 * why. */
int writer_open(const char *file, uint64_t size, struct outcome *outcome);

/* Writes one block after the other. A block that was taken in part counts as LTP counts it: the next one
 * starts behind what was taken. */
void writer_in_turn(struct writer *writer, int fd);

/* Keeps `depth` blocks in flight at rising offsets. */
void writer_queued(struct writer *writer, int fd, unsigned depth);

#endif
