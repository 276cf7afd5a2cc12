#include "bisect/common.h"

#include <math.h>

#define BIT(attribute) (1u << (attribute))

static const struct {
	const char *name, *unit; /* "the page size", what a value is: "64k pages" */
} attributes[COMMON_ATTRIBUTES] = {
	[COMMON_PAGESIZE] = { "the page size", " pages" },
	[COMMON_ARCH] = { "the architecture", "" },
	[COMMON_FILESYSTEM] = { "the file system", "" },
	[COMMON_ENVIRONMENT] = { "the environment", "" },
	[COMMON_KERNEL] = { "the kernel", "" },
};

struct counts {
	unsigned failures, trials;
};

struct view {
	const struct common_case *cases;
	size_t n;
	unsigned *failing;  /* of each case: the attributes whose value has failed somewhere */
	size_t *first;	    /* the first case of its scenario */
	struct counts *sum; /* room for each scenario's, at its first case */
};

static void view_release(struct view *v)
{
	free(v->failing);
	free(v->first);
	free(v->sum);
}
AUTO_DEFINE(view, struct view, view_release);

/* --- hypotheses ------------------------------------------------------------------------------------------- */

static bool failed_somewhere(const struct common_case *cases, size_t n, int a, const char *value)
{
	for (size_t i = 0; i < n; i++)
		if (cases[i].failures && str_eq(cases[i].value[a], value))
			return true;
	return false;
}

static void view_make(struct view *v, const struct common_case *cases, size_t n)
{
	v->cases = cases;
	v->n = n;
	v->failing = xcalloc(n, sizeof(*v->failing));
	v->first = xcalloc(n, sizeof(*v->first));
	v->sum = xcalloc(n, sizeof(*v->sum));
	for (size_t i = 0; i < n; i++) {
		while (!str_eq(cases[v->first[i]].scenario, cases[i].scenario))
			v->first[i]++;
		for (int a = 0; a < COMMON_ATTRIBUTES; a++)
			if (cases[i].value[a] && failed_somewhere(cases, n, a, cases[i].value[a]))
				v->failing[i] |= BIT(a);
	}
}

static bool can_fail(const struct view *v, unsigned set, size_t i)
{
	return (v->failing[i] & set) == set;
}

static struct counts count(const struct view *v, unsigned set, bool failing)
{
	struct counts counts = { 0, 0 };

	for (size_t i = 0; i < v->n; i++) {
		if (can_fail(v, set, i) != failing)
			continue;
		counts.failures += v->cases[i].failures;
		counts.trials += v->cases[i].trials;
	}
	return counts;
}

/* How many values the attribute takes. */
static unsigned variety(const struct view *v, enum common_attribute a)
{
	unsigned values = 0;

	for (size_t i = 0; i < v->n; i++) {
		size_t before = 0;

		while (before < i && !str_eq(v->cases[before].value[a], v->cases[i].value[a]))
			before++;
		values += before == i;
	}
	return values;
}

static double x_log_share(double x, double n)
{
	return x > 0 ? x * log(x / n) : 0;
}

/* Log of the likelihood and of the price of the choice. */
static double score(const struct view *v, unsigned set)
{
	double sum = 0;

	memset(v->sum, 0, v->n * sizeof(*v->sum));
	for (size_t i = 0; i < v->n; i++) {
		if (!can_fail(v, set, i))
			continue;
		v->sum[v->first[i]].failures += v->cases[i].failures;
		v->sum[v->first[i]].trials += v->cases[i].trials;
	}
	for (size_t i = 0; i < v->n; i++) {
		const struct counts *c = &v->sum[i];

		sum += x_log_share(c->failures, c->trials) + x_log_share(c->trials - c->failures, c->trials);
	}
	for (int a = 0; a < COMMON_ATTRIBUTES; a++)
		if (set & BIT(a))
			sum -= variety(v, (enum common_attribute)a) * M_LN2;
	return sum;
}

static bool is_known(const struct view *v, unsigned set)
{
	for (int a = 0; a < COMMON_ATTRIBUTES; a++)
		if (set & BIT(a) && !v->cases[0].value[a])
			return false;
	return true;
}

/* --- words ------------------------------------------------------------------------------------------------ */

static void name_set(unsigned set, struct buf *out)
{
	const char *between = "";

	for (int a = 0; a < COMMON_ATTRIBUTES; a++) {
		if (!(set & BIT(a)))
			continue;
		buf_addf(out, "%s%s", between, attributes[a].name);
		between = " together with ";
	}
}

/* Appends the values of one attribute on one side, each once. */
static void list_values(const struct view *v, unsigned set, bool failing, enum common_attribute a,
			struct buf *out)
{
	AUTO(strv) seen = STRV_INIT;

	for (size_t i = 0; i < v->n; i++) {
		const char *value = v->cases[i].value[a];

		if (can_fail(v, set, i) == failing && strv_add_once(&seen, value))
			buf_addf(out, "%s%s", seen.n > 1 ? ", " : "", value);
	}
}

static void list_side(const struct view *v, unsigned set, bool failing, struct buf *out)
{
	struct counts counts = count(v, set, failing);
	const char *between = "";
	bool single = !(set & (set - 1));

	for (int a = 0; a < COMMON_ATTRIBUTES && (failing || single); a++) {
		if (!(set & BIT(a)))
			continue;
		buf_adds(out, between);
		list_values(v, set, failing, (enum common_attribute)a, out);
		buf_adds(out, attributes[a].unit);
		between = " with ";
	}
	if (!failing && !single)
		buf_adds(out, "others");
	buf_addf(out, " %s (%u of %u trials", failing ? "fail" : "do not", counts.failures, counts.trials);
	if (!(set & BIT(COMMON_ARCH)) && v->cases[0].value[COMMON_ARCH]) {
		buf_adds(out, "; ");
		list_values(v, set, failing, COMMON_ARCH, out);
	}
	buf_adds(out, ")");
}

/* A set that holds another one which says as much says nothing more. */
static bool is_needless(const double *scores, unsigned set, double least)
{
	for (unsigned part = 1; part < set; part++)
		if ((part & set) == part && scores[part] >= least)
			return true;
	return false;
}

void common_find(const struct common_case *cases, size_t n, struct buf *out)
{
	AUTO(view) v = { NULL, 0, NULL, NULL, NULL };
	double scores[BIT(COMMON_ATTRIBUTES)], least;
	unsigned best = 0;

	if (!n)
		return;
	view_make(&v, cases, n);
	for (unsigned set = 0; set < BIT(COMMON_ATTRIBUTES); set++) {
		scores[set] = is_known(&v, set) ? score(&v, set) : -INFINITY;
		if (scores[set] > scores[best])
			best = set;
	}
	least = scores[best] - log(COMMON_ODDS);
	if (!best || scores[0] >= least || !count(&v, best, false).trials)
		return;
	buf_adds(out, "it is ");
	name_set(best, out);
	for (unsigned set = 1; set < BIT(COMMON_ATTRIBUTES); set++) {
		if (set == best || scores[set] < least || is_needless(scores, set, least))
			continue;
		buf_adds(out, " or ");
		name_set(set, out);
	}
	buf_adds(out, ": ");
	list_side(&v, best, true, out);
	buf_adds(out, ", ");
	list_side(&v, best, false, out);
}
