#include "bisect/linear.h"

void linear_range(const enum linear_side *sides, size_t n, size_t *old_end, size_t *new_end)
{
	*old_end = 0;
	*new_end = n - 1;
	for (size_t i = 0; i < *new_end; i++)
		if (sides[i] == LINEAR_NEW)
			*new_end = i;
	for (size_t i = 0; i < *new_end; i++)
		if (sides[i] == LINEAR_OLD)
			*old_end = i;
}

size_t linear_next(const enum linear_side *sides, size_t n)
{
	size_t old_end, new_end, best = n, best_distance = n;

	if (sides[0] == LINEAR_UNKNOWN)
		return 0;
	if (sides[n - 1] == LINEAR_UNKNOWN)
		return n - 1;
	linear_range(sides, n, &old_end, &new_end);
	for (size_t i = old_end + 1; i < new_end; i++) {
		size_t middle = old_end + (new_end - old_end) / 2;
		size_t distance = i < middle ? middle - i : i - middle;

		if (sides[i] == LINEAR_UNKNOWN && distance < best_distance) {
			best = i;
			best_distance = distance;
		}
	}
	return best;
}
