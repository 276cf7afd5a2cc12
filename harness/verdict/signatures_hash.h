/* How rows are found by the first bytes of their literals; shared by the two halves of signatures.h. */
#ifndef QB_SIGNATURES_HASH_H
#define QB_SIGNATURES_HASH_H

#include "verdict/signatures.h"

#define SIGNATURE_START	 4    /* bytes of a literal that are hashed */
#define SIGNATURE_HASHES 4096 /* so that the few starts of the table meet few others */

static inline size_t signature_hash(const char *s)
{
	uint32_t word;

	memcpy(&word, s, SIGNATURE_START);
	return word * 2654435761u >> 20; /* Knuth's multiplicative hash, the top 12 bits */
}

static inline void signature_set_add(struct signature_set *set, size_t row)
{
	set->bits[row / 64] |= UINT64_C(1) << row % 64;
}

static inline bool signature_set_has(const struct signature_set *set, size_t row)
{
	return set->bits[row / 64] >> row % 64 & 1;
}

static inline bool signature_set_is_empty(const struct signature_set *set)
{
	uint64_t any = 0;

	for (size_t i = 0; i < ARRAY_SIZE(set->bits); i++)
		any |= set->bits[i];
	return !any;
}

#endif
