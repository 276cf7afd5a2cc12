#include "bisect/information.h"

#include <math.h>

double information_coin(double p)
{
	return p <= 0 || p >= 1 ? 0 : -p * log(p) - (1 - p) * log1p(-p);
}

double information_diverge(double mass, double suspect, double all)
{
	double other = (all - mass * suspect) / (1 - mass);

	return suspect > 0 && other > 0 ? suspect * log(suspect / other) : 0;
}

double information_part(double mass, double suspect, double all)
{
	double other = (all - mass * suspect) / (1 - mass);

	return suspect > 0 && other > 0 ? mass * suspect * log(all / other) : 0;
}
