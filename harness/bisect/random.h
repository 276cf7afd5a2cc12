/*
 * Chance from a seed: splitmix64 (G. L. Steele, D. Lea, C. H. Flood, OOPSLA 2014). Pure; the same state, the same numbers.
 */
#ifndef QB_RANDOM_H
#define QB_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* Any state will do to begin with. */
uint64_t random_bits(uint64_t *state);

/* From 0 to below 1. */
double random_unit(uint64_t *state);

/* From 0 to n - 1; n at least 1. */
uint32_t random_below(uint64_t *state, size_t n);

#endif
