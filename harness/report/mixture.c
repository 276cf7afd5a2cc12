/* Whether the trials of a campaign were made alike: what differs may be the emulator's, or the file system's maker's. */
#include <math.h>

#include "base/host.h"
#include "bisect/depends.h"
#include "report/report.h"

/* A value that trials of one group should share. */
struct aspect {
	const char *name;
	const char *(*group)(const struct record *);
	const char *(*value)(const struct record *);
	bool is_name; /* names a machine: told only when the rate depends on it, and not to others */
};

/* The trials of one value. */
struct kind {
	const struct record *first;
	unsigned failures, judged;
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

static const char *whole_host_of(const struct record *record)
{
	return record->host;
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
	{ "emulator", arch_of, machine_of, false },
	{ "accelerator", arch_of, accelerator_of, false },
	{ "host's kernel or qbisect", arch_of, host_of, false },
	{ "name", host_of, whole_host_of, true },
	{ "maker of file systems", filesystem_of, tool_of, false },
};

static bool is_judged(const struct record *record)
{
	return record->verdict == VERDICT_GOOD || record->verdict == VERDICT_BAD;
}

static struct kind *find_kind(const struct aspect *aspect, const struct record *record, struct kinds *kinds)
{
	for (size_t i = 0; i < kinds->n; i++) {
		const struct record *first = kinds->v[i].first;

		if (str_eq(aspect->group(first), aspect->group(record)) &&
		    str_eq(aspect->value(first), aspect->value(record)))
			return &kinds->v[i];
	}
	GROW(kinds->v, kinds->n, kinds->cap);
	kinds->v[kinds->n] = (struct kind){ record, 0, 0 };
	return &kinds->v[kinds->n++];
}

static void add_cell(const struct record *record, struct strv *cells)
{
	AUTO(buf) text = BUF_INIT;

	buf_addf(&text, "%s\n%s", record->candidate, record->scenario);
	for (size_t i = 0; i < record->environment.n; i++)
		buf_addf(&text, "\n%s", record->environment.v[i]);
	strv_add(cells, text.s);
}

static bool rate_depends(const struct aspect *aspect, const struct record_list *records, const char *group)
{
	AUTO(strv) cells = STRV_INIT;
	struct depends_trial *trials = xcalloc(records->n, sizeof(*trials));
	double odds;

	for (size_t i = 0; i < records->n; i++) {
		const struct record *record = &records->v[i];

		if (!is_judged(record) || !*aspect->value(record) || !str_eq(aspect->group(record), group))
			continue;
		add_cell(record, &cells);
		trials[cells.n - 1] = (struct depends_trial){ cells.v[cells.n - 1], aspect->value(record),
							      record->verdict == VERDICT_BAD };
	}
	odds = depends_log_odds(trials, cells.n);
	free(trials);
	return odds >= log(DEPENDS_ODDS);
}

/* The sentence of a group, when kind i is the first of several of it. */
static void tell(const struct aspect *aspect, const struct record_list *records, const struct kinds *kinds,
		 size_t i, struct strv *out)
{
	const char *group = aspect->group(kinds->v[i].first);
	AUTO(buf) text = BUF_INIT;
	unsigned n = 0;
	bool depends;

	for (size_t j = 0; j < kinds->n; j++) {
		const struct kind *kind = &kinds->v[j];

		if (!str_eq(aspect->group(kind->first), group))
			continue;
		if (j < i)
			return;
		buf_addf(&text, "%s%s (", n++ ? ", " : "", aspect->value(kind->first));
		if (kind->judged)
			buf_addf(&text, "%u of %u failed)", kind->failures, kind->judged);
		else
			buf_adds(&text, "no verdict)");
	}
	if (n < 2)
		return;
	depends = rate_depends(aspect, records, group);
	if (depends || !aspect->is_name)
		strv_addf(out, "%s had more than one %s, and %s: %s", group, aspect->name,
			  depends ? "how often it fails depends on that" : "what differs may be due to that",
			  text.s);
}

static void look(const struct aspect *aspect, const struct record_list *records, struct strv *out)
{
	struct kinds kinds = { NULL, 0, 0 };

	for (size_t i = 0; i < records->n; i++) {
		const struct record *record = &records->v[i];

		if (record->verdict != VERDICT_BROKEN && *aspect->value(record)) {
			struct kind *kind = find_kind(aspect, record, &kinds);

			kind->judged += is_judged(record);
			kind->failures += record->verdict == VERDICT_BAD;
		}
	}
	for (size_t i = 0; i < kinds.n; i++)
		tell(aspect, records, &kinds, i, out);
	free(kinds.v);
}

void report_mixture(const struct record_list *records, bool names, struct strv *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(aspects); i++)
		if (names || !aspects[i].is_name)
			look(&aspects[i], records, out);
}
