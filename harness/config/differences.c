#include "config/differences.h"

#include <ctype.h>

static const char *const trait_names[TRAIT_N] = { "kernel", "pagesize", "arch" };

/* --- kernels ------------------------------------------------------------------------------------------ */

void differences_version(const struct candidate *kernel, struct buf *out)
{
	AUTO_FREE char *dot_arch = xasprintf(".%s", kernel->arch);
	const char *p = kernel->release;
	size_t n;

	while (*p && !(p[0] == '-' && isalpha((unsigned char)p[1]) &&
		       !(str_starts(p, "-rc") && isdigit((unsigned char)p[3]))))
		p++;
	n = (size_t)(p - kernel->release);
	if (str_ends(kernel->release, dot_arch) && n == strlen(kernel->release))
		n -= strlen(dot_arch);
	buf_add(out, kernel->release, n);
}

static void add_trait(const struct differences *d, const struct candidate *kernel, enum kernel_trait trait,
		      struct buf *out)
{
	char pages[16];

	if (trait == TRAIT_PAGESIZE)
		buf_adds(out, candidate_pagesize_text(kernel, pages));
	else if (trait == TRAIT_ARCH)
		buf_adds(out, kernel->arch);
	else if (d->by_id)
		buf_adds(out, kernel->id);
	else
		differences_version(kernel, out);
}

static bool same_trait(const struct differences *d, const struct candidate *a, const struct candidate *b,
		       enum kernel_trait trait)
{
	AUTO(buf) left = BUF_INIT;
	AUTO(buf) right = BUF_INIT;

	if (trait == TRAIT_PAGESIZE && (!a->pagesize || !b->pagesize))
		return true;
	add_trait(d, a, trait, &left);
	add_trait(d, b, trait, &right);
	return str_eq(left.s, right.s);
}

/* In which traits the kernels of the two ends differ. */
static unsigned differing_traits(struct differences *d)
{
	unsigned differ = 0;

	for (unsigned t = 0; t < TRAIT_N; t++)
		if (!same_trait(d, &d->kernels[0], &d->kernels[1], t))
			differ |= 1u << t;
	d->by_id = !differ && !str_eq(d->kernels[0].id, d->kernels[1].id);
	return d->by_id ? 1u << TRAIT_VERSION : differ;
}

static int no_mixture(const struct differences *d, const struct candidate *kernel, enum kernel_trait trait,
		      struct err *err)
{
	AUTO(buf) value = BUF_INIT;

	add_trait(d, kernel, trait, &value);
	return err_set(
	    err, ERR_USAGE,
	    "\"kernels\": %s (%s %s) is no mixture of %s and %s: each of its version, page size and "
	    "architecture must be that of one of the two",
	    kernel->id, trait_names[trait], value.s, d->kernels[0].id, d->kernels[1].id);
}

/* Fills sides[]; every kernel must have traits of the ends, and a mixture of its own. */
static int find_sides(struct differences *d, unsigned differ, struct err *err)
{
	d->sides = xcalloc(d->n_kernels + 1, sizeof(*d->sides));
	d->sides[1] = differ;
	for (size_t i = 2; i < d->n_kernels; i++) {
		const struct candidate *kernel = &d->kernels[i];

		for (unsigned t = 0; t < TRAIT_N; t++) {
			bool fails = same_trait(d, kernel, &d->kernels[0], t);

			if (!fails && !same_trait(d, kernel, &d->kernels[1], t))
				return no_mixture(d, kernel, t, err);
			if (!fails)
				d->sides[i] |= 1u << t;
		}
		for (size_t j = 0; j < i; j++)
			if (d->sides[i] == d->sides[j])
				return err_set(
				    err, ERR_USAGE,
				    "\"kernels\": %s has version, page size and architecture of %s: leave one out",
				    kernel->id, d->kernels[j].id);
	}
	return 0;
}

/* Whether every kernel has both traits from the same end. */
static bool go_along(const struct differences *d, unsigned a, unsigned b)
{
	for (size_t i = 0; i < d->n_kernels; i++)
		if ((d->sides[i] >> a & 1) != (d->sides[i] >> b & 1))
			return false;
	return true;
}

static void add_kernel_difference(struct differences *d, unsigned traits)
{
	struct difference *difference = &d->v[d->n++];
	AUTO(buf) name = BUF_INIT;
	AUTO(buf) fails = BUF_INIT;
	AUTO(buf) passes = BUF_INIT;

	for (unsigned t = 0; t < TRAIT_N; t++) {
		if (!(traits & 1u << t))
			continue;
		buf_addf(&name, "%s%s", name.len ? "+" : "", trait_names[t]);
		buf_adds(&fails, fails.len ? " " : "");
		buf_adds(&passes, passes.len ? " " : "");
		add_trait(d, &d->kernels[0], t, &fails);
		add_trait(d, &d->kernels[1], t, &passes);
	}
	*difference =
	    (struct difference){ buf_steal(&name), { buf_steal(&fails), buf_steal(&passes) }, NULL, traits };
}

static int compare_kernels(struct differences *d, struct err *err)
{
	unsigned differ = differing_traits(d);

	if (find_sides(d, differ, err) < 0)
		return -1;
	for (unsigned t = 0; t < TRAIT_N; t++) {
		unsigned together = 0;

		for (unsigned u = 0; u < TRAIT_N && differ & 1u << t; u++)
			if (differ & 1u << u && go_along(d, t, u))
				together |= 1u << u;
		differ &= ~together;
		if (together)
			add_kernel_difference(d, together);
	}
	return 0;
}

/* --- environments ------------------------------------------------------------------------------------- */

static bool same_value(const struct environment *a, const struct environment *b,
		       const struct environment_key *key)
{
	AUTO(buf) left = BUF_INIT;
	AUTO(buf) right = BUF_INIT;

	environment_get(a, key, &left);
	environment_get(b, key, &right);
	return str_eq(left.s, right.s);
}

/* As people write it, and environment_set() reads it: a size with its unit. */
static char *show_value(const struct environment *env, const struct environment_key *key)
{
	static const char units[] = "kMG";
	AUTO(buf) text = BUF_INIT;
	unsigned long long size;
	int unit = -1;

	environment_get(env, key, &text);
	if (key->type != KEY_SIZE)
		return buf_steal(&text);
	size = strtoull(text.s, NULL, 10);
	while (size && !(size % 1024) && unit < 2) {
		size /= 1024;
		unit++;
	}
	return unit < 0 ? buf_steal(&text) : xasprintf("%llu%c", size, units[unit]);
}

static int compare_environments(struct differences *d, struct err *err)
{
	for (const struct environment_key *key = environment_keys; key->name; key++) {
		if (same_value(&d->env[0], &d->env[1], key))
			continue;
		if (d->n == DIFFERENCES_MOST)
			return err_set(
			    err, ERR_USAGE,
			    "the two ends differ in more than %d things, '%s' among them: give them more in common",
			    DIFFERENCES_MOST, key->name);
		d->v[d->n++] =
		    (struct difference){ xstrdup(key->name),
					 { show_value(&d->env[0], key), show_value(&d->env[1], key) },
					 key,
					 0 };
	}
	return 0;
}

int differences_find(const struct candidate *kernels, size_t n_kernels, const struct environment env[2],
		     struct differences *d, struct err *err)
{
	d->kernels = kernels;
	d->n_kernels = n_kernels;
	d->env[0] = env[0];
	d->env[1] = env[1];
	if (compare_kernels(d, err) < 0 || compare_environments(d, err) < 0)
		return -1;
	return d->n
		   ? 0
		   : err_set(
			 err, ERR_USAGE,
			 "the two ends do not differ: \"fails\" and \"passes\" name the same kernel and environment");
}

/* --- settings in between ------------------------------------------------------------------------------ */

static int find_kernel(const struct differences *d, uint32_t swapped, const struct candidate **kernel,
		       struct err *err)
{
	AUTO(buf) wanted = BUF_INIT;
	unsigned side = 0;

	for (unsigned i = 0; i < d->n; i++) {
		bool passes = swapped >> i & 1;

		side |= passes ? d->v[i].traits : 0;
		if (d->v[i].traits)
			buf_addf(&wanted, "%s%s %s", wanted.len ? ", " : "", d->v[i].name,
				 d->v[i].value[passes]);
	}
	for (size_t i = 0; i < d->n_kernels; i++) {
		if (d->sides[i] != side)
			continue;
		*kernel = &d->kernels[i];
		return 0;
	}
	return err_set(err, ERR_USAGE, "no kernel was given with %s: add one to \"kernels\"", wanted.s);
}

int differences_setting(const struct differences *d, uint32_t swapped, const struct candidate **kernel,
			struct environment *env, struct err *err)
{
	*env = d->env[0];
	if (find_kernel(d, swapped, kernel, err) < 0)
		return -1;
	for (unsigned i = 0; i < d->n; i++)
		if (swapped >> i & 1 && d->v[i].key &&
		    environment_set(env, d->v[i].key->name, d->v[i].value[1], err) < 0)
			return -1;
	return environment_check(env, (*kernel)->arch, err);
}

static bool same_environment(const struct environment *a, const struct environment *b)
{
	for (const struct environment_key *key = environment_keys; key->name; key++)
		if (!same_value(a, b, key))
			return false;
	return true;
}

static bool read_pairs(const struct strv *pairs, struct environment *env)
{
	AUTO(err) ignored = ERR_INIT;

	environment_init(env);
	for (size_t i = 0; i < pairs->n; i++)
		if (environment_set_pair(env, pairs->v[i], &ignored) < 0)
			return false;
	return true;
}

bool differences_recognize(const struct differences *d, const char *kernel, const struct strv *environment,
			   uint32_t *swapped)
{
	const struct candidate *found;
	AUTO(err) ignored = ERR_INIT;
	struct environment asked, made;
	size_t k = 0;

	while (k < d->n_kernels && !str_eq(d->kernels[k].id, kernel))
		k++;
	if (k == d->n_kernels || !read_pairs(environment, &asked))
		return false;
	*swapped = 0;
	for (unsigned i = 0; i < d->n; i++) {
		const struct difference *v = &d->v[i];

		if (v->key ? same_value(&asked, &d->env[1], v->key) : (d->sides[k] & v->traits) != 0)
			*swapped |= 1u << i;
	}
	return differences_setting(d, *swapped, &found, &made, &ignored) == 0 && str_eq(found->id, kernel) &&
	       same_environment(&asked, &made);
}

int differences_kernel(const struct differences *d)
{
	for (unsigned i = 0; i < d->n; i++)
		if (d->v[i].traits & 1u << TRAIT_VERSION)
			return (int)i;
	return -1;
}

void differences_release(struct differences *d)
{
	for (unsigned i = 0; i < d->n; i++) {
		free(d->v[i].name);
		free(d->v[i].value[0]);
		free(d->v[i].value[1]);
	}
	free(d->sides);
	*d = (struct differences)DIFFERENCES_INIT;
}
