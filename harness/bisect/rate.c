#include "bisect/rate.h"

#include <math.h>

#define Z 1.959963984540054 /* the normal distribution's quantile at 0.975 */

struct rate rate_interval(unsigned failures, unsigned trials)
{
	double n = trials, p, centre, half;

	if (!trials)
		return (struct rate){ 0, 1 };
	p = failures / n;
	centre = p + Z * Z / (2 * n);
	half = Z * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n));
	return (struct rate){ fmax(0, (centre - half) / (1 + Z * Z / n)),
			      fmin(1, (centre + half) / (1 + Z * Z / n)) };
}
