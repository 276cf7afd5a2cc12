#include "config/environment.h"

#include <regex.h>

#include "base/opts.h"
#include "config/arch.h"
#include "config/pattern.h"

static const char *const accelerators[] = { "auto", "tcg", "kvm", NULL };
static const char *const firmwares[] = { "auto", "vof", "slof", NULL };
static const char *const filesystems[] = { "btrfs", "ext4", "xfs", NULL };
static const char *const workloads[] = { "aiocp",	  "exec",	"aiodio_sparse", "dio_sparse",
					 "aiodio_append", "dio_append", "dio_truncate",	 "dio_read",
					 "probe",	  NULL };
static const char *const open_flags[] = { "DIRECT", "SYNC", "none", NULL };
static const char *const probes[] = { "mixed", "mmap", "punch", "cut", "append", NULL };
static const char *const judges[] = { "ltp", "exit", "ktap", "regex", NULL };
static const char *const alignments[] = { "aligned", "mixed", "512", NULL };

#define AT(field) offsetof(struct environment, field)
#define UINT(part, name, initial, lo, hi, help)                                                              \
	{                                                                                                    \
#name, KEY_UINT, part, AT(name), initial, lo, hi, NULL, false, help                          \
	}
#define SIZE(part, name, initial, lo, hi, two, help)                                                         \
	{                                                                                                    \
#name, KEY_SIZE, part, AT(name), initial, lo, hi, NULL, two, help                            \
	}
#define BOOL(part, name, initial, help)                                                                      \
	{                                                                                                    \
#name, KEY_BOOL, part, AT(name), initial, 0, 0, NULL, false, help                            \
	}
#define CHOICE(part, name, initial, list, help)                                                              \
	{                                                                                                    \
#name, KEY_CHOICE, part, AT(name), initial, 0, 0, list, false, help                          \
	}
#define TEXT(part, name, help)                                                                               \
	{                                                                                                    \
#name, KEY_TEXT, part, AT(name), "", 0, sizeof(((struct environment *)0)->name) - 1, NULL,   \
		    false, help                                                                              \
	}
#define BOOT	 PART_BOOT
#define SCENARIO PART_SCENARIO

const struct environment_key environment_keys[] = {
	UINT(BOOT, smp, "4", 1, 64, "virtual CPUs"),
	UINT(BOOT, memory, "1024", 256, 262144, "MiB of memory"),
	CHOICE(BOOT, accelerator, "auto", accelerators, "auto, tcg or kvm"),
	CHOICE(BOOT, firmware, "auto", firmwares, "of pseries: auto, vof or slof"),
	SIZE(BOOT, pagesize, "0", 0, 1 << 20, true, "page size that the guest must have; 0: the candidate's"),
	CHOICE(BOOT, filesystem, "btrfs", filesystems, "btrfs, ext4 or xfs"),
	SIZE(BOOT, sectorsize, "4k", 512, 65536, true, "the file system's sector or block size"),
	BOOL(SCENARIO, nocow, "true", "no copy-on-write and no checksums for the test's files (btrfs)"),
	TEXT(BOOT, mountoptions, "options for the mount"),
	UINT(BOOT, disksize, "384", 128, 65536, "MiB of disk"),
	SIZE(BOOT, logicalblocksize, "512", 512, 4096, true, "logical block size of the disk"),
	CHOICE(
	    SCENARIO, workload, "aiocp", workloads,
	    "aiocp, aiodio_sparse, dio_sparse, aiodio_append, dio_append, dio_truncate, dio_read, probe or exec"),
	SIZE(SCENARIO, blocksize, "64k", 1, 1 << 30, false, "bytes of one write; aiocp -b"),
	SIZE(SCENARIO, filesize, "1M", 1, 1ULL << 36, false, "bytes of the test's file; aiocp -s"),
	UINT(SCENARIO, depth, "16", 1, 65536, "I/O in flight; aiocp -n"),
	CHOICE(SCENARIO, flags, "none", open_flags, "aiocp -f: DIRECT, SYNC or none"),
	CHOICE(SCENARIO, buffers, "mixed", alignments, "alignment of the I/O buffers: aligned, mixed or 512"),
	UINT(SCENARIO, files, "1", 1, 1024, "pairs of files that aiocp copies in an iteration"),
	UINT(SCENARIO, children, "16", 1, 4096, "processes beside the writer or reader of LTP's dio tests"),
	UINT(SCENARIO, appends, "1000", 1, 1 << 30,
	     "blocks written to a file that grows (*_append, dio_truncate)"),
	UINT(SCENARIO, rounds, "100", 1, 1 << 30, "of dio_truncate and probe"),
	SIZE(SCENARIO, offset, "0", 0, 1ULL << 36, false, "of dio_sparse's first write"),
	SIZE(SCENARIO, readsize, "64k", 1, 1 << 30, false, "bytes of one read of dio_read"),
	CHOICE(SCENARIO, probe, "mixed", probes,
	       "what probe does in one page: mixed, mmap, punch, cut or append"),
	UINT(SCENARIO, runtime, "60", 1, 86400,
	     "seconds after which an iteration of a dio test ends early, and well; LTP has 1800"),
	CHOICE(SCENARIO, judge, "ltp", judges,
	       "what exec's program says by output and status: ltp, exit, ktap or regex"),
	TEXT(SCENARIO, pattern, "for judge=regex: a line of the output that matches is the failure"),
	TEXT(SCENARIO, bring, "files for exec's program, PATH,PATH,..., put beside it into /inject"),
	UINT(SCENARIO, iterations, "40", 0, 100000, "runs of the scenario in one boot; 0: by seconds"),
	UINT(SCENARIO, seconds, "0", 0, 86400, "repeat for so long instead of a count"),
	UINT(SCENARIO, timelimit, "300", 1, 86400, "seconds that the test may take"),
	UINT(BOOT, bootlimit, "120", 1, 86400,
	     "seconds that each phase of the boot, and the power-off, may take"),
	UINT(SCENARIO, seed, "1", 0, UINT32_MAX, "of the test's data"),
	{ 0 },
};

static void *field(const struct environment *env, const struct environment_key *key)
{
	return (char *)env + key->offset;
}

static int expected(const struct environment_key *key, const char *value, const char *what, struct err *err)
{
	return err_set(err, ERR_USAGE, "%s: expected %s, found '%s'", key->name, what, value);
}

static bool parse_size(const char *text, bool units, uint64_t *value)
{
	char *end;
	int shift = 0;

	errno = 0;
	*value = strtoull(text, &end, 10);
	if (end == text || errno || *text == '-' || *text == '+' || *text == ' ')
		return false;
	if (units && *end) {
		const char *unit = strchr("kMGKmg", *end++);

		if (!unit)
			return false;
		shift = strchr("kK", *unit) ? 10 : strchr("mM", *unit) ? 20 : 30;
	}
	if (*end || *value > UINT64_MAX >> shift)
		return false;
	*value <<= shift;
	return true;
}

static int set_number(struct environment *env, const struct environment_key *key, const char *text,
		      struct err *err)
{
	uint64_t value;

	if (!parse_size(text, key->type == KEY_SIZE, &value) || value < key->min || value > key->max ||
	    (key->power_of_two && (value & (value - 1)))) {
		AUTO_FREE char *range =
		    xasprintf("%s from %llu to %llu", key->power_of_two ? "a power of two" : "a whole number",
			      (unsigned long long)key->min, (unsigned long long)key->max);

		return expected(key, text, range, err);
	}
	if (key->type == KEY_UINT)
		*(unsigned *)field(env, key) = (unsigned)value;
	else
		*(uint64_t *)field(env, key) = value;
	return 0;
}

static int set_bool(struct environment *env, const struct environment_key *key, const char *text,
		    struct err *err)
{
	bool yes = str_eq(text, "true") || str_eq(text, "1") || str_eq(text, "yes");

	if (!yes && !str_eq(text, "false") && !str_eq(text, "0") && !str_eq(text, "no"))
		return expected(key, text, "true or false", err);
	*(bool *)field(env, key) = yes;
	return 0;
}

static int set_choice(struct environment *env, const struct environment_key *key, const char *text,
		      struct err *err)
{
	for (const char *const *c = key->choices; *c; c++) {
		if (str_eq(*c, text)) {
			*(const char **)field(env, key) = *c;
			return 0;
		}
	}
	return expected(key, text, key->help, err);
}

static int set_text(struct environment *env, const struct environment_key *key, const char *text,
		    struct err *err)
{
	if (strlen(text) > key->max)
		return err_set(err, ERR_USAGE, "%s: expected at most %llu characters", key->name,
			       (unsigned long long)key->max);
	for (const char *p = text; *p; p++)
		if (*p <= ' ' || *p == 127)
			return expected(key, text, "printable characters without blanks", err);
	memcpy(field(env, key), text, strlen(text) + 1);
	return 0;
}

static const struct environment_key *find_key(const char *name, struct err *err)
{
	const char *names[ARRAY_SIZE(environment_keys)];
	AUTO(buf) hint = BUF_INIT;
	size_t n = 0;

	for (const struct environment_key *key = environment_keys; key->name; key++) {
		if (str_eq(key->name, name))
			return key;
		names[n++] = key->name;
	}
	names[n] = NULL;
	opts_suggest(name, names, &hint);
	err_set(err, ERR_USAGE, "unknown key '%s'%s", name,
		hint.len ? hint.s : " (qbisect run --help lists them)");
	return NULL;
}

static int set_key(struct environment *env, const struct environment_key *key, const char *value,
		   struct err *err)
{
	switch (key->type) {
	case KEY_UINT:
	case KEY_SIZE:
		return set_number(env, key, value, err);
	case KEY_BOOL:
		return set_bool(env, key, value, err);
	case KEY_CHOICE:
		return set_choice(env, key, value, err);
	case KEY_TEXT:
		break;
	}
	return set_text(env, key, value, err);
}

int environment_set(struct environment *env, const char *name, const char *value, struct err *err)
{
	const struct environment_key *key = find_key(name, err);

	return key ? set_key(env, key, value, err) : -1;
}

int environment_set_pair(struct environment *env, const char *pair, struct err *err)
{
	const char *equals = strchr(pair, '=');
	AUTO_FREE char *name = NULL;

	if (!equals)
		return err_set(err, ERR_USAGE, "--set %s: expected KEY=VALUE", pair);
	name = xasprintf("%.*s", (int)(equals - pair), pair);
	if (environment_set(env, name, equals + 1, err) < 0)
		return err_wrap(err, "--set");
	return 0;
}

void environment_init(struct environment *env)
{
	AUTO(err) never = ERR_INIT;

	memset(env, 0, sizeof(*env));
	for (const struct environment_key *key = environment_keys; key->name; key++)
		set_key(env, key, key->initial, &never);
}

static bool all_absolute(const char *paths)
{
	for (const char *p = paths; p; p = strchr(p, ','), p = p ? p + 1 : NULL)
		if (*p != '/')
			return false;
	return true;
}

/* What only workload exec has. */
static int check_exec(const struct environment *env, struct err *err)
{
	bool regex = str_eq(env->judge, "regex");
	regex_t compiled;

	if (*env->bring && !all_absolute(env->bring))
		return err_set(err, ERR_USAGE, "bring=%s: expected absolute paths", env->bring);
	if (regex != (*env->pattern != '\0'))
		return err_set(err, ERR_USAGE, "judge=regex and pattern=... need each other");
	if (!regex)
		return 0;
	if (!pattern_is_modest(env->pattern))
		return err_set(err, ERR_USAGE,
			       "pattern=%s: expected fewer repetitions of repetitions, "
			       "and of what may match nothing",
			       env->pattern);
	if (regcomp(&compiled, env->pattern, REG_EXTENDED | REG_NOSUB))
		return err_set(err, ERR_USAGE, "pattern=%s: expected a POSIX extended regular expression",
			       env->pattern);
	regfree(&compiled);
	return 0;
}

/* One of the workloads that end by `runtime`. */
static bool is_stress(const struct environment *env)
{
	return !str_eq(env->workload, "aiocp") && !str_eq(env->workload, "exec");
}

static bool has_firmware(const char *arch, const char *firmware)
{
	AUTO(err) ignored = ERR_INIT;
	const struct arch *row = arch_find(arch, &ignored);

	for (size_t i = 0; row && row->firmwares[i]; i++)
		if (str_eq(row->firmwares[i], firmware))
			return true;
	return false;
}

int environment_check(const struct environment *env, const char *arch, struct err *err)
{
	if (env->nocow && !str_eq(env->filesystem, "btrfs"))
		return err_set(err, ERR_USAGE, "nocow is a matter of btrfs: add --set nocow=false for %s",
			       env->filesystem);
	if (!env->iterations == !env->seconds)
		return err_set(err, ERR_USAGE,
			       "iterations and seconds: exactly one must be 0 (iterations=%u, seconds=%u)",
			       env->iterations, env->seconds);
	if (env->sectorsize < env->logicalblocksize)
		return err_set(
		    err, ERR_USAGE, "sectorsize %llu is smaller than logicalblocksize %llu: raise it",
		    (unsigned long long)env->sectorsize, (unsigned long long)env->logicalblocksize);
	if (!str_eq(env->firmware, "auto") && !has_firmware(arch, env->firmware))
		return err_set(err, ERR_USAGE, "firmware=%s: %s has none of this name, leave it out",
			       env->firmware, arch);
	if (env->seconds >= env->timelimit)
		return err_set(err, ERR_USAGE, "seconds=%u does not fit into timelimit=%u: raise timelimit",
			       env->seconds, env->timelimit);
	if (is_stress(env) && env->runtime >= env->timelimit)
		return err_set(err, ERR_USAGE, "runtime=%u does not fit into timelimit=%u: raise timelimit",
			       env->runtime, env->timelimit);
	return check_exec(env, err);
}

bool environment_shares_boot(const struct environment *a, const struct environment *b)
{
	for (const struct environment_key *key = environment_keys; key->name; key++) {
		AUTO(buf) of_a = BUF_INIT;
		AUTO(buf) of_b = BUF_INIT;

		environment_get(a, key, &of_a);
		environment_get(b, key, &of_b);
		if (key->part == PART_BOOT && !str_eq(of_a.s, of_b.s))
			return false;
	}
	return !str_eq(a->workload, "exec") && !str_eq(b->workload, "exec");
}

void environment_get(const struct environment *env, const struct environment_key *key, struct buf *out)
{
	switch (key->type) {
	case KEY_UINT:
		buf_addf(out, "%u", *(unsigned *)field(env, key));
		break;
	case KEY_SIZE:
		buf_addf(out, "%llu", (unsigned long long)*(uint64_t *)field(env, key));
		break;
	case KEY_BOOL:
		buf_adds(out, *(bool *)field(env, key) ? "true" : "false");
		break;
	case KEY_CHOICE:
		buf_adds(out, *(const char **)field(env, key));
		break;
	case KEY_TEXT:
		buf_adds(out, field(env, key));
		break;
	}
}

void environment_list(const struct environment *env, struct strv *pairs)
{
	for (const struct environment_key *key = environment_keys; key->name; key++) {
		AUTO(buf) value = BUF_INIT;

		environment_get(env, key, &value);
		strv_addf(pairs, "%s=%s", key->name, value.s);
	}
}

void environment_changes(const struct strv *pairs, const char *before, struct buf *out)
{
	AUTO(strv) usual = STRV_INIT;
	struct environment env;

	environment_init(&env);
	environment_list(&env, &usual);
	for (size_t i = 0; i < pairs->n; i++)
		if (!strv_has(&usual, pairs->v[i]))
			buf_addf(out, "%s%s", before, pairs->v[i]);
}

void environment_help(struct buf *out)
{
	for (const struct environment_key *key = environment_keys; key->name; key++)
		buf_addf(out, "  %-18s %s%s%s%s\n", key->name, key->help, *key->initial ? " (default " : "",
			 key->initial, *key->initial ? ")" : "");
}
