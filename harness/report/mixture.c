/* Whether the trials of a campaign were made alike: what differs may be the emulator's, or the file system's maker's. */
#include "base/host.h"
#include "report/report.h"

/* A value that trials of one group should share. */
struct aspect {
	const char *name;
	const char *(*group)(const struct record *);
	const char *(*value)(const struct record *);
};

struct kind {
	const struct record *first;
	unsigned trials;
};

struct kinds {
	struct kind *v;
	size_t n, cap;
};

static const char *arch_of(const struct record *record)
{
	return record->arch;
}

static const char *machine_of(const struct record *record)
{
	return record->machine;
}

/* "": it was asked for. */
static const char *accelerator_of(const struct record *record)
{
	return strv_has(&record->environment, "accelerator=auto") ? record->accelerator : "";
}

static const char *host_of(const struct record *record)
{
	return host_without_name(record->host);
}

static const char *filesystem_of(const struct record *record)
{
	for (size_t i = 0; i < record->environment.n; i++)
		if (str_starts(record->environment.v[i], "filesystem="))
			return strchr(record->environment.v[i], '=') + 1;
	return "";
}

static const char *tool_of(const struct record *record)
{
	return record->disk_tool;
}

static const struct aspect aspects[] = {
	{ "emulator", arch_of, machine_of },
	{ "accelerator", arch_of, accelerator_of },
	{ "host's kernel or qbisect", arch_of, host_of },
	{ "maker of file systems", filesystem_of, tool_of },
};

static void count(const struct aspect *aspect, const struct record *record, struct kinds *kinds)
{
	for (size_t i = 0; i < kinds->n; i++) {
		const struct record *first = kinds->v[i].first;

		if (str_eq(aspect->group(first), aspect->group(record)) &&
		    str_eq(aspect->value(first), aspect->value(record))) {
			kinds->v[i].trials++;
			return;
		}
	}
	GROW(kinds->v, kinds->n, kinds->cap);
	kinds->v[kinds->n++] = (struct kind){ record, 1 };
}

/* The sentence of a group, when kind i is the first of several of it. */
static void tell(const struct aspect *aspect, const struct kinds *kinds, size_t i, struct strv *out)
{
	const char *group = aspect->group(kinds->v[i].first);
	AUTO(buf) text = BUF_INIT;
	unsigned n = 0;

	for (size_t j = 0; j < kinds->n; j++) {
		if (!str_eq(aspect->group(kinds->v[j].first), group))
			continue;
		if (j < i)
			return;
		buf_addf(&text, "%s%s (%u trial%s)", n++ ? ", " : "", aspect->value(kinds->v[j].first),
			 kinds->v[j].trials, kinds->v[j].trials == 1 ? "" : "s");
	}
	if (n > 1)
		strv_addf(out, "%s had more than one %s, and what differs may be due to that: %s", group,
			  aspect->name, text.s);
}

static void look(const struct aspect *aspect, const struct record_list *records, struct strv *out)
{
	struct kinds kinds = { NULL, 0, 0 };

	for (size_t i = 0; i < records->n; i++)
		if (records->v[i].verdict != VERDICT_BROKEN && *aspect->value(&records->v[i]))
			count(aspect, &records->v[i], &kinds);
	for (size_t i = 0; i < kinds.n; i++)
		tell(aspect, &kinds, i, out);
	free(kinds.v);
}

void report_mixture(const struct record_list *records, struct strv *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(aspects); i++)
		look(&aspects[i], records, out);
}
