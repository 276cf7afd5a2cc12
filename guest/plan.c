#include "plan.h"

#include <stdarg.h>

#define DAY 86400

static const struct {
	const char *name;
	enum { BOOT, SCENARIO } part;
} keys[] = {
#define X(id, key, part) [GUEST_PLAN_##id] = { key, part },
	PROTO_PLAN(X)
#undef X
};

static const char *const workloads[] = { "aiocp",	  "exec",	"aiodio_sparse", "dio_sparse",
					 "aiodio_append", "dio_append", "dio_truncate",	 "dio_read",
					 "probe",	  NULL };
_Static_assert(sizeof(workloads) / sizeof(workloads[0]) == WORKLOAD_N + 1, "a word for each workload");
static const char *const flags[] = { "none", "DIRECT", "SYNC", NULL };
static const char *const buffers[] = { "aligned", "mixed", "512", NULL };
static const char *const probes[] = { "mixed", "mmap", "punch", "cut", "append", NULL };
static const char *const judges[] = { "ltp", "exit", "ktap", "regex", NULL };
static const char *const filesystems[] = { "none", "btrfs", "ext4", "xfs", NULL };

/* What a key's value must be, and where it goes. */
static const struct row {
	enum { TEXT, WORD, NUMBER, LIST } type;
	size_t offset;
	size_t size;		  /* of a text with its NUL; entries of a list */
	size_t count;		  /* of a list: offset of its length */
	const char *const *words; /* of a word: its index is kept; of a text: NULL or what it may be */
	uint64_t min, max;	  /* of a number */
} rows[] = {
#define AT(field) offsetof(struct plan, field)
#define ROW_TEXT(field, words)                                                                               \
	{                                                                                                    \
		TEXT, AT(field), sizeof(((struct plan *)0)->field), 0, words, 0, 0                           \
	}
#define ROW_WORD(field, words)                                                                               \
	{                                                                                                    \
		WORD, AT(field), 0, 0, words, 0, 0                                                           \
	}
#define ROW_NUMBER(field, lo, hi)                                                                            \
	{                                                                                                    \
		NUMBER, AT(field), 0, 0, NULL, lo, hi                                                        \
	}
#define ROW_LIST(field, n, length)                                                                           \
	{                                                                                                    \
		LIST, AT(field), n, AT(length), NULL, 0, 0                                                   \
	}
	[GUEST_PLAN_EVENTS] = ROW_TEXT(events, NULL),
	[GUEST_PLAN_MODULE] = ROW_LIST(module, PROTO_PLAN_MODULES_MAX, n_modules),
	[GUEST_PLAN_DISK] = ROW_TEXT(disk, NULL),
	[GUEST_PLAN_FSTYPE] = ROW_TEXT(fstype, filesystems),
	[GUEST_PLAN_MOUNTOPTIONS] = ROW_TEXT(mountoptions, NULL),
	[GUEST_PLAN_SCENARIO] = ROW_TEXT(label, NULL),
	[GUEST_PLAN_NOCOW] = ROW_NUMBER(nocow, 0, 1),
	[GUEST_PLAN_WORKLOAD] = ROW_WORD(workload, workloads),
	[GUEST_PLAN_BLOCKSIZE] = ROW_NUMBER(blocksize, 1, 1 << 30),
	[GUEST_PLAN_FILESIZE] = ROW_NUMBER(filesize, 1, 1ULL << 36),
	[GUEST_PLAN_DEPTH] = ROW_NUMBER(depth, 1, 65536),
	[GUEST_PLAN_FLAGS] = ROW_WORD(flags, flags),
	[GUEST_PLAN_BUFFERS] = ROW_WORD(buffers, buffers),
	[GUEST_PLAN_FILES] = ROW_NUMBER(files, 1, 1024),
	[GUEST_PLAN_CHILDREN] = ROW_NUMBER(children, 1, 4096),
	[GUEST_PLAN_APPENDS] = ROW_NUMBER(appends, 1, 1 << 30),
	[GUEST_PLAN_ROUNDS] = ROW_NUMBER(rounds, 1, 1 << 30),
	[GUEST_PLAN_OFFSET] = ROW_NUMBER(offset, 0, 1ULL << 36),
	[GUEST_PLAN_READSIZE] = ROW_NUMBER(readsize, 1, 1 << 30),
	[GUEST_PLAN_PROBE] = ROW_WORD(probe, probes),
	[GUEST_PLAN_RUNTIME] = ROW_NUMBER(runtime, 1, DAY),
	[GUEST_PLAN_ITERATIONS] = ROW_NUMBER(iterations, 1, PROTO_ITERATIONS_MAX),
	[GUEST_PLAN_SECONDS] = ROW_NUMBER(seconds, 1, DAY),
	[GUEST_PLAN_SEED] = ROW_NUMBER(seed, 0, UINT64_MAX),
	[GUEST_PLAN_TIMELIMIT] = ROW_NUMBER(timelimit, 1, DAY),
	[GUEST_PLAN_EXEC] = ROW_TEXT(exec, NULL),
	[GUEST_PLAN_JUDGE] = ROW_WORD(judge, judges),
	[GUEST_PLAN_PATTERN] = ROW_TEXT(pattern, NULL),
	[GUEST_PLAN_ARG] = ROW_LIST(arg, PROTO_PLAN_ARGS_MAX, n_args),
};
_Static_assert(sizeof(rows) / sizeof(rows[0]) == GUEST_PLAN_N, "a row for each key of proto.h");

/* Keeps what is wrong, and returns false. */
__attribute__((format(printf, 2, 3))) static bool wrong(struct plan *plan, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(plan->error, sizeof(plan->error), fmt, ap);
	va_end(ap);
	return false;
}

static int find(const char *const *words, const char *word)
{
	for (int i = 0; words[i]; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	return -1;
}

/* Digits alone: strtoull() would take blanks and signs too. */
static bool read_number(const char *s, uint64_t *value)
{
	if (!*s || s[strspn(s, "0123456789")])
		return false;
	errno = 0;
	*value = strtoull(s, NULL, 10);
	return !errno;
}

static bool set_list(struct plan *plan, const struct row *row, char *value)
{
	char **list = (char **)(void *)((char *)plan + row->offset);
	unsigned *n = (unsigned *)(void *)((char *)plan + row->count);

	if (*n == row->size)
		return false;
	list[(*n)++] = value;
	return true;
}

static bool set_value(struct plan *plan, const struct row *row, char *value)
{
	char *field = (char *)plan + row->offset;
	uint64_t number = 0;
	int word = row->words ? find(row->words, value) : 0;

	switch (row->type) {
	case LIST:
		return set_list(plan, row, value);
	case TEXT:
		return word >= 0 && snprintf(field, row->size, "%s", value) < (int)row->size;
	case WORD:
		number = (uint64_t)word;
		break;
	case NUMBER:
		if (!read_number(value, &number) || number < row->min || number > row->max)
			return false;
	}
	memcpy(field, &number, sizeof(number));
	return word >= 0;
}

void plan_init(struct plan *plan)
{
	memset(plan, 0, sizeof(*plan));
	plan->blocksize = 64 << 10;
	plan->filesize = 1 << 20;
	plan->depth = 16;
	plan->files = 1;
	plan->children = 16;
	plan->appends = 1000;
	plan->rounds = 100;
	plan->readsize = 64 << 10;
	plan->runtime = 60;
	plan->seed = 1;
	plan->timelimit = 300;
	snprintf(plan->fstype, sizeof(plan->fstype), "none");
}

/* GUEST_PLAN_N: unknown. */
static size_t find_key(const char *name)
{
	size_t i = 0;

	while (i < GUEST_PLAN_N && strcmp(keys[i].name, name) != 0)
		i++;
	return i;
}

bool plan_set(struct plan *plan, const char *key, char *value)
{
	size_t i = find_key(key);

	if (i == GUEST_PLAN_N)
		return wrong(plan, "unknown key '%.32s'", key);
	if (plan->given & 1U << i && rows[i].type != LIST)
		return wrong(plan, "'%s' comes again", key);
	plan->given |= 1U << i;
	if (i == GUEST_PLAN_ARG && !proto_unescape(value))
		return wrong(plan, "'arg' is badly escaped");
	if (!set_value(plan, &rows[i], value))
		return wrong(plan, "'%s' cannot be '%.64s'", key, value);
	return true;
}

bool plan_check(struct plan *plan)
{
	const unsigned ends = 1U << GUEST_PLAN_ITERATIONS | 1U << GUEST_PLAN_SECONDS;

	if (!(plan->given & 1U << GUEST_PLAN_WORKLOAD))
		return wrong(plan, "'workload' is missing");
	if (!(plan->given & ends) || (plan->given & ends) == ends)
		return wrong(plan, "one of 'iterations' and 'seconds' is needed");
	if (plan->workload == WORKLOAD_EXEC && !*plan->exec)
		return wrong(plan, "workload exec needs 'exec'");
	if ((plan->judge == JUDGE_REGEX) != (*plan->pattern != 0))
		return wrong(plan, "judge regex and 'pattern' need each other");
	if (strcmp(plan->fstype, "none") != 0 && !*plan->disk)
		return wrong(plan, "fstype %s needs 'disk'", plan->fstype);
	return true;
}

/* Opens a section, which starts with what all have in common. */
static bool begin_scenario(struct plan_list *list)
{
	struct plan *grown = NULL;

	if (list->n < PROTO_SCENARIOS_MAX)
		grown = reallocarray(list->scenario, list->n + 1, sizeof(*grown));
	if (!grown)
		return wrong(&list->boot, "too many scenarios");
	list->scenario = grown;
	grown[list->n++] = list->boot;
	return true;
}

static bool set_line(struct plan_list *list, const char *key, char *value)
{
	size_t i = find_key(key);
	struct plan *plan;

	if (i == GUEST_PLAN_SCENARIO && !begin_scenario(list))
		return false;
	if (i < GUEST_PLAN_N && (keys[i].part == BOOT) != !list->n)
		return wrong(&list->boot, "'%s' belongs %s the first 'scenario'", key,
			     list->n ? "before" : "behind");
	plan = list->n ? &list->scenario[list->n - 1] : &list->boot;
	if (plan_set(plan, key, value))
		return true;
	memmove(list->boot.error, plan->error, sizeof(plan->error));
	return false;
}

static bool parse_line(struct plan_list *list, unsigned number, char *line)
{
	char why[sizeof(list->boot.error)];
	char *value = line + strcspn(line, " ");

	if (!*line || *line == '#')
		return true;
	if (*value)
		*value++ = '\0';
	if (set_line(list, line, value))
		return true;
	memcpy(why, list->boot.error, sizeof(why));
	return wrong(&list->boot, "line %u: %.140s", number, why);
}

static bool check_all(struct plan_list *list)
{
	if (!list->n)
		return wrong(&list->boot, "'scenario' is missing");
	for (size_t i = 0; i < list->n; i++)
		if (!plan_check(&list->scenario[i]))
			return wrong(&list->boot, "scenario %s: %.90s", list->scenario[i].label,
				     list->scenario[i].error);
	return true;
}

bool plan_parse(struct plan_list *list, char *text)
{
	unsigned number = 0;
	char *line;

	*list = (struct plan_list){ .scenario = NULL };
	plan_init(&list->boot);
	while ((line = strsep(&text, "\n"))) {
		if (++number > 1) {
			if (!parse_line(list, number, line))
				return false;
		} else if (strcmp(line, PROTO_PLAN_HEADER) != 0) {
			return wrong(&list->boot, "line 1: not '" PROTO_PLAN_HEADER "'");
		}
	}
	return check_all(list);
}

const char *plan_workload(const struct plan *plan)
{
	return workloads[plan->workload];
}
