#include "base/opts.h"

#include <math.h>

static struct opts_common parsed;

/* As OPT_* rows, so that --help lists them like any other. */
static const struct opt common_options[] = {
	OPT_STR("home", "DIR", &parsed.home,
		"where all state lives (default: results/ and kernels/cache/ of the tree)"),
	OPT_FLAG("quiet", &parsed.quiet, "no progress on stderr"),
	OPT_FLAG("help", &parsed.help, "show this help"),
	OPT_END,
};

const struct opt *opts_common_table(void)
{
	return common_options;
}

/* Edit distance for short names, by rows. */
static size_t distance(const char *a, const char *b)
{
	size_t row[64], n = strlen(b);

	if (n >= ARRAY_SIZE(row) || strlen(a) >= ARRAY_SIZE(row))
		return SIZE_MAX;
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			size_t above = row[j], best = diagonal + (a[i - 1] != b[j - 1]);

			if (above + 1 < best)
				best = above + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			diagonal = above;
			row[j] = best;
		}
	}
	return row[n];
}

void opts_suggest(const char *word, const char *const *names, struct buf *out)
{
	size_t len = strlen(word), best = len / 3 + 2;
	const char *nearest = NULL;

	for (; *names; names++) {
		size_t n = strlen(*names),
		       apart = n > len ? n - len : len - n; /* they differ in so many at least */
		size_t d = apart < best ? distance(word, *names) : apart;

		if (d < best) {
			best = d;
			nearest = *names;
		}
	}
	if (nearest)
		buf_addf(out, ": did you mean '%s'?", nearest);
}

static const struct opt *find(const struct opt *options, const char *name, size_t len)
{
	for (; options && options->type != OPT_TYPE_END; options++)
		if (strlen(options->name) == len && strncmp(options->name, name, len) == 0)
			return options;
	return NULL;
}

static int unknown_option(const struct verb *verb, const char *word, size_t len, struct err *err)
{
	AUTO_FREE char *name = xasprintf("%.*s", (int)len, word + 2);
	const char *names[64];
	AUTO(buf) hint = BUF_INIT;
	size_t n = 0;

	for (const struct opt *o = verb->options; o && o->type != OPT_TYPE_END && n < 60; o++)
		names[n++] = o->name;
	for (const struct opt *o = common_options; o->type != OPT_TYPE_END; o++)
		names[n++] = o->name;
	names[n] = NULL;
	opts_suggest(name, names, &hint);
	return err_set(err, ERR_USAGE, "%s: unknown option '%s'%s (see 'qbisect %s --help')", verb->name,
		       word, hint.s, verb->name);
}

static int store_number(const struct opt *o, const char *value, struct err *err)
{
	char *end;
	double x;

	errno = 0;
	x = strtod(value, &end);
	if (end == value || *end || errno || !isfinite(x) || x < o->min || x > o->max ||
	    (o->type == OPT_TYPE_UINT && x != floor(x)))
		return err_set(err, ERR_USAGE, "--%s %s: expected a %snumber from %.15g to %.15g", o->name,
			       value, o->type == OPT_TYPE_UINT ? "whole " : "", o->min, o->max);
	if (o->type == OPT_TYPE_UINT)
		*(unsigned *)o->value = (unsigned)x;
	else
		*(double *)o->value = x;
	return 0;
}

static int store(const struct opt *o, const char *value, struct err *err)
{
	switch (o->type) {
	case OPT_TYPE_FLAG:
		*(bool *)o->value = true;
		return 0;
	case OPT_TYPE_STR:
		if (o->min > 0 && *(const char **)o->value)
			return err_set(err, ERR_USAGE, "--%s is there twice: expected one %s", o->name,
				       o->arg);
		*(const char **)o->value = value;
		return 0;
	case OPT_TYPE_LIST:
		strv_add(o->value, value);
		return 0;
	default:
		return store_number(o, value, err);
	}
}

/* Handles argv[i], an option; returns how many words it took. */
static int take_option(const struct verb *verb, int argc, char **argv, int i, struct err *err)
{
	const char *name = argv[i] + 2, *equals = strchr(name, '=');
	size_t len = equals ? (size_t)(equals - name) : strlen(name);
	const struct opt *o = find(verb->options, name, len);

	if (!o)
		o = find(common_options, name, len);
	if (!o)
		return unknown_option(verb, argv[i], len, err);
	if (o->type == OPT_TYPE_FLAG && equals)
		return err_set(err, ERR_USAGE, "--%s takes no value", o->name);
	if (o->type == OPT_TYPE_FLAG || equals)
		return store(o, equals ? equals + 1 : NULL, err) < 0 ? -1 : 1;
	if (i + 1 >= argc)
		return err_set(err, ERR_USAGE, "--%s needs a value: --%s %s", o->name, o->name, o->arg);
	return store(o, argv[i + 1], err) < 0 ? -1 : 2;
}

int opts_parse(const struct verb *verb, int argc, char **argv, struct opts_common *common, int *dashes,
	       struct err *err)
{
	int left = 0, i = 0;

	while (i < argc && !str_eq(argv[i], "--")) {
		int took = 1;

		if (str_eq(argv[i], "-h"))
			parsed.help = true;
		else if (argv[i][0] != '-' || argv[i][1] == '\0')
			argv[left++] = argv[i];
		else if (argv[i][1] != '-')
			return err_set(err, ERR_USAGE,
				       "%s: unknown option '%s': options are long, as in --help", verb->name,
				       argv[i]);
		else
			took = take_option(verb, argc, argv, i, err);
		if (took < 0)
			return -1;
		i += took;
	}
	*dashes = left;
	for (i++; i < argc; i++)
		argv[left++] = argv[i];
	*common = parsed;
	return left;
}

static void help_options(const struct opt *o, struct buf *out)
{
	for (; o && o->type != OPT_TYPE_END; o++) {
		AUTO_FREE char *name =
		    xasprintf("--%s%s%s", o->name, o->arg ? " " : "", o->arg ? o->arg : "");

		buf_addf(out, "  %-24s  %s\n", name, o->help);
	}
}

void opts_help(const struct verb *verb, struct buf *out)
{
	buf_addf(out, "usage: qbisect %s %s\n\n%s.\n\n", verb->name, verb->usage, verb->summary);
	if (verb->text)
		buf_addf(out, "%s\n", verb->text);
	help_options(verb->options, out);
	help_options(common_options, out);
	if (verb->more)
		verb->more(out);
}
