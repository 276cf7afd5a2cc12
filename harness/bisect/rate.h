/* A rate is always shown with its n and an interval. Pure. */
#ifndef QB_RATE_H
#define QB_RATE_H

struct rate {
	double low, high; /* 0 to 1 */
};

/*
 * Wilson's score interval at 95 % for `failures` of `trials`: E. B. Wilson, Probable inference, the law of
 * succession, and statistical inference, JASA 22 (1927). No trials: 0 to 1.
 */
struct rate rate_interval(unsigned failures, unsigned trials);

#endif
