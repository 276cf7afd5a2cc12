/*
 * Command lines as tables: from the same rows come parsing, --help, the man page and the shell completion.
 *
 *	static const struct opt options[] = {
 *		OPT_STR("kernel", "ID|PATH", &kernel, "the kernel to test"),
 *		OPT_UINT("trials", "N", &trials, 1, 10000, "boots (default 1)"),
 *		OPT_FLAG("json", &json, "print one JSON object"),
 *		OPT_END
 *	};
 *
 * The addresses are those of static variables of the verb's file: a process runs one verb.
 */
#ifndef QB_OPTS_H
#define QB_OPTS_H

#include "base/buf.h"
#include "base/err.h"

enum opt_type { OPT_TYPE_END, OPT_TYPE_FLAG, OPT_TYPE_STR, OPT_TYPE_UINT, OPT_TYPE_REAL, OPT_TYPE_LIST };

struct opt {
	enum opt_type type;
	const char *name; /* without the dashes */
	const char *arg;  /* how --help names the value; NULL for a flag */
	void *value;	  /* bool, const char *, unsigned, double or struct strv */
	double min, max;  /* of an OPT_UINT (whole numbers up to 2^32 - 1) or OPT_REAL; min 1: an OPT_ONCE */
	const char *help;
};

#define OPT_FLAG(name, var, help)                                                                            \
	{                                                                                                    \
		OPT_TYPE_FLAG, name, NULL, var, 0, 0, help                                                   \
	}
#define OPT_STR(name, arg, var, help)                                                                        \
	{                                                                                                    \
		OPT_TYPE_STR, name, arg, var, 0, 0, help                                                     \
	}
#define OPT_ONCE(name, arg, var, help)                                                                       \
	{                                                                                                    \
		OPT_TYPE_STR, name, arg, var, 1, 0, help                                                     \
	} /* which may not be repeated; of an OPT_STR the last one counts */
#define OPT_UINT(name, arg, var, lo, hi, help)                                                               \
	{                                                                                                    \
		OPT_TYPE_UINT, name, arg, var, lo, hi, help                                                  \
	}
#define OPT_REAL(name, arg, var, lo, hi, help)                                                               \
	{                                                                                                    \
		OPT_TYPE_REAL, name, arg, var, lo, hi, help                                                  \
	}
#define OPT_LIST(name, arg, var, help)                                                                       \
	{                                                                                                    \
		OPT_TYPE_LIST, name, arg, var, 0, 0, help                                                    \
	} /* may be repeated */
#define OPT_END                                                                                              \
	{                                                                                                    \
		OPT_TYPE_END, NULL, NULL, NULL, 0, 0, NULL                                                   \
	}

/* A verb of qbisect: a row of main.c's table points here. */
struct verb {
	const char *name;    /* "kernel import" is two words */
	const char *usage;   /* the rest of the usage line, e.g. "[--id ID] PATH..." */
	const char *summary; /* one line */
	const char *text;    /* paragraphs for --help and the man page; may be NULL */
	const struct opt *options;
	void (*more)(struct buf *out); /* appends what comes behind the options in --help; may be NULL */
	/* What is left of the line: argv[0..argc-1], words behind "--" included and counted from `dashes`
	 * (argc if none). Returns the exit code, or -1 with *err set. */
	int (*run)(int argc, char **argv, int dashes, struct err *err);
};

/* Options that every verb takes. */
struct opts_common {
	const char *home; /* --home DIR or NULL */
	bool quiet;	  /* --quiet */
	bool help;	  /* --help was there: print it and exit 0 */
};

/*
 * Parses the words behind the verb's name. Options may stand anywhere before "--"; `argv` is put in order so
 * that what is left comes first. Returns how many are left, or -1 (ERR_USAGE, names the word, what was
 * expected and near names).
 */
int opts_parse(const struct verb *verb, int argc, char **argv, struct opts_common *common, int *dashes,
	       struct err *err);

/* The help text of one verb. */
void opts_help(const struct verb *verb, struct buf *out);

/* The rows of the options that every verb takes, ended by OPT_END. */
const struct opt *opts_common_table(void);

/* ": did you mean 'x'?" for the name nearest to `word`, or nothing. `names` is NULL-terminated. */
void opts_suggest(const char *word, const char *const *names, struct buf *out);

#endif
